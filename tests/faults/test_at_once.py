"""Several clients at one aggregate, through two replicas: no change is lost, and all of them agree on the order."""
import contextlib
import functools
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest

from faults.ledger import Ledger
from support.at_once import at_once, insist
from support.client import told
from support.gateway import gateway
from support.goods import move, reserve
from support.replica import replica
from support.stack import LONG, wait_for

CLIENTS = 4
TIMES = 100 if LONG else 10
LOCK_SECONDS = 0.8  # lock_timeout


@pytest.fixture(scope="module")
def second(stack):
    """Another replica."""
    with replica(stack, "calls") as running:
        yield running


@pytest.fixture(scope="module")
def door(stack, second):
    """A gateway in front of both."""
    with gateway(stack, UPSTREAM_CALLS=f"{stack.address('calls')},{second.url}") as running:
        yield running


@pytest.fixture
def clients(door, tenants):
    """So many of one account, each with connections of its own."""
    return lambda count: [tenants[0].admin.at(door.url) for _ in range(count)]


def test_no_change_is_lost(tenants, events, clients):
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

    stale = at_once(count, clients(CLIENTS))
    assert sum(stale) > 0, "they never met"
    read = tenants[0].admin.get(path).json()
    total = CLIENTS * TIMES
    assert (read["notes"], read["version"]) == (str(total), 1 + total)
    found = events.wait(row["id"], 1 + total, 60)
    assert [(event.revision, event.data["notes"]) for event in found] == [(n + 1, str(n)) for n in range(1 + total)]


def test_one_of_many_acts(tenants, events, clients):
    """An action that ends a state is done by one; the others hear that it isn't possible any more."""
    for action, body, name in (("resolve", {"resolution": "x"}, "call.resolved"), ("close", {}, "call.closed"),
                               ("reopen", {"reason": "x"}, "call.reopened")):
        call = tenants[0].call()
        if action != "resolve":
            tenants[0].admin.act(f"/v1/calls/{call['id']}", "resolve", {"resolution": "x"})
        path = f"/v1/calls/{call['id']}/actions/{action}"
        asks = [functools.partial(client.post, path, body, expect=None) for client in clients(8)]
        answers = at_once(insist, asks)
        assert sorted(answer.status_code for answer in answers) == [200] + [409] * 7, action
        count = 2 if action == "resolve" else 3
        assert [event.name for event in events.wait(call["id"], count)].count(name) == 1


def test_a_change_and_a_removal(tenants, events, clients):
    """Of two that read the same version, one wins."""
    won = set()
    for _ in range(10):
        charge = tenants[0].charge()
        path = f"/v1/charges/{charge['id']}"
        one, other = clients(2)
        changed, removed = at_once(insist, [functools.partial(one.patch, path, {"quantity": "2"}, 1, expect=None),
                                            functools.partial(other.delete, path, 1, expect=None)])
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
    """It has looked at what it is for, and is not made yet, when inventory learns of the end: it is free again. Of an
    activity without a call, for a call tells of what is promised to it, and inventory looks at its promises then."""
    tenant = tenants[0]
    article, place, customer = tenant.article(), tenant.warehouse(), tenant.customer()
    move(tenant.admin, "receipt", article, place, 1)
    client = tenant.admin.at(stack.gateway)

    def promise():
        visit = tenant.copied(tenant.activity(customer_id=customer["id"]), "activity")
        row = f"select status from inventory_data.activity where id = '{visit['id']}'"
        with ThreadPoolExecutor() as pool, stack.connect() as database:
            with held(stack, "lock table inventory_data.reservation in share mode") as writing:
                with held(stack, f"{row} for no key update") as learning:
                    tenant.admin.act(f"/v1/activities/{visit['id']}", "cancel", {"reason": "race"})
                    wait_for("the inbox", lambda: waiting(database, [learning]), 60, 0.01)
                    making = pool.submit(reserve, client, article, place, 1, visit, None)
                    wait_for("the insert", lambda: making.done() or waiting(database, [writing]), 60, 0.01)
                wait_for("the inbox to know of the end, or to wait for the promise", lambda: making.done() or waiting(
                    database, waiting(database, [writing])) or database.execute(row).fetchone()["status"] == "cancelled", 60, 0.01)
            return making.result()

    path = f"/v1/reservations/{insist(promise).json()['id']}"
    wait_for("its release", lambda: tenant.admin.get(path).json()["status"] == "released", 60, 0.1)


