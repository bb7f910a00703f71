"""Machines lent to a customer while his own is in repair: out and back by transport documents."""
import pytest

from support.client import faults, new_id, problem
from support.goods import levels, move
from test_rmas import opened
from test_transport_documents import act, line, paper


@pytest.fixture
def pump(tenant):
    return tenant.article(tracking="serial", warranty_months=12, becomes_asset=True)


def lent(api, article, store, place, serial, **fields):
    move(api, "receipt", article, store, 1, serials=[serial], unit_cost="100")
    row = paper(api, store, line(article, 1, serials=[serial]), reason="loan", party={"customer_id": place[0]["id"]}, **fields)
    return act(api, row, "issue").json()


def asset_of(api, article):
    rows = api.list("/v1/assets", article_id=article["id"])
    return rows[0] if rows else None


def back(api, article, store, place, serial):
    row = paper(api, store, line(article, 1, serials=[serial]), reason="loan_back", direction="in", their_number="7",
                their_date="2026-11-20", party={"customer_id": place[0]["id"]})
    return act(api, row, "issue").json()


def test_out_and_back(api, pump, store, place, events):
    out = lent(api, pump, store, place, "L-1")
    machine = asset_of(api, pump)
    assert (machine["status"], machine["customer_id"], machine["owner_customer_id"]) == ("on_loan", place[0]["id"], None)
    assert machine["warranties"] is None, "it is ours, and not sold"
    assert events.last(machine["id"], "asset.created").data["status"] == "on_loan"
    assert api.list("/v1/serials", article_id=pump["id"])[0]["state"] == "at_customer" and levels(api, pump, store)[0] == "0"
    last = api.list(f"/v1/assets/{machine['id']}/history")[0]
    assert (last["action"], last["reason"]) == ("lend", out["number"])
    back(api, pump, store, place, "L-1")
    machine = asset_of(api, pump)
    assert (machine["status"], machine["customer_id"]) == ("in_stock", None) and levels(api, pump, store)[0] == "1"
    # A known one goes out again as itself.
    again = paper(api, store, line(pump, 1, serials=["l-1"]), reason="loan", party={"customer_id": place[0]["id"]})
    act(api, again, "issue")
    assert asset_of(api, pump)["status"] == "on_loan" and len(api.list("/v1/assets", article_id=pump["id"])) == 1
    told = events.wait(machine["id"], 3, 60)
    assert [(one.name, one.data["status"]) for one in told] == [
        ("asset.created", "on_loan"), ("asset.moved", "in_stock"), ("asset.moved", "on_loan")]


def test_voided_passages(api, pump, store, place):
    out = lent(api, pump, store, place, "L-2")
    came = back(api, pump, store, place, "L-2")
    act(api, came, "void", reason="It did not come")
    assert asset_of(api, pump)["status"] == "on_loan"
    act(api, out, "void", reason="It did not go")
    assert asset_of(api, pump)["status"] == "in_stock"


def test_a_sale_makes_it_his(api, pump, store, place, events):
    move(api, "receipt", pump, store, 1, serials=["L-3"])

    def sold():
        row = paper(api, store, line(pump, 1, serials=["l-3"]), party={"customer_id": place[0]["id"]})
        return act(api, row, "issue").json()

    out = sold()
    machine = asset_of(api, pump)
    day = out["document_date"]
    assert (machine["status"], machine["customer_id"], machine["installed_on"]) == ("installed", place[0]["id"], day)
    assert machine["sale_document"]["number"] == out["number"] and machine["sale_document"]["date"] == day
    assert [(one["kind"], one["from"]) for one in machine["warranties"]] == [("ours", day)]
    last = api.list(f"/v1/assets/{machine['id']}/history")[0]
    assert (last["action"], last["reason"]) == ("issue", out["number"])
    assert api.list("/v1/serials", article_id=pump["id"])[0]["asset_id"] == machine["id"]
    # Voided, it is ours as before, and may be sold again as itself.
    act(api, out, "void", reason="He did not want it")
    kept = asset_of(api, pump)
    assert (kept["status"], kept["customer_id"], kept["sale_document"], kept["warranties"]) == ("in_stock", None, None, None)
    assert levels(api, pump, store) == ("1", "0", "1", "0")
    again = sold()
    assert asset_of(api, pump)["sale_document"]["number"] == again["number"]
    told = events.wait(machine["id"], 3, 60)
    assert [(one.name, one.data["status"]) for one in told] == [
        ("asset.created", "installed"), ("asset.moved", "in_stock"), ("asset.installed", "installed")]
    passages = api.list(f"/v1/assets/{machine['id']}/timeline", kind="passage")
    assert sorted(row["what"]["action"] for row in passages) == ["issue", "issue", "return"]


