"""
What the whole suite made the services tell, up to the last event: each is valid by the schema of its type. Runs behind all other
tests of the session, so that it sees what they made.
"""
import json

import jsonschema_rs
import pytest
from support.stack import ROOT

pytestmark = pytest.mark.last

SHOWN = 20  # faults of one type: the rest are of the same kind
SETTLE_SECONDS = 300


@pytest.fixture(scope="module")
def recorded(stack, database, events):
    """service -> the ids of all that it has recorded, once each of them has been read from Kafka."""
    events.settle(database, list(stack.services), SETTLE_SECONDS)
    return {service: {str(row["id"]) for row in database.execute(f"select id from {service}_data.change")}
            for service in stack.services}


@pytest.fixture(scope="module")
def told(events, recorded):
    """service -> its own events. What tests published in a service's place has an id that no service recorded."""
    own = {service: [] for service in recorded}
    for event in events.all():
        service = event.topic.removeprefix("aftercare.")
        if event.id in recorded[service]:
            own[service].append(event)
    return own


def published(service):
    """Type -> what checks its events, compiled once: there are tens of thousands."""
    folder = ROOT / "docs/events" / service
    messages = json.loads((folder / "asyncapi.json").read_text())["channels"][service]["messages"]
    return {name: jsonschema_rs.Draft202012Validator(json.loads((folder / f"{name}.v1.json").read_text()), validate_formats=True)
            for name in messages}


def test_all_that_was_recorded_was_told(events, recorded, told):
    for service, ids in recorded.items():
        assert not ids - {event.id for event in told[service]}, service
    for message, reason in events.broken:  # tests publish nonsense, services don't
        event_id = dict(message.headers() or []).get("ce_id", b"").decode(errors="replace")
        assert event_id not in recorded[message.topic().removeprefix("aftercare.")], (reason, message.value())


def test_every_event_is_what_its_schema_says(stack, told):
    faults = []
    for service in stack.services:
        checks = published(service)
        wrong = dict.fromkeys(checks, 0)
        for event in told[service]:
            assert event.name in checks, f"{event} is of no published type"
            assert event.source == event.topic, event
            if checks[event.name].is_valid(event.value):
                continue
            wrong[event.name] += 1
            if wrong[event.name] <= SHOWN:
                faults.append(f"{event}: {next(checks[event.name].iter_errors(event.value))}")
    assert any(told.values())
    assert not faults, "\n".join(faults)
