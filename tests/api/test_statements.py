"""Each statement that requests and their jobs run, embedded or composed of a field table, may be run by the role that runs it."""
import json
import re
import subprocess

import psycopg
import pytest
from support.client import new_id
from support.stack import ROOT, SERVICES

WORKERS = "role SERVICE_worker"

# Composed for every table, and sent by no route: these say NO_CHANGE or NO_DELETE, and PostgreSQL would refuse it too.
NEVER_SENT = {"inventory": {"movement.change", "movement.remove", "settings.remove"}, "calls": {"settings.remove"},
              "gateway": {"tenant.remove"}}


def of_workers():
    """The statements that workers run: in their files they stand below a line that says so."""
    for path in [*ROOT.glob("libs/common/*/sql/*.sql"), *ROOT.glob("services/*/sql/*.sql")]:
        _, _, below = path.read_text().partition(WORKERS)
        yield from re.findall(r"^-- name: (\w+)$", below, re.MULTILINE)


def prepared(text):
    """Its types are PostgreSQL's to tell, as for the services; what a part of it leaves out is text (pg/run.c)."""
    used = {int(number) for number in re.findall(r"\$(\d+)", text)}
    types = ["unknown" if number in used else "text" for number in range(1, max(used, default=0) + 1)]
    if not types:
        return f"prepare one as {text}", "one"
    return f"prepare one ({', '.join(types)}) as {text}", f"one({', '.join(['null'] * len(types))})"


def refusals(connection, statements):
    """
    Name -> what PostgreSQL says against it. Preparing one finds names and types that are not there, explaining it what the
    role may not do; nothing is run.
    """
    found = {}
    connection.execute("select set_config('app.tenant', %s, false)", [new_id()])
    connection.execute("set plan_cache_mode = force_generic_plan")  # the values are no part of the question
    for name, text in statements.items():
        prepare, call = prepared(text)
        try:
            connection.execute(prepare.encode())
            connection.execute(f"explain execute {call}")
        except psycopg.Error as reason:
            found[name] = str(reason)
        connection.execute("deallocate all")
    return found


def statements_of(stack, service):
    printed = subprocess.run([stack.binary(service), "--statements"], env={}, capture_output=True, text=True, check=True).stdout
    return json.loads(printed)


@pytest.mark.parametrize("service", SERVICES)
def test_its_role_may_run_each_statement(service, stack):
    statements = statements_of(stack, service)
    workers = statements.keys() & set(of_workers())
    assert len(workers) > 5 and len(statements) > 100
    found = {}
    for role, names in ((service, statements.keys() - workers), (f"{service}_worker", workers)):
        with stack.connect(role, prepare_threshold=None) as connection:
            found |= refusals(connection, {name: statements[name] for name in sorted(names)})
    unexpected = {name: reason for name, reason in found.items() if name not in NEVER_SENT.get(service, ())}
    assert not unexpected, "\n".join(f"{name}: {reason}" for name, reason in unexpected.items())
    assert found.keys() == NEVER_SENT.get(service, set()), "what PostgreSQL takes needs no excuse"


def plan_of(stack, service, name):
    """Its lines. Tables are small here: it is what it can do, not what is cheapest."""
    prepare, call = prepared(statements_of(stack, service)[name])
    with stack.connect(service, prepare_threshold=None) as connection:
        connection.execute("select set_config('app.tenant', %s, false)", [new_id()])
        connection.execute("set plan_cache_mode = force_generic_plan")
        for cheap in ("seqscan", "hashjoin", "mergejoin"):
            connection.execute(f"set enable_{cheap} = off")
        connection.execute(prepare.encode())
        return [row["QUERY PLAN"] for row in connection.execute(f"explain execute {call}")]


@pytest.mark.parametrize(("service", "name", "condition"), [
    ("inventory", "reservation_waiting_warn", "split_from = $1"),
    ("inventory", "files_of_erased", "owner_id = "),
    ("calls", "anonymise_files", "owner_id = "),
    ("calls", "session_overlap", "started_at > "),
])
def test_it_need_not_read_what_others_have(service, name, condition, stack):
    """There is an index for it, and its conditions are such that the index can be asked."""
    plan = plan_of(stack, service, name)
    assert any("Index Cond" in line and condition in line for line in plan), "\n".join(plan)


@pytest.mark.parametrize(("service", "name", "index"), [
    ("calls", "call_suspend_timer", "call__suspended_until"),
    ("calls", "call_timer_forget", "call__suspended_until"),
    ("inventory", "reservation_timer", "reservation__expires_at"),
    ("inventory", "reservation_timer_forget", "reservation__expires_at"),
])
def test_it_does_not_look_among_all_that_are_so(service, name, index, stack):
    """A row that is asked for by its id is not sought in the index of those of its kind."""
    plan = "\n".join(plan_of(stack, service, name))
    assert index not in plan, plan
