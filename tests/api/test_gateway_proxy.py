"""Passing on: routing, replicas, retries, framing, headers, streams, limits. In front of services that are made up."""
import gzip
import json
import re
import socket
import threading
import time

import pytest
import requests

from support.client import Client, new_id, problem, told
from support.gateway import Upstream, gateway
from support.replica import free_port
from support.raw import talk
from support.stack import wait_for
from support.tenant import PASSWORD


@pytest.fixture(scope="module")
def calls():
    upstream = Upstream()
    yield upstream
    upstream.stop()


@pytest.fixture(scope="module")
def door(stack, calls):
    """A gateway whose calls service is made up, with CORS."""
    origins = "https://desk.example.com https://other.example.com"
    with gateway(stack, UPSTREAM_CALLS=calls.url, CORS_ORIGINS=origins) as running:
        yield running


@pytest.fixture
def client(door, tenant):
    return Client(door.url, tenant.admin.token)


def last(calls):
    return calls.requests[-1]


def test_what_goes_on(client, calls, tenant):
    headers = {
        "X-Request-ID": "abc-1",
        "traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        "Accept-Language": "it",
        "If-None-Match": '"7"',
        "X-Tenant": "somebody-else",
        "X-Forwarded-For": "10.9.8.7",
        "Forwarded": "for=10.9.8.7",
        "Cookie": "a=b",
        "Via": "1.1 edge",
    }
    answer = client.get("/v1/calls/a%2Fb/..;x?q=%C3%A8&limit=3", headers=headers)
    got = last(calls)
    assert got.command == "GET" and got.path == "/v1/calls/a%2Fb/..;x?q=%C3%A8&limit=3"
    for name in ("X-Request-ID", "traceparent", "Accept-Language", "If-None-Match"):
        assert got.headers[name] == headers[name]
    assert got.headers["Authorization"] == f"Bearer {tenant.admin.token()}"
    assert got.headers["Via"] == "1.1 edge, 1.1 aftercare"
    assert re.fullmatch(r'for=127\.0\.0\.1;host="127\.0\.0\.1:\d+";proto=http', got.headers["Forwarded"])
    for name in ("X-Tenant", "X-Forwarded-For", "Cookie", "Idempotency-Key", "Transfer-Encoding"):
        assert name not in got.headers
    assert answer.json() == {"said": True}
    assert answer.headers["X-Request-ID"] == "abc-1" and answer.headers["Via"] == "1.1 aftercare"


def test_a_key_for_every_post(client, calls):
    client.post("/v1/calls", {"a": 1}, expect=200)
    minted = last(calls).headers["Idempotency-Key"]
    assert len(minted) == 36 and json.loads(last(calls).body) == {"a": 1}
    client.post("/v1/calls", {"a": 1}, expect=200, key="mine")
    assert last(calls).headers["Idempotency-Key"] == "mine"
    client.post("/v1/calls", {"a": 1}, expect=200)
    assert last(calls).headers["Idempotency-Key"] not in (minted, "mine")


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
def test_methods_go_on(client, calls, method):
    assert client.request(method, "/v1/customers/1").status_code == 200
    assert last(calls).command == method


def test_head(client):
    answer = client.request("HEAD", "/v1/calls", 200)
    assert answer.text == "" and answer.headers["Content-Length"] == "13"


def test_other_methods(client):
    for method in ("TRACE", "PROPFIND"):
        answer = client.request(method, "/v1/calls")
        problem(answer, 405, "method-not-allowed")
        assert "PATCH" in answer.headers["Allow"]


def test_hops_end_here(stack, tenant):
    def answer(handler):
        headers = [("Connection", "X-Secret"), ("X-Secret", "1"), ("Keep-Alive", "timeout=9"), ("Server", "inner/1"),
                   ("ETag", '"3"'), ("Link", "</v1/calls?cursor=x>; rel=\"next\""), ("Location", "/v1/calls/1")]
        Upstream.say(handler, 201, headers=headers)

    upstream = Upstream(answer)
    with gateway(stack, UPSTREAM_CALLS=upstream.url) as door:
        client = Client(door.url, tenant.admin.token)
        headers = {"Connection": "keep-alive, If-Match", "If-Match": '"9"', "TE": "trailers"}
        got = client.get("/v1/calls", 201, headers=headers)
        for name in ("X-Secret", "Keep-Alive", "Server"):
            assert name not in got.headers
        assert (got.headers["ETag"], got.headers["Location"]) == ('"3"', "/v1/calls/1")
        assert got.headers["Link"] == '</v1/calls?cursor=x>; rel="next"'
        assert "If-Match" not in last(upstream).headers and "TE" not in last(upstream).headers
    upstream.stop()