def test_kits_of_the_same_components(stack, tenants):
    """Two issue kits in one request each, the one of what the other issues last first: neither holds what the other waits for."""
    tenant = tenants[0]
    store, kits = tenant.warehouse(), [tenant.article(kind="kit", stocked=False) for _ in range(4)]
    early, late = tenant.article(), tenant.article()
    for kit, component in zip(kits, (late, early, early, late), strict=True):
        tenant.make(f"/v1/articles/{kit['id']}/components", {"component_id": component["id"], "quantity": "1"})
    for article in (early, late):
        move(tenant.admin, "receipt", article, store, 20)

    def issue(client, some):
        lines = [{"kind": "issue", "article_id": kit["id"], "warehouse_id": store["id"], "quantity": "1"} for kit in some]
        return client.ndjson("/v1/movements/bulk", lines)

    row = f"select from inventory_data.article where id = '{late['id']}' for no key update"
    clients = [tenant.admin.at(stack.gateway) for _ in range(2)]
    nobody_waits_for_another(stack, row, lambda _: [functools.partial(issue, client, some) for client, some in zip(
        clients, (kits[:2], kits[2:]), strict=True)], ["created", "created"])


@pytest.mark.parametrize("first", ["changed", "created"])
def test_changes_of_parts_of_the_same_roots(stack, second, tenants, first):
    """Two bulks write parts of the same two roots in opposite orders: of one replica each, for within one they take turns."""
    tenant = tenants[0]
    early, late = sorted((tenant.customer() for _ in range(2)), key=lambda row: row["id"])
    orders = [[tenant.site(customer) for customer in some] for some in ((late, early), (early, late))]

    def write(client, sites, says):
        named = [{"customer_id": sites[0]["customer_id"]} if first == "created" else {"id": sites[0]["id"]}, {"id": sites[1]["id"]}]
        return client.ndjson("/v1/sites/bulk", [line | {"name": says} for line in named])

    row = f"select from calls_data.customer where id = '{late['id']}' for no key update"
    with gateway(stack, UPSTREAM_CALLS=second.url) as other:
        clients = [tenant.admin.at(base) for base in (stack.gateway, other.url)]
        nobody_waits_for_another(stack, row, lambda says: [functools.partial(write, client, sites, says) for client, sites in zip(
            clients, orders, strict=True)], [first, "changed"])


def nobody_waits_for_another(stack, row, asks, results):
    """Two requests, asks(text), that take what the statement takes, and more: the first behind it, if it keeps no order."""

    def race(text):
        with ThreadPoolExecutor() as pool, stack.connect() as database:
            with held(stack, row) as holder:
                asked = []
                for ask in asks(text):
                    asked.append(pool.submit(ask))
                    wait_for("its turn", lambda asked=asked: asked[-1].done() or len(
                        {*waiting(database, [holder]), *waiting(database, waiting(database, [holder]))}) == len(asked), 60, 0.01)
            began = time.monotonic()
            for one in asked:
                assert [line["result"] for line in one.result()] == results, one.result()
            return time.monotonic() - began

    # Whoever waits in vain does so for LOCK_SECONDS, and asks again. More than once, for others may keep the machine busy.
    assert min(race(f"The {number}th") for number in range(3)) < LOCK_SECONDS / 2, "they waited for each other"


def test_returns_are_taken_in_one_order(stack, tenants):
    """By what a call or a charge says anew as by documents: the younger first."""
    tenant = tenants[0]
    customer, site = tenant.place()
    at = {"customer_id": customer["id"], "site_id": site["id"], "installed_on": "2026-01-01"}
    machines = [tenant.copied(tenant.asset(**at), "asset", "calls") for _ in range(2)]
    call = tenant.copied(tenant.call(customer, assets=[{"asset_id": machine["id"]} for machine in machines]), "call")
    older, younger = (tenant.make("/v1/rmas/from-call", {
        "call_id": call["id"], "kind": "customer_repair", "asset_ids": [machine["id"]]}) for machine in machines)
    row = "select from inventory_data.rma where id = '{}' for no key update"

    def take():
        with stack.connect("inventory") as database, database.transaction(force_rollback=True):
            database.execute("select set_config('app.tenant', %s, true)", [tenant.id])
            database.execute("select sources_lock(%s)", [call["id"]])

    with ThreadPoolExecutor() as pool, stack.connect() as database:
        with held(stack, row.format(older["id"])) as holder:
            taking = pool.submit(take)
            wait_for("the older return", lambda: taking.done() or waiting(database, [holder]), 60, 0.01)
            with pytest.raises(psycopg.errors.LockNotAvailable):
                database.execute(row.format(younger["id"]) + " nowait")
        taking.result()


@contextlib.contextmanager
def held(stack, sql):
    """While it is open, a transaction holds the locks of the statement; gives its backend."""
    with stack.connect() as database, database.transaction():
        database.execute(sql)
        yield database.info.backend_pid


def waiting(database, holders):
    """The backends that wait for a lock of one of these."""
    rows = database.execute("select pid from pg_stat_activity where pg_blocking_pids(pid) && %s::int[]", [holders])
    return [row["pid"] for row in rows]
