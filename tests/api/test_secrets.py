"""Nothing secret comes to light: not in logs, not in answers, not in the database, not in what a crash leaves behind."""
import hashlib
import os
import re
import secrets

import requests

from support.client import Client, new_id, problem, told
from support.stack import wait_for


def spoken(stack, tenant, email, password):
    """Says secrets in every way that a client may say them, rightly and wrongly; returns them all."""
    gateway = stack.gateway
    said = {password}

    def post(path, **options):
        return requests.post(gateway + path, timeout=30, **options)

    wrong = secrets.token_urlsafe(20)
    said.add(wrong)
    login = {"tenant": tenant.code, "email": email, "password": password}
    given = post("/v1/sessions", json=login)
    assert given.status_code == 201, told(given)
    given = given.json()
    said |= {given["access_token"], given["refresh_token"]}
    problem(post("/v1/sessions", json=login | {"password": wrong}), 401)
    problem(post("/v1/sessions", json=login | {wrong: wrong, "scope": wrong}), 422)
    problem(post("/v1/sessions", data=f'{{"password": "{wrong}"', headers={"Content-Type": "application/json"}), 400)
    fresh = post("/oauth/token", data={"grant_type": "refresh_token", "refresh_token": given["refresh_token"]}).json()
    said |= {fresh["access_token"], fresh["refresh_token"]}
    assert post("/oauth/token", data={"grant_type": "refresh_token", "refresh_token": wrong}).status_code == 400
    assert post("/oauth/token", data={"grant_type": wrong, wrong: wrong}).status_code == 400
    made = tenant.admin.post("/v1/clients", {"name": "ERP", "roles": ["integration"]}).json()
    said.add(made["secret"])
    for auth in ((made["id"], made["secret"]), (made["id"], wrong), (wrong, wrong)):
        answer = post("/oauth/token", data={"grant_type": "client_credentials"}, auth=auth)
        assert answer.status_code in (200, 401), told(answer)
        said |= {answer.json()["access_token"]} if answer.status_code == 200 else set()
    for token in (wrong, fresh["access_token"][:-4] + "AAAA", fresh["access_token"] + wrong):
        said.add(token)
        problem(Client(gateway, lambda token=token: token).get("/v1/me", expect=401), 401)
    for query in (f"?access_token={wrong}", f"?{wrong}=1"):
        requests.get(f"{gateway}/v1/customers{query}", headers={"Authorization": f"Bearer {wrong}"}, timeout=30)
    assert post("/oauth/revoke", data={"token": fresh["refresh_token"]}).status_code == 200
    return said


def test_logs_hold_no_secrets(stack, tenant):
    password = secrets.token_urlsafe(20)
    account = {"email": f"{new_id()}@{tenant.code}.test", "name": "Log", "roles": ["operator"], "password": password}
    tenant.admin.post("/v1/accounts", account)
    problem(tenant.admin.post("/v1/accounts", account, expect=None), 409, "duplicate")
    said = spoken(stack, tenant, account["email"], password)
    last = tenant.admin.get("/v1/customers").headers["X-Request-ID"]
    for service in stack.services:
        if service in ("gateway", "calls"):
            wait_for("the last line", lambda service=service: last in stack.log(service))
        log = stack.log(service)
        assert not [secret for secret in said if secret in log]
        assert not re.search(r"argon2id|eyJ[\w-]{8,}\.[\w-]{8,}", log)
    assert not [secret for secret in said if secret in stack.log("postgres")]


def test_the_database_holds_digests(tenant, database):
    """Whoever reads a copy of the gateway's tables can log in nowhere."""
    password = secrets.token_urlsafe(20)
    email = f"{new_id()}@{tenant.code}.test"
    tenant.admin.post("/v1/accounts", {"email": email, "name": "At rest", "roles": ["operator"], "password": password})
    said = spoken(tenant.stack, tenant, email, password)
    tables = database.execute(
        "select table_name from information_schema.tables where table_schema = 'gateway_data' and table_type = 'BASE TABLE'"
    ).fetchall()
    assert len(tables) > 5
    for table in tables:
        rows = database.execute(f"select t::text as row from gateway_data.{table['table_name']} t").fetchall()
        assert not [secret for secret in said for row in rows if secret in row["row"]], table["table_name"]


def test_what_tells_a_repetition_does_not_tell_the_password(tenant, database):
    """A fast digest of a request with a password in it would be as good as the password's own."""
    key = new_id()
    body = {"email": f"{new_id()}@{tenant.code}.test", "name": "Twice", "roles": ["operator"], "password": secrets.token_urlsafe(20)}
    answer = tenant.admin.post("/v1/accounts", body, key=key)
    again = tenant.admin.post("/v1/accounts", body, key=key)
    assert again.headers["Idempotency-Replayed"] == "true"
    other = tenant.admin.post("/v1/accounts", body | {"password": "another password"}, key=key, expect=422)
    problem(other, 422, "idempotency-key-reused")
    who = tenant.admin.get("/v1/me").json()["subject"]
    said = f"POST\n/v1/accounts?\n{who}\n".encode() + answer.request.body
    kept = database.execute("select hash from gateway_data.idempotency where tenant_id = %s and key = %s", [tenant.id, key])
    assert kept.fetchone()["hash"] != hashlib.sha256(said).hexdigest()


def test_a_crash_leaves_no_memory_behind(stack):
    """Passwords and keys are in a service's memory: neither the kernel nor a process of the same user may take it."""
    for service in stack.services:
        with open(f"/proc/{stack.pid(service)}/limits", encoding="ascii") as limits:
            core = next(line for line in limits if line.startswith("Max core file size"))
        assert core.split()[4:6] == ["0", "0"], core
        assert os.stat(f"/proc/{stack.pid(service)}/mem").st_uid == 0, "the kernel gave it away: it is not dumpable"
