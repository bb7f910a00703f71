"""Bodies that nobody in his right mind sends: each gets its clear refusal, from the gateway and from the service alone,
and nothing of it is done."""
import json
import socket
import time

import pytest

from support.client import Client
from support.raw import connect, talk

MEBIBYTE = 1024 * 1024
AT_ONCE_SECONDS = 15  # less than a service waits for a slow client


def body(more=b"", name=b"Hostile"):
    return b'{"kind": "prospect", "name": "' + name + b'"' + (b", " + more if more else b"") + b"}"


def padded(length):
    """A good body of so many bytes."""
    return body().removesuffix(b"}") + b" " * (length - len(body())) + b"}"


# What is sent, and what is answered: status, code, and a word of the sentence or the pointer of the fault.
REFUSED = {
    "nothing": (b"", 400, "malformed", "JSON"),
    "no JSON": (b"kind=prospect", 400, "malformed", "column"),
    "half of it": (body()[:-5], 400, "malformed", "column"),
    "more behind it": (body() + b"{}", 400, "malformed", "end of file"),
    "a mark before it": (b"\xef\xbb\xbf" + body(), 400, "malformed", "column"),
    "UTF-16": (body().decode().encode("utf-16"), 400, "malformed", "column"),
    "null": (b"null", 400, "malformed", "object"),
    "a list": (b"[" + body() + b"]", 400, "malformed", "object"),
    "a text": (b'"prospect"', 400, "malformed", "object"),
    "lists without end": (b"[" * 100_000, 400, "malformed", "deeper"),
    "lists and their ends": (b"[" * 100_000 + b"]" * 100_000, 400, "malformed", "deeper"),
    "objects in objects": (b'{"a":' * 100_000, 400, "malformed", "deeper"),
    "deep in a field": (body(b'"notes": ' + b"[" * 500 + b"]" * 500), 400, "malformed", "deeper"),
    "brackets in a text": (body(name=b"[" * 250), 422, "invalid", "/name"),
    "a name twice": (body(b'"name": "Other"'), 400, "malformed", "duplicate"),
    "a name twice, spelt apart": (body(b'"n\\u0061me": "Other"'), 400, "malformed", "duplicate"),
    "twice within": (body(b'"address": {"city": "A", "city": "B"}'), 400, "malformed", "duplicate"),
    "a number without end": (body(b'"notes": ' + b"9" * 100_000), 400, "malformed", "integer"),
    "beyond 64 bits": (body(b'"notes": 9223372036854775808'), 400, "malformed", "integer"),
    "a number too large": (body(b'"notes": 1e400'), 400, "malformed", "overflow"),
    "a number for a text": (body(b'"notes": 1.5'), 422, "invalid", "/notes"),
    "not a number": (body(b'"notes": NaN'), 400, "malformed", "column"),
    "endless": (body(b'"notes": -Infinity'), 400, "malformed", "column"),
    "hexadecimal": (body(b'"notes": 0x10'), 400, "malformed", "column"),
    "a zero in front": (body(b'"notes": 007'), 400, "malformed", "column"),
    "a byte that is no UTF-8": (body(name=b"\xff"), 400, "malformed", "UTF-8"),
    "half a letter": (body(name=b"\xc3"), 400, "malformed", "UTF-8"),
    "a letter spelt too long": (body(name=b"\xc0\xaf"), 400, "malformed", "UTF-8"),
    "a surrogate in bytes": (body(name=b"\xed\xa0\x80"), 400, "malformed", "UTF-8"),
    "beyond Unicode": (body(name=b"\xf4\x90\x80\x80"), 400, "malformed", "UTF-8"),
    "a lone surrogate": (body(name=b"\\ud800"), 400, "malformed", "Unicode"),
    "surrogates the wrong way": (body(name=b"\\udc00\\ud800"), 400, "malformed", "Unicode"),
    "a zero byte": (body(name=b"a\0b"), 400, "malformed", "control"),
    "an escaped zero": (body(name=b"a\\u0000b"), 400, "malformed", "U+0000"),
    "an escaped zero in a name": (body(b'"a\\u0000b": 1'), 400, "malformed", "U+0000"),
    "a control character": (body(name=b"a\nb"), 400, "malformed", "newline"),
    "an escape that is none": (body(name=b"\\x41"), 400, "malformed", "escape"),
    "a field of somebody else": (body(b'"__proto__": {"admin": true}'), 422, "invalid", "/__proto__"),
    "a pointer in a name": (body(b'"a/b~c": 1'), 422, "invalid", "/a~1b~0c"),
    "very many fields": (body(b", ".join(b'"f%d": 1' % n for n in range(50_000))), 422, "invalid", "rules"),
    "one byte too many": (padded(MEBIBYTE + 1), 413, "too-large", "1048576"),
}