def test_paths_that_lead_nowhere(door, client, calls):
    before = len(calls.requests)
    for path in ("/v1/nothing", "/v1", "/v1/", "/v1/callsx", "/v1/CALLS", "/v1/%63alls", "/v2/calls", "/calls",
                 "/v1/services/nothing/settings", "/v1//calls", "/v1/./calls", "/internal", "/metrics", "/healthz"):
        found = talk(door.url, f"GET {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {client.token()}\r\n"
                                "Connection: close\r\n\r\n".encode())
        assert [answer.status for answer in found] == [404], path
    assert len(calls.requests) == before
    problem(client.get("/v1/offers", expect=None), 503, "unavailable")
    assert "offers" in client.get("/v1/offers", expect=None).json()["detail"]


def test_services_by_name(client, calls):
    client.get("/v1/services/calls/settings")
    assert last(calls).path == "/v1/services/calls/settings"


def test_nobody_passes_without_a_token(door, calls):
    before = len(calls.requests)
    for headers in ({}, {"Authorization": "Bearer x.y.z"}, {"Authorization": "Basic YTpi"}):
        answer = Client(door.url).get("/v1/calls", expect=None, headers=headers)
        problem(answer, 401, "unauthenticated")
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    assert len(calls.requests) == before


def test_no_header_can_be_injected(client, calls):
    """Raw bytes in headers are refused (test_framing); in addresses they are only letters."""
    client.get("/v1/calls?x=%0D%0AX-Evil:%201")
    assert last(calls).path == "/v1/calls?x=%0D%0AX-Evil:%201" and "X-Evil" not in last(calls).headers


def test_long_answers_are_not_held(stack, tenant):
    """Neither the gateway's memory nor the first byte waits for the whole of an export."""
    go_on = threading.Event()

    def answer(handler):
        handler.send_response(200)
        handler.send_header("Content-Type", "application/x-ndjson")
        handler.send_header("Transfer-Encoding", "chunked")
        handler.end_headers()
        line = b'{"x":"' + b"y" * 1000 + b'"}\n'
        chunk = b"%x\r\n%b\r\n" % (len(line) * 64, line * 64)
        for number in range(1600):  # 100 MB
            if number == 20:
                go_on.wait(20)
            handler.wfile.write(chunk)
        handler.wfile.write(b"0\r\n\r\n")

    upstream = Upstream(answer)
    with gateway(stack, UPSTREAM_CALLS=upstream.url) as door:
        headers = {"Authorization": f"Bearer {tenant.admin.token()}", "Accept-Encoding": "identity"}
        with requests.get(f"{door.url}/v1/calls", headers=headers, stream=True, timeout=30) as got:
            assert got.status_code == 200
            pieces = got.iter_content(65536)
            size = len(next(pieces))  # while the service holds the rest back
            go_on.set()
            size += sum(map(len, pieces))
        assert size == 1600 * 64 * 1009
        with open(f"/proc/{door.process.pid}/status", encoding="ascii") as status:
            peak = int(re.search(r"VmHWM:\s+(\d+) kB", status.read())[1])
        assert peak < (400_000 if stack.sanitized else 60_000), peak
    upstream.stop()


def test_a_broken_stream_is_seen_as_broken(stack, tenant):
    def answer(handler):
        handler.send_response(200)
        handler.send_header("Content-Type", "text/csv")
        handler.send_header("Content-Length", "10000000")
        handler.end_headers()
        handler.wfile.write(b"x" * 1_000_000)
        handler.close_connection = True

    upstream = Upstream(answer)
    with gateway(stack, UPSTREAM_CALLS=upstream.url) as door:
        headers = {"Authorization": f"Bearer {tenant.admin.token()}"}
        with pytest.raises(requests.exceptions.ChunkedEncodingError):
            requests.get(f"{door.url}/v1/calls", headers=headers, timeout=30)
    upstream.stop()


