"""What costs and revenues are collected on: charges, promises, movements and returns carry the code of their most specific job."""
import pytest
from support.goods import move, reserve


class Work:
    """A call of job J-CALL, a visit of it, goods in stock."""

    def __init__(self, tenant, store):
        self.tenant, self.api, self.store = tenant, tenant.admin, store
        self.customer, _ = tenant.place()
        self.call = tenant.copied(tenant.call(self.customer, job_code="J-CALL"), "call")
        self.visit = tenant.copied(tenant.activity(self.call), "activity")
        self.article = tenant.known_article()
        move(self.api, "receipt", self.article, store, 50)

    def charge(self, **fields):
        return self.tenant.copied(self.tenant.charge(self.call, kind="part", article_id=self.article["id"], **fields), "charge")

    def reserved(self, **fields):
        return reserve(self.api, self.article, self.store, 1, self.visit, **fields).json()

    def moved(self, kind="issue", **fields):
        return move(self.api, kind, self.article, self.store, 1, **fields).json()

    def line(self, **fields):
        body = {"kind": "customer_repair", "customer_id": self.customer["id"], "call_id": self.call["id"],
                "lines": [{"article_id": self.article["id"]} | fields]}
        rma = self.api.post("/v1/rmas", body).json()
        return rma, self.api.list(f"/v1/rmas/{rma['id']}/lines")[0]


@pytest.fixture(scope="module")
def work(tenant, store):
    return Work(tenant, store)


def test_a_charge_has_the_job_of_its_call(work, api):
    charge = work.charge()
    assert charge["job_code"] == "J-CALL" and charge["version"] == 1
    assert work.charge(job_code="J-OWN")["job_code"] == "J-OWN"
    assert work.charge(treatment="goodwill")["job_code"] == "J-CALL"
    changed = api.patch(f"/v1/charges/{charge['id']}", {"job_code": None}, 1).json()
    assert changed["job_code"] is None  # said by hand


def test_so_has_each_charge_of_a_kit(work, tenant, api):
    kit = tenant.article(kind="kit", stocked=False)
    for quantity, one in (("1", tenant.known_article()), ("2", tenant.known_article())):
        row = tenant.make(f"/v1/articles/{kit['id']}/components", {"component_id": one["id"], "quantity": quantity})
        tenant.copied(row, "kit_component", "calls")
    tenant.copied(kit, "article", "calls")
    api.post("/v1/charges", {"call_id": work.call["id"], "kind": "part", "quantity": "1", "article_id": kit["id"]})
    rows = api.list("/v1/charges", kit_id=kit["id"])
    assert [row["job_code"] for row in rows] == ["J-CALL", "J-CALL"]


def test_a_promise_has_that_of_its_charge(work, api):
    assert work.reserved()["job_code"] == "J-CALL"
    assert work.reserved(job_code="J-OWN")["job_code"] == "J-OWN"
    charge = work.charge(job_code="J-CHARGE")
    row = work.reserved(charge_id=charge["id"])
    assert row["job_code"] == "J-CHARGE"
    api.act(f"/v1/reservations/{row['id']}", "issue")
    issue, = api.list("/v1/movements", reservation_id=row["id"])
    assert issue["job_code"] == "J-CHARGE"


def test_a_movement_has_that_of_what_it_is_for(work, events):
    assert work.moved("receipt")["job_code"] is None
    assert work.moved(call_id=work.call["id"])["job_code"] == "J-CALL"
    assert work.moved(activity_id=work.visit["id"])["job_code"] == "J-CALL"
    charge = work.charge(job_code="J-CHARGE")
    row = work.moved(call_id=work.call["id"], charge_id=charge["id"])
    assert row["job_code"] == "J-CHARGE" and events.last(row["id"], "movement.posted").data["job_code"] == "J-CHARGE"
    assert work.moved(call_id=work.call["id"], charge_id=charge["id"], job_code="J-OWN")["job_code"] == "J-OWN"
    assert work.moved(reservation_id=work.reserved(job_code="J-OWN")["id"])["job_code"] == "J-OWN"


def test_a_return_has_that_of_its_call_and_a_line_its_own(work, api, bench):
    rma, line = work.line()
    assert rma["job_code"] == "J-CALL"
    api.act(f"/v1/rma-lines/{line['id']}", "receive", {"warehouse_id": bench["id"]})
    assert [row["job_code"] for row in api.list("/v1/movements", rma_line_id=line["id"])] == ["J-CALL"]
    assert work.moved(rma_line_id=line["id"])["job_code"] == "J-CALL"
    _, line = work.line(job_code="J-LINE")
    assert work.moved(rma_line_id=line["id"], call_id=work.call["id"])["job_code"] == "J-LINE"
    assert work.reserved(rma_line_id=line["id"])["job_code"] == "J-LINE"
