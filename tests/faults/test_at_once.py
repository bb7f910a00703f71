"""Several clients at one aggregate, through two replicas: no change is lost, and all of them agree on the order."""
import threading
import time

import psycopg
import pytest

from faults.ledger import Ledger
from support.client import Client, told
from support.gateway import gateway
from support.goods import move
from support.replica import replica
from support.stack import LONG, wait_for

CLIENTS = 4
TIMES = 100 if LONG else 10
ROUNDS = 5
HELD_SECONDS = 0.4  # less than a service waits for a lock


@pytest.fixture(scope="module")
def door(stack):
    """A gateway in front of two replicas."""
    with replica(stack, "calls") as second:
        with gateway(stack, UPSTREAM_CALLS=f"{stack.address('calls')},{second.url}") as running:
            yield running


@pytest.fixture
def at_once(door, tenants):
    """Runs work(client, number) in threads of their own, beginning together; what they return."""

    def run(*works):
        token = tenants[0].admin.token()
        barrier = threading.Barrier(len(works))
        results = [None] * len(works)

        def begin(number):
            client = Client(door.url, lambda: token)
            barrier.wait()
            results[number] = works[number](client)

        threads = [threading.Thread(target=begin, args=[number]) for number in range(len(works))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return results

    return run


def insist(ask):
    """The answer to a request that may have met a lock held too long."""
    while True:
        answer = ask()
        if answer.status_code != 503:
            return answer


def test_no_change_is_lost(tenants, events, at_once):
    """Everybody counts up what he read, with If-Match."""
    row = tenants[0].customer(notes="0")
    path = f"/v1/customers/{row['id']}"

    def count(client):
        done = stale = 0
        while done < TIMES:
            read = insist(lambda: client.get(path, expect=None)).json()
            body = {"notes": str(int(read["notes"]) + 1)}
            answer = insist(lambda read=read, body=body: client.patch(path, body, read["version"], expect=None))
            assert answer.status_code in (200, 412), told(answer)
            done += answer.status_code == 200
            stale += answer.status_code == 412
        return stale

    stale = at_once(*[count] * CLIENTS)
    assert sum(stale) > 0, "they never met"
    read = tenants[0].admin.get(path).json()
    total = CLIENTS * TIMES
    assert (read["notes"], read["version"]) == (str(total), 1 + total)
    found = events.wait(row["id"], 1 + total, 60)
    assert [(event.revision, event.data["notes"]) for event in found] == [(n + 1, str(n)) for n in range(1 + total)]


def test_one_of_many_acts(tenants, events, at_once):
    """An action that ends a state is done by one; the others hear that it isn't possible any more."""
    for action, body, name in (("resolve", {"resolution": "x"}, "call.resolved"), ("close", {}, "call.closed"),
                               ("reopen", {"reason": "x"}, "call.reopened")):
        call = tenants[0].call()
        if action != "resolve":
            tenants[0].admin.act(f"/v1/calls/{call['id']}", "resolve", {"resolution": "x"})
        path = f"/v1/calls/{call['id']}/actions/{action}"
        answers = at_once(*[lambda client, path=path, body=body: insist(lambda: client.post(path, body, expect=None))] * 8)
        assert sorted(answer.status_code for answer in answers) == [200] + [409] * 7, action
        count = 2 if action == "resolve" else 3
        assert [event.name for event in events.wait(call["id"], count)].count(name) == 1


def test_a_change_and_a_removal(tenants, events, at_once):
    """Of two that read the same version, one wins."""
    won = set()
    for _ in range(10):
        charge = tenants[0].charge()
        path = f"/v1/charges/{charge['id']}"
        changed, removed = at_once(
            lambda client, path=path: insist(lambda: client.patch(path, {"quantity": "2"}, 1, expect=None)),
            lambda client, path=path: insist(lambda: client.delete(path, 1, expect=None)),
        )
        statuses = changed.status_code, removed.status_code
        assert statuses in ((200, 412), (404, 204), (412, 204)), statuses
        last = "charge.changed" if statuses[0] == 200 else "charge.removed"
        assert [event.name for event in events.wait(charge["id"], 2)] == ["charge.added", last]
        won.add(last)
    print(won)


def test_parts_of_one_call(stack, tenants, events, seed, door):
    """Activities, charges and actions of four on the same few calls: revisions have no gaps, events come in their order."""
    with Ledger(stack, tenants[:1], f"{seed}-at-once", CLIENTS, base=door.url) as ledger:
        threading.Event().wait(20 if LONG else 3)
    assert set(ledger.answers) <= {200, 201, 503}, ledger.answers
    ledger.check(events)


def test_an_action_that_waited_comes_behind(stack, tenants):
    """Its transaction began before the action that it waited for was done: that is no fault of who asked."""
    sql = "select act('call', 'open', %s, 'start', 'open', '{}', jsonb_build_object('at', %s::text), null)"
    with stack.connect("calls") as database, database.transaction(force_rollback=True):
        database.execute("select set_config('app.tenant', %s, true)", [tenants[0].id])
        began = database.execute("select base.ts(base.clock()) as at, pg_sleep(0.05)").fetchone()["at"]
        done = database.execute("select base.ts(base.moment()) as at").fetchone()["at"]
        database.execute(sql, [done, None])
        happened = database.execute("select base.ts(current_setting('app.happened')::timestamptz) as at").fetchone()["at"]
        assert began < done == happened
        with pytest.raises(psycopg.Error, match="must not be before the previous transition"):
            database.execute(sql, [done, began])


def test_a_promise_to_what_is_cancelled_meanwhile(stack, tenants):
    """What is made while inventory learns of the end is free again, as what was made before."""
    tenant = tenants[0]
    article, place = tenant.article(), tenant.warehouse()
    move(tenant.admin, "receipt", article, place, ROUNDS)
    token = tenant.admin.token()
    made = []
    while len(made) < ROUNDS:
        visit, answers = tenant.known_activity(), []
        body = {"article_id": article["id"], "warehouse_id": place["id"], "quantity": "1", "activity_id": visit["id"]}
        thread = threading.Thread(target=lambda: answers.append(
            Client(stack.gateway, lambda: token).post("/v1/reservations", body, None)))  # noqa: B023 - joined in its round
        with stack.connect() as holder, stack.connect() as database:
            holder.execute("begin")
            holder.execute("lock table inventory_data.reservation in share mode")  # it is checked, and not written yet
            thread.start()
            wait_for("its insert", lambda: waits_for_lock(database) or answers, 30, 0.01)
            tenant.admin.act(f"/v1/activities/{visit['id']}", "cancel", {"reason": "race"})
            time.sleep(HELD_SECONDS)  # in which inventory learns of it, if nothing holds that up
            holder.execute("commit")
        thread.join()
        if answers[0].status_code == 201:  # else the lock was held for too long, and nothing was made
            made.append(answers[0].json()["id"])
    wait_for("the end of all", lambda: {tenant.admin.get(f"/v1/reservations/{row}").json()["status"] for row in made} == {"released"}, 60, 0.5)


def waits_for_lock(database):
    sql = "select 1 from pg_locks where relation = 'inventory_data.reservation'::regclass and not granted"
    return database.execute(sql).fetchone()
