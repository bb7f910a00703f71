"""What was replaced in advance and did not come back: the call of its return charges it once, and takes it back when it comes."""
import pytest
from support.client import problem
from support.goods import move
from support.stack import wait_for

SECONDS = 60


@pytest.fixture
def late(tenant, api, store, database):
    """A line of five pieces, replaced in advance and not back in time."""

    class Late:
        customer, _ = tenant.place()
        article = tenant.known_article(list_price="12.5000", description="Seal")
        call = tenant.copied(tenant.call(customer, job_code="J-CALL"), "call")

        def line(self, **fields):
            body = {"kind": "advance_replacement", "customer_id": self.customer["id"], "call_id": self.call["id"],
                    "lines": [{"article_id": self.article["id"], "quantity": "5", "job_code": "J-LINE"}]}
            self.rma = api.post("/v1/rmas", body | fields).json()
            row, = api.list(f"/v1/rmas/{self.rma['id']}/lines")
            move(api, "receipt", self.article, store, 5)
            act(row, "authorise")
            act(row, "replace", warehouse_id=store["id"])
            database.execute("update inventory_data.rma_line set due_back_on = '2026-01-01' where id = %s", [row["id"]])
            return row

        def charges(self, count):
            """Those of the call, once there are so many."""
            def look():
                rows = api.list(f"/v1/calls/{self.call['id']}/charges", sort="created_at")
                return [rows] if len(rows) == count else None
            return wait_for(f"{count} charges", look, SECONDS)[0]

    def act(row, action, **body):
        return api.act(f"/v1/rma-lines/{row['id']}", action, body).json()

    one = Late()
    one.act = act
    return one


def shown(api, line, *quantities):
    """The line, once it shows charges of these quantities."""
    def look():
        row = api.get(f"/v1/rma-lines/{line['id']}").json()
        return row if [one["quantity"] for one in row["charges"] or []] == list(quantities) else None
    return wait_for(f"charges of {quantities}", look, SECONDS)


def test_it_is_charged_and_taken_back(late, api, bench, events):
    line = late.line()
    told = late.act(line, "charge-missing")
    assert "warnings" not in told and told["missing"] == "charged" and told["charges"] is None
    charge, = late.charges(1)
    assert (charge["kind"], charge["quantity"], charge["price"], charge["treatment"], charge["status"], charge["job_code"]) == (
        "part", "5.000", "12.5000", "billable", "open", "J-LINE")
    assert late.rma["number"] in charge["description"] and charge["article_id"] == late.article["id"]
    assert charge["rma_line_id"] == line["id"] and api.get(f"/v1/charges?rma_line_id={line['id']}").json()["items"] == [charge]
    assert {name: charge["source"][name] for name in ("kind", "id", "line_id")} == {
        "kind": "rma", "id": late.rma["id"], "line_id": line["id"]}
    assert events.last(charge["id"], "charge.added", SECONDS).data["rma_line_id"] == line["id"]
    row = shown(api, line, "5.000")
    assert row["charges"] == [{"id": charge["id"], "call_id": late.call["id"], "quantity": "5.000", "status": "open"}]
    assert events.last(line["id"], "rma_line.derived_changed", SECONDS).data["charges"] == row["charges"]
    # It is nothing to be promised or issued.
    body = {"call_id": late.call["id"], "charge_ids": [charge["id"]]}
    problem(api.post("/v1/movements/from-call", body, expect=None), 422, "unknown-reference")
    assert api.post("/v1/movements/from-call", {"call_id": late.call["id"]}, expect=200).json()["items"] == []
    late.act(line, "receive", warehouse_id=bench["id"])
    late.charges(0)
    assert events.last(charge["id"], "charge.removed", SECONDS)
    assert shown(api, line)["missing"] == "credited"


def test_what_is_billed_has_its_credit_beside_it(late, api, bench, database):
    line = late.line()
    late.act(line, "charge-missing")
    charge, = late.charges(1)
    database.execute("update calls_data.charge set status = 'billed' where id = %s", [charge["id"]])
    late.act(line, "receive", warehouse_id=bench["id"])
    rows = {row["id"]: row for row in late.charges(2)}
    assert rows.pop(charge["id"])["quantity"] == "5.000"
    credit, = rows.values()
    same = ("kind", "article_id", "description", "price", "treatment", "job_code", "rma_line_id")
    assert {name: credit[name] for name in same} == {name: charge[name] for name in same}
    assert credit["quantity"] == "-5.000" and credit["net_amount"] == "-62.50" and credit["status"] == "open"
    shown(api, line, "5.000", "-5.000")


def test_a_part_that_comes_is_taken_back(late, api, bench):
    line = late.line()
    late.act(line, "charge-missing")
    late.charges(1)
    late.act(line, "receive", warehouse_id=bench["id"], quantity="2")
    rest = wait_for("the rest", lambda: [row for row in late.charges(1) if row["quantity"] == "3.000"], SECONDS)[0]
    assert rest["rma_line_id"] != line["id"]


def test_once_whatever_comes_again(late, api, database):
    """The same event again, as one that the inbox no longer knows; and a charge that somebody took away stays away."""
    line = late.line()
    late.act(line, "charge-missing")
    charge, = late.charges(1)

    def again():
        """All that is known of the line, as to a service that had not heard of it."""
        known = "calls_data.inbox_revision where subject = %s"
        database.execute(f"delete from {known}", [line["id"]])
        api.post("/v1/services/inventory/snapshots", {"resources": ["rma_line"]})
        wait_for("the line", lambda: database.execute(f"select 1 from {known}", [line["id"]]).fetchone(), SECONDS)

    again()
    assert late.charges(1) == [charge]
    api.delete(f"/v1/charges/{charge['id']}", "*")
    again()
    assert late.charges(0) == []


def test_a_return_without_a_call_is_charged_by_hand(late):
    line = late.line(call_id=None)
    told = late.act(line, "charge-missing")
    assert [warning["code"] for warning in told["warnings"]] == ["not-charged"] and told["missing"] == "charged"
    assert late.charges(0) == []
