"""Returns made from a call: what they take of it, what they say when it changes, and what they copy when asked to."""
import pytest
from support.client import faults, new_id, problem
from support.stack import wait_for

SECONDS = 60  # until the other service knows of it


class Scene:
    """A call about a machine of a customer, with a worn pump in it and part charges for a new one and for seals."""

    def __init__(self, tenant):
        self.tenant, self.api = tenant, tenant.admin
        self.customer, self.site = tenant.place()
        self.place = {"customer_id": self.customer["id"], "site_id": self.site["id"]}
        self.machine = tenant.asset(installed_on="2026-01-01", **self.place)
        self.pump = tenant.known_article(tracking="serial")
        self.seal = tenant.known_article()
        self.worn = tenant.asset(self.pump, parent_id=self.machine["id"])
        tenant.copied(self.machine, "asset", "calls")
        self.call = tenant.copied(tenant.call(self.customer, site_id=self.site["id"], subject="Pump leaks", job_code="J-1",
                                              assets=[{"asset_id": self.machine["id"]}]), "call")

    def charge(self, article, quantity="1", **fields):
        body = {"kind": "part", "quantity": quantity, "article_id": article["id"]}
        return self.tenant.copied(self.tenant.charge(self.call, **(body | fields)), "charge")

    def make(self, expect=201, **fields):
        body = {"call_id": self.call["id"], "kind": "customer_repair"}
        return self.api.post("/v1/rmas/from-call", body | fields, expect=expect)

    def lines(self, rma):
        return self.api.list(f"/v1/rmas/{rma['id']}/lines", sort="created_at")

    def diff(self, rma):
        answer = self.api.get(f"/v1/rmas/{rma['id']}/source-diff").json()
        told = {line["line_id"]: (line["state"], {one["field"]: (one["here"], one["source"]) for one in line["changes"]})
                for line in answer["lines"]}
        return answer["state"], {one["field"]: (one["here"], one["source"]) for one in answer["changes"]}, told

    def changed(self, row, path="rmas"):
        """Waits until it says that its source changed."""
        def said():
            now = self.api.get(f"/v1/{path}/{row['id']}").json()
            return now if now["source"]["source_changed_at"] else None

        return wait_for("the change of the source", said, SECONDS)


@pytest.fixture
def scene(tenant):
    return Scene(tenant)


def test_it_takes_the_machines_of_the_call(scene):
    answer = scene.make()
    rma = answer.json()
    assert answer.headers["Location"] == f"/v1/rmas/{rma['id']}"
    assert {name: rma[name] for name in ("kind", "customer_id", "site_id", "call_id", "reason", "job_code", "state")} == {
        "kind": "customer_repair", "call_id": scene.call["id"], "reason": "Pump leaks", "job_code": "J-1", "state": "open", **scene.place}
    source = rma["source"]
    assert (source["kind"], source["id"], source["line_id"], source["source_changed_at"]) == ("call", scene.call["id"], None, None)
    line, = scene.lines(rma)
    assert (line["asset_id"], line["serial"], line["declared_fault"]) == (scene.machine["id"], scene.machine["serial"], "Pump leaks")
    assert line["source"]["id"] == scene.call["id"] and line["source"]["line_id"] is None
    assert [warning["code"] for warning in rma["warnings"]] == ["not-realigned"] and scene.diff(rma) == ("same", {}, {})


def test_a_charge_is_the_source_of_its_lines(scene):
    pump, seals = scene.charge(scene.pump), scene.charge(scene.seal, "4")
    rma = scene.make(asset_ids=[scene.worn["id"]], charge_ids=[pump["id"], seals["id"]], reason="Worn").json()
    first, second = scene.lines(rma)
    assert rma["reason"] == "Worn" and (first["asset_id"], first["quantity"]) == (scene.worn["id"], "1.000")
    assert (second["article_id"], second["quantity"], second["serial"]) == (scene.seal["id"], "4.000", None)
    assert [(line["source"]["line_id"], line["source"]["line_version"]) for line in (first, second)] == [(pump["id"], 1), (seals["id"], 1)]
    assert scene.diff(rma) == ("same", {}, {pump["id"]: ("same", {}), seals["id"]: ("same", {})})


