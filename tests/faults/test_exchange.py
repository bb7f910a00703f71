"""A repair from the call to the returned part, each step by whose work it is, while every service dies once."""
import pytest

from support.stack import wait_for
from support.tenant import Tenant

SECONDS = 60  # until another service knows of it, killed and started meanwhile


class Story:
    """The people, the goods and the machine that it is about."""

    def __init__(self, tenant):
        self.tenant = tenant
        self.operator, self.office, self.store, self.fitter = map(
            tenant.client, ("operator", "dispatcher", "storekeeper", "technician"))
        self.main = tenant.warehouse(code="MAIN", kind="stock")
        self.van = tenant.warehouse(kind="van", technician_id=tenant.technician_id)
        self.bench = tenant.warehouse(code="REPAIR", kind="repair")
        tenant.warehouse(code="SUPPLIER", kind="supplier")
        self.customer, self.site = tenant.place()
        self.seal = tenant.article()
        self.pump = tenant.article(tracking="serial", becomes_asset=True, warranty_months=12)
        self.place = {"customer_id": self.customer["id"], "site_id": self.site["id"]}
        self.machine = tenant.asset(installed_on="2026-01-01", **self.place)
        for row, kind in ((self.machine, "asset"), (self.seal, "article"), (self.pump, "article")):
            tenant.copied(row, kind, "calls")

    def receive(self, article, warehouse, **fields):
        body = {"kind": "receipt", "article_id": article["id"], "warehouse_id": warehouse["id"], "quantity": "1"}
        self.store.post("/v1/movements", body | fields)

    def call(self):
        body = {"subject": "Pump leaks", "assets": [{"asset_id": self.machine["id"]}], **self.place}
        call = self.tenant.copied(self.operator.post("/v1/calls", body).json(), "call")
        self.office.act(f"/v1/calls/{call['id']}", "assign", {"technician_id": self.tenant.technician_id})
        return call

    def visit(self, call, subject):
        """Planned for the technician, once inventory knows of it."""
        kind = self.tenant.vocabulary("/v1/activity-types", "visit", kind="visit", plannable=True)["code"]
        body = {"call_id": call["id"], "type_code": kind, "subject": subject,
                "participants": [{"technician_id": self.tenant.technician_id, "role": "lead"}]}
        return self.tenant.copied(self.office.post("/v1/activities", body).json(), "activity")

    def charge(self, visit, article):
        body = {"call_id": visit["call_id"], "activity_id": visit["id"], "kind": "part", "quantity": "1", "article_id": article["id"]}
        return self.tenant.copied(self.operator.post("/v1/charges", body).json(), "charge")

    def promise(self, visit, article, **fields):
        body = {"article_id": article["id"], "warehouse_id": self.van["id"], "quantity": "1", "activity_id": visit["id"],
                "partial": True}
        return self.office.post("/v1/reservations", body | fields).json()

    def send(self, article, serial, promised):
        """To the van, for whom it is waited for."""
        lines = [{"article_id": article["id"], "quantity": "1", "serials": [serial], "reservation_id": promised["id"]}]
        body = {"from_warehouse_id": self.main["id"], "to_warehouse_id": self.van["id"], "lines": lines}
        sent = self.store.post("/v1/transfers", body).json()
        self.store.act(f"/v1/transfers/{sent['id']}", "ship")
        self.fitter.act(f"/v1/transfers/{sent['id']}", "receive")

    def shown(self, charge, what, condition):
        """The charge as the office sees it, once what inventory made of it is so."""
        def look():
            row = self.office.get(f"/v1/charges/{charge['id']}").json()
            return row if row["stock"] and condition(row) else None

        return wait_for(what, look, SECONDS)

    def line(self, who, rma):
        return who.list(f"/v1/rmas/{rma['id']}/lines")[0]

    def paper(self, line, serial):
        """The transport document with which it goes home."""
        body = {"direction": "out", "reason": "repaired", "party": {"customer_id": self.customer["id"]},
                "warehouse_id": self.bench["id"],
                "lines": [{"article_id": self.pump["id"], "quantity": "1", "serials": [serial], "rma_line_id": line["id"]}]}
        made = self.store.post("/v1/transport-documents", body).json()
        return self.store.act(f"/v1/transport-documents/{made['id']}", "issue").json()


@pytest.fixture
def story(stack, platform):
    return Story(Tenant(stack, platform))


def again(stack, service):
    stack.kill(service)
    stack.start(service)