def test_a_sale_to_a_name_makes_no_machine(api, pump, store):
    """Nobody is known whose it would be."""
    move(api, "receipt", pump, store, 1, serials=["L-6"])
    act(api, paper(api, store, line(pump, 1, serials=["L-6"])), "issue")
    assert asset_of(api, pump) is None


def test_what_a_return_lends_is_told_until_it_is_back(api, tenant, pump, store, bench, place):
    lent(api, pump, store, place, "L-4")
    machine = asset_of(api, pump)
    broken = tenant.asset(serial="B-4", customer_id=place[0]["id"])
    _, (mine,) = opened(api, place, {"article_id": broken["article_id"], "serial": "B-4"})
    at = f"/v1/rma-lines/{mine['id']}"
    assert faults(api.patch(at, {"loaned_asset_id": new_id()}, "*", expect=None)) == {"/loaned_asset_id": "reference"}
    assert faults(api.patch(at, {"loaned_asset_id": broken["id"]}, "*", expect=None)) == {"/loaned_asset_id": "conflict"}
    assert api.patch(at, {"loaned_asset_id": machine["id"]}, "*").json()["loaned_asset_id"] == machine["id"]
    assert [row["id"] for row in api.list("/v1/rma-lines", loaned_asset_id=machine["id"])] == [mine["id"]]
    for action, body in (("receive", {"warehouse_id": bench["id"]}), ("diagnose", {"diagnosis": "Worn"}), ("repair", {}),
                         ("complete", {"outcome": "repaired"})):
        api.act(at, action, body)
    returned = api.act(at, "return", {}).json()
    assert [one["code"] for one in returned["warnings"]] == ["on-loan"] and "L-4" in returned["warnings"][0]["detail"]
    refused = api.act(at, "close", {"refuse_on": ["on-loan"]}, expect=None)
    assert refused.status_code == 409
    back(api, pump, store, place, "L-4")
    assert "warnings" not in api.act(at, "close", {}).json()


def test_what_is_lent_is_ours_when_it_is_taken_away(api, tenant, pump, store, place):
    """Also what is in it, unless somebody says otherwise."""
    lent(api, pump, store, place, "L-7")
    machine = asset_of(api, pump)
    inside = [tenant.asset(tenant.article(tracking="serial", becomes_asset=True), parent_id=machine["id"]) for _ in range(2)]
    day = api.list(f"/v1/assets/{inside[0]['id']}/history")[0]["on"]
    taken = {"on": day, "warehouse_id": store["id"]}

    def removed(row, expect=200, **said):
        return api.act(f"/v1/assets/{row['id']}", "remove", taken | said, expect=expect)

    assert removed(inside[0]).json()["owner_customer_id"] is None
    assert removed(inside[1], owner="customer").json()["owner_customer_id"] == place[0]["id"]
    for row, owner in zip(inside, ("own", "customer")):
        assert api.list("/v1/serials", article_id=row["article_id"])[0]["owner"] == owner
    refused = problem(removed(machine, owner="customer", expect=None), 409, "conflict")
    assert refused["errors"][0]["pointer"] == "/owner"
    # He bought it: from then on it is his.
    api.act(f"/v1/assets/{machine['id']}", "install", {"customer_id": place[0]["id"], "site_id": place[1]["id"], "installed_on": day})
    assert removed(machine, owner="customer").json()["owner_customer_id"] == place[0]["id"]
    nobodys = tenant.asset(pump, parent_id=tenant.asset(pump)["id"])
    refused = problem(removed(nobodys, owner="customer", expect=None), 409, "conflict")
    assert refused["errors"][0]["pointer"] == "/owner"
