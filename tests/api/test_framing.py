"""Where a request ends: what two readers could read differently is refused, by the gateway and by a service alone."""
import json

import pytest

from support.client import new_id
from support.gateway import Upstream, gateway
from support.raw import connect, refusal, talk
from support.stack import wait_for

URI_MAX = 8 * 1024
HEADERS_MAX = 16 * 1024
BODY_MAX = 1024 * 1024
HOST = "Host: x"
BODY = '{"kind":"prospect","name":"Smuggled"}'


class Target:
    """Where the bytes go, and whether any of them was taken for a request."""

    def __init__(self, url, token, happened):
        self.url = url
        self.token = token
        self.happened = happened

    def request(self, *headers, line="POST /v1/customers HTTP/1.1", body="", host=HOST):
        """A request with those header lines in front of a body, all as they are."""
        lines = [line, *([host] if host else []), f"Authorization: Bearer {self.token}",
                 "Content-Type: application/json", *headers]
        return ("\r\n".join(lines) + "\r\n\r\n" + body).encode("latin-1")

    def good(self):
        return self.request(f"Content-Length: {len(BODY)}", body=BODY)


@pytest.fixture(scope="module")
def upstream():
    running = Upstream()
    yield running
    running.stop()


@pytest.fixture(scope="module")
def door(stack, upstream):
    with gateway(stack, UPSTREAM_CALLS=upstream.url) as running:
        yield running


@pytest.fixture(params=["gateway", "calls"])
def target(request, stack, tenant, door, upstream, database):
    """The gateway in front of a made-up service, which counts what reaches it; the calls service, whose customers count."""

    def customers():
        return database.execute("select count(*) as n from calls_data.customer where tenant_id = %s", [tenant.id]).fetchone()["n"]

    if request.param == "gateway":
        return Target(door.url, tenant.admin.token(), lambda: len(upstream.requests))
    return Target(stack.address("calls"), tenant.admin.token(), customers)


# Each in front of a body and a whole request behind it, which must not happen.
AMBIGUOUS = {
    "two lengths, the same": ["Content-Length: 5", "Content-Length: 5"],
    "two lengths, different": ["Content-Length: 5", "Content-Length: 6"],
    "length as a list": ["Content-Length: 5, 5"],
    "negative length": ["Content-Length: -5"],
    "length with a sign": ["Content-Length: +5"],
    "hexadecimal length": ["Content-Length: 0x5"],
    "length with a blank inside": ["Content-Length: 5 0"],
    "length with a blank behind": ["Content-Length: 5 "],
    "empty length": ["Content-Length:"],
    "fractional length": ["Content-Length: 5.0"],
    "endless length": ["Content-Length: 99999999999999999999"],
    "length and coding": ["Content-Length: 5", "Transfer-Encoding: chunked"],
    "coding and length": ["Transfer-Encoding: chunked", "Content-Length: 5"],
    "unknown coding": ["Transfer-Encoding: xchunked"],
    "coding of a known name": ["Transfer-Encoding: identity"],
    "two codings": ["Transfer-Encoding: gzip, chunked"],
    "chunked twice": ["Transfer-Encoding: chunked, chunked"],
    "chunked on two lines": ["Transfer-Encoding: chunked", "Transfer-Encoding: chunked"],
    "coding with a blank behind": ["Transfer-Encoding: chunked "],
    "coding in quotes": ['Transfer-Encoding: "chunked"'],
    "empty coding": ["Transfer-Encoding:"],
    "coding behind a vertical tab": ["Transfer-Encoding: \x0bchunked"],
    "blank before the colon": ["Content-Length : 5"],
    "tab before the colon": ["Transfer-Encoding\t: chunked"],
    "folded line": ["X-Folded: a", " b: c", "Content-Length: 5"],
    "folded length": ["Content-Length:", " 5"],
    "line that is no header": ["Content-Length: 5", "nonsense"],
    "header without a name": ["Content-Length: 5", ": x"],
    "two names": ["Content-Length: 5", "X Y: z"],
    "bare line feed": ["X-A: b\nContent-Length: 5"],
    "bare line feed at the end": ["Content-Length: 5\n"],
    "bare carriage return": ["X-A: b\rContent-Length: 5"],
    "carriage return in a value": ["Content-Length: 5", "X-A: b\rc"],
    "zero byte in a value": ["Content-Length: 5", "X-A: b\0c"],
    "zero byte in a name": ["Content-Length: 5", "X\0A: b"],
    "escape in a value": ["Content-Length: 5", "X-A: \x1b[1m"],
    "delete in a value": ["Content-Length: 5", "X-A: \x7f"],
    "two spellings of a name": ["Content-Length: 5", "X-Forwarded-For: 1.1.1.1", "x-forwarded-for: 2.2.2.2"],
    "second host": ["Content-Length: 5", "Host: y"],
    "the same host twice": ["Content-Length: 5", HOST],
}


def refused(target, request, status=400, code="bad-header"):
    before = target.happened()
    told = refusal(talk(target.url, request + target.good()), status, code)
    assert target.happened() == before
    return told


