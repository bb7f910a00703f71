"""Logins, tokens and their end, accounts, clients, keys: what the gateway owns."""
import base64
import secrets
import time

import jwt
import pytest
import requests

from support.at_once import at_once
from support.client import Client, faults, new_id, problem, told
from support.stack import wait_for
from support.tenant import PASSWORD, Tenant


def session(stack, tenant, email, password=PASSWORD, **fields):
    body = {"tenant": tenant, "email": email, "password": password} | fields
    return requests.post(f"{stack.gateway}/v1/sessions", json=body, timeout=10)


def token(stack, auth=None, **form):
    return requests.post(f"{stack.gateway}/oauth/token", data=form, auth=auth, timeout=10)


def revoke(stack, value):
    return requests.post(f"{stack.gateway}/oauth/revoke", data={"token": value}, timeout=10)


def whoami(stack, access):
    return requests.get(f"{stack.gateway}/v1/me", headers={"Authorization": f"Bearer {access}"}, timeout=10)


def oauth_error(answer, status, error):
    assert answer.status_code == status, told(answer)
    assert answer.json()["error"] == error, told(answer)
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.fixture
def person(tenant):
    """An account nobody else uses: (row, e-mail)."""
    client = tenant.account("operator")
    return client.row, client.row["email"]


def test_claims_of_an_access_token(stack, tenant):
    technician_id = new_id()
    row = tenant.account("technician", "dispatcher", technician_id=technician_id).row
    answer = session(stack, tenant.code, row["email"].upper())
    assert answer.status_code == 201, told(answer)
    assert answer.headers["Cache-Control"] == "no-store"
    given = answer.json()
    assert given["token_type"] == "Bearer" and given["expires_in"] == 900
    key = jwt.PyJWKClient(f"{stack.gateway}/.well-known/jwks.json").get_signing_key_from_jwt(given["access_token"])
    claims = jwt.decode(given["access_token"], key.key, algorithms=["RS256"], audience="aftercare", issuer=stack.gateway)
    header = jwt.get_unverified_header(given["access_token"])
    assert header["typ"] == "at+jwt" and header["alg"] == "RS256"
    assert claims["sub"] == row["id"] and claims["tenant"] == tenant.id and claims["name"] == row["name"]
    assert sorted(claims["roles"]) == ["dispatcher", "technician"]
    assert claims["technician_id"] == technician_id and "customer_id" not in claims
    assert "calls:assign" in claims["scope"].split() and claims["scope"] == given["scope"]
    assert claims["exp"] - claims["iat"] == 900
    me = whoami(stack, given["access_token"]).json()
    assert me["tenant"]["code"] == tenant.code and me["subject"] == row["id"]
    assert sorted(me["scopes"]) == sorted(claims["scope"].split())


def test_a_login_can_be_narrowed(stack, tenant, person):
    given = session(stack, tenant.code, person[1], scope="customers:read calls:read").json()
    client = Client(stack.gateway, lambda: given["access_token"])
    client.get("/v1/customers")
    problem(client.post("/v1/customers", {"kind": "prospect", "name": "X"}, expect=None), 403, "forbidden")
    refreshed = token(stack, grant_type="refresh_token", refresh_token=given["refresh_token"]).json()
    assert refreshed["scope"] == "customers:read calls:read"
    assert faults(session(stack, tenant.code, person[1], scope="costs:read")) == {"/scope": "choice"}


def test_wrong_and_unknown_look_the_same(stack, tenant, person):
    wrong = problem(session(stack, tenant.code, person[1], "not the password"), 401)
    for answer in (
        session(stack, tenant.code, "nobody@example.com"),
        session(stack, "no-such-tenant", person[1]),
        session(stack, "platform", person[1]),
    ):
        other = problem(answer, 401)
        assert other["detail"] == wrong["detail"] and other["type"] == wrong["type"]