def test_compression(client, stack, tenant):
    body = json.dumps({"items": [{"name": "Cave del Nord"}] * 500}).encode()
    upstream = Upstream(lambda handler: Upstream.say(handler, body=body, headers=[("ETag", '"3"')]))
    with gateway(stack, UPSTREAM_CALLS=upstream.url) as door:
        session = requests.Session()
        headers = {"Authorization": f"Bearer {tenant.admin.token()}"}
        for accepts, packed in (("gzip", True), ("br, gzip;q=0.5", True), ("*", True), ("identity", False),
                                ("gzip;q=0", False), ("br", False)):
            got = session.get(f"{door.url}/v1/calls", headers=headers | {"Accept-Encoding": accepts}, stream=True, timeout=10)
            data = got.raw.read(decode_content=False)
            assert (got.headers.get("Content-Encoding") == "gzip") == packed, accepts
            assert (gzip.decompress(data) if packed else data) == body
            assert int(got.headers["Content-Length"]) == len(data)
            assert "Accept-Encoding" in got.headers["Vary"]
    upstream.stop()
    short = client.get("/v1/calls", headers={"Accept-Encoding": "gzip"})
    assert "Content-Encoding" not in short.headers


def test_cors(door, client):
    origin = {"Origin": "https://desk.example.com"}
    preflight = {"Access-Control-Request-Method": "PATCH", "Access-Control-Request-Headers": "if-match"}
    for path in ("/v1/calls", "/v1/sessions", "/v1/accounts"):
        answer = requests.options(door.url + path, headers=origin | preflight, timeout=10)
        assert answer.ok, told(answer)
        assert answer.headers["Access-Control-Allow-Origin"] == origin["Origin"]
        assert "PATCH" in answer.headers["Access-Control-Allow-Methods"]
        assert "If-Match" in answer.headers["Access-Control-Allow-Headers"]
    answer = client.get("/v1/calls", headers=origin)
    assert answer.headers["Access-Control-Allow-Origin"] == origin["Origin"] and "Origin" in answer.headers["Vary"]
    assert {"ETag", "Content-Disposition"} <= set(answer.headers["Access-Control-Expose-Headers"].split(", "))
    refused = Client(door.url).get("/v1/calls", expect=401, headers=origin)
    assert refused.headers["Access-Control-Allow-Origin"] == origin["Origin"]
    for stranger in ("https://evil.example.com", "https://desk.example.com.evil.com", "null"):
        answer = client.get("/v1/calls", headers={"Origin": stranger})
        assert "Access-Control-Allow-Origin" not in answer.headers


def test_headers_for_browsers(door, client):
    for answer in (client.get("/v1/calls"), client.get("/v1/nothing", 404), requests.get(f"{door.url}/docs", timeout=10)):
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
        assert "Strict-Transport-Security" not in answer.headers
    assert "no-cache" in client.get("/v1/calls").headers["Cache-Control"]


def test_replicas_in_turn_and_a_dead_one_aside(stack, tenant):
    first, second = Upstream(), Upstream()
    dead = free_port()
    urls = f"{first.url}, http://127.0.0.1:{dead}, {second.url}"
    with gateway(stack, UPSTREAM_CALLS=urls) as door:
        client = Client(door.url, tenant.admin.token)
        for _ in range(30):
            client.get("/v1/calls")
            client.post("/v1/calls", {}, expect=200)
        assert len(first.requests) >= 20 and len(second.requests) >= 20
        assert len(first.requests) + len(second.requests) == 60
        figures = requests.get(f"{door.internal}/metrics", timeout=10).text
        assert f'aftercare_upstream_up{{service="calls",replica="http://127.0.0.1:{dead}"}} 0' in figures
        assert re.search(rf'aftercare_upstream_requests_total{{service="calls",replica="{first.url}"}} [1-9]', figures)
        third = Upstream(port=dead)
        wait_for("the replica's return", lambda: client.get("/v1/calls") and third.requests, 5)
        third.stop()
    first.stop()
    second.stop()