@pytest.mark.parametrize("headers", AMBIGUOUS.values(), ids=AMBIGUOUS.keys())
def test_ambiguous_heads(target, headers):
    before = target.happened()
    found = talk(target.url, target.request(*headers, body="0\r\n\r\n") + target.good())
    codes = {json.loads(answer.body)["type"].rsplit("/", 1)[1] for answer in found}
    refusal(found, *((413, "too-large") if codes == {"too-large"} else (400, codes.pop())))
    assert target.happened() == before


HOSTS = {
    "no host": None,
    "empty host": "Host:",
    "two in one": "Host: x, y",
    "with a path": "Host: x/y",
    "with a user": "Host: a@x",
    "with a blank": "Host: x y",
}


@pytest.mark.parametrize("host", HOSTS.values(), ids=HOSTS.keys())
def test_hosts(target, host):
    refused(target, target.request("Content-Length: 5", host=host, body="12345"))


LINES = {
    "no version": "GET /v1/customers",
    "another protocol": "GET /v1/customers HTTPS/1.1",
    "next version": "GET /v1/customers HTTP/2.0",
    "two blanks": "GET  /v1/customers HTTP/1.1",
    "blank in the address": "GET /v1/cust omers HTTP/1.1",
    "blank behind": "GET /v1/customers HTTP/1.1 ",
    "tab for a blank": "GET\t/v1/customers\tHTTP/1.1",
    "no address": "GET HTTP/1.1",
    "method that is no token": "GE(T /v1/customers HTTP/1.1",
    "method without end": f"{'G' * 33} /v1/customers HTTP/1.1",
    "no method": " /v1/customers HTTP/1.1",
    "fragment": "GET /v1/customers#top HTTP/1.1",
    "bytes beyond ASCII": "GET /v1/customers?name=\xe8 HTTP/1.1",
    "zero byte": "GET /v1/customers\0 HTTP/1.1",
    "carriage return": "GET /v1/customers\r HTTP/1.1",
    "nothing but blanks": "   ",
}


@pytest.mark.parametrize("line", LINES.values(), ids=LINES.keys())
def test_request_lines(target, line):
    refused(target, target.request(line=line), code="malformed")


def test_whole_addresses(target):
    """RFC 9112 section 3.2.2: as a proxy is asked. The host in it must be the Host."""
    for line in ("GET http://y/v1/me HTTP/1.1", "GET http://x.y/v1/me HTTP/1.1", "GET http://x:80/v1/me HTTP/1.1",
                 "GET http://x@y/v1/me HTTP/1.1", "GET ftp://x/v1/me HTTP/1.1", "GET v1/me HTTP/1.1",
                 "GET x/v1/me HTTP/1.1", "CONNECT x HTTP/1.1", "CONNECT x:443 HTTP/1.1"):
        refused(target, target.request(line=line))
    before = target.happened()
    for line in ("GET http://x/v1/customers?limit=1 HTTP/1.1", "GET HTTP://X/v1/customers HTTP/1.1",
                 "GET https://x/v1/customers HTTP/1.1"):
        found = talk(target.url, target.request("Connection: close", line=line))
        assert [answer.status for answer in found] == [200], line
    if target.happened() != before:  # the made-up service: it was asked for the path alone
        assert target.happened() == before + 3
    for line in ("GET http://x/nothing HTTP/1.1", "GET http://x?limit=1 HTTP/1.1", "OPTIONS * HTTP/1.1"):
        assert talk(target.url, target.request("Connection: close", line=line))[0].status == 404, line


CHUNKS = {
    "size that is no number": "z\r\n",
    "size with a sign": "+5\r\n12345\r\n",
    "size with 0x": "0x5\r\n12345\r\n",
    "negative size": "-1\r\n",
    "empty size": "\r\n12345\r\n",
    "blank before the size": " 5\r\n12345\r\n",
    "blank behind the size": "5 \r\n12345\r\n",
    "size without end": "f" * 300,
    "size that wraps around": "10000000000000005\r\n12345\r\n",
    "bare line feed behind the size": "5\n12345\r\n",
    "bare carriage return behind the size": "5\r12345\r\n",
    "extension with a line feed": "5;a=b\nc\r\n12345\r\n",
    "too short": "5\r\n123\r\n0\r\n\r\n",
    "too long": "5\r\n1234567\r\n",
    "bare line feed behind the data": "5\r\n12345\n0\r\n\r\n",
    "bare line feed at the end": "5\r\n12345\r\n0\r\n\n",
    "trailer that is no header": "5\r\n12345\r\n0\r\nnonsense\r\n\r\n",
    "folded trailer": "5\r\n12345\r\n0\r\nA: b\r\n c\r\n\r\n",
    "length in a trailer": "0\r\nContent-Length: 5, 5\r\n\r\n",
}


@pytest.mark.parametrize("split", [False, True], ids=["at once", "byte by byte"])
@pytest.mark.parametrize("body", CHUNKS.values(), ids=CHUNKS.keys())
def test_chunked_bodies(target, body, split):
    before = target.happened()
    head, body = target.request("Transfer-Encoding: chunked"), body.encode()
    pieces = [bytes([byte]) for byte in body] if split else [body]
    refusal(talk(target.url, head, *pieces, target.good()), 400, "malformed")
    assert target.happened() == before