def test_the_time_tells_nothing(stack, tenant, person):
    def median(email):
        times = []
        for _ in range(3):
            began = time.perf_counter()
            session(stack, tenant.code, email, "not the password")
            times.append(time.perf_counter() - began)
        return sorted(times)[1]

    known, unknown = median(person[1]), median("nobody-at-all@example.com")
    assert unknown > known * 0.4 and known > unknown * 0.4, (known, unknown)


@pytest.mark.parametrize("exists", [True, False])
def test_guessing_locks_for_a_while(stack, tenant, person, exists):
    email = person[1] if exists else f"{secrets.token_hex(6)}@example.com"
    for _ in range(5):
        assert session(stack, tenant.code, email, "not the password").status_code == 401
    answer = session(stack, tenant.code, email)
    problem(answer, 429, "too-many-requests")
    assert 1 <= int(answer.headers["Retry-After"]) <= 10
    time.sleep(int(answer.headers["Retry-After"]) + 0.5)
    assert session(stack, tenant.code, email).status_code == (201 if exists else 401)


def test_guesses_at_once_gain_nothing(stack, tenant, person):
    answers = at_once(lambda _: session(stack, tenant.code, person[1], "wrong" * 3).status_code, range(12))
    assert answers.count(401) <= 5, answers
    assert set(answers) <= {401, 429, 503}, answers


def test_a_success_forgets_the_failures(stack, tenant, person):
    for _ in range(3):
        for _ in range(3):
            assert session(stack, tenant.code, person[1], "not the password").status_code == 401
        assert session(stack, tenant.code, person[1]).status_code == 201


def test_refresh_tokens_rotate(stack, tenant, person):
    first = session(stack, tenant.code, person[1]).json()
    second = token(stack, grant_type="refresh_token", refresh_token=first["refresh_token"])
    assert second.status_code == 200, told(second)
    third = token(stack, grant_type="refresh_token", refresh_token=second.json()["refresh_token"])
    assert third.status_code == 200, told(third)
    tokens = {first["refresh_token"], second.json()["refresh_token"], third.json()["refresh_token"]}
    assert len(tokens) == 3
    assert whoami(stack, third.json()["access_token"]).status_code == 200


def test_a_refresh_token_used_twice_ends_the_login(stack, tenant, person):
    first = session(stack, tenant.code, person[1]).json()
    second = token(stack, grant_type="refresh_token", refresh_token=first["refresh_token"]).json()
    oauth_error(token(stack, grant_type="refresh_token", refresh_token=first["refresh_token"]), 400, "invalid_grant")
    oauth_error(token(stack, grant_type="refresh_token", refresh_token=second["refresh_token"]), 400, "invalid_grant")
    wait_for("the end of its access tokens", lambda: whoami(stack, second["access_token"]).status_code == 401)
    assert session(stack, tenant.code, person[1]).status_code == 201


def test_one_refresh_token_at_once(stack, tenant, person):
    first = session(stack, tenant.code, person[1]).json()
    answers = at_once(lambda _: token(stack, grant_type="refresh_token", refresh_token=first["refresh_token"]).status_code, range(6))
    assert answers.count(200) <= 1, answers


def test_refresh_tokens_are_kept_as_digests(stack, tenant, person, database):
    given = session(stack, tenant.code, person[1]).json()
    rows = database.execute(
        "select r::text as row from gateway_data.refresh_token r where tenant_id = %s", [tenant.id]
    ).fetchall()
    random = given["refresh_token"].rsplit(".", 1)[1]
    assert rows and not any(random in row["row"] for row in rows)


def test_passwords_are_argon2id_and_keys_sealed(tenant, person, database):
    row = database.execute("select password from gateway_data.account where id = %s", [person[0]["id"]]).fetchone()
    assert row["password"].startswith("$argon2id$v=19$")
    for key in database.execute("select sealed from gateway_data.signing_key").fetchall():
        assert "PRIVATE" not in key["sealed"]


def test_refresh_tokens_of_strangers(stack, tenant):
    for value in ("", "x", "aft_x.y", f"aft_{tenant.id}.{'a' * 43}", f"aft_{new_id()}.{'a' * 43}", "a" * 5000):
        oauth_error(
            token(stack, grant_type="refresh_token", refresh_token=value), 400,
            "invalid_grant" if value else "invalid_request",
        )


