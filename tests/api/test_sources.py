"""What is made from a call's charge: it keeps that as it was, says that it changed since, and follows when asked to."""
import pytest
from support.client import problem
from support.goods import move, reserve
from support.stack import wait_for


@pytest.fixture
def made(tenant, api):
    """A reservation of two pieces for a charge of two, in a warehouse of ten."""

    class Made:
        article = tenant.known_article()
        warehouse = tenant.warehouse()
        visit = tenant.known_activity()
        charge = tenant.copied(tenant.charge({"id": visit["call_id"]}, kind="part", quantity="2", article_id=article["id"]), "charge")

        def row(self):
            return api.get(f"/v1/reservations/{self.reservation['id']}").json()

        def diff(self):
            answer = api.get(f"/v1/reservations/{self.reservation['id']}/source-diff").json()
            return answer["state"], {one["field"]: (one["here"], one["source"]) for one in answer["changes"]}

        def change(self, **fields):
            """Changes the charge; waits until the reservation says so."""
            self.charge = api.patch(f"/v1/charges/{self.charge['id']}", fields, "*").json()
            wait_for("the change of the source", lambda: self.row()["source"]["source_changed_at"], 60)

        def realign(self, **options):
            return api.act(f"/v1/reservations/{self.reservation['id']}", "realign", **options)

    one = Made()
    move(api, "receipt", one.article, one.warehouse, 10)
    one.reservation = reserve(api, one.article, one.warehouse, 2, one.visit, charge_id=one.charge["id"]).json()
    return one


def test_it_names_its_source(made, tenant, api):
    source = made.reservation["source"]
    assert {name: source[name] for name in ("kind", "id", "line_id", "line_version", "source_changed_at")} == {
        "kind": "call", "id": made.visit["call_id"], "line_id": made.charge["id"], "line_version": 1, "source_changed_at": None}
    assert source["taken_at"] and made.diff() == ("same", {})
    alone = reserve(api, made.article, made.warehouse, 1, made.visit).json()
    assert alone["source"] is None
    assert api.get(f"/v1/reservations/{alone['id']}/source-diff").json() == {
        "line_id": None, "taken_version": None, "version": None, "state": "none", "changes": []}
    problem(api.act(f"/v1/reservations/{alone['id']}", "realign", expect=None), 409, "conflict")


def test_it_does_not_follow_and_says_so(made, api, events):
    made.change(quantity="5")
    row = made.row()
    assert row["quantity"] == "2.000" and row["source"]["line_version"] == 1 and row["version"] > made.reservation["version"]
    assert events.last(row["id"], "reservation.source_changed", 60).data["source"] == row["source"]
    assert made.diff() == ("changed", {"quantity": ("2", "5")})
    changed = api.list("/v1/reservations", article_id=made.article["id"], source_changed="true")
    assert [one["id"] for one in changed] == [row["id"]]


def test_realign_promises_more(made, api):
    made.change(quantity="5", job_code="J-1")
    assert made.diff() == ("changed", {"quantity": ("2", "5"), "job_code": (None, "J-1")})
    row = made.realign().json()
    assert (row["quantity"], row["job_code"], row["source"]["line_version"]) == ("2.000", "J-1", made.charge["version"])
    assert row["source"]["source_changed_at"] is None and made.diff() == ("same", {})
    rows = api.list("/v1/reservations", charge_id=made.charge["id"])
    assert sorted(one["open"] for one in rows) == ["2.000", "3.000"]
    assert {one["source"]["line_version"] for one in rows} == {made.charge["version"]}


def test_realign_promises_less(made):
    made.change(quantity="0.000", planned_quantity="1")
    row = made.realign().json()
    assert (row["open"], row["released"], row["status"]) == ("1.000", "1.000", "reserved") and made.diff() == ("same", {})


def test_realign_takes_it_from_elsewhere(made, tenant, api):
    van = tenant.warehouse()
    move(api, "receipt", made.article, van, 5)
    made.change(warehouse_id=van["id"])
    assert made.diff()[1] == {"warehouse_id": (made.warehouse["id"], van["id"])}
    assert made.realign().json()["warehouse_id"] == van["id"] and made.diff() == ("same", {})


def test_another_article_is_another_reservation(made, tenant):
    other = tenant.known_article()
    made.change(article_id=other["id"])
    assert made.diff()[1] == {"article_id": (made.article["id"], other["id"])}
    problem(made.realign(expect=None), 409, "conflict")


def test_a_line_that_is_gone(made, api):
    api.delete(f"/v1/charges/{made.charge['id']}", "*")
    wait_for("the change of the source", lambda: made.row()["source"]["source_changed_at"], 60)
    assert made.diff() == ("removed", {})
    problem(made.realign(expect=None), 409, "conflict")


def test_who_may(made, tenant):
    path = f"/v1/reservations/{made.reservation['id']}/source-diff"
    for role in ("storekeeper", "operator", "dispatcher"):
        assert tenant.client(role).get(path).json()["state"] == "same"
    for role in ("portal", "callcenter"):
        problem(tenant.client(role).get(path, expect=None), 403)