def test_no_replica_left(stack, tenant):
    with gateway(stack, UPSTREAM_CALLS=f"http://127.0.0.1:{free_port()}") as door:
        client = Client(door.url, tenant.admin.token)
        for _ in range(3):
            answer = client.get("/v1/calls", expect=None)
            problem(answer, 503, "unavailable")
            assert answer.headers["Retry-After"] == "1"


def test_only_what_is_idempotent_is_sent_again(stack, tenant):
    """A service that takes a request and dies: a GET is tried elsewhere, a POST with its key; a PATCH is not, nor lines
    without keys."""

    def die(handler):
        handler.close_connection = True
        handler.connection.shutdown(socket.SHUT_RDWR)

    dying, well = Upstream(die), Upstream()
    with gateway(stack, UPSTREAM_CALLS=f"{dying.url},{well.url}") as door:
        client = Client(door.url, tenant.admin.token)

        def send(method, path):
            """The statuses of six, and what arrived of them."""
            before = len(dying.requests), len(well.requests)
            answers = [client.request(method, path, json={}, headers={"If-Match": '"1"'}) for _ in range(6)]
            for answer in answers:
                if answer.status_code != 200:
                    assert "may have acted" in problem(answer, 502, "bad-gateway")["detail"]
            return {answer.status_code for answer in answers}, dying.requests[before[0]:] + well.requests[before[1]:]

        assert send("GET", "/v1/calls")[0] == {200}
        statuses, arrived = send("POST", "/v1/calls")
        assert statuses == {200} and len(arrived) > 6
        assert len({request.headers["Idempotency-Key"] for request in arrived}) == 6
        for method, path in (("PATCH", "/v1/calls/1"), ("POST", "/v1/calls/bulk")):
            statuses, arrived = send(method, path)
            assert statuses == {200, 502} and len(arrived) == 6, method
    dying.stop()
    well.stop()


def test_a_post_whose_first_try_still_runs(stack, tenant):
    """Its answer was lost; sent again, it is told to wait for the first one, and then gets that one's answer."""
    tries = []

    def answer(handler):
        tries.append(handler.headers["Idempotency-Key"])
        if len(tries) == 1:
            handler.close_connection = True
            handler.connection.shutdown(socket.SHUT_RDWR)
        elif len(tries) == 2:
            Upstream.say(handler, 409, headers=[("Retry-After", "1")])
        else:
            Upstream.say(handler, 201)

    upstream = Upstream(answer)
    with gateway(stack, UPSTREAM_CALLS=upstream.url) as door:
        Client(door.url, tenant.admin.token).post("/v1/calls", {}, key="one")
        assert tries == ["one"] * 3
    upstream.stop()


def test_a_replica_that_leaves_is_spared(stack, tenant):
    """It says Connection: close before it ends: others are asked meanwhile; it is, when there is no other."""
    leaving = Upstream(lambda handler: Upstream.say(handler, headers=[("Connection", "close")]))
    well = Upstream()
    with gateway(stack, UPSTREAM_CALLS=f"{leaving.url},{well.url}") as door:
        client = Client(door.url, tenant.admin.token)
        began = time.monotonic()
        for _ in range(20):
            client.get("/v1/calls")
        seconds = time.monotonic() - began
        assert 1 <= len(leaving.requests) <= 2 + seconds and len(well.requests) + len(leaving.requests) == 20
        well.stop()
        for _ in range(5):
            client.get("/v1/calls")
    leaving.stop()


def test_a_service_that_does_not_answer(stack, tenant):
    def sleep(handler):
        time.sleep(3)
        Upstream.say(handler)

    upstream = Upstream(sleep)
    with gateway(stack, UPSTREAM_CALLS=upstream.url, UPSTREAM_ANSWER_MS=500) as door:
        client = Client(door.url, tenant.admin.token)
        began = time.monotonic()
        problem(client.get("/v1/calls", expect=None), 504, "gateway-timeout")
        assert time.monotonic() - began < 2
    upstream.stop()