def test_pieces_come_back_one_by_one(scene):
    pieces = scene.charge(scene.pump, "2", serials=["N-1", "N-2"])
    rma = scene.make(charge_ids=[pieces["id"]]).json()
    assert [line["serial"] for line in scene.lines(rma)] == ["N-1", "N-2"]


def test_what_it_can_not_be_made_from(scene, tenant):
    other = tenant.call()
    foreign = tenant.copied(tenant.charge(other, kind="part", quantity="1", article_id=scene.seal["id"]), "charge")
    labour = tenant.copied(tenant.charge(scene.call, kind="labour"), "charge")
    nobody = tenant.copied(tenant.quick_call(), "call")
    unnamed, nothing = scene.charge(scene.pump), scene.charge(scene.seal, "0")
    for fields, status, code, pointer in (
        ({"call_id": new_id()}, 422, "unknown-reference", "/call_id"),
        ({"call_id": nobody["id"]}, 409, "conflict", "/call_id"),
        ({"asset_ids": [scene.machine["id"], tenant.asset()["id"]]}, 422, "unknown-reference", "/asset_ids/1"),
        ({"asset_ids": [scene.machine["id"], scene.machine["id"]]}, 422, "invalid", "/asset_ids/1"),
        ({"charge_ids": [foreign["id"]]}, 422, "unknown-reference", "/charge_ids/0"),
        ({"charge_ids": [labour["id"]]}, 422, "unknown-reference", "/charge_ids/0"),
        ({"charge_ids": [nothing["id"]]}, 409, "conflict", "/charge_ids/0"),
        ({"charge_ids": [unnamed["id"]]}, 422, "invalid", "/charge_ids/0"),
        ({"call_id": tenant.copied(tenant.call(scene.customer), "call")["id"]}, 422, "invalid", "/asset_ids"),
    ):
        refused = problem(scene.make(expect=None, **fields), status, code)
        assert [fault["pointer"] for fault in refused["errors"]] == [pointer], fields
    assert faults(scene.make(expect=None, kind="supplier_repair")) == {"/kind": "choice"}
    assert faults(scene.make(expect=None, call_id=None, source={})) == {"/call_id": "required", "/source": "unknown"}
    assert scene.api.list("/v1/rmas", call_id=scene.call["id"]) == []


def test_a_repeated_request_makes_one(scene):
    body = {"call_id": scene.call["id"], "kind": "customer_repair"}
    key = {"Idempotency-Key": new_id()}
    first, second = (scene.api.post("/v1/rmas/from-call", body, headers=key) for _ in range(2))
    assert first.json() == second.json() and second.headers["Idempotency-Replayed"] == "true"
    assert len(scene.api.list("/v1/rmas", call_id=scene.call["id"])) == 1


def test_it_does_not_follow_a_charge_and_says_so(scene, api, events):
    seals = scene.charge(scene.seal, "4")
    rma = scene.make(charge_ids=[seals["id"]]).json()
    line, = scene.lines(rma)
    api.patch(f"/v1/charges/{seals['id']}", {"quantity": "2"}, "*")
    assert scene.changed(line, "rma-lines")["quantity"] == "4.000"
    told = scene.changed(rma)
    assert told["version"] > rma["version"] and events.last(rma["id"], "rma.source_changed", SECONDS).data["source"] == told["source"]
    assert events.last(line["id"], "rma_line.source_changed", SECONDS).data["source"]["line_id"] == seals["id"]
    assert scene.diff(rma) == ("changed", {}, {seals["id"]: ("changed", {"quantity": ("4", "2")})})
    assert [row["id"] for row in api.list("/v1/rmas", call_id=scene.call["id"], source_changed="true")] == [rma["id"]]
    assert [row["id"] for row in api.list("/v1/rma-lines", rma_id=rma["id"], source_changed="true")] == [line["id"]]
    back = api.act(f"/v1/rmas/{rma['id']}", "realign").json()
    assert back["source"]["source_changed_at"] is None and scene.diff(rma)[0] == "same"
    line, = scene.lines(rma)
    assert (line["quantity"], line["source"]["line_version"], line["source"]["source_changed_at"]) == ("2.000", 2, None)


