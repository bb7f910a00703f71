"""The script beside a running system, and in the middle of starting one."""
import json
import os
import re
import signal
import time

import pytest
from confluent_kafka.admin import AdminClient

from support.demo import Demo
from support.stack import wait_for


def on_stack(script, stack, command, *arguments, **options):
    return script.run(command, "--data", str(stack.state), *arguments, **options)


def test_status_tells_programs_where_everything_is(script, stack):
    status = json.loads(on_stack(script, stack, "status", "--json"))
    assert status["gateway"] == stack.gateway
    assert status["kafka"] == stack.kafka
    assert {"host", "port"} <= status["postgres"].keys()
    assert status["ready"] is True
    assert "gateway" in [service["name"] for service in status["services"]]
    for service in status["services"]:
        assert {"name", "port", "internal_port", "pid", "version", "ready"} <= service.keys()
        assert service["ready"] is True
        assert os.path.exists(f"/proc/{service['pid']}")


def test_status_tells_people_the_same(script, stack):
    told = on_stack(script, stack, "status")
    for part in ("postgres", "kafka", *stack.services):
        assert re.search(rf"^  {part} +ready +127\.0\.0\.1:\d+ +pid \d+", told, re.MULTILINE), told
    assert stack.gateway in told


def test_status_of_a_stopped_part_is_not_ready(script, stack):
    service = stack.others[0]
    stack.part("stop", service)
    try:
        told = json.loads(script.begin("status", "--json", "--data", str(stack.state)).communicate(timeout=60)[0])
        (row,) = [row for row in told["services"] if row["name"] == service]
        assert (row["pid"], row["ready"], told["ready"]) == (None, False, False)
        on_stack(script, stack, "status", expect=3)
    finally:
        stack.part("start", service)


def test_psql_sees_the_schemas_of_a_service(script, stack):
    for service in stack.services:
        assert on_stack(script, stack, "psql", service, "-Atc", "show search_path").startswith(service)
    assert on_stack(script, stack, "psql", "-Atc", "select count(*) >= 0 from calls_data.call") == "t\n"
    assert on_stack(script, stack, "psql", "--", "-Atc", "select 1") == "1\n"
    assert on_stack(script, stack, "psql", "gateway", "--", "-Atc", "show search_path").startswith("gateway")
    assert "PostgreSQL interactive terminal" in on_stack(script, stack, "psql", "--", "--help")
    told = on_stack(script, stack, "psql", "-Atc", "select * from moon", expect=1)
    assert 'relation "moon" does not exist' in told and "aftercare:" not in told


def test_logs_of_one_part_or_all(script, stack):
    assert '"service":"gateway"' in on_stack(script, stack, "logs", "gateway")
    told = on_stack(script, stack, "logs")
    for part in ("postgres", "kafka", *stack.services):
        assert f"/{part}.log <==" in told
    assert "no part moon" in on_stack(script, stack, "logs", "moon", expect=2)


def test_events_are_read_from_the_start(script, stack, tenant):
    customer = tenant.customer()
    wait_for(
        "the event",
        lambda: customer["id"] in on_stack(script, stack, "events", "--from-start", "aftercare.calls"),
        60,
    )
    assert customer["id"] in on_stack(script, stack, "events", "--from-start", "calls"), "by the name of its service"
    assert on_stack(script, stack, "events", "--from-start", "calls.dlq") is not None
    assert "there is no topic moon" in on_stack(script, stack, "events", "moon", expect=2)


def test_names_that_are_none_are_told(script, stack):
    assert "one of: callcenter" in on_stack(script, stack, "token", "--role", "moon", expect=2)
    assert "there is no service moon" in on_stack(script, stack, "snapshot", "moon", expect=2)


def test_an_import_tells_which_lines_are_wrong(script, stack, tmp_path):
    """Which is no failure of the script's own."""
    demo = Demo(stack, "demo", stack.state / "secrets/demo_password")
    demo.seed()
    lines = tmp_path / "tags.csv"
    lines.write_text("code;label\nfragile;Fragile\nheavy;\n")
    told = on_stack(script, stack, "import", "--as", "tags", str(lines), expect=1)
    assert told == "line 3: /label is required\n"
    assert "there is no such resource: must be one of: " in on_stack(script, stack, "snapshot", "calls", "moon", expect=2)


def test_the_topic_of_an_erp(script, stack, tenant):
    """Made once, with the one of its dead letters; asked for by the tenant's demo administrator."""
    account = {"email": "admin@demo.local", "name": "Demo", "roles": ["admin"], "password": stack.secret("demo_password")}
    tenant.admin.post("/v1/accounts", account)
    for _ in range(2):
        assert on_stack(script, stack, "erp-topic", "--tenant", tenant.code) == f"aftercare.erp.{tenant.id}\n"
    topics = AdminClient({"bootstrap.servers": stack.kafka}).list_topics(timeout=30).topics
    assert len(topics[f"aftercare.erp.{tenant.id}"].partitions) == 1 and f"aftercare.erp.{tenant.id}.dlq" in topics


def test_a_token_without_a_role_names_the_roles(script, stack):
    told = on_stack(script, stack, "token", expect=2)
    assert "dispatcher" in told and "platform" in told
    assert on_stack(script, stack, "token", "--role", "platform").count(".") == 2


def test_a_name_with_blanks_is_as_good_as_another(script):
    script.state = script.state.parent / "a state - of ~ mine+1"
    script.on_state("backing")
    assert "stopped" in script.on_state("down")


@pytest.mark.parametrize("sign", ["'", '"', "\\", ",", ":", "$", "&", "|", "*", "é", "\n"])
def test_a_name_that_a_configuration_can_not_hold_is_refused(script, sign):
    script.state = script.state.parent / f"it{sign}s"
    told = script.on_state("backing", expect=1)
    assert "signs that a configuration can't hold" in told and "--data DIR" in told
    assert not script.state.exists()


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_however_it_ends_nothing_stays_half_started(script, how):
    """In the middle of starting PostgreSQL and Kafka; SIGKILL is the guardian's case."""
    process = script.begin("backing", "--data", str(script.state))
    wait_for("PostgreSQL's start", (script.state / "run" / "postgres.pid").exists, 120)
    process.send_signal(how)
    while how == signal.SIGINT and process.poll() is None:  # seldom bash forgets one that comes as a command ends: it is pressed again
        time.sleep(0.2)
        process.send_signal(how)
    _, told = process.communicate(timeout=120)
    # 2: bash 5.2 reads the trap's "exit" as part of the $( ) that the signal came in; the rest goes as it should.
    assert process.returncode in ({-how} if how == signal.SIGKILL else {128 + how, 2}), told
    script.gone()
    if how != signal.SIGKILL:
        assert "stopping what was started" in told