def test_chunked_bodies_that_are_right(target):
    before = target.happened()
    half = len(BODY) // 2
    body = (f"{half:x};name=value\r\n{BODY[:half]}\r\n{len(BODY) - half:X}\r\n{BODY[half:]}\r\n"
            "0\r\nX-Trailer: y\r\n\r\n")
    request = target.request("Transfer-Encoding: Chunked", body=body)
    ended = target.request("Transfer-Encoding: chunked", "Connection: close", body=body)
    pieces = [bytes([byte]) for byte in request]
    found = talk(target.url, *pieces, request + ended)  # slowly, then two at once
    assert len(found) == 3 and all(answer.status < 300 for answer in found), [answer.body for answer in found]
    assert target.happened() == before + 3
    old = target.request("Transfer-Encoding: chunked", body=body, line="POST /v1/customers HTTP/1.0")
    refused(target, old)


def test_pipelined_requests_are_answered_in_order(target):
    """Those before a refused one happen, it and those behind it do not."""
    before = target.happened()
    found = talk(target.url, target.good() + target.good() + target.request("Content-Length: 5, 5") + target.good())
    assert [answer.status < 300 for answer in found] == [True, True, False], [answer.body for answer in found]
    refusal(found[2:], 400, "bad-header")
    assert target.happened() == before + 2


def test_sizes_of_heads(target):
    refused(target, target.request(line=f"GET /v1/customers?name={'x' * URI_MAX} HTTP/1.1"), 414, "uri-too-long")
    refused(target, f"GET /v1/customers?name={'x' * 100_000}".encode(), 414, "uri-too-long")
    refused(target, target.request(f"X-Long: {'y' * HEADERS_MAX}"), 431, "headers-too-large")
    refused(target, target.request(f"X-Longer: {'y' * 100_000}"), 431, "headers-too-large")
    refused(target, target.request(*(f"X-{number}: y" for number in range(100))), 431, "headers-too-large")
    refused(target, target.request(*("X:" for _ in range(20_000))), 431, "headers-too-large")


def test_the_largest_head(target):
    """Address, headers and their number all at the limit."""
    path = "/v1/customers?name="
    line = f"GET {path}{'x' * (URI_MAX - len(path))} HTTP/1.1"
    few = len("HostxAuthorizationContent-Typeapplication/jsonConnectionclose") + len(f"Bearer {target.token}")
    names = [f"X-{number:02}" for number in range(96)]
    each, rest = divmod(HEADERS_MAX - few - sum(map(len, names)), len(names))
    fill = [f"{name}: {'y' * (each + (rest if name == 'X-00' else 0))}" for name in names]
    assert [answer.status for answer in talk(target.url, target.request("Connection: close", *fill, line=line))] == [200]
    refused(target, target.request("Connection: closed", *fill, line=line), 431, "headers-too-large")


def test_sizes_of_bodies(target):
    """Refused before it is sent, and however it is sent; the client gets to read why."""
    large = "x" * (3 * BODY_MAX)
    refused(target, target.request(f"Content-Length: {BODY_MAX + 1}"), 413, "too-large")
    refused(target, target.request(f"Content-Length: {len(large)}", body=large), 413, "too-large")
    refused(target, target.request("Transfer-Encoding: chunked", body=f"{BODY_MAX + 1:x}\r\n"), 413, "too-large")
    pieces = "".join(f"10000\r\n{'x' * 65536}\r\n" for _ in range(17))
    refused(target, target.request("Transfer-Encoding: chunked", body=pieces), 413, "too-large")
    refused(target, target.request(f"Content-Length: {BODY_MAX + 1}", "Expect: 100-continue"), 413, "too-large")


def test_a_head_in_pieces(target):
    before = target.happened()
    request = target.request(f"Content-Length: {len(BODY)}", "Connection: close", body=BODY)
    assert [answer.status < 300 for answer in talk(target.url, *(bytes([byte]) for byte in b"\r\n" + request))] == [True]
    assert target.happened() == before + 1
    bad = target.request("Content-Length: 5\n")
    refusal(talk(target.url, *(bytes([byte]) for byte in bad)), 400, "malformed")
    assert target.happened() == before + 1


def test_half_a_request_does_nothing(target):
    before = target.happened()
    request = target.request(f"Content-Length: {len(BODY)}", body=BODY)
    for end in (10, len(request) - len(BODY) - 1, len(request) - 1):
        with connect(target.url) as connection:
            connection.sendall(request[:end])
            connection.shutdown(1)
            assert b" 200 " not in connection.recv(1000) and target.happened() == before


def test_a_refusal_is_logged_and_counted(target, stack):
    """The method and address of a refused request are told, when they could be read."""
    path = f"/v1/customers/{new_id()}"
    told = refused(target, target.request("Content-Length: 5, 5", line=f"DELETE {path} HTTP/1.1"))
    assert told["instance"] == path and told["detail"] == "Content-Length is not one number."
    if target.url == stack.address("calls"):
        wait_for("the line of the log", lambda: path in stack.log("calls"))
