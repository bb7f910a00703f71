"""SIGTERM under load: who is on the way arrives, and nobody hears of it where there is another replica."""
import contextlib
import itertools
import shutil
import socket
import subprocess
import threading
import time

import requests

from faults.ledger import Ledger
from support.client import Client
from support.gateway import gateway
from support.replica import Replica
from support.stack import LONG, wait_for

ROUNDS = 10 if LONG else 1
DRAIN_MS = 1500  # so long that also a loaded machine hears of it in time


@contextlib.contextmanager
def replicas(stack, service, count=2, **options):
    running = [Replica(stack, service, **{"DRAIN_MS": DRAIN_MS, **options}) for _ in range(count)]
    try:
        yield [replica.start() for replica in running]
    finally:
        for replica in running:
            if replica.process and replica.process.poll() is None:
                replica.terminate()


def restart_in_turn(running):
    for replica in running * ROUNDS:
        time.sleep(0.5)
        replica.terminate()
        replica.start()


def test_metrics_end_before_what_they_are_read_of(stack):
    """Server, relay and inbox end one after the other: who scrapes meanwhile must not look at one that is gone."""
    with replicas(stack, "calls", count=1, DRAIN_MS=8000) as [calls]:
        metrics = f"{calls.internal}/metrics"
        assert "aftercare_relay_waiting" in requests.get(metrics, timeout=10).text
        calls.process.terminate()
        wait_for("the end to be told", lambda: requests.get(f"{calls.internal}/readyz", timeout=10).status_code == 503)
        answer = requests.get(metrics, timeout=10)
        assert answer.status_code == 503 and answer.headers["Retry-After"], answer.text
        assert calls.process.wait(60) == 0


def test_a_service_is_restarted_replica_by_replica(stack, tenants, events, seed):
    """The gateway hides it: what one replica doesn't take any more goes to the other."""
    with replicas(stack, "calls") as running:
        with gateway(stack, UPSTREAM_CALLS=",".join(replica.url for replica in running)) as door:
            with Ledger(stack, tenants, f"{seed}-calls", base=door.url) as ledger:
                restart_in_turn(running)
    assert set(ledger.answers) == {200, 201}, ledger.answers
    ledger.check(events)


class Balancer:
    """What stands in front of gateways: brings each connection to one that says it is ready."""

    def __init__(self, gateways):
        self.gateways = gateways
        self.ready = list(gateways)
        self.turn = itertools.count()
        self.listening = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.listening.getsockname()[1]}"
        self.stopping = threading.Event()
        for work in (self.ask, self.accept):
            threading.Thread(target=work, daemon=True).start()

    def ask(self):
        while not self.stopping.wait(0.05):
            self.ready = [gateway for gateway in self.gateways if self.says_ready(gateway)]

    def says_ready(self, gateway):
        try:
            return requests.get(f"{gateway.internal}/readyz", timeout=2).status_code == 200
        except requests.RequestException:
            return False

    def accept(self):
        with contextlib.suppress(OSError):
            while True:
                client, _ = self.listening.accept()
                ready = self.ready
                gateway = ready[next(self.turn) % len(ready)]
                server = socket.create_connection(("127.0.0.1", int(gateway.url.rsplit(":", 1)[1])))
                for pair in ((client, server), (server, client)):
                    threading.Thread(target=self.pass_on, args=pair, daemon=True).start()

    def pass_on(self, source, target):
        with contextlib.suppress(OSError):
            while piece := source.recv(65536):
                target.sendall(piece)
        with contextlib.suppress(OSError):
            target.shutdown(socket.SHUT_WR)

    def stop(self):
        self.stopping.set()
        self.listening.close()


def test_gateways_are_restarted_in_turn(stack, tenants, events, seed):
    """Behind whatever asks them whether they are ready."""
    with replicas(stack, "gateway") as running:
        balancer = Balancer(running)
        with Ledger(stack, tenants, f"{seed}-gateway", base=balancer.url) as ledger:
            restart_in_turn(running)
        balancer.stop()
    assert set(ledger.answers) == {200, 201}, ledger.answers
    ledger.check(events)


