"""A charge of a kit: a charge of each of its components, or a refusal."""
import pytest
from support.client import faults, new_id, problem
from support.stack import wait_for

from api.test_charges import charge


def kit_of(tenant, *components, **fields):
    """A kit of these (article, quantity) that calls knows, with what is in it."""
    kit = tenant.known_article(kind="kit", stocked=False, **fields)
    for position, (article, quantity) in enumerate(components):
        body = {"component_id": article["id"], "quantity": quantity, "position": position}
        tenant.copied(tenant.make(f"/v1/articles/{kit['id']}/components", body), "kit_component", "calls")
    return kit


@pytest.fixture(scope="module")
def seals(tenant):
    return tenant.known_article(list_price="2.5000", description="Seal", vat_code="22")


@pytest.fixture(scope="module")
def hose(tenant):
    return tenant.known_article(list_price="30.0000", description="Hose")


def test_it_becomes_its_components(tenant, api, events, seals, hose):
    inner = kit_of(tenant, (seals, "2"))
    kit = kit_of(tenant, (hose, "1"), (inner, "1.5"), (seals, "1"))
    call = tenant.call()
    first = charge(api, call, kind="part", article_code=kit["code"], quantity="2", planned_quantity="4", discounts=["10"],
                   technician_id=new_id(), work_date="2026-03-01", treatment="goodwill", external_ref=new_id())
    rows = {row["article_id"]: row for row in api.list("/v1/charges", call_id=call["id"])}
    assert set(rows) == {hose["id"], seals["id"]} and first["article_id"] == hose["id"]
    told = {row["article_code"]: (row["quantity"], row["planned_quantity"], row["price"], row["net_amount"], row["description"])
            for row in rows.values()}
    assert told == {hose["code"]: ("2.000", "4.000", "30.0000", "54.00", "Hose"),
                    seals["code"]: ("8.000", "16.000", "2.5000", "18.00", "Seal")}
    for name in ("kit_id", "kind", "technician_id", "work_date", "treatment", "discounts", "price_source"):
        assert len({str(row[name]) for row in rows.values()}) == 1, name
    assert first["kit_id"] == kit["id"] and rows[seals["id"]]["external_ref"] is None
    warning, = first["warnings"]
    assert warning["code"] == "more-charges" and all(row["id"] in warning["detail"] for row in rows.values())
    for row in rows.values():
        told = events.last(row["id"], "charge.added", 60)
        assert told.data["kit_id"] == kit["id"] and told.data["quantity"] == row["quantity"]
    assert {row["id"] for row in api.list("/v1/charges", kit_id=kit["id"])} == {row["id"] for row in rows.values()}


def test_a_repeated_request_makes_them_once(tenant, api, seals, hose):
    call, kit, key = tenant.call(), kit_of(tenant, (hose, "1"), (seals, "2")), new_id()
    body = {"call_id": call["id"], "kind": "part", "quantity": "1", "article_id": kit["id"]}
    first, second = (api.post("/v1/charges", body, key=key).json() for _ in range(2))
    assert first == second and len(api.list("/v1/charges", call_id=call["id"])) == 2


def test_in_bulk_too(tenant, api, seals, hose):
    call, kit = tenant.call(), kit_of(tenant, (hose, "1"), (seals, "2"))
    line = {"call_id": call["id"], "kind": "part", "quantity": "1", "article_code": kit["code"], "external_ref": new_id()}
    assert [row["result"] for row in api.ndjson("/v1/charges/bulk", [line, line | {"external_ref": new_id()}])] == ["created"] * 2
    assert sorted(row["quantity"] for row in api.list("/v1/charges", call_id=call["id"])) == ["1.000", "1.000", "2.000", "2.000"]


def test_what_is_optional_is_left_out(tenant, api, seals, hose):
    kit = kit_of(tenant, (hose, "1"))
    body = {"component_id": seals["id"], "quantity": "1", "optional": True}
    tenant.copied(tenant.make(f"/v1/articles/{kit['id']}/components", body), "kit_component", "calls")
    call = tenant.call()
    only = charge(api, call, kind="part", article_id=kit["id"])
    assert [row["id"] for row in api.list("/v1/charges", call_id=call["id"])] == [only["id"]]
    assert only["article_id"] == hose["id"] and "warnings" not in only


def test_kits_that_are_not_charged(tenant, api, seals, hose):
    call = tenant.call()
    empty, gone = tenant.known_article(kind="kit", stocked=False), tenant.known_article()
    stale = kit_of(tenant, (hose, "1"), (gone, "1"))
    api.patch(f"/v1/articles/{gone['id']}", {"active": False}, "*")
    with tenant.stack.connect() as database:
        sql = "select 1 from calls_data.article where id = %s and not active"
        wait_for("the article out of use", lambda: database.execute(sql, [gone["id"]]).fetchone(), 60)
    for named, said in ((empty, empty), (stale, gone)):
        refused = problem(charge(api, call, expect=422, kind="part", article_id=named["id"]), 422, "unknown-reference")
        assert [fault["pointer"] for fault in refused["errors"]] == ["/article_id"] and said["code"] in refused["detail"]
    kit = kit_of(tenant, (hose, "1"))
    for name, value in (("price", "10"), ("description", "All of it"), ("serials", ["S1"]), ("uom", "set"), ("cost", "1")):
        assert faults(charge(api, call, expect=422, kind="part", article_id=kit["id"], **{name: value})) == {f"/{name}": "kit"}
    assert api.list("/v1/charges", call_id=call["id"]) == []
    single = charge(api, call, kind="part", article_id=seals["id"])
    refused = problem(api.patch(f"/v1/charges/{single['id']}", {"article_id": kit["id"]}, "*", expect=None), 409, "conflict")
    assert refused["errors"][0]["pointer"] == "/article_id"


def test_a_component_with_a_multiplier(tenant, api, hose):
    """As it comes to be when the ERP changes an article that a kit already names."""
    erp, call = tenant.client("integration"), tenant.call()
    body = {"code": f"DOZEN-{new_id()}"[:40], "kind": "part", "description": "Screws", "uom": "pcs", "external_ref": new_id()}
    screws = tenant.copied(erp.post("/v1/articles", body).json(), "article", "calls")
    kit = kit_of(tenant, (hose, "1"), (screws, "4"))
    erp.patch(f"/v1/articles/{screws['id']}", {"price_quantity_multiplier": "12"}, "*")
    with tenant.stack.connect() as database:
        sql = "select 1 from calls_data.article where id = %s and multiplier = 12"
        wait_for("the multiplier", lambda: database.execute(sql, [screws["id"]]).fetchone(), 60)
    refused = problem(charge(api, call, expect=422, kind="part", article_code=kit["code"]), 422, "article-multiplier")
    assert refused["errors"][0]["pointer"] == "/article_code" and screws["code"] in refused["detail"]
    assert api.list("/v1/charges", call_id=call["id"]) == []
