"""Reserving and issuing the parts of a call: what its charges ask for and was not made of them yet."""
import pytest
from support.client import faults, new_id, problem
from support.goods import levels, move, reserve
from support.stack import wait_for


@pytest.fixture
def asked(tenant, api):
    """A visit with a charge of two pumps and one of three seals; three pumps and two seals are there."""

    class Asked:
        visit = tenant.known_activity()
        call = {"id": visit["call_id"]}
        pump, seal = tenant.known_article(), tenant.known_article()
        warehouse = tenant.warehouse()

        def charge(self, article, quantity, **fields):
            body = {"kind": "part", "quantity": quantity, "article_id": article["id"], "activity_id": self.visit["id"]}
            return tenant.copied(tenant.charge(self.call, **(body | fields)), "charge")

        def known(self, quantity):
            """Whether inventory knows that so many seals were used."""
            with tenant.stack.connect() as database:
                sql = "select 1 from inventory_data.charge where id = %s and quantity = %s"
                return database.execute(sql, [self.seals["id"], quantity]).fetchone()

        def make(self, client=None, expect=200, **fields):
            body = {"call_id": self.call["id"], "warehouse_id": self.warehouse["id"]}
            return (client or api).post("/v1/reservations/from-call", body | fields, expect=expect)

        def issue(self, client=None, expect=200, **fields):
            body = {"call_id": self.call["id"], "warehouse_id": self.warehouse["id"]}
            return (client or api).post("/v1/movements/from-call", body | fields, expect=expect)

    one = Asked()
    one.pumps, one.seals = one.charge(one.pump, "2"), one.charge(one.seal, "3", job_code="J-1")
    move(api, "receipt", one.pump, one.warehouse, 3)
    move(api, "receipt", one.seal, one.warehouse, 2)
    return one


def told(answer):
    return [(row["charge_id"], row["status"], row["quantity"]) for row in answer.json()["items"]]


def test_one_for_each_charge_and_none_twice(asked, api, events):
    answer = asked.make(partial=True)
    wanted = [(asked.pumps["id"], "reserved", "2.000"), (asked.seals["id"], "reserved", "2.000"), (asked.seals["id"], "waiting", "1.000")]
    assert told(answer) == wanted and [warning["code"] for warning in answer.json()["warnings"]] == ["not-realigned"]
    first, second, _ = answer.json()["items"]
    assert (first["source"]["line_id"], first["activity_id"], second["job_code"]) == (asked.pumps["id"], asked.visit["id"], "J-1")
    assert api.get(f"/v1/reservations/{first['id']}").json() == first
    assert events.last(first["id"], "reservation.made", 60).data == first
    again = asked.make(partial=True)
    assert told(again) == wanted and "warnings" not in again.json()
    assert levels(api, asked.pump, asked.warehouse) == ("3", "2", "1", "0")


def test_only_what_is_missing(asked, api):
    reserve(api, asked.pump, asked.warehouse, 1, asked.visit, charge_id=asked.pumps["id"])
    move(api, "issue", asked.seal, asked.warehouse, 2, charge_id=asked.seals["id"], call_id=asked.call["id"])
    assert told(asked.make(charge_ids=[asked.pumps["id"]])) == [(asked.pumps["id"], "reserved", "1.000")] * 2
    assert told(asked.make(charge_ids=[asked.seals["id"]], partial=True)) == [(asked.seals["id"], "waiting", "1.000")]


def test_all_or_nothing(asked, api):
    refused = problem(asked.make(charge_ids=[asked.pumps["id"], asked.seals["id"]], expect=None), 409, "insufficient-stock")
    assert refused["errors"][0]["pointer"] == "/charge_ids/1/quantity"
    assert api.list("/v1/reservations", call_id=asked.call["id"]) == [] and levels(api, asked.pump, asked.warehouse)[1] == "0"


def test_where_a_charge_does_not_say(asked, tenant, api):
    alone = asked.charge(asked.pump, "1", activity_id=None)
    assert faults(asked.make(charge_ids=[alone["id"]], expect=None)) == {"/activity_id": "required"}
    assert told(asked.make(charge_ids=[alone["id"]], activity_id=asked.visit["id"])) == [(alone["id"], "reserved", "1.000")]
    assert faults(asked.make(charge_ids=[asked.pumps["id"]], warehouse_id=None, expect=None)) == {"/warehouse_id": "required"}
    main = tenant.warehouse(code="MAIN")  # what default_warehouse names
    move(api, "receipt", asked.pump, main, 5)
    row, = asked.make(charge_ids=[asked.pumps["id"]], warehouse_id=None).json()["items"]
    assert row["warehouse_id"] == main["id"]
    settings = "/v1/services/inventory/settings"
    api.patch(settings, {"default_warehouse": asked.warehouse["code"]}, "*")
    more = asked.charge(asked.pump, "1")
    row, = asked.make(charge_ids=[more["id"]], warehouse_id=None).json()["items"]
    api.patch(settings, {"default_warehouse": None}, "*")
    assert row["warehouse_id"] == asked.warehouse["id"]