def test_lines_that_are_added_and_removed(scene, api):
    seals = scene.charge(scene.seal, "4")
    rma = scene.make(asset_ids=[scene.machine["id"]], charge_ids=[seals["id"]]).json()
    api.delete(f"/v1/charges/{seals['id']}", "*")
    scene.changed(rma)
    more = scene.charge(scene.seal, "7")
    wait_for("the line beside", lambda: more["id"] in scene.diff(rma)[2], SECONDS)
    assert scene.diff(rma) == ("changed", {}, {seals["id"]: ("removed", {}), more["id"]: ("added", {})})
    api.act(f"/v1/rmas/{rma['id']}", "realign")
    assert [(line["state"], line["quantity"], line["source"]["line_id"]) for line in scene.lines(rma)] == [
        ("requested", "1.000", None), ("cancelled", "4.000", seals["id"]), ("requested", "7.000", more["id"])]
    assert scene.diff(rma) == ("same", {}, {more["id"]: ("same", {})})


def test_it_does_not_follow_the_call_and_says_so(scene, tenant, api):
    rma = scene.make().json()
    api.act(f"/v1/calls/{scene.call['id']}", "assign", {"technician_id": tenant.technician_id})  # nothing that it took
    moved = tenant.copied(tenant.site(scene.customer), "site")
    api.patch(f"/v1/calls/{scene.call['id']}", {"site_id": moved["id"]}, "*")
    assert scene.changed(rma)["site_id"] == scene.site["id"]
    assert scene.diff(rma)[:2] == ("changed", {"site_id": (scene.site["id"], moved["id"])})
    assert api.act(f"/v1/rmas/{rma['id']}", "realign").json()["site_id"] == moved["id"] and scene.diff(rma)[0] == "same"


def test_goods_that_are_here_stay_as_they_are(scene, tenant, api):
    seals = scene.charge(scene.seal, "4")
    rma = scene.make(charge_ids=[seals["id"]]).json()
    line, = scene.lines(rma)
    api.act(f"/v1/rma-lines/{line['id']}", "receive", {"warehouse_id": tenant.warehouse(kind="repair")["id"]})
    api.patch(f"/v1/charges/{seals['id']}", {"quantity": "2"}, "*")
    scene.changed(rma)
    answer = api.act(f"/v1/rmas/{rma['id']}", "realign").json()
    assert [warning["code"] for warning in answer["warnings"]] == ["received"] and scene.lines(rma)[0]["quantity"] == "4.000"


def test_a_return_by_hand_has_no_source(scene, api):
    rma = api.post("/v1/rmas", {"kind": "customer_repair", "call_id": scene.call["id"], "customer_id": scene.customer["id"],
                                "lines": [{"article_id": scene.seal["id"]}]}).json()
    assert rma["source"] is None and scene.diff(rma) == ("none", {}, {})
    problem(api.act(f"/v1/rmas/{rma['id']}", "realign", expect=None), 409, "conflict")


def test_a_part_of_a_line_was_made_from_the_same(scene, api, tenant):
    seals = scene.charge(scene.seal, "4")
    rma = scene.make(charge_ids=[seals["id"]]).json()
    line, = scene.lines(rma)
    api.act(f"/v1/rma-lines/{line['id']}", "receive", {"warehouse_id": tenant.warehouse(kind="repair")["id"], "quantity": "1"})
    assert {one["source"]["line_id"] for one in scene.lines(rma)} == {seals["id"]} and scene.diff(rma)[0] == "same"