def test_limits_of_address_and_account(stack, tenant, calls):
    one, two = tenant.client("operator"), tenant.client("manager")
    one.token()
    two.token()
    with gateway(stack, UPSTREAM_CALLS=calls.url, RATE_PER_ACCOUNT=1) as door:
        def ask(client):
            return Client(door.url, client.token).get("/v1/calls", expect=None)

        began = time.monotonic()
        answers = [ask(one)]
        while answers[-1].status_code == 200:
            answers.append(ask(one))
        assert 3 <= len(answers) <= 3 + time.monotonic() - began + 1, "a burst of two, then one a second"
        assert "account" in problem(answers[-1], 429, "too-many-requests")["detail"]
        assert ask(two).status_code == 200
        time.sleep(1.1)
        assert ask(one).status_code == 200
    with gateway(stack, UPSTREAM_CALLS=calls.url, RATE_PER_ADDRESS=1, TRUSTED_PROXIES="127.0.0.1") as door:
        def from_address(address):
            return requests.get(f"{door.url}/.well-known/jwks.json", headers={"X-Forwarded-For": address}, timeout=10)

        answers = [from_address("10.1.1.1") for _ in range(40)]
        refused = [answer for answer in answers if answer.status_code == 429]
        assert refused and int(refused[0].headers["Retry-After"]) >= 1
        assert from_address("10.1.1.2").status_code == 200
        # The last is who spoke to the proxy; what it says of others before it is nobody's word.
        assert 429 in [from_address("10.1.1.9, 10.1.1.1").status_code for _ in range(3)]
        assert from_address("2001:db8::1").status_code == 200


def test_a_proxy_that_writes_forwarded(stack, client, calls):
    """Only the header that it is configured to write counts, and of its lines the last."""
    options = {"UPSTREAM_CALLS": calls.url, "TRUSTED_PROXIES": "127.0.0.1"}
    addresses = [b"X-Forwarded-For: 10.9.9.9\r\n", b"X-Forwarded-For: 203.0.113.9\r\n"]
    elements = [b"Forwarded: for=10.9.9.9\r\n", b"Forwarded: for=\"[2001:db8::5]:4711\";proto=https\r\n"]

    def told(door, lines):
        head = f"GET /v1/calls HTTP/1.1\r\nHost: door\r\nConnection: close\r\nAuthorization: Bearer {client.token()}\r\n"
        [answer] = talk(door.url, head.encode() + b"".join(lines) + b"\r\n")
        assert answer.status == 200, answer.body
        return last(calls).headers["Forwarded"]

    with gateway(stack, **options) as door:
        assert told(door, addresses + elements) == 'for=203.0.113.9;host="door";proto=http'
    with gateway(stack, PROXY_HEADERS="forwarded", **options) as door:
        assert told(door, elements + addresses) == 'for="[2001:db8::5]";host="door";proto=https'


def test_wrong_passwords_of_one_address(stack, tenant, calls):
    """Guesses at many accounts stop too, however few each of them gets."""
    email = tenant.account("operator").row["email"]
    with gateway(stack, UPSTREAM_CALLS=calls.url, LOGIN_FAILURES_PER_MINUTE=4, TRUSTED_PROXIES="127.0.0.1") as door:
        def login(address, email, password):
            body = {"tenant": tenant.code, "email": email, "password": password}
            return requests.post(f"{door.url}/v1/sessions", json=body, headers={"X-Forwarded-For": address}, timeout=10)

        answers = [login("10.2.2.2", f"nobody{number}@example.com", "a guess") for number in range(12)]
        assert {answer.status_code for answer in answers[:4]} == {401}
        refused = problem(answers[-1], 429, "too-many-requests")
        assert "guesses" in refused["detail"] and int(answers[-1].headers["Retry-After"]) >= 1
        assert login("10.2.2.2", email, PASSWORD).status_code == 429
        assert login("10.2.2.3", email, PASSWORD).status_code == 201


def test_too_large(client, calls):
    before = len(calls.requests)
    answer = client.request("POST", "/v1/calls", data=b"x" * (1024 * 1024 + 1), headers={"Content-Type": "application/json"})
    problem(answer, 413, "too-large")
    assert len(calls.requests) == before
    assert client.request("POST", "/v1/calls", data=b"x" * (1024 * 1024)).status_code == 200
    assert len(last(calls).body) == 1024 * 1024


def test_one_description_of_all(stack):
    merged = requests.get(f"{stack.gateway}/openapi.json", timeout=20)
    document = merged.json()
    for service in stack.services:
        own = requests.get(f"{stack.address(service)}/openapi.json", timeout=20).json()
        assert set(own["paths"]) <= set(document["paths"])
        for kind, items in own["components"].items():
            assert set(items) <= set(document["components"][kind])
    again = requests.get(f"{stack.gateway}/openapi.json", headers={"If-None-Match": merged.headers["ETag"]}, timeout=20)
    assert again.status_code == 304 and not again.content


