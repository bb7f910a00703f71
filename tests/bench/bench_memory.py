"""Resident memory of gateway and calls together, just started and with 1,000 connections; of all three, just started."""
import contextlib
import resource
import socket

from figures import at_most
from stack import STACK, resident_mb, tenant_new
from support.stack import wait_for

SERVICES = ["gateway", "calls"]
ALL = [*SERVICES, "inventory"]
CONNECTIONS = 1000
WAIT_SECONDS = 60


def restart():
    """What other benches left behind is not idle."""
    for service in reversed(ALL):
        STACK.part("stop", service)
    for service in ALL:
        STACK.part("start", service)


def receive(connection):
    answer = connection.recv(65536)
    if not answer.startswith(b"HTTP/1.1 200"):
        raise RuntimeError(f"a connection was answered with {answer[:200]}")


def run():
    tenant = tenant_new()
    tenant.call()
    restart()
    wait_for("an answer", lambda: tenant.admin.get("/v1/calls?limit=1", expect=None).status_code == 200, WAIT_SECONDS)
    idle, three = resident_mb(*SERVICES), resident_mb(*ALL)
    limit = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(limit, CONNECTIONS * 2), limit))
    host, port = STACK.gateway.removeprefix("http://").split(":")
    request = f"GET /v1/calls?limit=1 HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {tenant.admin.token()}\r\n\r\n".encode()
    with contextlib.ExitStack() as open_connections:
        for _ in range(CONNECTIONS):
            connection = open_connections.enter_context(socket.create_connection((host, int(port)), WAIT_SECONDS))
            connection.sendall(request)
            receive(connection)
        busy = resident_mb(*SERVICES)
    return {"rows": [{"idle MB": idle, "1,000 connections MB": busy, "three services idle MB": three}],
            "goals": [at_most("idle MB", idle, 40), at_most("1,000 connections MB", busy, 120),
                      at_most("three services idle MB", three, 60)]}
