"""Clients that take their time: they are cut within the limits, cost little, and nobody else notices them."""
import contextlib
import re
import select
import socket
import threading
import time

import pytest
import requests

from faults.ledger import Ledger
from support.gateway import gateway
from support.raw import connect
from support.replica import replica
from support.stack import wait_for

CLIENTS = 20  # of each kind
REQUEST_SECONDS = 6
IDLE_SECONDS = 10
LATE_SECONDS = 20  # how late a busy machine may be
KILOBYTES_EACH = 256  # of the programs as people run them: a sanitizer keeps what was freed, and a second stack
ANSWER_SECONDS = 15
CALM_SECONDS = 2
EXPORTED = 1000  # calls of 10,000 bytes: far more than the 4 MB to which Linux lets what a socket holds grow


def openings(token):
    """How each kind begins; from then on it sends a byte a second, and would never come to an end."""
    head = f"POST /v1/customers HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\nContent-Type: application/json\r\n"
    return {
        "line": b"",
        "headers": f"{head}X-Slow: ".encode(),
        "body": f"{head}Content-Length: 1000\r\n\r\n".encode(),
        "chunks": f"{head}Transfer-Encoding: chunked\r\n\r\n3e8\r\n".encode(),
    }


class Dribble(threading.Thread):
    """Clients of one address that send a byte a second each from start() on, until they are cut; when each was."""

    def __init__(self, url, token):
        super().__init__(daemon=True)
        self.began = time.monotonic()
        self.open = {}
        self.cut = []
        for kind, opening in openings(token).items():
            for _ in range(CLIENTS):
                client = connect(url)
                client.sendall(opening)
                self.open[client] = kind

    def run(self):
        while self.open:
            time.sleep(1)
            ended = select.select(list(self.open), [], [], 0)[0]
            for client in list(self.open):
                with contextlib.suppress(OSError):
                    client.sendall(b"x")
                if client in ended:
                    self.cut.append((self.open.pop(client), time.monotonic() - self.began))
                    client.close()


def never_read(url, token):
    """Asks for all calls, and reads nothing of them once they begin to come."""
    while True:
        client = ask_for_all(url, token)
        if client.recv(12, socket.MSG_PEEK).endswith(b"200"):
            return client
        client.close()  # too busy just now: a machine with few cores


def ask_for_all(url, token):
    client = socket.socket()
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    client.settimeout(60)
    host, port = url.removeprefix("http://").split(":")
    client.connect((host, int(port)))
    client.sendall(
        f"GET /v1/calls?limit=500 HTTP/1.1\r\nHost: x\r\nAccept: application/x-ndjson\r\nAuthorization: Bearer {token}\r\n\r\n".encode()
    )
    return client


def rest_of(client):
    received = b""
    with contextlib.suppress(OSError):
        while piece := client.recv(65536):
            received += piece
    client.close()
    return received


@pytest.fixture(scope="module")
def exported(tenants):
    """A tenant with a long list."""
    tenant = tenants[2]
    customer = tenant.customer()["id"]
    line = {"customer_id": customer, "subject": "Long", "description": "x" * 10_000}
    for start in range(0, EXPORTED, 100):
        results = tenant.admin.ndjson("/v1/calls/bulk", [line | {"external_ref": f"long:{start + n}"} for n in range(100)])
        assert {result["result"] for result in results} == {"created"}, results[0]
    return tenant


def connections(running):
    text = requests.get(f"{running.internal}/metrics", timeout=30).text
    return int(re.search(r"^aftercare_connections (\d+)", text, re.MULTILINE)[1])


def test_slow_clients(stack, tenants, exported, events, seed):
    limits = {"REQUEST_SECONDS": REQUEST_SECONDS, "IDLE_SECONDS": IDLE_SECONDS}
    with replica(stack, "calls", **limits) as service, gateway(stack, UPSTREAM_CALLS=service.url, **limits) as door:
        attacked = (door, service)
        assert requests.get(f"{door.url}/v1/calls", headers={"Authorization": f"Bearer {exported.admin.token()}"}, timeout=30).ok
        memory = {running: running.memory() for running in attacked}
        unread = [never_read(running.url, exported.admin.token()) for running in attacked for _ in range(CLIENTS)]
        silent = [connect(running.url) for running in attacked for _ in range(CLIENTS)]
        dribbles = [Dribble(running.url, exported.admin.token()) for running in attacked]
        used = {running: running.processor_seconds() for running in attacked}
        time.sleep(CALM_SECONDS)
        for running in attacked:
            assert running.processor_seconds() - used[running] < CALM_SECONDS / 2, "it works though nobody asks for anything"
            grown = running.memory() - memory[running]
            print(f"{running.binary}: {grown // 1024} KiB more")
            assert stack.sanitized or grown < 6 * CLIENTS * KILOBYTES_EACH * 1024
        with Ledger(stack, tenants[:2], f"{seed}-slow", base=door.url) as ledger:
            for dribble in dribbles:
                dribble.start()
            for dribble in dribbles:
                dribble.join(REQUEST_SECONDS + LATE_SECONDS)
                assert not dribble.open, f"not cut: {set(dribble.open.values())}"
        for running in attacked:
            wait_for("the others to be cut", lambda running=running: connections(running) < CLIENTS, IDLE_SECONDS + LATE_SECONDS, 0.5)
        for dribble in dribbles:
            assert len(dribble.cut) == 4 * CLIENTS
            # "line" begins with its first byte, a second later than the others.
            assert min(seconds for _, seconds in dribble.cut) >= REQUEST_SECONDS, min(dribble.cut)
        assert [rest_of(client) for client in silent] == [b""] * len(silent)
        for client in unread:
            received = rest_of(client)
            assert received.startswith(b"HTTP/1.1 200 ") and not received.endswith(b"0\r\n\r\n"), received[-100:]
    assert set(ledger.answers) == {200, 201}, ledger.answers
    assert ledger.slowest < ANSWER_SECONDS
    ledger.check(events)
