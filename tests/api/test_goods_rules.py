"""What lines of goods may name, what stays when a master goes out of use, and what their writer is warned of."""
import pytest
from support.client import faults, new_id, problem
from support.goods import levels, move, reserve
from support.stack import wait_for

LEVELS = 24  # of kits, two on each, each of both on the next: sixteen million ways down
COMPONENTS_MAX = 500


@pytest.fixture(scope="module")
def visit(tenant):
    return tenant.known_activity()


def retired(api, article):
    return api.patch(f"/v1/articles/{article['id']}", {"active": False}, "*").json()


def warned(answer):
    return [warning["code"] for warning in answer.json().get("warnings", [])]


def opened(client, customer, *lines, expect=201, **fields):
    body = {"kind": "customer_repair", "customer_id": customer["id"], "lines": list(lines)}
    return client.post("/v1/rmas", body | fields, expect=expect)


def lines_of(api, answer):
    return api.list(f"/v1/rmas/{answer.json()['id']}/lines", sort="created_at")


def act(api, line, action, expect=200, **body):
    return api.act(f"/v1/rma-lines/{line['id']}", action, body, expect=expect)


def dozens(tenant):
    """An article of the ERP that no line can name."""
    body = {"code": f"DOZEN-{new_id()}"[:40], "kind": "part", "description": "Screws", "uom": "pcs", "stocked": True,
            "price_quantity_multiplier": "12", "external_ref": new_id()}
    return tenant.client("integration").post("/v1/articles", body).json()


def test_serials_in_any_spelling(api, tenant, store, van):
    pump = tenant.article(tracking="serial")
    assert faults(move(api, "receipt", pump, store, 1, serials=["  "], expect=None)) == {"/serials/0": "length"}
    twice = move(api, "receipt", pump, store, 2, serials=["Ü-1", "ü-1 "], expect=None)
    assert problem(twice, 409, "conflict")["errors"][0]["pointer"] == "/serials/1"
    move(api, "receipt", pump, store, 1, serials=[" ü-1 "])
    issued = move(api, "issue", pump, store, 1, serials=["Ü-1"]).json()
    for spelling in ("Ü-1", "ü-1", " ü-1 "):
        assert len(api.list("/v1/movements", article_id=pump["id"], serial=spelling)) == 2, spelling
    assert [row["serial"] for row in api.list("/v1/serials", article_id=pump["id"], serial="Ü-1")] == ["ü-1"]
    move(api, "return", pump, van, 1, serials=["ü-1"])
    assert issued["serials"] == ["Ü-1"]  # as it was typed
    body = {"direction": "out", "reason": "sale", "party": {"name": "X"}, "warehouse_id": van["id"],
            "lines": [{"article_id": pump["id"], "quantity": "1", "serials": ["Ü-1 "]}]}
    paper = api.post("/v1/transport-documents", body).json()
    assert [row["id"] for row in api.list("/v1/transport-documents", serial="ü-1")] == [paper["id"]]


def test_goods_of_an_article_out_of_use_go_on(api, tenant, store, van, bench, place, visit):
    """What a document or a promise named already is not stopped on its way; nothing new names it."""
    part = tenant.article()
    move(api, "receipt", part, store, 5)
    promised = reserve(api, part, store, 2, visit).json()
    line = {"article_id": part["id"], "quantity": "3"}
    sent = api.post("/v1/transfers", {"from_warehouse_id": store["id"], "to_warehouse_id": van["id"], "lines": [line]}).json()
    api.act(f"/v1/transfers/{sent['id']}", "ship")
    (back,) = lines_of(api, opened(api, place[0], {"article_id": part["id"]}))
    retired(api, part)
    assert api.act(f"/v1/transfers/{sent['id']}", "receive").json()["state"] == "received"
    assert api.act(f"/v1/reservations/{promised['id']}", "issue").json()["status"] == "fulfilled"
    act(api, back, "receive", warehouse_id=bench["id"])
    for refused in (move(api, "issue", part, van, 1, expect=None), reserve(api, part, van, 1, visit, expect=None)):
        assert faults(refused) == {"/article_id": "reference"}
    assert faults(opened(api, place[0], {"article_id": part["id"]}, expect=None)) == {"/lines/0/article_id": "reference"}
    assert levels(api, part, van) == ("3", "0", "3", "0")


