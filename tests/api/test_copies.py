"""What calls keeps of other services: assets take the place of the stubs that calls made; technicians give names."""
import json

import pytest
from support.client import new_id, problem
from support.publisher import Publisher, asset
from support.stack import wait_for


@pytest.fixture(scope="module")
def inventory(stack):
    return Publisher(stack, "inventory")


@pytest.fixture(scope="module")
def scheduling(stack):
    return Publisher(stack, "scheduling")


@pytest.fixture
def kept(database, tenant):
    def row(table, row_id):
        sql = f"select * from calls_data.{table} where tenant_id = %s and id = %s"
        return database.execute(sql, [tenant.id, row_id]).fetchone()

    return row


def test_an_asset_is_kept_by_its_highest_revision(tenant, inventory, kept):
    one = asset("K-1", customer_id=tenant.customer()["id"])
    inventory.publish(tenant, "asset.created", one, 1)
    row = wait_for("the copy", lambda: kept("asset", one["id"]))
    assert (row["serial"], row["article_code"], row["stub"], row["active"]) == ("K-1", "EXC-9", False, True)
    inventory.publish(tenant, "asset.dismissed", one | {"status": "dismissed"}, 3)
    inventory.publish(tenant, "asset.changed", one | {"serial": "OLD"}, 2)
    wait_for("the newest", lambda: not kept("asset", one["id"])["active"])
    later = asset("K-2")
    inventory.publish(tenant, "asset.created", later, 1)
    wait_for("all before", lambda: kept("asset", later["id"]))
    assert kept("asset", one["id"])["serial"] == "K-1"


def test_an_asset_takes_the_place_of_its_stub(tenant, inventory, events, database):
    call = tenant.call(asset={"serial": "S-1", "article_code": "EXC-9"})
    stub = call["assets"][0]["asset_id"]
    quick = tenant.quick_call(serial=" s-1 ")
    elsewhere = tenant.call(asset={"serial": "S-1", "article_code": "OTHER"})
    activity = tenant.activity(call, asset_id=stub)
    real = asset("S-1", customer_id=call["customer_id"])
    inventory.publish(tenant, "asset.created", real, 1)
    told = wait_for("the change of the call", lambda: [e for e in events.of(call["id"]) if e.name == "call.changed"])[-1]
    assert told.changed == ["assets"] and told.data["assets"][0]["asset_id"] == real["id"]
    read = tenant.admin.get(f"/v1/calls/{call['id']}").json()
    assert [(item["asset_id"], item["main"]) for item in read["assets"]] == [(real["id"], True)]
    assert read["version"] == call["version"] + 1
    assert tenant.admin.get(f"/v1/calls/{quick['id']}").json()["assets"][0]["asset_id"] == real["id"]
    assert tenant.admin.get(f"/v1/activities/{activity['id']}").json()["asset_id"] == real["id"]
    assert tenant.admin.get(f"/v1/calls/{elsewhere['id']}").json()["assets"] == elsewhere["assets"]
    left = database.execute(
        "select id::text from calls_data.asset where tenant_id = %s and serial_key = 's-1' and stub", [tenant.id]
    ).fetchall()
    assert [row["id"] for row in left] == [elsewhere["assets"][0]["asset_id"]]
    assert tenant.admin.list("/v1/calls", asset_id=real["id"], limit=5)


def test_what_has_not_come_yet_is_to_be_tried_again(tenant, inventory, kept):
    late = asset("L-1")
    call = tenant.call()
    body = {"call_id": call["id"], "type_code": tenant.activity(call)["type_code"], "subject": "x", "asset_id": late["id"]}
    for path, fields, pointer in (
        ("/v1/activities", body, "/asset_id"),
        ("/v1/calls", {"customer_id": call["customer_id"], "subject": "x", "assets": [{"asset_id": late["id"]}]}, "/assets/0/asset_id"),
    ):
        answer = tenant.admin.post(path, fields, expect=None)
        assert problem(answer, 422, "unknown-reference")["errors"][0] == {
            "pointer": pointer, "code": "reference", "detail": "There is no such asset (yet)."
        }
        assert answer.headers["Retry-After"] == "1"
    inventory.publish(tenant, "asset.created", late, 1)
    wait_for("the copy", lambda: kept("asset", late["id"]))
    assert tenant.admin.post("/v1/activities", body).json()["asset_id"] == late["id"]


def test_a_technician_gives_his_name(tenant, scheduling, kept):
    one = {"id": new_id(), "code": "T1", "name": "Gino Bassi", "subject": new_id(), "active": True}
    scheduling.publish(tenant, "technician.created", one, 1)
    wait_for("the copy", lambda: kept("technician", one["id"]))
    call = tenant.call()
    assert tenant.admin.act(f"/v1/calls/{call['id']}", "assign", {"technician_id": one["id"]}).json()["assignee_name"] == "Gino Bassi"


def test_what_can_not_be_applied_is_a_dead_letter_that_is_replayed(tenant, other, inventory, kept, database):
    broken = asset("D-1")
    del broken["serial"]
    inventory.publish(tenant, "asset.created", broken, 1)
    path = "/v1/services/calls/dead-letters"
    [letter] = wait_for("the dead letter", lambda: tenant.admin.list(path))
    assert letter["topic"] == "aftercare.inventory" and letter["type"] == "aftercare.asset.created.v1"
    assert "serial" in letter["error"] and json.loads(letter["value"])["data"]["id"] == broken["id"]
    assert other.admin.list(path) == []
    problem(other.admin.act(f"{path}/{letter['id']}", "replay", expect=None), 404)
    problem(tenant.client("manager").act(f"{path}/{letter['id']}", "replay", expect=None), 403)
    replayed = tenant.admin.act(f"{path}/{letter['id']}", "replay").json()
    assert replayed["replayed_at"]
    problem(tenant.admin.act(f"{path}/{letter['id']}", "replay", expect=None), 409)
    # It is as broken as before: a second letter comes of it.
    wait_for("the second letter", lambda: len(tenant.admin.list(path)) == 2)