def test_the_description_follows_its_services(stack):
    document = {"paths": {"/v1/calls": {"get": {}}}, "components": {"schemas": {"One": {}}}, "tags": [{"name": "calls"}]}
    upstream = Upstream(lambda handler: Upstream.say(handler, body=json.dumps(document).encode()))
    with gateway(stack, UPSTREAM_CALLS=upstream.url) as door:
        def described():
            return requests.get(f"{door.url}/openapi.json", timeout=10).json()

        assert "/v1/calls" in described()["paths"] and "/v1/sessions" in described()["paths"]
        document["paths"]["/v1/calls/new"] = {}
        wait_for("the new path", lambda: "/v1/calls/new" in described()["paths"], 10, 0.5)
        upstream.stop()
        time.sleep(5.1)
        assert "/v1/calls/new" in described()["paths"]  # as it last was


SHARED = ("/v1/uploads", "/v1/jobs")


def test_every_path_of_a_service_is_reached(stack, tenant):
    for service in stack.others:
        document = requests.get(f"{stack.address(service)}/openapi.json", timeout=20).json()
        for path in document["paths"]:
            if path == "/openapi.json":
                continue
            actual = re.sub(r"\{[^}]*\}", new_id(), path)
            answer = tenant.admin.request("OPTIONS", actual)
            if path.startswith(SHARED):  # every service's, the gateway's too: it knows what they take
                own = requests.options(stack.address(service) + actual, timeout=20)
                assert (answer.status_code, answer.headers["Allow"]) == (204, own.headers["Allow"]), told(answer)
            else:
                assert answer.headers.get("Via") == "1.1 aftercare", told(answer)


def test_foreign_issuers(stack, platform, tenant, other):
    import jwt
    from cryptography.hazmat.primitives.asymmetric import rsa

    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    jwk = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(key.public_key())) | {"kid": "k", "alg": "RS256", "use": "sig"}
    keys = json.dumps({"keys": [jwk]}).encode()
    idp = Upstream(lambda handler: Upstream.say(handler, body=keys))

    def sign(**claims):
        now = int(time.time())
        body = {"iss": idp.url, "aud": "aftercare", "sub": "anna", "name": "Anna", "tenant": tenant.id, "iat": now,
                "exp": now + 300, "jti": new_id(), "roles": ["operator"]} | claims
        return Client(stack.gateway, lambda: jwt.encode(body, key, "RS256", {"kid": "k", "typ": "at+jwt"}))

    anna = sign()
    problem(anna.get("/v1/customers", expect=None), 401)
    body = {"issuer": idp.url, "jwks_url": f"{idp.url}/jwks.json", "tenants": [tenant.id]}
    for wrong in ({"jwks_url": "http://example.com/keys"}, {"tenants": []}, {"tenants": [new_id()]}, {"issuer": stack.gateway}):
        problem(platform.post("/v1/issuers", body | wrong, expect=None), 422)
    problem(tenant.admin.post("/v1/issuers", body, expect=None), 403)
    row = platform.post("/v1/issuers", body).json()
    wait_for("the new issuer", lambda: anna.get("/v1/customers", expect=None).status_code == 200, 10, 0.2)
    me = anna.get("/v1/me").json()
    assert me["subject"] == f"{idp.url}#anna" and me["roles"] == ["operator"]
    customer = anna.post("/v1/customers", {"kind": "prospect", "name": "By Anna"}).json()
    assert other.admin.get(f"/v1/customers/{customer['id']}", expect=None).status_code == 404
    problem(sign(tenant=other.id).get("/v1/customers", expect=None), 401)
    problem(sign(exp=int(time.time()) - 60).get("/v1/customers", expect=None), 401)
    problem(sign(roles=["platform"]).get("/v1/tenants", expect=None), 403)
    platform.patch(f"/v1/issuers/{row['id']}", {"active": False}, version=row["version"])
    wait_for("the end of the trust", lambda: anna.get("/v1/customers", expect=None).status_code == 401, 10, 0.2)
    idp.stop()