def test_an_article_keeps_what_its_goods_need(api, tenant, store):
    part = tenant.article()
    path = f"/v1/articles/{part['id']}"
    move(api, "receipt", part, store, 1)
    for change in ({"stocked": False}, {"kind": "service", "stocked": False}, {"kind": "kit", "stocked": False}):
        refused = api.patch(path, change, "*", expect=None)
        assert problem(refused, 409, "conflict")["errors"][0]["pointer"] == "/stocked"
    move(api, "issue", part, store, 1)
    assert api.patch(path, {"stocked": False}, "*").json()["stocked"] is False
    kit = tenant.article(kind="kit", stocked=False)
    api.post(f"/v1/articles/{kit['id']}/components", {"component_id": tenant.article()["id"], "quantity": "1"})
    refused = api.patch(f"/v1/articles/{kit['id']}", {"kind": "part"}, "*", expect=None)
    assert problem(refused, 409, "conflict")["errors"][0]["pointer"] == "/kind"


def test_masters_out_of_use_are_not_named_anew(api, tenant):
    category = api.post("/v1/article-categories", {"code": "GONE", "label": "Gone"}).json()
    listed = api.post("/v1/price-lists", {"code": "GONE", "name": "Gone"}).json()
    article, billed = tenant.article(category_code="GONE"), tenant.article()
    path = f"/v1/articles/{article['id']}"
    api.post("/v1/prices", {"list_code": "GONE", "article_id": article["id"], "price": "1"})
    api.patch(path, {"billing_article_id": billed["id"]}, "*")
    api.patch(f"/v1/article-categories/{category['id']}", {"active": False}, "*")
    api.patch(f"/v1/price-lists/{listed['id']}", {"active": False}, "*")
    retired(api, billed)
    body = {"code": new_id(), "kind": "part", "description": "x", "uom": "pcs"}
    assert faults(api.post("/v1/articles", body | {"category_code": "GONE"}, expect=None)) == {"/category_code": "reference"}
    refused = api.post("/v1/articles", body | {"billing_article_id": billed["id"]}, expect=None)
    assert faults(refused) == {"/billing_article_id": "reference"}
    price = {"list_code": "GONE", "article_id": tenant.article()["id"], "price": "1"}
    assert faults(api.post("/v1/prices", price, expect=None)) == {"/list_code": "reference"}
    kept = api.patch(path, {"category_code": "GONE", "billing_article_id": billed["id"], "notes": "As before"}, "*").json()
    assert (kept["category_code"], kept["billing_article_id"]) == ("GONE", billed["id"])


@pytest.mark.parametrize("price, discounts, net", [
    ("10.0050", ["10"], "9.0045"), ("0.0001", ["50"], "0.0001"), ("0.0001", ["50.01"], "0.0000"),
    ("99.9999", ["33.33", "33.33"], "44.4488"), ("5", ["100"], "0.0000")])
def test_net_prices_are_rounded_once_half_up(api, tenant, price, discounts, net):
    article = tenant.article()
    if not api.list("/v1/price-lists", code="HALF"):
        api.post("/v1/price-lists", {"code": "HALF", "name": "Half up"})
    api.post("/v1/prices", {"list_code": "HALF", "article_id": article["id"], "price": price, "discounts": discounts})
    found = api.get("/v1/prices/resolve", params={"article_id": article["id"], "price_list_code": "HALF"}).json()
    assert found["net_price"] == net


def test_no_discount_is_more_than_the_whole(api, tenant):
    api.post("/v1/price-lists", {"code": "MORE", "name": "More"})
    body = {"list_code": "MORE", "article_id": tenant.article()["id"], "price": "1", "discounts": ["100", "100.01"]}
    assert faults(api.post("/v1/prices", body, expect=None)) == {"/discounts/1": "range"}
    made = api.post("/v1/prices", body | {"discounts": ["100"]}).json()
    refused = api.patch(f"/v1/prices/{made['id']}", {"discounts": ["100.01"]}, "*", expect=None)
    assert faults(refused) == {"/discounts/0": "range"}