class Target:
    def __init__(self, url, tenant, stack):
        self.url = url
        self.token = tenant.admin.token()
        self.tenant = tenant
        self.stack = stack

    def head(self, *lines):
        lines = ["POST /v1/customers HTTP/1.1", "Host: x", f"Authorization: Bearer {self.token}",
                 "Content-Type: application/json", *lines]
        return ("\r\n".join(lines) + "\r\n\r\n").encode()

    def answer(self, content, **headers):
        """The status and problem of a body, sent in one piece."""
        lines = [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
        [found] = talk(self.url, self.head(f"Content-Length: {len(content)}", "Connection: close", *lines) + content)
        return found.status, json.loads(found.body)

    def done(self):
        """What was written for the tenant: changes, rows and numbers."""
        with self.stack.connect() as database:
            return database.execute(
                "select (select count(*) from calls_data.change where tenant_id = %(id)s) as changes, "
                "(select count(*) from calls_data.customer where tenant_id = %(id)s) as rows, "
                "(select count(*) from calls_data.idempotency where tenant_id = %(id)s) as keys, "
                "(select coalesce(sum(last), 0) from calls_data.counter where tenant_id = %(id)s) as numbers",
                {"id": self.tenant.id},
            ).fetchone()


@pytest.fixture(params=["gateway", "calls"])
def target(request, stack, tenants):
    return Target(stack.address(request.param), tenants[0], stack)


@pytest.fixture
def nothing_done(target):
    before = target.done()
    yield
    assert target.done() == before


@pytest.mark.parametrize("name", REFUSED)
def test_refusals(target, nothing_done, name):
    content, status, code, word = REFUSED[name]
    got, problem = target.answer(content)
    assert (got, problem["type"].rsplit("/", 1)[1]) == (status, code), problem
    said = [problem.get("detail", "")]
    said += [item.get("pointer", "") + " " + item["detail"] for item in problem.get("errors", [])]
    assert any(word in sentence for sentence in said), problem


def test_codings(target, nothing_done):
    """Nothing is unpacked: a bomb stays what it is."""
    for coding in ("gzip", "br", "deflate"):
        got, problem = target.answer(b"\x1f\x8b\x08\0" + b"\0" * 100, Content_Encoding=coding)
        assert got in (400, 415), problem


def test_exactly_a_mebibyte(target):
    got, row = target.answer(padded(MEBIBYTE))
    assert got == 201 and row["name"] == "Hostile", row


def test_bodies_that_end_too_soon(target, nothing_done):
    """The client goes away in the middle: what it sent so far would have been a good body."""
    content = body()
    for head, sent in (
        (target.head(f"Content-Length: {len(content) + 1}"), content),
        (target.head(f"Content-Length: {len(content) + 1000}"), content + b" " * 999),
        (target.head("Transfer-Encoding: chunked"), b"%x\r\n%b\r\n" % (len(content), content)),
        (target.head("Transfer-Encoding: chunked"), b"%x\r\n%b\r\n0\r\n" % (len(content), content)),
        (target.head("Transfer-Encoding: chunked"), b"%x\r\n%b" % (len(content) + 5, content)),
    ):
        for way in ("says so", "is gone"):
            with connect(target.url) as client:
                client.sendall(head + sent)
                if way == "says so":
                    began = time.monotonic()
                    client.shutdown(socket.SHUT_WR)
                    assert not client.recv(100).startswith(b"HTTP/1.1 2")
                    assert time.monotonic() - began < AT_ONCE_SECONDS, "it waits for what can't come"


def test_bodies_longer_than_they_say(target):
    """What is behind the length is the next request, and none."""
    before = target.done()
    content = body()
    found = talk(target.url, target.head(f"Content-Length: {len(content)}") + content + b'{"kind": "prospect"}\r\n\r\n')
    assert [answer.status for answer in found] == [201, 400], [answer.body for answer in found]
    after = target.done()
    assert after["changes"] == before["changes"] + 1
    found = talk(target.url, target.head("Content-Length: 10") + content + b"\r\n\r\n")
    assert [answer.status for answer in found] == [400, 400] and target.done() == after


def test_lines_of_a_bulk(target, tenants):
    """Bad lines are told, each with its reason; the good one among them lands."""
    client = Client(target.url, lambda: target.token)
    bad = [content for content, *_ in REFUSED.values() if content and b"\n" not in content and len(content) < 50_000
           and b"utf-16" not in content and not content.startswith(b"\xff\xfe")]
    lines = b"\n".join([*bad[: len(bad) // 2], body(name=b"Among the bad"), *bad[len(bad) // 2 :]])
    results = client.ndjson("/v1/customers/bulk", lines)
    assert [line["result"] for line in results].count("created") == 1 and len(results) == len(bad) + 1
    for line in results:
        assert line["result"] == "created" or line["status"] in (400, 422), line
    assert [row["name"] for row in tenants[0].admin.every("/v1/customers", q="Among the bad", limit=500)].count("Among the bad") >= 1