class Caller(threading.Thread):
    """Asks again and again, each time on a connection of its own."""

    def __init__(self, url, token):
        super().__init__(daemon=True)
        host, port = url.removeprefix("http://").split(":")
        self.address = host, int(port)
        self.request = (
            f"GET /v1/customers HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {token}\r\nConnection: close\r\n\r\n"
        ).encode()
        self.refused_at = None
        self.answers = []

    def run(self):
        while self.refused_at is None:
            try:
                connection = socket.create_connection(self.address, 30)
            except ConnectionRefusedError:
                self.refused_at = time.monotonic()
                return
            with connection:
                self.answers.append(self.ask(connection))

    def ask(self, connection):
        """The status line, or what broke."""
        received = b""
        try:
            connection.sendall(self.request)
            while piece := connection.recv(65536):
                received += piece
        except OSError as reason:
            return f"{type(reason).__name__} after {received[:50]}"
        head, _, body = received.partition(b"\r\n\r\n")
        return head.split(b"\r\n")[0].decode() if body.endswith(b"}") else f"cut: {received[:200]} … {received[-50:]}"


def test_what_is_accepted_is_answered(stack, tenants):
    """A single replica: /readyz fails first; until the last connection that it takes, all are answered."""
    token = tenants[0].admin.token()
    for service in ("gateway", "calls"):
        running = Replica(stack, service, DRAIN_MS=500).start()
        callers = [Caller(running.url, token) for _ in range(6)]
        for caller in callers:
            caller.start()
        wait_for("answers", lambda: all(len(caller.answers) > 5 for caller in callers), 30)
        running.process.terminate()
        wait_for("/readyz to fail", lambda: not running.ready(), 10, 0.01)
        unready_at = time.monotonic()
        for caller in callers:
            caller.join(60)
        assert running.process.wait(60) == 0
        for caller in callers:
            assert set(caller.answers) == {"HTTP/1.1 200 OK"}, caller.answers
            assert caller.refused_at > unready_at


def test_a_long_request_is_waited_for(stack, tenants):
    """SIGTERM in the middle of a bulk import: its lines land, and it is told so."""
    running = Replica(stack, "calls", DRAIN_MS=0).start()
    client = Client(running.url, tenants[0].admin.token)
    lines = [{"kind": "prospect", "name": f"Restarted {number}", "external_ref": f"restart:{number}"} for number in range(400)]
    told = []
    thread = threading.Thread(target=lambda: told.extend(client.ndjson("/v1/customers/bulk", lines)))
    thread.start()
    wait_for("its first lines", lambda: tenants[0].admin.list("/v1/customers", external_ref="restart:0"), 30)
    running.terminate()
    thread.join(60)
    assert [line["result"] for line in told] == ["created"] * len(lines)
    assert len(tenants[0].admin.every("/v1/customers", **{"external_ref[prefix]": "restart:", "limit": 500})) == len(lines)


def test_identity_survives_the_end_of_the_gateway(stack, tenants):
    """What was revoked is so from the first answer on; other tokens are as good as before."""
    client = tenants[0].account("operator")
    revoked, good = client.token(), tenants[0].admin.token()
    answer = requests.post(f"{stack.gateway}/oauth/revoke", data={"token": revoked}, timeout=30)
    assert answer.status_code == 200, answer.text
    stack.kill("gateway")
    stack.start("gateway")
    for token, status in ((revoked, 401), (good, 200)):
        asking = Client(stack.gateway, lambda token=token: token)
        asking.get("/v1/customers", status)
        asking.get("/v1/me", status)


def test_a_service_without_what_lies_beside_it_does_not_start(stack, tmp_path):
    """It would else take requests until the first phone number."""
    alone = shutil.copy(stack.binary("calls"), tmp_path / "calls")
    ended = subprocess.run([alone], env=stack.environment("calls") | {"AFTERCARE_LISTEN": "127.0.0.1:0"}, capture_output=True,
                           text=True, timeout=60)
    assert ended.returncode == 1
    assert "aftercare-phone.so does not lie beside the program" in ended.stdout + ended.stderr