def test_from_the_call_to_the_returned_part(stack, story, events):
    office, fitter = story.office, story.fitter
    worn = story.tenant.asset(story.pump, serial="OLD-1", parent_id=story.machine["id"])
    story.receive(story.seal, story.van)
    story.receive(story.pump, story.main, serials=["NEW-1"])

    # Two parts for the visit: one is in the van, the other is waited for.
    call = story.call()
    visit = story.visit(call, "Change the pump")
    charges = [story.charge(visit, article) for article in (story.seal, story.pump)]
    promised = office.post("/v1/reservations/from-call", {"call_id": call["id"], "warehouse_id": story.van["id"], "partial": True},
                           expect=200).json()
    seal, pump = (next(row for row in promised["items"] if row["charge_id"] == charge["id"]) for charge in charges)
    assert (seal["status"], pump["status"], pump["call_id"]) == ("reserved", "waiting", call["id"])
    assert [warning["code"] for warning in promised["warnings"]] == ["not-realigned"]
    story.shown(charges[1], "the charge with its reservation", lambda row: row["stock"]["waiting"] == "1.000")
    again(stack, "inventory")
    story.send(story.pump, "NEW-1", pump)
    assert fitter.get(f"/v1/reservations/{pump['id']}").json()["status"] == "reserved"

    # Fitted, it is a part of the machine and under warranty; calls learns of it, killed or not.
    again(stack, "calls")
    fitter.act(f"/v1/reservations/{seal['id']}", "issue")
    fitter.act(f"/v1/reservations/{pump['id']}", "issue", {"serials": ["NEW-1"]})
    fitted = fitter.list("/v1/assets", article_id=story.pump["id"], serial="NEW-1")[0]
    assert (fitted["status"], fitted["origin"], fitted["parent_id"]) == ("installed", "issue", story.machine["id"])
    assert fitted["warranty_until"] > fitted["installed_on"]
    assert {row["charge_id"] for row in fitter.list("/v1/movements", activity_id=visit["id"])} == {row["id"] for row in charges}
    story.tenant.copied(fitted, "asset", "calls")
    row = story.shown(charges[1], "the charge with what was issued", lambda row: row["stock"]["issued"] == "1.000")
    told = {one["kind"]: (one["id"], one["state"], one["serials"]) for one in row["derived"]}
    movement, = fitter.list("/v1/movements", charge_id=charges[1]["id"])
    assert told == {"reservation": (pump["id"], "fulfilled", None), "movement": (movement["id"], "issue", ["NEW-1"])}
    assert next(one for one in row["derived"] if one["kind"] == "reservation")["destination_changed_at"]

    # A second visit is called off: what was promised to it is free again.
    story.receive(story.seal, story.van)
    second = story.visit(call, "Look again")
    held = story.promise(second, story.seal)
    office.act(f"/v1/activities/{second['id']}", "cancel", {"reason": "It holds"})
    wait_for("the release", lambda: office.get(f"/v1/reservations/{held['id']}").json()["status"] == "released", SECONDS)
    again(stack, "gateway")

    worn_pump_goes_home(story, call, charges[1], worn, events)
    wait_for("nothing open of the call", lambda: office.get(f"/v1/calls/{call['id']}").json()["derived_open_count"] == 0, SECONDS)
    made = {row["id"]: (row["kind"], row["state"]) for row in office.list(f"/v1/calls/{call['id']}/derived")}
    assert made[held["id"]] == ("reservation", "released") and made[seal["id"]] == ("reservation", "fulfilled")
    assert sorted(state for kind, state in made.values() if kind in ("rma", "rma_line")) == ["closed"] * 3
    assert office.get(f"/v1/charges/{charges[1]['id']}").json()["version"] == charges[1]["version"]


def worn_pump_goes_home(story, call, charge, worn, events):
    """What the charge replaced: to us, to the supplier, who sends another, and home with its paper."""
    office, store, fitter = story.office, story.store, story.fitter
    body = {"kind": "customer_repair", "call_id": call["id"], "asset_ids": [worn["id"]], "charge_ids": [charge["id"]]}
    rma = office.post("/v1/rmas/from-call", body).json()
    assert [warning["code"] for warning in rma["warnings"]] == ["not-realigned"] and rma["reason"] == "Pump leaks"
    office.act(f"/v1/rmas/{rma['id']}", "authorise")
    line = story.line(store, rma)
    assert (line["serial"], line["source"]["line_id"]) == ("OLD-1", charge["id"])
    at = f"/v1/rma-lines/{line['id']}"
    store.act(at, "receive", {"warehouse_id": story.bench["id"]})
    fitter.act(at, "diagnose", {"diagnosis": "Beyond repair"})
    child = store.act(at, "send-to-supplier", {"supplier_name": "Bianchi", "supplier_ref": "F9"}).json()["child_rma_id"]
    theirs = story.line(store, {"id": child})
    store.act(f"/v1/rma-lines/{theirs['id']}", "receive", {"warehouse_id": story.bench["id"], "serial": "NEW-2"})
    done = fitter.act(at, "complete", {"outcome": "replaced"}).json()
    assert done["serial"] == "NEW-2" and fitter.get(f"/v1/assets/{worn['id']}").json()["replaced_by"] == done["asset_id"]
    paper = story.paper(line, "NEW-2")
    assert paper["number"] and store.get(at).json()["state"] == "returned"
    assert events.last(line["id"], "rma_line.returned", SECONDS).data["serial"] == "NEW-2"
    assert {row["id"] for row in office.list("/v1/rmas", call_id=call["id"])} == {rma["id"], child}

    # Closed on both sides.
    store.act(f"/v1/rma-lines/{theirs['id']}", "close")
    assert store.act(at, "close").json()["state"] == "closed"