def test_revoking(stack, tenant, person):
    given = session(stack, tenant.code, person[1]).json()
    assert revoke(stack, given["access_token"]).status_code == 200
    answer = whoami(stack, given["access_token"])
    problem(answer, 401, "unauthenticated")
    assert 'error="invalid_token"' in answer.headers["WWW-Authenticate"]
    refreshed = token(stack, grant_type="refresh_token", refresh_token=given["refresh_token"]).json()
    assert revoke(stack, refreshed["refresh_token"]).status_code == 200
    assert whoami(stack, refreshed["access_token"]).status_code == 401
    oauth_error(token(stack, grant_type="refresh_token", refresh_token=refreshed["refresh_token"]), 400, "invalid_grant")
    for value in ("nonsense", "a.b.c", given["access_token"], refreshed["refresh_token"]):
        assert revoke(stack, value).status_code == 200  # RFC 7009 section 2.2


def test_what_changes_rights_ends_sessions(stack, tenant, api):
    for change in ({"roles": ["sales"]}, {"active": False}, {"password": "another password"}, {"customer_id": new_id()}):
        row = tenant.account("operator").row
        given = session(stack, tenant.code, row["email"]).json()
        api.patch(f"/v1/accounts/{row['id']}", change, version=row["version"])
        wait_for("the end of the session", lambda: whoami(stack, given["access_token"]).status_code == 401)
        oauth_error(token(stack, grant_type="refresh_token", refresh_token=given["refresh_token"]), 400, "invalid_grant")
        answer = session(stack, tenant.code, row["email"]).status_code
        assert answer == (201 if "roles" in change or "customer_id" in change else 401)


def test_who_is_removed_is_out(stack, tenant, api):
    row = tenant.account("operator").row
    given = session(stack, tenant.code, row["email"]).json()
    api.delete(f"/v1/accounts/{row['id']}", row["version"])
    wait_for("the end of the session", lambda: whoami(stack, given["access_token"]).status_code == 401, 30)
    oauth_error(token(stack, grant_type="refresh_token", refresh_token=given["refresh_token"]), 400, "invalid_grant")


def test_who_the_caller_is(stack, tenant, person):
    row, email = person
    me = whoami(stack, session(stack, tenant.code, email).json()["access_token"]).json()
    assert (me["subject"], me["name"], me["email"], me["roles"]) == (row["id"], row["name"], email, ["operator"])
    assert me["tenant"]["code"] == tenant.code
    program = tenant.admin.post("/v1/clients", {"name": "ERP", "roles": ["integration"]}).json()
    access = token(stack, (program["id"], program["secret"]), grant_type="client_credentials").json()["access_token"]
    me = whoami(stack, access).json()
    assert (me["subject"], me["name"], me["email"]) == (program["id"], "ERP", None)


def test_changing_ones_own_password(stack, tenant):
    client = tenant.account("operator")
    path = "/v1/me/actions/change-password"
    body = {"old_password": "not the old one", "new_password": "a brand new one"}
    assert faults(client.post(path, body, expect=None)) == {"/old_password": "wrong"}
    assert faults(client.post(path, {"old_password": PASSWORD, "new_password": "short"}, expect=None)) == {
        "/new_password": "length"
    }
    client.post(path, body | {"old_password": PASSWORD}, expect=204)
    assert session(stack, tenant.code, client.row["email"]).status_code == 401
    assert session(stack, tenant.code, client.row["email"], "a brand new one").status_code == 201