def test_the_new_article_is_told_of(api, tenant, store, visit):
    old, new = tenant.article(), tenant.article()
    move(api, "receipt", old, store, 3)
    api.post("/v1/substitutes", {"article_id": old["id"], "substitute_id": new["id"], "kind": "supersedes", "valid_from": "2020-01-01"})
    answer = reserve(api, old, store, 1, visit)
    assert warned(answer) == ["superseded"] and new["code"] in answer.json()["warnings"][0]["detail"]
    refused = reserve(api, old, store, 1, visit, refuse_on=["superseded"], expect=None)
    assert problem(refused, 409, "refused-warning")["errors"][0]["pointer"] == "/article_id"
    later = tenant.article()
    move(api, "receipt", later, store, 1)
    api.post("/v1/substitutes", {"article_id": later["id"], "substitute_id": new["id"], "kind": "supersedes", "valid_from": "2999-01-01"})
    assert warned(reserve(api, later, store, 1, visit)) == []


def test_a_kit_is_promised_only_whole(api, tenant, store, visit):
    kit, screw, plate = tenant.article(kind="kit", stocked=False), tenant.article(), tenant.article()
    for component in (screw, plate):
        api.post(f"/v1/articles/{kit['id']}/components", {"component_id": component["id"], "quantity": "1.5"})
    half = reserve(api, kit, store, 1, visit, partial=True, expect=None)
    assert faults(half) == {"/quantity": "decimals"}
    assert len(reserve(api, kit, store, 2, visit, partial=True).json()["warnings"]) == 2
    retired(api, plate)
    assert faults(reserve(api, kit, store, 2, visit, partial=True, expect=None)) == {"/article_id": "reference"}
    assert {row["open"] for row in api.list("/v1/reservations", kit_id=kit["id"])} == {"3.000"}  # the first, nothing of the last


def kit_of(api, tenant, *components):
    kit = tenant.article(kind="kit", stocked=False)
    for article, quantity in components:
        api.post(f"/v1/articles/{kit['id']}/components", {"component_id": article["id"], "quantity": quantity})
    return kit