def test_what_is_not_reserved(asked, tenant):
    other = tenant.copied(tenant.charge(kind="part", quantity="1", article_id=asked.pump["id"]), "charge")
    for fields, pointer in (({"call_id": new_id()}, "/call_id"), ({"charge_ids": [asked.pumps["id"], other["id"]]}, "/charge_ids/1"),
                            ({"charge_ids": [new_id()]}, "/charge_ids/0")):
        refused = problem(asked.make(expect=None, **fields), 422, "unknown-reference")
        assert refused["errors"][0]["pointer"] == pointer
    alone = asked.charge(asked.pump, "1", activity_id=None)
    refused = asked.make(charge_ids=[alone["id"]], activity_id=tenant.known_activity()["id"], expect=None)
    assert faults(refused) == {"/activity_id": "reference"}
    problem(asked.make(tenant.client("technician"), expect=None), 422, "unknown-reference")  # not his call


def issued(answer):
    return [(row["charge_id"], row["quantity"], bool(row["reservation_id"])) for row in answer.json()["items"]]


def test_what_was_used_is_issued_once(asked, api, events):
    """What is reserved for it first, then from the shelf; what waits is not there."""
    asked.make(charge_ids=[asked.pumps["id"]])
    api.patch(f"/v1/charges/{asked.seals['id']}", {"quantity": "2", "planned_quantity": "3"}, "*")
    wait_for("the change", lambda: asked.known("2"), 60)
    answer = asked.issue()
    wanted = [(asked.pumps["id"], "-2.000", True), (asked.seals["id"], "-2.000", False)]
    assert issued(answer) == wanted and [warning["code"] for warning in answer.json()["warnings"]] == ["not-realigned"]
    first = answer.json()["items"][0]
    assert first["source"]["line_id"] == asked.pumps["id"] and first["activity_id"] == asked.visit["id"]
    assert events.last(first["id"], "movement.posted", 60).data["charge_id"] == asked.pumps["id"]
    again = asked.issue()
    assert issued(again) == wanted and "warnings" not in again.json()
    assert levels(api, asked.pump, asked.warehouse) == ("1", "0", "1", "0")


def test_too_little_issues_nothing(asked, api):
    refused = problem(asked.issue(charge_ids=[asked.pumps["id"], asked.seals["id"]], expect=None), 409, "insufficient-stock")
    assert refused["errors"][0]["pointer"] == "/charge_ids/1/quantity"
    assert faults(asked.issue(at="9999-01-01T00:00:00Z", expect=None)) == {"/at": "range"}
    assert api.list("/v1/movements", call_id=asked.call["id"]) == []


def test_pieces_that_the_charge_names(asked, tenant, api):
    valve = tenant.known_article(tracking="serial")
    move(api, "receipt", valve, asked.warehouse, 3, serials=["V1", "V2", "V3"])
    both = asked.charge(valve, "2", serials=["V3", "V1"])
    nameless = asked.charge(valve, "1")
    reserve(api, valve, asked.warehouse, 1, asked.visit, charge_id=both["id"], serials=["V1"])
    rows = asked.issue(charge_ids=[both["id"]]).json()["items"]
    assert [(row["serials"], bool(row["reservation_id"])) for row in rows] == [(["V1"], True), (["V3"], False)]
    refused = asked.issue(charge_ids=[nameless["id"]], expect=None)
    assert faults(refused) == {"/charge_ids/0/serials": "serials"}


def test_a_technician_issues_from_his_van(asked, tenant, api):
    office = tenant.client("dispatcher")
    office.act(f"/v1/calls/{asked.call['id']}", "assign", {"technician_id": tenant.technician_id})
    with tenant.stack.connect() as database:
        sql = "select 1 from inventory_data.call where id = %s and assignee_id is not null"
        wait_for("the assignment", lambda: database.execute(sql, [asked.call["id"]]).fetchone(), 60)
    technician = tenant.client("technician")
    problem(asked.issue(technician, charge_ids=[asked.pumps["id"]], expect=None), 403, "forbidden")
    van = tenant.warehouse(kind="van", technician_id=tenant.technician_id)
    move(api, "receipt", asked.pump, van, 2)
    assert issued(asked.issue(technician, charge_ids=[asked.pumps["id"]], warehouse_id=van["id"])) == [(asked.pumps["id"], "-2.000", False)]