def test_accounts(stack, tenant, other, api):
    body = {"email": f"{secrets.token_hex(4)}@example.com", "name": "Anna", "roles": ["operator"], "password": PASSWORD}
    row = api.post("/v1/accounts", body).json()
    assert "password" not in row and row["has_password"] is True and row["active"] is True
    assert api.get(f"/v1/accounts/{row['id']}").json() == row
    taken = api.post("/v1/accounts", body | {"email": body["email"].upper()}, expect=None)
    problem(taken, 409, "duplicate")
    other.admin.post("/v1/accounts", body)  # unique within its tenant only
    problem(other.admin.get(f"/v1/accounts/{row['id']}", expect=None), 404)
    wrong = {"email": "no address", "roles": ["operator", "emperor"], "password": "short"}
    assert {"/email", "/name", "/password"} <= set(faults(api.post("/v1/accounts", wrong, expect=None)))
    for roles in (["emperor"], ["platform"], []):
        answer = api.post("/v1/accounts", body | {"email": "b@example.com", "roles": roles}, expect=None)
        assert list(faults(answer)) in (["/roles/0"], ["/roles"])
    assert api.list("/v1/accounts", role="operator", email=body["email"]) == [row]


def test_only_the_administrator_makes_accounts(tenant):
    body = {"email": "c@example.com", "name": "C", "roles": ["admin"], "password": PASSWORD}
    for role in ("operator", "dispatcher", "manager", "technician", "portal", "integration"):
        problem(tenant.client(role).post("/v1/accounts", body, expect=None), 403, "forbidden")
    assert tenant.client("manager").get("/v1/accounts").status_code == 200
    problem(tenant.client("operator").get("/v1/accounts", expect=None), 403, "forbidden")


def test_the_last_administrator_stays(stack, platform):
    tenant = Tenant(stack, platform)
    row = tenant.admin.list("/v1/accounts")[0]
    for change in ({"active": False}, {"roles": ["operator"]}):
        answer = tenant.admin.patch(f"/v1/accounts/{row['id']}", change, version=1, expect=None)
        problem(answer, 409)
    problem(tenant.admin.delete(f"/v1/accounts/{row['id']}", version=1, expect=None), 409)
    tenant.account("admin")
    tenant.admin.patch(f"/v1/accounts/{row['id']}", {"roles": ["operator"]}, version=1)


def test_administrators_do_not_end_each_other_at_once(stack, platform, database):
    """Each sees that the other one stays, and neither does: whoever comes second is told."""
    tenant = Tenant(stack, platform)
    tenant.account("admin")
    for _ in range(20):
        rows = tenant.admin.list("/v1/accounts", role="admin")
        bearer = {"Authorization": f"Bearer {tenant.admin.token()}", "If-Match": "*"}
        urls = [f"{stack.gateway}/v1/accounts/{row['id']}" for row in rows]
        answers = at_once(lambda url: requests.patch(url, json={"roles": ["sales"]}, headers=bearer, timeout=30), urls)
        left = "select from gateway_data.account where tenant_id = %s and 'admin' = any(roles)"
        assert database.execute(left, [tenant.id]).rowcount == 1, [told(answer) for answer in answers]
        assert sorted(answer.status_code for answer in answers) in ([200, 409], [200, 503]), [told(answer) for answer in answers]
        database.execute("update gateway_data.account set roles = '{admin}' where tenant_id = %s", [tenant.id])
        tenant.admin.got_at = None  # what was changed has logged out


def taken_before(stack, client):
    """An access token of a client, taken in a second that is over: tokens tell when they were given in seconds."""
    access = token(stack, (client["id"], client["secret"]), grant_type="client_credentials").json()["access_token"]
    given = jwt.decode(access, options={"verify_signature": False})["iat"]
    wait_for("the next second", lambda: time.time() >= given + 1)
    return access