def test_a_kit_is_issued_as_its_components(api, tenant, store, events):
    """By hand; among them serials are shared out. What comes in, and what is sent elsewhere, is no kit: that has no stock."""
    screw, pump, visit = tenant.article(), tenant.article(tracking="serial"), tenant.known_activity()
    kit = kit_of(api, tenant, (screw, "4"), (pump, "1"))
    move(api, "receipt", screw, store, 10)
    move(api, "receipt", pump, store, 2, serials=["K-1", "K-2"])
    key = new_id()
    answer = move(api, "issue", kit, store, 2, serials=["k-2", "k-1"], activity_id=visit["id"], external_ref=key)
    first = answer.json()
    assert warned(answer) == ["more-movements"] and first["article_id"] in (screw["id"], pump["id"])
    rows = {row["article_id"]: row for row in api.list("/v1/movements", activity_id=visit["id"], kind="issue")}
    assert {of: row["quantity"] for of, row in rows.items()} == {screw["id"]: "-8.000", pump["id"]: "-2.000"}
    assert sorted(rows[pump["id"]]["serials"]) == ["k-1", "k-2"] and rows[screw["id"]]["serials"] is None
    assert [row["id"] for row in api.list("/v1/movements", external_ref=key)] == [first["id"]]
    assert {row["id"] for row in api.list("/v1/movements", kit_id=kit["id"])} == {row["id"] for row in rows.values()}
    for row in rows.values():
        assert row["id"] in answer.json()["warnings"][0]["detail"] and row["kit_id"] == kit["id"]
        told = events.last(row["id"], "movement.posted").data
        assert (told["quantity"], told["kit_id"]) == (row["quantity"], kit["id"])
    assert (levels(api, screw, store)[0], levels(api, pump, store)[0]) == ("2", "0")
    move(api, "return", pump, store, 1, serials=["K-1"])
    more = move(api, "receipt", screw, store, 2).json()
    for said, wrong in (({"serials": ["K-9"]}, {"/serials": "serials"}), ({"serials": ["K-1", "K-9"]}, {"/serials": "serials"}),
                        ({"serials": ["K-1"], "price": "10"}, {"/price": "kit"})):
        assert faults(move(api, "issue", kit, store, 1, **said, expect=None)) == wrong
    api.act(f"/v1/movements/{more['id']}", "reverse", {"reason": "Not ours"}, expect=201)
    refused = problem(move(api, "issue", kit, store, 1, serials=["K-1"], expect=None), 409, "insufficient-stock")
    assert screw["code"] in refused["detail"] and levels(api, pump, store)[0] == "1", "a kit is issued whole"
    assert faults(move(api, "receipt", kit, store, 1, expect=None)) == {"/article_id": "stocked"}
    lines = [{"article_id": kit["id"], "quantity": "1"}]
    to = {"from_warehouse_id": store["id"], "to_warehouse_id": tenant.warehouse()["id"]}
    assert faults(api.post("/v1/transfers", to | {"lines": lines}, expect=None)) == {"/lines/0/article_id": "stocked"}
    draft = api.post("/v1/transfers", to | {"lines": [{"article_id": screw["id"], "quantity": "1"}]}).json()
    refused = api.patch(f"/v1/transfers/{draft['id']}", {"lines": lines}, "*", expect=None)
    assert faults(refused) == {"/lines/0/article_id": "stocked"}
    came = {"direction": "in", "reason": "return", "party": {"name": "X"}, "warehouse_id": store["id"]}
    plain = [{"article_id": screw["id"], "quantity": "1"}]
    assert faults(api.post("/v1/transport-documents", came | {"lines": plain + lines}, expect=None)) == {"/lines/1/article_id": "stocked"}
    draft = api.post("/v1/transport-documents", came | {"lines": plain}).json()
    refused = api.patch(f"/v1/transport-documents/{draft['id']}", {"lines": lines}, "*", expect=None)
    assert faults(refused) == {"/lines/0/article_id": "stocked"}


def test_what_is_not_kept_in_stock(api, tenant, store, visit):
    """Everywhere it is said so, and not that none of it is there."""
    grease = tenant.article(stocked=False)
    lines = [{"article_id": grease["id"], "quantity": "1"}]
    to = {"from_warehouse_id": store["id"], "to_warehouse_id": tenant.warehouse()["id"], "lines": lines}
    out = {"direction": "out", "reason": "sale", "party": {"name": "X"}, "warehouse_id": store["id"], "lines": lines}
    level = {"article_id": grease["id"], "warehouse_id": store["id"], "minimum": "1", "target": "2", "source": "purchase"}
    refused = [
        move(api, "receipt", grease, store, 1, expect=None),
        reserve(api, grease, store, 1, visit, expect=None),
        api.post("/v1/rmas", {"kind": "supplier_repair", "supplier_name": "X", "lines": lines}, expect=None),
        api.post("/v1/transfers", to, expect=None),
        api.post("/v1/transport-documents", out, expect=None),
        api.post("/v1/reorder-levels", level, expect=None),
    ]
    for answer in refused:
        (told,) = problem(answer, 422)["errors"]
        assert (told["code"], told["detail"]) == ("stocked", f"article {grease['code']} is not kept in stock")


