"""What seed and import share: a connection to the gateway that keeps alive. Python's standard library only."""
import http.client
import json
import os
import sys
import time
import urllib.parse

TIMEOUT_SECONDS = 60
TRIES = 40  # of a request that is told to come back later


class Refused(Exception):
    """The gateway's answer, when it isn't what was asked for."""

    def __init__(self, method, path, status, text):
        super().__init__(f"{method} {path}: {status} {text[:2000]}")
        self.status = status


class Api:
    def __init__(self, url, token=None):
        parts = urllib.parse.urlsplit(url)
        kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        self.connection = kind(parts.hostname, parts.port, timeout=TIMEOUT_SECONDS)
        self.token = token

    def login(self, tenant, email, password):
        self.token = None
        answer = self.request("POST", "/v1/sessions", {"tenant": tenant, "email": email, "password": password})
        self.token = answer["access_token"]

    def send(self, method, path, body, headers):
        """One exchange, again when the kept connection turns out to be gone."""
        for last in (False, True):
            try:
                self.connection.request(method, path, body, headers)
                return self.connection.getresponse()
            except (http.client.RemoteDisconnected, ConnectionResetError, BrokenPipeError):
                self.connection.close()
                if last:
                    raise

    def exchange(self, method, path, body, media, accept="application/json", version=None):
        """The answer's text; waits as long as Retry-After says when the system isn't ready for us yet, or a service
        has not heard of what another one just made."""
        headers = {"Accept": accept}
        if body is not None:
            headers["Content-Type"] = media
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        if version is not None:
            headers["If-Match"] = f'"{version}"'
        for _ in range(TRIES):
            answer = self.send(method, path, body, headers)
            text = answer.read().decode()
            if answer.status not in (429, 503) and not (answer.status == 422 and answer.headers.get("Retry-After")):
                break
            time.sleep(float(answer.headers.get("Retry-After") or 1))
        if answer.status >= 300:
            raise Refused(method, path, answer.status, text)
        return text

    def request(self, method, path, body=None, version=None):
        data = None if body is None else json.dumps(body).encode()
        text = self.exchange(method, path, data, "application/json", version=version)
        return json.loads(text) if text else None

    def find(self, path, **filters):
        """The first row that the filters leave, or None."""
        items = self.request("GET", f"{path}?{urllib.parse.urlencode(filters | {'limit': 1})}")["items"]
        return items[0] if items else None

    def ensure(self, path, keys, **fields):
        """The row with those keys, made when it isn't there. Tells whether it was made."""
        found = self.find(path, **keys)
        if found:
            return found, False
        return self.request("POST", path, keys | fields), True


def environment(name):
    """The variable, or what the file says that NAME_FILE names."""
    file = os.environ.get(f"{name}_FILE")
    if file:
        with open(file, encoding="utf-8") as stream:
            return stream.read().strip()
    if name not in os.environ:
        sys.exit(f"{name} is not set; run this by ./aftercare")
    return os.environ[name]


def run(main):
    """Runs main; what goes wrong is one line."""
    try:
        main()
    except (Refused, OSError, http.client.HTTPException) as reason:
        sys.exit(f"{os.path.basename(sys.argv[0])}: {reason}")