def test_clients(stack, tenant, api):
    answer = api.post("/v1/clients", {"name": "ERP", "roles": ["integration"]}, key=new_id())
    assert answer.headers["Cache-Control"] == "no-store"
    client = answer.json()
    assert "secret" not in api.get(f"/v1/clients/{client['id']}").json()
    for given in (
        token(stack, (client["id"], client["secret"]), grant_type="client_credentials"),
        token(stack, grant_type="client_credentials", client_id=client["id"], client_secret=client["secret"]),
    ):
        assert given.status_code == 200, told(given)
        assert "refresh_token" not in given.json()
    claims = jwt.decode(given.json()["access_token"], options={"verify_signature": False})
    assert claims["sub"] == client["id"] and claims["tenant"] == tenant.id and claims["roles"] == ["integration"]
    Client(stack.gateway, lambda: given.json()["access_token"]).get("/v1/customers")
    narrowed = token(stack, (client["id"], client["secret"]), grant_type="client_credentials", scope="calls:read")
    assert narrowed.json()["scope"] == "calls:read"
    oauth_error(
        token(stack, (client["id"], client["secret"]), grant_type="client_credentials", scope="accounts:write"), 400,
        "invalid_scope",
    )
    renewed = api.act(f"/v1/clients/{client['id']}", "change-secret").json()["secret"]
    wrong = token(stack, (client["id"], client["secret"]), grant_type="client_credentials")
    oauth_error(wrong, 401, "invalid_client")
    assert wrong.headers["WWW-Authenticate"].startswith("Basic")
    assert token(stack, (client["id"], renewed), grant_type="client_credentials").status_code == 200
    version = api.get(f"/v1/clients/{client['id']}").json()["version"]
    api.patch(f"/v1/clients/{client['id']}", {"active": False}, version=version)
    oauth_error(token(stack, (client["id"], renewed), grant_type="client_credentials"), 401, "invalid_client")


@pytest.mark.parametrize("change", [{"roles": ["integration"]}, {"active": False}, "secret", "removal"])
def test_what_changes_a_client_ends_its_tokens(stack, api, change):
    client = api.post("/v1/clients", {"name": "Till", "roles": ["integration", "manager"]}).json()
    path = f"/v1/clients/{client['id']}"
    goes_on = change == "secret" or "roles" in change
    access = taken_before(stack, client)
    api.patch(path, {"name": "Till 2"}, version=client["version"])
    assert whoami(stack, access).status_code == 200
    if change == "secret":
        client |= api.act(path, "change-secret").json()
    elif change == "removal":
        api.delete(path, client["version"] + 1)
    else:
        api.patch(path, change, version=client["version"] + 1)
    if goes_on:
        later = token(stack, (client["id"], client["secret"]), grant_type="client_credentials").json()["access_token"]
        assert whoami(stack, later).status_code == 200
    wait_for("the end of what it had", lambda: whoami(stack, access).status_code == 401, 30)
    if goes_on:
        assert whoami(stack, later).status_code == 200


def test_a_repeated_creation_does_not_show_the_secret_again(api):
    key = new_id()
    first = api.post("/v1/clients", {"name": "Twice", "roles": ["integration"]}, key=key).json()
    again = api.post("/v1/clients", {"name": "Twice", "roles": ["integration"]}, key=key).json()
    assert again["id"] == first["id"] and "secret" in first and "secret" not in again


def test_oauth_errors(stack):
    oauth_error(token(stack), 400, "invalid_request")
    oauth_error(token(stack, grant_type="password", username="a", password="b"), 400, "unsupported_grant_type")
    oauth_error(token(stack, grant_type="client_credentials"), 401, "invalid_client")
    oauth_error(token(stack, (new_id(), "secret"), grant_type="client_credentials"), 401, "invalid_client")
    oauth_error(token(stack, ("not a uuid", "secret"), grant_type="client_credentials"), 401, "invalid_client")
    oauth_error(requests.post(f"{stack.gateway}/oauth/token", json={"grant_type": "x"}, timeout=10), 400, "invalid_request")
    for header in ("Basic", "Basic ####", "Basic " + base64.b64encode(b"nocolon").decode(), "Basic " + "A" * 3000):
        answer = requests.post(
            f"{stack.gateway}/oauth/token", data={"grant_type": "client_credentials"}, headers={"Authorization": header},
            timeout=10,
        )
        oauth_error(answer, 401, "invalid_client")


