"""An HTTP client that speaks for one account, and says what it got when that isn't what was expected."""
import json
import time
import uuid

import requests

TIMEOUT = 30
TOKEN_SECONDS = 300  # log in again before the token's 900 s are over


def new_id():
    """A UUIDv7 as an off-line client makes it (RFC 9562 section 5.7)."""
    stamp = time.time_ns() // 1_000_000
    random = uuid.uuid4().int
    value = (stamp << 80) | (0x7 << 76) | ((random >> 64 & 0xFFF) << 64) | (0b10 << 62) | (random & (2**62 - 1))
    return str(uuid.UUID(int=value))


def told(answer):
    return f"{answer.request.method} {answer.request.url} -> {answer.status_code} {answer.text[:2000]}"


class Client:
    """`login` returns a token; without it, requests go out without one."""

    def __init__(self, base, login=None, name="anonymous"):
        self.base = base
        self.login = login
        self.name = name
        self.session = requests.Session()
        self.session.headers["Accept-Encoding"] = "identity"
        self.got_at = None
        self.bearer = None

    def __repr__(self):
        return f"<{self.name}>"

    def token(self):
        if self.login and (self.got_at is None or time.monotonic() - self.got_at > TOKEN_SECONDS):
            self.bearer = self.login()
            self.got_at = time.monotonic()
        return self.bearer

    def at(self, base):
        """The same account at another address, such as a service's own."""
        return Client(base, self.token, self.name)

    def request(self, method, path, expect=None, headers=None, **options):
        headers = dict(headers or {})
        token = self.token()
        if token and "Authorization" not in headers:
            headers["Authorization"] = f"Bearer {token}"
        options.setdefault("timeout", TIMEOUT)
        answer = self.session.request(method, self.base + path, headers=headers, **options)
        if expect is not None:
            assert answer.status_code == expect, told(answer)
        return answer

    def get(self, path, expect=200, **options):
        return self.request("GET", path, expect, **options)

    def post(self, path, body=None, expect=201, key=None, headers=None, **options):
        headers = dict(headers or {})
        if key:
            headers["Idempotency-Key"] = key
        return self.request("POST", path, expect, headers=headers, json={} if body is None else body, **options)

    def act(self, path, action, body=None, expect=200, **options):
        """POST path/actions/action."""
        return self.post(f"{path}/actions/{action}", body, expect, **options)

    def patch(self, path, body, version=None, expect=200, headers=None, **options):
        """version: a number, "*", or None for no If-Match."""
        return self.request("PATCH", path, expect, headers=matching(version, headers), json=body, **options)

    def delete(self, path, version=None, expect=204, headers=None, **options):
        return self.request("DELETE", path, expect, headers=matching(version, headers), **options)

    def list(self, path, **parameters):
        """The items of one page."""
        return self.get(path, params=parameters).json()["items"]

    def every(self, path, **parameters):
        """The items of all pages, following Link."""
        answer = self.get(path, params=parameters)
        items = answer.json()["items"]
        while "next" in answer.links:
            url = answer.links["next"]["url"]
            answer = self.get(url.removeprefix(self.base))
            items += answer.json()["items"]
        return items

    def ndjson(self, path, lines, expect=200):
        """POST lines (objects, or bytes as they are); the results, one a line."""
        body = lines if isinstance(lines, bytes) else b"".join(json.dumps(line).encode() + b"\n" for line in lines)
        answer = self.request("POST", path, expect, headers={"Content-Type": "application/x-ndjson"}, data=body)
        return [json.loads(line) for line in answer.text.splitlines()] if answer.status_code == 200 else answer


def matching(version, headers):
    headers = dict(headers or {})
    if version is not None:
        headers["If-Match"] = "*" if version == "*" else f'"{version}"'
    return headers


def problem(answer, status, code=None):
    """Checks that the answer is a problem (RFC 9457) of that status, and returns it."""
    assert answer.status_code == status, told(answer)
    assert answer.headers["Content-Type"].split(";")[0] == "application/problem+json", told(answer)
    body = answer.json()
    assert body["status"] == status, told(answer)
    assert body["title"] and body["detail"] and body["type"].startswith("https://"), told(answer)
    assert body["instance"] == answer.request.path_url.split("?")[0], told(answer)
    assert body["request_id"] == answer.headers["X-Request-ID"], told(answer)
    if code:
        assert body["type"].rsplit("/", 1)[1] == code, told(answer)
    return body


def faults(answer, status=422):
    """The faults of a refused body, pointer -> code."""
    return {item.get("pointer", item.get("parameter")): item["code"] for item in problem(answer, status)["errors"]}
