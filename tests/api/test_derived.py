"""What inventory made of a call and its charges: the call shows it, tells when it changes, and does not follow it."""
import pytest
from support.client import problem
from support.goods import move, reserve
from support.stack import wait_for

SECONDS = 60


@pytest.fixture
def made(tenant, api):
    """A charge of three pieces with serials and a reservation of two of them."""

    class Made:
        article = tenant.known_article(tracking="serial")
        warehouse = tenant.warehouse()
        visit = tenant.known_activity()
        call = {"id": visit["call_id"]}
        charge = tenant.copied(tenant.charge(call, kind="part", quantity="3", article_id=article["id"]), "charge")
        path = f"/v1/charges/{charge['id']}"

        def shown(self, **stock):
            """The charge, once it shows so much of it."""
            wanted = {"reserved": "0.000", "waiting": "0.000", "issued": "0.000"} | stock

            def look():
                row = api.get(self.path).json()
                return row if row["stock"] == wanted else None

            return wait_for(f"the charge with {stock}", look, SECONDS)

        def call_row(self):
            return api.get(f"/v1/calls/{self.call['id']}").json()

        def derived(self, **filters):
            return api.list(f"/v1/calls/{self.call['id']}/derived", **filters)

    one = Made()
    assert one.charge["stock"] is None and one.charge["derived"] is None
    move(api, "receipt", one.article, one.warehouse, 3, serials=["S1", "S2", "S3"])
    one.reservation = reserve(api, one.article, one.warehouse, 2, one.visit, charge_id=one.charge["id"], serials=["S1", "S2"]).json()
    return one


def test_the_charge_shows_what_was_issued(made, api, events):
    assert [warning["code"] for warning in made.reservation["warnings"]] == ["not-realigned"]
    row = made.shown(reserved="2.000")
    shown = api.get(made.path).headers["ETag"]
    assert api.get(made.path, expect=304, headers={"If-None-Match": shown})
    line, = row["derived"]
    assert {name: line[name] for name in ("id", "kind", "state", "quantity", "issued", "open", "line_version", "destination_changed_at")} == {
        "id": made.reservation["id"], "kind": "reservation", "state": "reserved", "quantity": "2.000", "issued": "0.000",
        "open": "2.000", "line_version": 1, "destination_changed_at": None}
    assert row["version"] == made.charge["version"]  # nothing of its own changed
    api.act(f"/v1/reservations/{made.reservation['id']}", "issue", {"quantity": "1", "serials": ["S2"]})
    row = made.shown(reserved="1.000", issued="1.000")
    assert api.get(made.path, headers={"If-None-Match": shown}).json() == row  # of the same version, and yet another
    promised, issue = sorted(row["derived"], key=lambda one: one["kind"], reverse=True)
    assert (promised["state"], promised["issued"], promised["open"]) == ("reserved", "1.000", "1.000")
    assert promised["destination_changed_at"] and issue["destination_changed_at"] is None
    movement = api.list("/v1/movements", charge_id=made.charge["id"])[0]
    assert (issue["id"], issue["kind"], issue["state"], issue["quantity"], issue["serials"]) == (
        movement["id"], "movement", "issue", "-1.000", ["S2"])
    assert movement["source"]["line_id"] == made.charge["id"] and movement["source"]["id"] == made.call["id"]
    wait_for("the event", lambda: any(event.name == "charge.derived_changed" and event.data["stock"] == row["stock"]
                                      for event in events.of(made.charge["id"])), SECONDS)


def test_what_is_reversed_was_not_issued(made, api):
    api.act(f"/v1/reservations/{made.reservation['id']}", "issue")
    made.shown(issued="2.000")
    movement = api.list("/v1/movements", charge_id=made.charge["id"])[0]
    api.post(f"/v1/movements/{movement['id']}/actions/reverse", {"reason": "Wrong visit"})
    row = made.shown()
    assert sorted(one["state"] for one in row["derived"] if one["kind"] == "movement") == ["issue", "reversal"]


def test_an_issue_without_reservation(made, api):
    made.shown(reserved="2.000")
    answer = move(api, "issue", made.article, made.warehouse, 1, serials=["S3"], call_id=made.call["id"], charge_id=made.charge["id"]).json()
    assert [warning["code"] for warning in answer["warnings"]] == ["not-realigned"]
    made.shown(reserved="2.000", issued="1.000")
    api.patch(made.path, {"quantity": "2"}, "*")
    wait_for("the change of the source", lambda: api.get(f"/v1/movements/{answer['id']}").json()["source"]["source_changed_at"], SECONDS)
    assert answer["id"] in {row["id"] for row in api.list("/v1/movements", article_id=made.article["id"], source_changed="true")}


def test_the_call_shows_all_of_it(made, tenant, api, events):
    """What was made for it by hand too, and returns."""
    made.shown(reserved="2.000")
    by_hand = reserve(api, made.article, made.warehouse, 1, made.visit).json()
    customer = tenant.copied({"id": made.call_row()["customer_id"]}, "customer")
    rma = api.post("/v1/rmas", {"kind": "customer_repair", "call_id": made.call["id"], "customer_id": customer["id"],
                                "lines": [{"article_id": tenant.article()["id"]}]}).json()
    wait_for("all three", lambda: made.call_row()["derived_open_count"] == 3, SECONDS)
    rows = {row["id"]: row for row in made.derived()}
    assert {row["kind"] for row in rows.values()} == {"reservation", "rma"}
    assert rows[rma["id"]]["number"] == rma["number"] and rows[by_hand["id"]]["line_id"] is None
    assert rows[made.reservation["id"]]["line_id"] == made.charge["id"]
    assert [row["id"] for row in made.derived(kind="rma")] == [rma["id"]]
    assert made.call["id"] in {row["id"] for row in api.list("/v1/calls", derived_open="true")}
    assert api.list("/v1/calls", id=made.call["id"], derived_open="false") == []
    assert events.last(made.call["id"], "call.derived_changed", SECONDS).data["derived_open_count"] > 0
    api.act(f"/v1/rmas/{rma['id']}", "cancel", {"reason": "Kept"})
    wait_for("two", lambda: made.call_row()["derived_open_count"] == 2, SECONDS)
    assert {row["id"] for row in made.derived(open="true")} == {made.reservation["id"], by_hand["id"]}


def test_closing_closes_nothing_of_it_and_says_so(made, api):
    made.shown(reserved="2.000")
    path = f"/v1/calls/{made.call['id']}"
    api.act(f"/v1/activities/{made.visit['id']}", "done", {"done_at": api.get(path).json()["opened_at"]})
    api.act(path, "resolve", {"resolution": "Done"})
    closed = api.act(path, "close").json()
    assert [warning["code"] for warning in closed["warnings"]] == ["derived-open"]
    assert made.reservation["id"] in closed["warnings"][0]["detail"]
    assert api.get(f"/v1/reservations/{made.reservation['id']}").json()["status"] == "reserved"


def test_who_sees_it(made, tenant, other):
    path = f"/v1/calls/{made.call['id']}/derived"
    made.shown(reserved="2.000")
    for role in ("operator", "dispatcher", "storekeeper"):
        assert [row["id"] for row in tenant.client(role).list(path)] == [made.reservation["id"]]
    problem(tenant.client("technician").get(path, expect=None), 404)
    for role in ("portal", "callcenter"):
        problem(tenant.client(role).get(path, expect=None), 403)
    problem(other.admin.get(path, expect=None), 404)