def test_tenants(stack, platform, api, events):
    code = f"t{secrets.token_hex(5)}"
    body = {"code": code, "name": "One", "admin": {"email": "a@example.com", "password": PASSWORD}}
    key = new_id()
    row = platform.post("/v1/tenants", body, key=key).json()
    assert (row["time_zone"], row["currency"], row["language"], row["country"]) == ("Europe/Rome", "EUR", "it", "IT")
    again = platform.post("/v1/tenants", body, key=key)
    assert again.json() == row and again.headers["Idempotency-Replayed"] == "true"
    problem(platform.post("/v1/tenants", body | {"name": "Two"}, expect=None, key=key), 422, "idempotency-key-reused")
    problem(platform.post("/v1/tenants", body, expect=None), 409, "duplicate")
    problem(api.post("/v1/tenants", body, expect=None), 403, "forbidden")
    problem(api.get("/v1/tenants", expect=None), 403, "forbidden")
    changed = platform.patch(f"/v1/tenants/{row['id']}", {"name": "Uno"}, version=1).json()
    assert changed["name"] == "Uno" and changed["version"] == 2
    problem(platform.patch(f"/v1/tenants/{row['id']}", {"name": "Due"}, version=1, expect=None), 412)
    assert faults(platform.patch(f"/v1/tenants/{row['id']}", {"code": "x"}, version=2, expect=None)).keys() == {"/code"}
    assert platform.list("/v1/tenants", code=code) == [changed]
    assert not platform.list("/v1/tenants", code="platform")
    for wrong in ({"code": "Upper"}, {"code": "-x"}, {"time_zone": "Mars/Base"}, {"admin": {"email": "a@b.it"}}, {"admin": None}):
        answer = platform.post("/v1/tenants", body | {"code": f"t{secrets.token_hex(5)}"} | wrong, expect=None)
        problem(answer, 422)


def test_an_inactive_tenant(stack, platform):
    tenant = Tenant(stack, platform)
    access = tenant.admin.token()
    platform.patch(f"/v1/tenants/{tenant.id}", {"active": False}, version=1)
    assert session(stack, tenant.code, f"admin@{tenant.code}.test").status_code == 401
    wait_for("the refusal", lambda: Client(stack.gateway, lambda: access).get("/v1/accounts", expect=None).status_code == 403, 15)


def test_keys_rotate_without_an_interruption(stack, platform, tenant):
    def kids():
        keys = requests.get(f"{stack.gateway}/.well-known/jwks.json", timeout=10).json()["keys"]
        assert all(set(key) == {"kty", "use", "alg", "kid", "n", "e"} for key in keys)
        return {key["kid"] for key in keys}

    def signed_by(access):
        return jwt.get_unverified_header(access)["kid"]

    email = tenant.account("operator").row["email"]
    before = kids()
    old = session(stack, tenant.code, email).json()["access_token"]
    answer = platform.act("/v1/services/gateway", "rotate-keys").json()
    assert answer["signs_in_seconds"] > 5
    new = kids() - before
    assert len(new) == 1 and before <= kids()
    assert signed_by(session(stack, tenant.code, email).json()["access_token"]) == signed_by(old)
    wait_for(
        "the new key to sign",
        lambda: signed_by(session(stack, tenant.code, email).json()["access_token"]) in new,
        answer["signs_in_seconds"] + 10,
        1,
    )
    fresh = session(stack, tenant.code, email).json()["access_token"]
    for access in (old, fresh):
        assert whoami(stack, access).status_code == 200
        Client(stack.gateway, lambda: access).get("/v1/customers")  # noqa: B023
    problem(tenant.admin.post("/v1/services/gateway/actions/rotate-keys", expect=None), 403)


def test_discovery_says_what_is_true(stack):
    found = requests.get(f"{stack.gateway}/.well-known/openid-configuration", timeout=10).json()
    assert found["issuer"] == stack.gateway
    assert requests.get(found["jwks_uri"], timeout=10).status_code == 200
    oauth_error(requests.post(found["token_endpoint"], data={}, timeout=10), 400, "invalid_request")
    assert requests.post(found["revocation_endpoint"], data={"token": "x"}, timeout=10).status_code == 200
