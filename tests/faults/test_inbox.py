"""Events of other services, whatever happens on their way: each takes effect once, the newest wins, none stops the rest."""
import json
import random
import re
import time

import pytest

from support.client import new_id
from support.events import dead_letters
from support.publisher import Publisher, asset
from support.replica import Replica
from support.stack import LONG, wait_for
from support.tenant import Tenant

ASSETS = 2000 if LONG else 120
REVISIONS = 4
SLICES = 8  # between which something breaks
APPLIED_SECONDS = 120


@pytest.fixture(scope="module")
def inventory(stack):
    return Publisher(stack, "inventory")


def copies(stack, tenant_id):
    """What calls keeps of assets: id -> row."""
    with stack.connect() as database:
        rows = database.execute(
            "select id::text as id, serial, revision, active from calls_data.asset where tenant_id = %s and not stub", [tenant_id]
        )
        return {row["id"]: row for row in rows}


def letters(stack, tenant_id):
    with stack.connect() as database:
        return database.execute("select error from calls_data.dead_letter where tenant_id = %s", [tenant_id]).fetchall()


def test_anything_breaks_meanwhile(stack, tenants, events, inventory, seed):
    """Twice and in any order, while PostgreSQL, the service and its replicas come and go."""
    print(f"AFTERCARE_FAULTS_SEED={seed}")
    chance = random.Random(seed)
    tenant = tenants[0]
    assets = [asset(f"{seed}-{number}") for number in range(ASSETS)]
    stubs = {one["id"]: tenant.call(asset={"serial": one["serial"], "article_code": "EXC-9"}) for one in assets[:5]}
    told = [(one, revision, new_id()) for one in assets for revision in range(1, 1 + REVISIONS)]
    told += chance.sample(told, len(told) // 2)
    chance.shuffle(told)
    second = Replica(stack, "calls")
    breaks = [
        lambda: stack.kill("postgres"),
        lambda: stack.start("postgres"),
        second.start,  # the partitions are shared out anew
        lambda: stack.kill("calls"),
        lambda: stack.start("calls"),
        second.kill,
        lambda: stack.part("stop", "calls"),
    ]
    size = -(-len(told) // SLICES)
    for start in range(0, len(told), size):
        for one, revision, event_id in told[start:start + size]:
            data = one | {"description": f"Revision {revision}"}
            inventory.send(tenant.id, "asset.changed", data, revision, event_id)
        inventory.flush()
        if breaks:
            breaks.pop(0)()
            time.sleep(chance.uniform(0, 1))
    stack.start("calls")

    def applied():
        found = copies(stack, tenant.id)
        return all(one["id"] in found and found[one["id"]]["revision"] == REVISIONS for one in assets)

    wait_for("the newest of all assets", applied, APPLIED_SECONDS, 0.5)
    assert not letters(stack, tenant.id)
    for asset_id, call in stubs.items():
        events.wait(call["id"], 2, 60)
        read = tenant.admin.get(f"/v1/calls/{call['id']}").json()
        assert [item["asset_id"] for item in read["assets"]] == [asset_id] and read["version"] == 2
        assert [event.name for event in events.of(call["id"])] == ["call.opened", "call.changed"]


def poisons(good):
    """Messages that can never be applied: their value, and what is wrong with their headers (None takes one away)."""
    value = {"data": asset("P"), "revision": 1}

    def without(name):
        return {"data": {key: item for key, item in value["data"].items() if key != name}, "revision": 1}

    return {
        "no value": (b"", {}),
        "no JSON": (b"not JSON", {}),
        "no UTF-8": (b'{"data": {"serial": "\xff\xfe"}, "revision": 1}', {}),
        "no object": (b"null", {}),
        "no data": (json.dumps({"revision": 1}), {}),
        "data of another kind": (json.dumps({"data": [], "revision": 1}), {}),
        "no revision": (json.dumps({"data": value["data"]}), {}),
        "revision in words": (json.dumps(value | {"revision": "one"}), {}),
        "endless revision": (json.dumps(value).replace('"revision": 1', '"revision": 1e999'), {}),
        "a name twice": (b'{"data": {}, "data": {}, "revision": 1}', {}),
        "nested without end": (b'{"data": ' + b"[" * 100_000 + b"]" * 100_000 + b', "revision": 1}', {}),
        "zero byte": (json.dumps(value | {"data": asset("P\0")}), {}),
        "no serial": (json.dumps(without("serial")), {}),
        "id that is none": (json.dumps(value | {"data": asset("P", article_id="nine")}), {}),
        "no headers": (json.dumps(value), dict.fromkeys(good)),
        "no id": (json.dumps(value), {"ce_id": None}),
        "endless id": (json.dumps(value), {"ce_id": "x" * 10_000}),
        "no type": (json.dumps(value), {"ce_type": None}),
        "no subject": (json.dumps(value), {"ce_subject": None}),
        "subject that is none": (json.dumps(value), {"ce_subject": "nobody"}),
        "no tenant": (json.dumps(value), {"ce_tenant": None}),
        "tenant that is none": (json.dumps(value), {"ce_tenant": "demo"}),
    }


def test_poison_stops_nothing(stack, tenants, inventory):
    """It becomes a dead letter that says why, in the table and in the topic; what is behind it in its partition goes on."""
    tenant = tenants[0]
    key = f"{tenant.id}/poison"
    good = inventory.headers(tenant.id, "asset.created", new_id())
    placed = {}
    for name, (value, changes) in poisons(good).items():
        headers = {header: text for header, text in (inventory.headers(tenant.id, "asset.created", new_id()) | changes).items() if text}
        placed[name] = inventory.raw(key, value, headers)
    behind = asset("Behind all poison")
    value = json.dumps({"data": behind, "revision": 1})
    place = inventory.raw(key, value, inventory.headers(tenant.id, "asset.created", behind["id"]))
    assert {partition for partition, _ in placed.values()} == {place[0]}, "all in one partition"
    wait_for("what is behind it", lambda: behind["id"] in copies(stack, tenant.id), APPLIED_SECONDS, 0.2)
    with stack.connect() as database:
        rows = database.execute(
            "select kafka_offset, error from calls_data.dead_letter where topic = %s and kafka_partition = %s and kafka_offset >= %s",
            [inventory.topic, place[0], min(offset for _, offset in placed.values())],
        ).fetchall()
    kept = {row["kafka_offset"]: row["error"] for row in rows}
    assert {name for name, (_, offset) in placed.items() if offset not in kept} == set()
    assert len(kept) == len(placed) and all(kept.values())
    dead = {offset: message for message, offset in in_dead_letter_topic(stack, inventory.topic, place[0])}
    for name, (_, offset) in placed.items():
        headers = dict(dead[offset].headers())
        assert headers["aftercare_error"].decode() == kept[offset], name
        assert headers["aftercare_topic"].decode() == inventory.topic and headers["aftercare_consumer"] == b"calls", name
        sent = poisons(good)[name][0]
        if not re.search(rb'"id"', sent if isinstance(sent, bytes) else sent.encode()):
            assert (dead[offset].value() or b"") == (sent if isinstance(sent, bytes) else sent.encode()), name


def in_dead_letter_topic(stack, topic, partition):
    """Messages of TOPIC.dlq that came from the partition, with their offset there."""
    for message in dead_letters(stack.kafka, topic):
        headers = dict(message.headers())
        if int(headers["aftercare_partition"]) == partition:
            yield message, int(headers["aftercare_offset"])


def test_tenants_made_while_a_service_is_away(stack, platform):
    """It learns of them when it is back: as they are now, and after what belongs to them has already come."""
    inventory = Publisher(stack, "inventory")
    early = asset("Before its tenant")
    tenant_id, code = new_id(), f"t{new_id()[-12:]}"
    inventory.send(tenant_id, "asset.created", early, 1)
    inventory.flush()
    wait_for("the asset", lambda: early["id"] in copies(stack, tenant_id), APPLIED_SECONDS)
    stack.kill("calls")
    admin = {"email": f"admin@{code}.test", "password": f"a password {code}"}
    row = platform.post("/v1/tenants", {"id": tenant_id, "code": code, "name": "First", "admin": admin}).json()
    for name in ("Second", "Third"):
        row = platform.patch(f"/v1/tenants/{tenant_id}", {"name": name}, row["version"]).json()
    stack.start("calls")

    def copy():
        with stack.connect() as database:
            return database.execute("select name from calls_data.tenant where tenant_id = %s", [tenant_id]).fetchone()

    wait_for("the tenant as it is now", lambda: (copy() or {}).get("name") == "Third", APPLIED_SECONDS)
    tenant = Tenant.known(stack, platform, code, admin["email"], admin["password"])
    wait_for("an answer", lambda: tenant.admin.get("/v1/calls", expect=None).status_code == 200, 30)
    call = tenant.call(asset={"serial": early["serial"], "article_code": "EXC-9"})
    assert call["assets"][0]["asset_id"] == early["id"]