def test_a_kit_of_kits_of_kits_is_taken_apart_level_by_level(api, tenant, store, visit):
    bolt = tenant.article()
    rows = [{"id": new_id(), "code": f"K-{new_id()}", "kind": "kit", "description": "Kit", "uom": "pcs"} for _ in range(2 * LEVELS)]
    assert {line["result"] for line in api.ndjson("/v1/articles/bulk", rows)} == {"created"}
    kits = [row["id"] for row in rows]
    for number, kit in enumerate(kits):
        below = kits[number // 2 * 2 + 2 : number // 2 * 2 + 4] or [bolt["id"]]
        for component in below:
            api.post(f"/v1/articles/{kit}/components", {"component_id": component, "quantity": "1"})
    reserve(api, {"id": kits[0]}, store, 1, visit, partial=True)
    assert {row["open"] for row in api.list("/v1/reservations", kit_id=kits[0])} == {f"{2 ** (LEVELS - 1)}.000"}


def test_a_kit_of_too_many_components_is_refused(api, tenant, store, visit, database):
    kit = tenant.article(kind="kit", stocked=False)
    rows = [{"id": new_id(), "code": f"S-{new_id()}", "kind": "part", "description": "Screw", "uom": "pcs", "stocked": True}
            for _ in range(COMPONENTS_MAX)]
    assert {line["result"] for line in api.ndjson("/v1/articles/bulk", rows)} == {"created"}
    database.execute("insert into inventory_data.kit_component (tenant_id, id, article_id, component_id, quantity, optional, position) "
                     "select %s, gen_random_uuid(), %s, a.id, 1, false, 0 from unnest(%s::uuid[]) a(id)",
                     (tenant.id, kit["id"], [row["id"] for row in rows]))
    assert faults(reserve(api, kit, store, 1, visit, partial=True, expect=None)) == {"/article_id": "components"}


def test_articles_that_a_return_does_not_name(api, tenant, place, store, bench):
    screws, part, gone = dozens(tenant), tenant.article(), tenant.article()
    refused = problem(opened(api, place[0], {"article_id": part["id"]}, {"article_id": screws["id"]}, expect=None), 422, "article-multiplier")
    assert refused["errors"][0]["pointer"] == "/lines/1/article_id"
    made = opened(api, place[0], {"article_id": part["id"]})
    body = {"rma_id": made.json()["id"], "article_id": screws["id"]}
    problem(api.post("/v1/rma-lines", body, expect=None), 422, "article-multiplier")
    pump = tenant.article(tracking="serial")
    assert faults(opened(api, place[0], {"article_id": pump["id"], "serial": " "}, expect=None)) == {"/lines/0/serial": "length"}
    move(api, "receipt", gone, store, 1)
    retired(api, gone)
    (line,) = lines_of(api, made)
    act(api, line, "receive", warehouse_id=bench["id"])
    refused = act(api, line, "replace", article_id=gone["id"], warehouse_id=store["id"], expect=None)
    assert faults(refused) == {"/article_id": "reference"}


def test_what_comes_in_after_its_time_is_unannounced(api, tenant, place, bench, part):
    def received(last_day, **when):
        made = opened(api, place[0], {"article_id": part["id"]})
        api.act(f"/v1/rmas/{made.json()['id']}", "authorise", {"expires_on": last_day} | when)
        return act(api, lines_of(api, made)[0], "receive", warehouse_id=bench["id"], **when).json()["unannounced"]

    assert received("2020-01-01") is True and received("2999-12-31") is False
    assert api.list("/v1/rma-lines", unannounced="true", article_id=part["id"])


def test_a_piece_of_another_comes_in_with_a_warning(api, tenant, place):
    pump, other = tenant.article(tracking="serial"), tenant.customer()
    tenant.copied(other, "customer")
    asset = tenant.asset(pump, serial="HIS-1", customer_id=place[0]["id"], site_id=place[1]["id"])
    piece = {"article_id": pump["id"], "serial": "his-1"}
    answer = opened(api, other, piece)
    assert warned(answer) == ["asset-customer"] and lines_of(api, answer)[0]["asset_id"] == asset["id"]
    api.act(f"/v1/rmas/{answer.json()['id']}", "cancel", {"reason": "x"})
    # A customer learns nothing of the machines of others.
    portal = tenant.client("portal")
    tenant.copied(tenant.portal_customer, "customer")
    mine = opened(portal, {"id": None}, piece)
    line = portal.list(f"/v1/rmas/{mine.json()['id']}/lines")[0]
    assert (line["asset_id"], line["warranty"], warned(mine)) == (None, "unknown", [])
    refused = opened(portal, {"id": None}, {"article_id": pump["id"], "serial": "HIS-2", "asset_id": asset["id"]}, expect=None)
    assert faults(refused) == {"/lines/0/asset_id": "reference"}


def test_a_customer_out_of_use_gets_no_new_lines(api, tenant, part, store):
    customer = tenant.customer()
    site = tenant.site(customer)
    tenant.copied(customer, "customer")
    tenant.copied(site, "site")
    kept = tenant.asset(customer_id=customer["id"], site_id=site["id"])
    api.patch(f"/v1/customers/{customer['id']}", {"active": False}, "*")
    with tenant.stack.connect() as database:
        gone = "select 1 from inventory_data.customer where id = %s and not active"
        wait_for("the copy", lambda: database.execute(gone, [customer["id"]]).fetchone(), 60)
    assert faults(opened(api, customer, {"article_id": part["id"]}, expect=None)) == {"/customer_id": "reference"}
    body = {"article_id": tenant.model()["id"], "serial": "N-1", "customer_id": customer["id"]}
    assert faults(api.post("/v1/assets", body, expect=None)) == {"/customer_id": "reference"}
    again = api.patch(f"/v1/assets/{kept['id']}", {"customer_id": customer["id"], "description": "Still there"}, "*").json()
    assert again["customer_id"] == customer["id"]


def test_a_replacement_has_a_serial(api, tenant, place):
    asset = tenant.asset(customer_id=place[0]["id"], site_id=place[1]["id"], installed_on="2020-01-01")
    body = {"article_id": asset["article_id"], "serial": "  ", "on": "2020-01-02", "reason": "x"}
    assert faults(api.act(f"/v1/assets/{asset['id']}", "replace", body, expect=None)) == {"/serial": "length"}


def test_a_warehouse_that_waits_for_goods_stays_in_use(api, tenant, store, part, visit):
    van = tenant.warehouse(kind="van")
    path = f"/v1/warehouses/{van['id']}"
    waits = reserve(api, part, van, 1, visit, partial=True).json()
    problem(api.patch(path, {"active": False}, "*", expect=None), 409, "conflict")
    api.act(f"/v1/reservations/{waits['id']}", "release")
    move(api, "receipt", part, store, 1)
    line = {"article_id": part["id"], "quantity": "1"}
    sent = api.post("/v1/transfers", {"from_warehouse_id": store["id"], "to_warehouse_id": van["id"], "lines": [line]}).json()
    api.act(f"/v1/transfers/{sent['id']}", "ship")
    problem(api.patch(path, {"active": False}, "*", expect=None), 409, "conflict")
    api.act(f"/v1/transfers/{sent['id']}", "cancel", {"reason": "x"})
    assert api.patch(path, {"active": False}, "*").json()["active"] is False


def test_levels_are_counted_like_their_article(api, tenant, store, part):
    body = {"article_id": part["id"], "warehouse_id": store["id"], "minimum": "1", "target": "2.5", "source": "purchase"}
    assert faults(api.post("/v1/reorder-levels", body, expect=None)) == {"/target": "decimals"}
    assert faults(api.post("/v1/reorder-levels", body | {"target": "2", "multiple": "0.5"}, expect=None)) == {"/multiple": "decimals"}
    made = api.post("/v1/reorder-levels", body | {"target": "2"}).json()
    refused = api.patch(f"/v1/reorder-levels/{made['id']}", {"target": "2.001"}, "*", expect=None)
    assert faults(refused) == {"/target": "decimals"}


def test_a_document_is_not_of_a_day_to_come(api, tenant, store, part):
    """It would keep the days before it from having numbers."""
    move(api, "receipt", part, store, 1)
    body = {"direction": "out", "reason": "sale", "party": {"name": "X"}, "warehouse_id": store["id"],
            "document_date": "2099-01-01", "lines": [{"article_id": part["id"], "quantity": "1"}]}
    path = f"/v1/transport-documents/{api.post('/v1/transport-documents', body).json()['id']}"
    assert faults(api.act(path, "issue", expect=None)) == {"/document_date": "range"}
    api.patch(path, {"document_date": None}, "*")
    assert api.act(path, "issue").json()["state"] == "issued"


def test_what_the_other_service_refers_to_stays(api, tenant, place):
    """Rows of one service that only rows of the other name, as copies tell."""
    customer, site = place
    asset = tenant.asset(customer_id=customer["id"], site_id=site["id"])
    tenant.copied(asset, "asset", "calls")
    for path in (f"/v1/customers/{customer['id']}", f"/v1/sites/{site['id']}"):
        problem(api.delete(path, "*", expect=None), 409, "referenced")
    call = tenant.call(customer, assets=[{"asset_id": asset["id"]}])
    tenant.copied(call, "call")
    problem(api.delete(f"/v1/assets/{asset['id']}", "*", expect=None), 409, "referenced")
    machine, part, store = tenant.asset(), tenant.article(), tenant.warehouse()
    move(api, "receipt", part, store, 1)
    move(api, "issue", part, store, 1, asset_id=machine["id"])
    problem(api.delete(f"/v1/assets/{machine['id']}", "*", expect=None), 409, "referenced")
    article = tenant.known_article()
    charge = tenant.charge(call, kind="part", article_id=article["id"])
    tenant.copied(charge, "charge")
    problem(api.delete(f"/v1/articles/{article['id']}", "*", expect=None), 409, "referenced")
    api.delete(f"/v1/charges/{charge['id']}", "*")
    wait_for("the charge's end", lambda: api.delete(f"/v1/articles/{article['id']}", "*", expect=None).status_code == 204, 60)


def test_a_technician_moves_the_goods_of_his_own_van(tenant, api, visit):
    """Also by reversing what he sees of his work, and by taking a machine away."""
    technician, article = tenant.client("technician"), tenant.article()
    main, van = tenant.warehouse(), tenant.warehouse(kind="van", technician_id=tenant.technician_id)
    call = tenant.call()
    api.act(f"/v1/calls/{call['id']}", "assign", {"technician_id": tenant.technician_id})
    tenant.copied(call, "call")
    move(api, "receipt", article, main, 5)
    move(api, "receipt", article, van, 5)
    wait_for("his work", lambda: move(technician, "issue", article, van, 1, expect=None, call_id=call["id"]).status_code == 201, 60)
    issued = move(api, "issue", article, main, 1, call_id=call["id"]).json()
    wait_for("that he sees it", lambda: technician.get(f"/v1/movements/{issued['id']}", expect=None).status_code == 200, 60)
    undo = f"/v1/movements/{issued['id']}"
    problem(technician.act(undo, "reverse", {"reason": "Mistake"}, expect=403), 403, "forbidden")
    assert levels(api, article, main) == ("4", "0", "4", "0")
    machine = tenant.asset(customer_id=tenant.copied({"id": call["customer_id"]}, "customer")["id"])
    gone = {"on": api.list(f"/v1/assets/{machine['id']}/history")[0]["on"], "warehouse_id": main["id"]}
    problem(technician.act(f"/v1/assets/{machine['id']}", "remove", gone, expect=403), 403, "forbidden")
    assert api.get(f"/v1/assets/{machine['id']}").json()["status"] == machine["status"]
    own = technician.list("/v1/movements", article_id=article["id"], warehouse_id=van["id"], kind="issue")[0]
    technician.act(f"/v1/movements/{own['id']}", "reverse", {"reason": "Mistake"}, expect=201)


def test_a_movement_names_charges_and_assets_that_are_there(tenant, api, visit):
    article, store = tenant.article(), tenant.warehouse()
    move(api, "receipt", article, store, 5)
    charge = tenant.copied(tenant.charge(), "charge")
    for name, value in (("charge_id", new_id()), ("asset_id", new_id()), ("charge_id", charge["id"])):
        call = {"call_id": visit["call_id"]} if value == charge["id"] else {}
        refused = move(api, "issue", article, store, 1, expect=422, **call, **{name: value})
        assert faults(refused) == {f"/{name}": "reference"}
    made = move(api, "issue", article, store, 1, charge_id=charge["id"], call_id=charge["call_id"]).json()
    assert made["charge_id"] == charge["id"]
