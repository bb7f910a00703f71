"""Everything that happened to a call, in one list, and who sees what of it."""
import pytest
from support.goods import move, reserve
from support.stack import wait_for

SECONDS = 60


@pytest.fixture
def lived(tenant, api):
    """A call of the portal's customer to which one thing of each kind happened, and the timeline of it."""

    class Lived:
        article, warehouse = tenant.known_article(), tenant.warehouse()
        call = tenant.call(tenant.portal_customer)
        path = f"/v1/calls/{call['id']}/timeline"
        hidden = tenant.activity(call, planned_start="2027-01-10T08:00:00Z", planned_end="2027-01-10T09:00:00Z")
        visit = tenant.activity(call, visibility="public")
        session = api.post(f"/v1/activities/{visit['id']}/sessions", {
            "technician_id": tenant.technician_id, "kind": "work", "started_at": "2026-11-20T08:00:00Z",
            "ended_at": "2026-11-20T09:00:00Z"}).json()
        charge = tenant.charge(call, description="Call-out")
        photo = api.request("POST", f"/v1/calls/{call['id']}/attachments", 201, params={"file_name": "leak.png"},
                            data=b"\x89PNG\r\n\x1a\n", headers={"Content-Type": "image/png"}).json()

    one = Lived()
    api.act(f"/v1/calls/{one.call['id']}", "assign", {"technician_id": tenant.technician_id})
    move(api, "receipt", one.article, one.warehouse, 3)
    one.reservation = reserve(api, one.article, one.warehouse, 1, tenant.copied(one.visit, "activity")).json()
    wait_for("what was made of it", lambda: api.list(one.path, kind="derived"), SECONDS)
    return one


def told(client, path):
    return {row["id"]: row for row in client.every(path, limit=2)}


def test_all_that_happened_is_one_timeline(lived, api):
    rows = told(api, lived.path)
    kinds = {lived.visit["id"]: "activity", lived.hidden["id"]: "activity", lived.session["id"]: "session",
             lived.charge["id"]: "charge", lived.photo["id"]: "attachment", lived.reservation["id"]: "derived"}
    assert {id: rows[id]["kind"] for id in kinds} == kinds
    passages = [row["what"]["action"] for id, row in rows.items() if id not in kinds]
    assert {row["kind"] for id, row in rows.items() if id not in kinds} == {"passage"}
    assert sorted(passages) == sorted(row["action"] for row in api.list(f"/v1/calls/{lived.call['id']}/transitions"))
    assert {row["call_id"] for row in rows.values()} == {lived.call["id"]}
    times = [row["at"] for row in rows.values()]
    assert times == sorted(times, reverse=True)
    assert rows[lived.hidden["id"]]["at"] == "2027-01-10T08:00:00.000Z"  # when it is planned for, not when that was written
    assert rows[lived.session["id"]]["what"] == {
        "activity_id": lived.visit["id"], "technician_id": lived.session["technician_id"], "kind": "work",
        "started_at": "2026-11-20T08:00:00.000Z", "ended_at": "2026-11-20T09:00:00.000Z"}
    assert rows[lived.charge["id"]]["what"]["description"] == "Call-out" and "cost" not in rows[lived.charge["id"]]["what"]
    assert rows[lived.reservation["id"]]["what"]["kind"] == "reservation"
    assert [row["id"] for row in api.list(lived.path, kind="attachment")] == [lived.photo["id"]]
    assert [row["id"] for row in api.list(lived.path, **{"at[gte]": "2027-01-01T00:00:00Z"})] == [lived.hidden["id"]]


def test_what_is_removed_or_done_moves_in_it(lived, api):
    api.act(f"/v1/activities/{lived.hidden['id']}", "done", {"done_at": "2026-11-21T10:00:00Z"})
    api.delete(f"/v1/charges/{lived.charge['id']}", "*")
    rows = told(api, lived.path)
    assert rows[lived.hidden["id"]]["at"] == "2026-11-21T10:00:00.000Z" and rows[lived.hidden["id"]]["what"]["status"] == "done"
    assert lived.charge["id"] not in rows


def test_each_sees_of_it_what_he_sees_elsewhere(lived, tenant, api):
    assert set(told(tenant.client("technician"), lived.path)) == set(told(api, lived.path))
    rows = told(tenant.client("portal"), lived.path)
    assert {id for id, row in rows.items() if row["kind"] != "passage"} == {lived.visit["id"], lived.session["id"]}
    assert any(row["kind"] == "passage" for row in rows.values())
    tenant.client("storekeeper").get(lived.path, expect=403)
    other = tenant.call()
    tenant.client("portal").get(f"/v1/calls/{other['id']}/timeline", expect=404)
