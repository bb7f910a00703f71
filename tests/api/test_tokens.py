"""Access tokens: only one signed by a trusted issuer's key, for us, in time, is any good. Each service checks by itself."""
import base64
import hmac
import http.server
import json
import threading
import time

import jwt
import pytest
import requests
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from support.client import Client, new_id, problem, told
from support.replica import replica
from support.stack import wait_for

CACHED_SECONDS = 60  # TOKEN_CACHE_MS: so long a token that was good is good without a look at it


def base64url(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def number(value):
    return base64url(value.to_bytes((value.bit_length() + 7) // 8, "big"))


class Issuer:
    """Somebody who signs tokens and publishes his keys on a port of this machine."""

    def __init__(self):
        self.keys = {}
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), self.handler())
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def handler(self):
        issuer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                body = json.dumps({"keys": [issuer.jwk(kid) for kid in issuer.keys]}).encode()
                self.send_response(200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        return Handler

    def key(self, kid):
        if kid not in self.keys:
            self.keys[kid] = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        return self.keys[kid]

    def jwk(self, kid):
        public = self.keys[kid].public_key().public_numbers()
        return {"kty": "RSA", "kid": kid, "alg": "RS256", "use": "sig", "n": number(public.n), "e": number(public.e)}

    def claims(self, tenant, /, **changes):
        now = int(time.time())
        claims = {"iss": self.url, "aud": "aftercare", "sub": new_id(), "iat": now, "exp": now + 300, "jti": new_id(),
                  "tenant": tenant.id, "roles": ["admin"], "name": "Somebody"}
        return {name: value for name, value in (claims | changes).items() if value is not None}

    def sign(self, claims, kid="one", key=None, algorithm="RS256", **header):
        headers = {name: value for name, value in ({"typ": "at+jwt", "kid": kid} | header).items() if value is not None}
        return jwt.encode(claims, key or self.key(kid), algorithm=algorithm, headers=headers)


@pytest.fixture(scope="module")
def issuer():
    issuer = Issuer()
    issuer.key("one")
    issuer.key("two")
    yield issuer
    issuer.server.shutdown()


@pytest.fixture(scope="module")
def service(stack, issuer):
    """A replica of calls that trusts the test's issuer instead of the gateway."""
    with replica(stack, "calls", ISSUER=issuer.url, JWKS_URL=f"{issuer.url}/jwks.json") as running:
        yield Client(running.url)


def ask(service, token, path="/v1/customers"):
    return service.get(path, expect=None, headers={"Authorization": f"Bearer {token}"})


def refused(service, token, path="/v1/customers"):
    answer = ask(service, token, path)
    problem(answer, 401, "unauthenticated")
    assert answer.headers["WWW-Authenticate"].startswith('Bearer realm="aftercare"'), told(answer)


def test_a_good_token(service, issuer, tenant):
    assert ask(service, issuer.sign(issuer.claims(tenant))).status_code == 200
    assert ask(service, issuer.sign(issuer.claims(tenant), kid="two")).status_code == 200
    assert ask(service, issuer.sign(issuer.claims(tenant, aud=["other", "aftercare"]))).status_code == 200


def test_no_algorithm(service, issuer, tenant):
    claims = issuer.claims(tenant)
    for name in ("none", "None", "NONE"):
        header = base64url(json.dumps({"alg": name, "typ": "at+jwt", "kid": "one"}).encode())
        body = base64url(json.dumps(claims).encode())
        for signature in ("", "AAAA", issuer.sign(claims).split(".")[2]):
            refused(service, f"{header}.{body}.{signature}")


def test_the_public_key_as_a_secret(service, issuer, tenant):
    """HS256 with the public key in each of its spellings."""
    public = issuer.key("one").public_key()
    pem = public.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    der = public.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    for secret in (pem, pem.strip(), der, issuer.jwk("one")["n"].encode()):
        header = base64url(json.dumps({"alg": "HS256", "typ": "at+jwt", "kid": "one"}).encode())
        signed = f"{header}.{base64url(json.dumps(issuer.claims(tenant)).encode())}"
        refused(service, f"{signed}.{base64url(hmac.digest(secret, signed.encode(), 'sha256'))}")


@pytest.mark.parametrize("algorithm", ["RS384", "RS512", "PS256"])
def test_other_algorithms_of_the_same_key(service, issuer, tenant, algorithm):
    refused(service, issuer.sign(issuer.claims(tenant), algorithm=algorithm))


def test_keys(service, issuer, tenant):
    stranger = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    claims = issuer.claims(tenant)
    refused(service, issuer.sign(claims, key=stranger))
    refused(service, issuer.sign(claims, kid="unknown", key=stranger))
    refused(service, issuer.sign(claims, kid="two", key=issuer.key("one")))
    refused(service, issuer.sign(claims, kid=None))
    public = stranger.public_key().public_numbers()
    jwk = {"kty": "RSA", "n": number(public.n), "e": number(public.e), "kid": "one", "alg": "RS256"}
    refused(service, issuer.sign(claims, key=stranger, jwk=jwk))
    refused(service, issuer.sign(claims, key=stranger, jku="http://127.0.0.1:1/jwks.json"))


def test_a_key_that_came_meanwhile(service, issuer, tenant):
    """Rotation: a new kid is fetched without a restart."""
    token = issuer.sign(issuer.claims(tenant), kid=f"new-{new_id()}")
    wait_for("the new key", lambda: ask(service, token).status_code == 200, 30, 0.5)


@pytest.mark.parametrize(
    "changes",
    [
        {"exp": 1000}, {"exp": None}, {"exp": "tomorrow"}, {"exp": -1}, {"nbf": 4102444800}, {"aud": "others"}, {"aud": None},
        {"aud": []}, {"iss": "http://127.0.0.1:1"}, {"iss": None}, {"sub": None}, {"sub": ""}, {"tenant": "no uuid"},
        {"tenant": 12}, {"roles": "admin"}, {"customer_id": "x"}, {"technician_id": 7},
    ],
    ids=str,
)
def test_claims(service, issuer, tenant, changes):
    refused(service, issuer.sign(issuer.claims(tenant, **changes)))


def test_expiry_counts_while_a_token_is_cached(service, issuer, tenant):
    def taken():
        token = issuer.sign(issuer.claims(tenant, exp=int(time.time()) + 2))
        return token if ask(service, token).status_code == 200 else None

    token = wait_for("a token that comes in time", taken, 60)
    wait_for("its expiry", lambda: ask(service, token).status_code == 401, CACHED_SECONDS / 2, 0.5)
    refused(service, token)


@pytest.mark.parametrize("typ", [None, "JWT", "id+jwt", "logout+jwt"])
def test_kinds_of_token(service, issuer, tenant, typ):
    refused(service, issuer.sign(issuer.claims(tenant), typ=typ))


def test_critical_extensions(service, issuer, tenant):
    refused(service, issuer.sign(issuer.claims(tenant), crit=["exp"]))


def test_shapes(service, issuer, tenant):
    good = issuer.sign(issuer.claims(tenant))
    header, body, signature = good.split(".")
    other_body = base64url(json.dumps(issuer.claims(tenant, roles=["platform"])).encode())
    for token in ("", "x", "...", "a.b.c", f"{header}.{body}", f"{header}.{body}.", f"{good}.x", f"{header}.{other_body}.{signature}",
                  f"{header}.{body}.{signature[:-4]}", good + "=", "A" * 9000, good.replace(".", "")):
        answer = ask(service, token)
        assert answer.status_code in (401, 431), told(answer)
    answer = service.get("/v1/customers", expect=None, headers={"Authorization": f"Basic {base64url(b'a:b')}"})
    problem(answer, 401)
    problem(service.get("/v1/customers", expect=401), 401)


def test_rights_come_from_the_token(service, issuer, tenant):
    def status(**changes):
        return ask(service, issuer.sign(issuer.claims(tenant, **changes))).status_code

    assert status(roles=[]) == 403
    assert status(roles=["nonsense"]) == 403
    assert status(roles=["nonsense", "operator"]) == 200
    assert status(scope="calls:read") == 403
    assert status(scope="customers:read calls:read") == 200
    assert status(roles=["callcenter"], scope="customers:read") == 403, "a scope narrows, it never gives"
    assert status(roles=["platform"]) == 403
    assert status(tenant=None) == 401


def test_a_tenant_that_is_unknown(service, issuer, tenant):
    """It may become known: come back later."""
    answer = ask(service, issuer.sign(issuer.claims(tenant, tenant=new_id())))
    problem(answer, 503, "unavailable")
    assert answer.headers["Retry-After"]


def test_the_services_trust_only_their_issuer(stack, issuer, tenant):
    token = issuer.sign(issuer.claims(tenant))
    refused(Client(stack.gateway), token)
    for service in stack.others:
        refused(Client(stack.address(service)), token, f"/v1/services/{service}/audit")


def test_a_revoked_token(stack, tenant):
    client = tenant.account("operator")
    token = client.token()
    assert ask(Client(stack.gateway), token).status_code == 200
    answer = requests.post(f"{stack.gateway}/oauth/revoke", data={"token": token}, timeout=10)
    assert answer.status_code == 200, told(answer)
    wait_for("the revocation", lambda: ask(Client(stack.gateway), token).status_code == 401, 15, 0.3)
