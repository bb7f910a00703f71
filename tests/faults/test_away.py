"""What the services stand on goes away and comes back: nobody hangs, nothing is lost, nobody has to be restarted."""
import os
import pathlib
import re
import signal
import time

import pytest
import requests

from faults.ledger import Ledger
from support.client import Client, problem, told
from support.stack import LONG, wait_for

KAFKA_SECONDS = 60 if LONG else 12
ANSWER_SECONDS = 15  # the longest wait for an answer, on a machine that is busy with other things too
FROZEN_SECONDS = 30  # PG_DEADLINE_MS, and as long again for that


def figure(stack, service, name):
    """A metric's value."""
    text = requests.get(f"{stack.internal(service)}/metrics", timeout=10).text
    return float(re.search(rf"^{name} (\S+)$", text, re.MULTILINE)[1])


def test_kafka_is_away(stack, tenants, events, seed):
    """The API doesn't notice; changes wait in the log, and are told in order afterwards."""
    with Ledger(stack, tenants, f"{seed}-kafka") as ledger:
        time.sleep(1)
        stack.kill("kafka")
        time.sleep(KAFKA_SECONDS)
        wait_for("the figure of what waits", lambda: figure(stack, "calls", "aftercare_relay_waiting") > 0)
        assert figure(stack, "calls", "aftercare_relay_age_seconds") > 1
        for service in stack.services:
            assert requests.get(f"{stack.internal(service)}/readyz", timeout=10).status_code == 200
        stack.start("kafka")
    assert set(ledger.answers) == {200, 201}, ledger.answers
    assert ledger.slowest < ANSWER_SECONDS
    ledger.check(events)
    assert figure(stack, "calls", "aftercare_relay_waiting") == 0


def children(pid):
    """The processes that one has started."""
    for stat in pathlib.Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rsplit(")", 1)[1].split()
        except OSError:
            continue  # it ended meanwhile
        if int(fields[1]) == pid:
            yield int(stat.parent.name)


def freeze(stack, number):
    """All of PostgreSQL stops or goes on; the postmaster first, so that it starts nothing meanwhile."""
    main = stack.pid("postgres")
    os.kill(main, number)
    for pid in children(main):
        os.kill(pid, number)


# How PostgreSQL goes, and comes back.
WAYS = {
    "immediate": (lambda stack: stack.kill("postgres"), lambda stack: stack.start("postgres")),
    "fast": (lambda stack: stack.part("stop", "postgres"), lambda stack: stack.start("postgres")),
}
if LONG:
    WAYS["frozen"] = (lambda stack: freeze(stack, signal.SIGSTOP), lambda stack: freeze(stack, signal.SIGCONT))


def unavailable(ask):
    """It is said at once that it may be tried again."""
    began = time.monotonic()
    answer = ask()
    assert time.monotonic() - began < ANSWER_SECONDS, told(answer)
    problem(answer, 503)
    assert answer.headers["Retry-After"] == "1"


@pytest.mark.parametrize("way", WAYS)
def test_postgresql_is_away(stack, tenants, events, seed, way):
    go, come_back = WAYS[way]
    pids = {service: stack.pid(service) for service in stack.services}
    *written, asking = tenants
    admin = asking.admin
    direct = admin.at(stack.address("calls"))
    login = {"tenant": asking.code, "email": f"admin@{asking.code}.test", "password": "a guess"}
    asked = [
        lambda: admin.get("/v1/customers", expect=None),
        lambda: admin.post("/v1/customers", {"kind": "prospect", "name": "Nobody"}, expect=None),
        lambda: direct.get("/v1/customers", expect=None),
        lambda: admin.get("/v1/accounts", expect=None),
        lambda: Client(stack.gateway).post("/v1/sessions", login, expect=None),
    ]
    with Ledger(stack, written, f"{seed}-{way}") as ledger:
        time.sleep(1)
        go(stack)
        if way != "frozen":
            for ask in asked:
                unavailable(ask)
        for service in stack.services:
            assert requests.get(f"{stack.internal(service)}/readyz", timeout=FROZEN_SECONDS).status_code == 503
            assert requests.get(f"{stack.internal(service)}/healthz", timeout=10).status_code == 200
        come_back(stack)
        for service in stack.services:
            wait_for(f"{service} at work again", lambda: requests.get(f"{stack.internal(service)}/readyz", timeout=10).ok, 30)
        for ask in asked:
            wait_for("an answer", lambda: ask().status_code in (200, 201, 401), 30, 0.2)
    assert set(ledger.answers) == {200, 201, 503}, ledger.answers
    assert ledger.slowest < (FROZEN_SECONDS if way == "frozen" else ANSWER_SECONDS)
    assert {service: stack.pid(service) for service in stack.services} == pids, "none was restarted"
    ledger.check(events)
