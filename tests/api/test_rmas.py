"""Returns: customers' repairs, suppliers' as their children, replacements in advance; each line with a state of its own."""
import pytest
from support.at_once import at_once, insist
from support.client import faults, new_id, problem
from support.goods import levels, move, reserve
from support.stack import wait_for


@pytest.fixture(scope="module")
def away(tenant):
    return tenant.warehouse(code="SUPPLIER", kind="supplier")


@pytest.fixture
def pump(tenant):
    return tenant.article(tracking="serial", warranty_months=12)


def opened(api, place, *lines, kind="customer_repair", **fields):
    body = {"kind": kind, "customer_id": place[0]["id"], "site_id": place[1]["id"], "lines": list(lines)}
    row = api.post("/v1/rmas", body | fields).json()
    return row, api.list(f"/v1/rmas/{row['id']}/lines", sort="created_at")


def act(api, line, action, expect=200, **body):
    return api.act(f"/v1/rma-lines/{line['id']}", action, body, expect=expect)


def head(api, row):
    return api.get(f"/v1/rmas/{row['id']}").json()


def received(api, place, bench, *lines, **fields):
    row, made = opened(api, place, *lines, **fields)
    api.act(f"/v1/rmas/{row['id']}", "authorise")
    return row, [act(api, line, "receive", warehouse_id=bench["id"]).json() for line in made]


def test_a_repair_from_request_to_return(api, tenant, place, bench, pump, events):
    asset = tenant.asset(pump, serial="P-1", customer_id=place[0]["id"], site_id=place[1]["id"], installed_on="2026-01-01")
    row, (line,) = opened(api, place, {"article_id": pump["id"], "serial": "p-1", "declared_fault": "Leaks"}, reason="Leaking pump")
    assert row["number"].split("/")[1] == "RMA" and row["state"] == "open" and line["state"] == "requested"
    assert line["asset_id"] == asset["id"] and line["warranty"] == "partial"
    assert events.last(row["id"], "rma.opened") and events.last(line["id"], "rma_line.created").data == line
    done = api.act(f"/v1/rmas/{row['id']}", "authorise", {"expires_on": "2027-01-01"}).json()
    assert done["expires_on"] == "2027-01-01" and done["authorised_by"]
    problem(act(api, line, "diagnose", diagnosis="?", expect=None), 409, "transition-refused")
    here = act(api, line, "receive", warehouse_id=bench["id"], condition="Dirty").json()
    assert (here["state"], here["received_quantity"], here["unannounced"]) == ("received", "1.000", False)
    # Goods of customers are neither available nor valued.
    stock = api.list("/v1/stock", article_id=pump["id"])
    assert [(one["owner"], one["on_hand"], one["available"], one["value"]) for one in stock] == [("customer", "1.000", "0.000", None)]
    piece = api.list("/v1/serials", article_id=pump["id"])[0]
    assert (piece["state"], piece["owner"], piece["rma_line_id"]) == ("in_repair", "customer", line["id"])
    assert api.get(f"/v1/assets/{asset['id']}").json()["status"] == "in_repair"
    act(api, line, "diagnose", diagnosis="Seal worn", warranty="in")
    act(api, line, "request-offer")
    assert act(api, line, "answer-offer", accepted=True).json()["state"] == "repairing"
    assert act(api, line, "complete", outcome="repaired", repair_notes="New seal").json()["state"] == "ready"
    assert faults(act(api, line, "close", expect=None)) == {"/disposal": "required"}
    back = act(api, line, "return").json()
    assert (back["state"], back["returned_quantity"], back["disposal"]) == ("returned", "1.000", "returned")
    assert api.list("/v1/serials", article_id=pump["id"])[0]["state"] == "at_customer"
    assert api.get(f"/v1/assets/{asset['id']}").json()["status"] == "installed"
    assert head(api, row)["state"] == "open"
    act(api, line, "close")
    assert head(api, row)["state"] == "closed" and events.last(row["id"], "rma.closed")
    moved = [one["kind"] for one in api.every("/v1/movements", rma_line_id=line["id"], sort="sequence")]
    assert moved == ["rma_in", "rma_out"]
    names = [one["action"] for one in api.list(f"/v1/rma-lines/{line['id']}/transitions")]
    assert names == ["create", "authorise", "receive", "diagnose", "request-offer", "answer-offer", "complete", "return", "close"]
    assert [one["id"] for one in api.list(f"/v1/assets/{asset['id']}/rmas")] == [line["id"]]
    assert [one["id"] for one in api.list("/v1/rmas", serial="P-1", q="pump")] == [row["id"]]
    told = api.list(f"/v1/assets/{asset['id']}/timeline", kind="rma")
    assert [(one["source_id"], one["what"]["number"], one["what"]["outcome"]) for one in told] == [(line["id"], row["number"], "repaired")]


def ready_beside_a_document(api, tenant, place, store, bench, pump, part):
    """A line whose goods may go back, and an outgoing document of other goods, a draft."""
    tenant.asset(pump, serial="P-DDT", customer_id=place[0]["id"], site_id=place[1]["id"], installed_on="2026-01-01")
    _, (line,) = received(api, place, bench, {"article_id": pump["id"], "serial": "P-DDT"})
    act(api, line, "diagnose", diagnosis="Nothing")
    act(api, line, "repair")
    act(api, line, "complete", outcome="not_repaired")
    move(api, "receipt", part, store, 1)
    body = {"direction": "out", "reason": "sale", "party": {"name": "B"}, "warehouse_id": store["id"],
            "lines": [{"article_id": part["id"], "quantity": "1"}]}
    return line, api.post("/v1/transport-documents", body).json()


def test_goods_go_back_on_a_document_that_is_issued(api, tenant, place, store, bench, pump, part):
    line, paper = ready_beside_a_document(api, tenant, place, store, bench, pump, part)
    missing = act(api, line, "return", transport_document_id=place[0]["id"], expect=None)
    assert faults(missing) == {"/transport_document_id": "reference"}
    draft = problem(act(api, line, "return", transport_document_id=paper["id"], expect=None), 409, "conflict")
    assert draft["errors"][0]["pointer"] == "/transport_document_id"
    issued = api.act(f"/v1/transport-documents/{paper['id']}", "issue").json()
    assert act(api, line, "return", transport_document_id=paper["id"]).json()["state"] == "returned"
    (moved,) = api.list("/v1/movements", rma_line_id=line["id"], kind="rma_out")
    assert moved["document"] == {"kind": "transport_document", "id": issued["id"], "number": issued["number"]}


def test_no_goods_go_back_on_a_document_that_is_being_voided(api, tenant, place, store, bench, pump, part):
    """Who voids it would not see them: the return is to be asked for again, and finds what became of the document."""
    line, paper = ready_beside_a_document(api, tenant, place, store, bench, pump, part)
    api.act(f"/v1/transport-documents/{paper['id']}", "issue")
    with tenant.stack.connect() as other, other.transaction():
        other.execute("select from inventory_data.transport_document where id = %s for no key update", [paper["id"]])
        answer = act(api, line, "return", transport_document_id=paper["id"], expect=503)
        assert answer.headers["Retry-After"]
    api.act(f"/v1/transport-documents/{paper['id']}", "void", {"reason": "Wrong"})
    problem(act(api, line, "return", transport_document_id=paper["id"], expect=None), 409, "conflict")
    assert act(api, line, "return").json()["state"] == "returned"


def test_a_step_on_a_part_splits_the_line(api, place, bench, part):
    """Quantities are split without loss."""
    row, (line,) = opened(api, place, {"article_id": part["id"], "quantity": "10"})
    act(api, line, "authorise")
    problem(act(api, line, "receive", warehouse_id=bench["id"], quantity="11", expect=None), 409, "conflict")
    here = act(api, line, "receive", warehouse_id=bench["id"], quantity="6").json()
    assert (here["quantity"], here["received_quantity"], here["state"]) == ("6.000", "6.000", "received")
    act(api, line, "diagnose", diagnosis="Cracked", quantity="4")
    act(api, line, "scrap", outcome="credited", customer_consent=True, quantity="1")
    lines = api.list(f"/v1/rmas/{row['id']}/lines", sort="created_at")
    assert sorted((one["state"], one["quantity"], one["received_quantity"]) for one in lines) == [
        ("authorised", "4.000", "0.000"), ("diagnosed", "3.000", "3.000"), ("ready", "1.000", "1.000"), ("received", "2.000", "2.000")]
    assert {one["split_from"] for one in lines} == {None, line["id"]}
    assert levels(api, part, bench, "customer") == ("5", "0", "0", "0")
    for one in lines:
        if one["state"] == "authorised":
            act(api, one, "cancel", reason="They keep them")
        elif one["state"] == "received":
            act(api, one, "diagnose", diagnosis="Fine")
        if one["state"] in ("received", "diagnosed"):
            act(api, one, "repair")
            act(api, one, "complete", outcome="not_repaired")
            act(api, one, "return")
        if one["state"] != "authorised":
            act(api, one, "close")
    assert head(api, row)["state"] == "closed" and levels(api, part, bench, "customer") == ("0", "0", "0", "0")


def test_a_serial_is_in_one_open_return(api, place, bench, pump):
    row, (line,) = opened(api, place, {"article_id": pump["id"], "serial": "S-1"})
    body = {"kind": "customer_repair", "customer_id": place[0]["id"], "lines": [{"article_id": pump["id"], "serial": "s-1"}]}
    assert api.post("/v1/rmas", body, expect=None).status_code == 409
    more = api.post("/v1/rma-lines", {"rma_id": row["id"], "article_id": pump["id"], "serial": "S-1"}, expect=None)
    assert problem(more, 409, "duplicate")["errors"][0]["pointer"] == "/serial"
    api.act(f"/v1/rmas/{row['id']}", "cancel", {"reason": "By mistake"})
    assert head(api, row)["state"] == "cancelled"
    assert api.get(f"/v1/rma-lines/{line['id']}").json()["state"] == "cancelled"
    again, (line,) = opened(api, place, {"article_id": pump["id"], "serial": "S-1"})
    assert act(api, line, "receive", warehouse_id=bench["id"]).json()["unannounced"] is True
    assert again["id"] in {one["id"] for one in api.list("/v1/rmas", unannounced="true")}
    problem(api.act(f"/v1/rmas/{again['id']}", "cancel", {"reason": "No"}, expect=None), 409, "conflict")


def test_two_take_the_same_serial_in(api, tenant, place, pump):
    body = {"kind": "customer_repair", "customer_id": place[0]["id"], "lines": [{"article_id": pump["id"], "serial": "RACE"}]}
    clients = [tenant.client(role) for role in ("manager", "operator", "dispatcher")]

    def ask(client):
        return insist(lambda: client.post("/v1/rmas", body, expect=None)).status_code

    for client in clients:
        client.token()
    assert sorted(at_once(ask, clients * 2)) == [201] + [409] * 5


def test_a_suppliers_repair_is_its_child(api, tenant, place, bench, away, pump, events):
    row, (line,) = received(api, place, bench, {"article_id": pump["id"], "serial": "C-1"})
    act(api, line, "diagnose", diagnosis="Shaft broken")
    sent = act(api, line, "send-to-supplier", supplier_name="Idraulica Bianchi", supplier_ref="F9").json()
    child = head(api, {"id": sent["child_rma_id"]})
    assert sent["state"] == "repairing" and (child["kind"], child["supplier_ref"], child["parent_line_id"]) == (
        "supplier_repair", "F9", line["id"])
    theirs = api.list(f"/v1/rmas/{child['id']}/lines")[0]
    assert theirs["state"] == "authorised" and theirs["serial"] == "C-1"
    assert levels(api, pump, away, "customer") == ("1", "0", "0", "0") and levels(api, pump, bench, "customer")[0] == "0"
    assert "still with the supplier" in problem(act(api, line, "complete", outcome="repaired", expect=None), 409)["detail"]
    problem(act(api, line, "send-to-supplier", supplier_name="B", supplier_ref="F9", expect=None), 409)
    act(api, theirs, "receive", warehouse_id=bench["id"], supplier_cost="340.50")
    act(api, theirs, "close")
    assert head(api, child)["state"] == "closed"
    mine = act(api, line, "complete", outcome="repaired").json()
    assert mine["supplier_cost"] == "340.50" and mine["warehouse_id"] == bench["id"]
    assert "supplier_cost" not in tenant.client("storekeeper").get(f"/v1/rma-lines/{line['id']}").json()
    act(api, line, "return")
    act(api, line, "close")
    assert head(api, row)["state"] == "closed" and levels(api, pump, bench, "customer")[0] == "0"
    assert events.last(line["id"], "rma_line.closed")


def at_supplier(api, place, bench, part, quantity):
    """A customer's line whose goods are with a supplier, and the supplier's."""
    _, (line,) = received(api, place, bench, {"article_id": part["id"], "quantity": str(quantity)})
    act(api, line, "diagnose", diagnosis="Worn")
    sent = act(api, line, "send-to-supplier", supplier_name="Bianchi", supplier_ref="F9").json()
    return sent, api.list(f"/v1/rmas/{sent['child_rma_id']}/lines")[0]


def test_goods_at_a_supplier_are_one_lines_alone(api, place, bench, away, part):
    """The supplier's line brings them back; what becomes of them is said of the customer's, and not before."""
    line, theirs = at_supplier(api, place, bench, part, 2)
    for action, body in {"scrap": {"outcome": "credited", "customer_consent": True}, "complete": {"outcome": "repaired"}}.items():
        assert "still with the supplier" in problem(act(api, line, action, **body, expect=None), 409)["detail"]
    act(api, theirs, "receive", warehouse_id=bench["id"])
    for action, body in {"diagnose": {"diagnosis": "Seal"}, "credit": {}}.items():
        assert "customer's line" in problem(act(api, theirs, action, **body, expect=None), 409)["detail"]
    refused = api.post("/v1/rma-lines", {"rma_id": theirs["rma_id"], "article_id": part["id"]}, expect=None)
    assert problem(refused, 409)["errors"][0]["pointer"] == "/rma_id"
    act(api, theirs, "close")
    act(api, line, "complete", outcome="repaired")
    act(api, line, "return")
    assert levels(api, part, bench, "customer")[0] == levels(api, part, away, "customer")[0] == "0"


def test_a_supplier_sends_goods_back_in_parts(api, tenant, place, bench, away, part, events):
    line, theirs = at_supplier(api, place, bench, part, 5)
    act(api, theirs, "receive", warehouse_id=bench["id"], quantity="2")
    rest = api.list(f"/v1/rmas/{theirs['rma_id']}/lines", state="authorised")[0]
    assert rest["quantity"] == "3.000" and api.get(f"/v1/rma-lines/{line['id']}").json()["warehouse_id"] == away["id"]
    assert "still with the supplier" in problem(act(api, line, "complete", outcome="repaired", expect=None), 409)["detail"]
    elsewhere = tenant.warehouse(kind="repair")
    assert faults(act(api, rest, "receive", warehouse_id=elsewhere["id"], expect=None), 409) == {"/warehouse_id": "reference"}
    before = api.get(f"/v1/rma-lines/{line['id']}").json()["version"]
    act(api, rest, "receive", warehouse_id=bench["id"], supplier_cost="10")
    here = api.get(f"/v1/rma-lines/{line['id']}").json()
    assert (here["version"], here["supplier_cost"]) == (before + 1, "10.00"), "it changed once"
    assert here["warehouse_id"] == bench["id"] and events.last(line["id"], "rma_line.changed").data == here
    act(api, line, "complete", outcome="repaired")
    act(api, line, "return")
    assert levels(api, part, bench, "customer")[0] == levels(api, part, away, "customer")[0] == "0"


def test_a_line_is_divided_while_its_goods_are_at_a_supplier(api, place, bench, store, away, part):
    move(api, "receipt", part, store, 3, unit_cost="1")
    line, theirs = at_supplier(api, place, bench, part, 4)
    replaced = act(api, line, "replace", warehouse_id=store["id"], quantity="3").json()
    assert (replaced["state"], replaced["quantity"], replaced["warehouse_id"]) == ("ready", "3.000", away["id"])
    rest = next(row for row in api.list(f"/v1/rmas/{line['rma_id']}/lines") if row["split_from"] == line["id"])
    refused = act(api, replaced, "close", disposal="kept", expect=None)
    assert "still with the supplier" in problem(refused, 409)["detail"]
    act(api, theirs, "receive", warehouse_id=bench["id"])
    assert api.get(f"/v1/rma-lines/{rest['id']}").json()["warehouse_id"] == bench["id"]
    act(api, replaced, "close", disposal="kept")
    act(api, rest, "complete", outcome="repaired")
    act(api, rest, "return")
    assert levels(api, part, bench, "customer")[0] == levels(api, part, away, "customer")[0] == "0"
    assert levels(api, part, bench)[0] == "3"


def test_a_supplier_sends_another_piece(api, tenant, place, bench, away, pump):
    asset = tenant.asset(pump, serial="D-1", customer_id=place[0]["id"], site_id=place[1]["id"], installed_on="2026-01-01")
    _, (line,) = received(api, place, bench, {"article_id": pump["id"], "serial": "D-1"})
    act(api, line, "diagnose", diagnosis="Beyond repair")
    sent = act(api, line, "send-to-supplier", supplier_name="Bianchi", supplier_ref="F9").json()
    theirs = api.list(f"/v1/rmas/{sent['child_rma_id']}/lines")[0]
    act(api, theirs, "receive", warehouse_id=bench["id"], serial="D-2")
    mine = act(api, line, "complete", outcome="replaced").json()
    assert mine["serial"] == "D-2" and mine["asset_id"] != asset["id"]
    old, new = (api.get(f"/v1/assets/{id}").json() for id in (asset["id"], mine["asset_id"]))
    assert (old["status"], old["replaced_by"], new["serial"], new["customer_id"]) == ("replaced", new["id"], "D-2", place[0]["id"])
    act(api, line, "return")
    assert [one["state"] for one in api.list("/v1/serials", article_id=pump["id"], serial="D-2")] == ["at_customer"]


def test_a_replacement_carries_the_warranty_on(api, tenant, place, bench, store, pump, events):
    asset = tenant.asset(pump, serial="R-1", customer_id=place[0]["id"], site_id=place[1]["id"], installed_on="2026-01-01",
                         warranties=[{"kind": "maker", "from": "2026-01-01", "until": "2036-12-31", "covers": ["parts"]}])
    move(api, "receipt", pump, store, 1, serials=["R-2"], unit_cost="800")
    row, (line,) = received(api, place, bench, {"article_id": pump["id"], "serial": "R-1"})
    done = act(api, line, "replace", warehouse_id=store["id"], serial="R-2").json()
    assert (done["state"], done["outcome"], done["replacement"]["serial"]) == ("ready", "replaced", "R-2")
    new = api.get(f"/v1/assets/{done['replacement']['asset_id']}").json()
    assert (new["status"], new["site_id"], new["warranty_until"]) == ("installed", place[1]["id"], "2036-12-31")
    assert events.last(asset["id"], "asset.replaced")
    out = api.list("/v1/movements", rma_line_id=line["id"], owner="own")
    assert [(one["kind"], one["value"], one["price"]) for one in out] == [("rma_out", "-800.0000", "0.0000")]
    # The broken one stays: ours for nothing.
    act(api, line, "close", disposal="kept")
    assert levels(api, pump, bench) == ("1", "0", "0", "0") and levels(api, pump, bench, "customer")[0] == "0"
    assert head(api, row)["state"] == "closed"


def test_a_replacement_in_advance(api, tenant, place, bench, store, pump, database, events):
    move(api, "receipt", pump, store, 1, serials=["A-2"])
    row, (line,) = opened(api, place, {"article_id": pump["id"], "serial": "A-1"}, kind="advance_replacement")
    problem(act(api, line, "replace", warehouse_id=store["id"], serial="A-2", expect=None), 409, "transition-refused")
    act(api, line, "authorise")
    sent = act(api, line, "replace", warehouse_id=store["id"], serial="A-2").json()
    assert sent["state"] == "authorised" and sent["due_back_on"] and sent["replacement"]["serial"] == "A-2"
    problem(act(api, line, "cancel", reason="No", expect=None), 409, "conflict")
    problem(act(api, line, "charge-missing", expect=None), 409, "conflict")
    database.execute("update inventory_data.rma_line set due_back_on = '2026-01-01' where id = %s", [line["id"]])
    database.execute("update inventory_data.timer set due_at = now() where subject = %s and kind = 'rma_line.overdue'", [line["id"]])
    assert events.last(line["id"], "rma_line.overdue", seconds=60)
    assert [one["id"] for one in api.list("/v1/rma-lines", late="true")] == [line["id"]]
    assert row["id"] in {one["id"] for one in api.list("/v1/rmas", overdue="true")}
    assert act(api, line, "charge-missing").json()["missing"] == "charged"
    problem(act(api, line, "charge-missing", expect=None), 409)
    late = act(api, line, "receive", warehouse_id=bench["id"]).json()
    assert late["missing"] == "credited"  # it came after all
    act(api, line, "close", disposal="scrapped")
    assert head(api, row)["state"] == "closed"
    wait_for("no timer is left", lambda: not database.execute(
        "select 1 from inventory_data.timer where subject = %s", [line["id"]]).fetchone(), 30)


@pytest.mark.parametrize("covers, warranty", [(("labour", "parts", "travel"), "in"), (("parts",), "partial"), ((), "out")])
def test_the_warranty_of_a_line_is_what_its_machine_is_covered_by(api, tenant, place, pump, covers, warranty):
    kinds = [{"kind": "ours", "from": "2026-01-01", "until": "2099-12-31", "covers": [one]} for one in covers]
    to_come = {"kind": "extended", "from": "2090-01-01", "until": "2099-12-31", "covers": ["labour", "parts", "travel"]}
    asset = tenant.asset(pump, customer_id=place[0]["id"], warranties=[*kinds, to_come])
    row, (line, said, stranger) = opened(api, place, {"article_id": pump["id"], "serial": asset["serial"]},
                                         {"article_id": tenant.article()["id"]}, {"article_id": pump["id"], "serial": "nobody-knows"})
    assert (line["warranty"], said["warranty"], stranger["warranty"]) == (warranty, "unknown", "unknown")
    assert [one["id"] for one in api.list("/v1/rmas", warranty=warranty, serial=asset["serial"])] == [row["id"]]


def test_a_machine_that_is_kept_is_ours(api, tenant, place, bench, pump, events):
    customer = {"customer_id": place[0]["id"], "site_id": place[1]["id"], "installed_on": "2026-01-01"}
    machine = tenant.asset(**customer)
    asset = tenant.asset(pump, serial="K-1", parent_id=machine["id"], **customer)
    inside = tenant.asset(parent_id=asset["id"], **customer)
    _, (line,) = received(api, place, bench, {"article_id": pump["id"], "serial": "K-1"})
    act(api, line, "credit")
    act(api, line, "close", disposal="kept")
    here = api.get(f"/v1/assets/{asset['id']}").json()
    assert (here["status"], here["customer_id"], here["owner_customer_id"], here["site_id"], here["parent_id"]) == ("in_stock", *[None] * 4)
    assert here["removed_on"] and api.get(f"/v1/assets/{inside['id']}").json()["customer_id"] is None
    assert events.last(asset["id"], "asset.moved").data == here
    passage = api.list(f"/v1/assets/{asset['id']}/history")[0]
    assert (passage["action"], passage["status"], passage["customer_id"], passage["reason"]) == ("remove", "in_stock", None, "kept")
    assert [one["id"] for one in api.list(f"/v1/assets/{machine['id']}/components")] == []
    assert levels(api, pump, bench) == ("1", "0", "0", "0")


def test_what_a_supplier_took_is_said_later(api, tenant, place, bench, away, pump, events):
    row, (line,) = received(api, place, bench, {"article_id": pump["id"], "serial": "C-9"})
    act(api, line, "diagnose", diagnosis="Shaft broken")
    sent = act(api, line, "send-to-supplier", supplier_name="Bianchi", supplier_ref="F9").json()
    theirs, = api.list(f"/v1/rmas/{sent['child_rma_id']}/lines")
    path, mine = f"/v1/rma-lines/{theirs['id']}", f"/v1/rma-lines/{line['id']}"
    keeper, operator = tenant.client("storekeeper"), tenant.client("operator")
    answer = keeper.act(path, "receive", {"warehouse_id": bench["id"], "supplier_cost": "1"}, expect=None)
    assert faults(answer) == {"/supplier_cost": "forbidden"}
    keeper.act(path, "receive", {"warehouse_id": bench["id"]})
    assert api.patch(path, {"supplier_cost": "340.50"}, "*").json()["supplier_cost"] == "340.50"
    assert api.get(mine).json()["supplier_cost"] == "340.50"
    assert api.patch(path, {"supplier_cost": "300.00"}, "*").json()["supplier_cost"] == "300.00"
    known = api.get(mine).json()
    assert known["supplier_cost"] == "300.00" and events.last(line["id"], "rma_line.changed").data == known
    for value in ("1.00", None):
        assert faults(operator.patch(path, {"supplier_cost": value}, "*", expect=None)) == {"/supplier_cost": "forbidden"}
    refused = problem(api.patch(mine, {"supplier_cost": "1.00"}, "*", expect=None), 409, "conflict")
    assert refused["errors"][0]["pointer"] == "/supplier_cost" and api.get(mine).json() == known


def test_days_of_a_return(api, place, store, part, events):
    row, (line, late) = opened(api, place, {"article_id": part["id"]}, {"article_id": part["id"]}, kind="advance_replacement",
                               due_back_on="2099-03-31", expires_on="2099-01-31")
    assert (row["due_back_on"], row["expires_on"]) == ("2099-03-31", "2099-01-31")
    at = row["created_at"]
    act(api, line, "authorise", at=at)
    assert head(api, row)["authorised_at"] == at
    act(api, late, "authorise")
    move(api, "receipt", part, store, 2)
    assert act(api, line, "replace", warehouse_id=store["id"]).json()["due_back_on"] == "2099-03-31"
    assert act(api, late, "replace", warehouse_id=store["id"], due_back_on="2099-04-30").json()["due_back_on"] == "2099-04-30"
    path = f"/v1/rmas/{row['id']}"
    changed = api.patch(path, {"due_back_on": "2026-01-02", "expires_on": None}, "*").json()
    assert (changed["due_back_on"], changed["expires_on"]) == ("2026-01-02", None)
    for one in (line, late):
        assert api.get(f"/v1/rma-lines/{one['id']}").json()["due_back_on"] == "2026-01-02"
        assert events.last(one["id"], "rma_line.overdue", seconds=60).data["due_back_on"] == "2026-01-02"
    repair, _ = opened(api, place, {"article_id": part["id"]})
    answer = api.patch(f"/v1/rmas/{repair['id']}", {"due_back_on": "2099-01-01"}, "*", expect=None)
    assert faults(answer) == {"/due_back_on": "conflict"}


def test_parts_for_a_repair(api, tenant, place, store, bench, pump, part, events):
    asset = tenant.asset(pump, serial="P-FIX", customer_id=place[0]["id"], site_id=place[1]["id"], installed_on="2026-01-01")
    _, (line, other) = opened(api, place, {"article_id": pump["id"], "serial": "P-FIX"}, {"article_id": part["id"]})
    visit = tenant.known_activity()
    seal = tenant.article()
    move(api, "receipt", seal, store, 9)
    promise = reserve(api, seal, store, 3, visit, rma_line_id=line["id"]).json()
    assert promise["rma_line_id"] == line["id"] and events.last(promise["id"], "reservation.made").data["rma_line_id"] == line["id"]
    api.act(f"/v1/reservations/{promise['id']}", "issue", {"quantity": "2"})
    by_hand = move(api, "issue", seal, store, 1, rma_line_id=line["id"]).json()
    assert by_hand["rma_line_id"] == line["id"] and by_hand["asset_id"] == asset["id"]
    issues = api.list("/v1/movements", rma_line_id=line["id"], kind="issue")
    assert sorted((one["quantity"], one["asset_id"]) for one in issues) == [("-1.000", asset["id"]), ("-2.000", asset["id"])]
    assert [one["id"] for one in api.list("/v1/reservations", rma_line_id=line["id"])] == [promise["id"]]
    told = api.list(f"/v1/assets/{asset['id']}/timeline", kind="movement")
    assert {one["source_id"] for one in told} == {one["id"] for one in issues}
    undone = api.post(f"/v1/movements/{by_hand['id']}/actions/reverse", {"reason": "Too many"}).json()
    assert undone["rma_line_id"] == line["id"]
    act(api, other, "cancel", reason="Kept")
    for refused, code in ((new_id(), (422, "unknown-reference")), (other["id"], (409, "conflict"))):
        for answer in (reserve(api, seal, store, 1, visit, rma_line_id=refused, expect=None),
                       move(api, "issue", seal, store, 1, rma_line_id=refused, expect=None)):
            assert problem(answer, *code)["errors"][0]["pointer"] == "/rma_line_id"


def test_bad_returns(api, tenant, place, bench, store, part, pump):
    body = {"kind": "customer_repair", "lines": [{"article_id": pump["id"]}]}
    assert faults(api.post("/v1/rmas", body, expect=None)) == {"/customer_id": "required"}
    body["customer_id"] = place[0]["id"]
    assert faults(api.post("/v1/rmas", body, expect=None)) == {"/lines/0/serial": "required"}
    lines = [{"article_id": part["id"]}, {"article_id": pump["id"], "serial": "P-9", "quantity": "2"}]
    assert faults(api.post("/v1/rmas", body | {"lines": lines}, expect=None)) == {"/lines/1/quantity": "range"}
    lines[1] = {"article_id": part["id"], "quantity": "1.5"}
    assert faults(api.post("/v1/rmas", body | {"lines": lines}, expect=None)) == {"/lines/1/quantity": "decimals"}
    assert faults(api.post("/v1/rmas", body | {"site_id": place[0]["id"]}, expect=None)) == {"/site_id": "reference"}
    _, (line,) = opened(api, place, {"article_id": part["id"], "quantity": "2"})
    transit = tenant.warehouse(kind="transit")
    assert faults(act(api, line, "receive", warehouse_id=transit["id"], expect=None)) == {"/warehouse_id": "reference"}
    act(api, line, "receive", warehouse_id=bench["id"])
    act(api, line, "diagnose", diagnosis="Broken")
    refused = act(api, line, "scrap", outcome="credited", customer_consent=False, expect=None)
    assert faults(refused) == {"/customer_consent": "required"}
    refused = problem(act(api, line, "replace", warehouse_id=store["id"], expect=None), 409, "insufficient-stock")
    assert refused["errors"][0]["pointer"] == "/quantity"
    wrong = {"article_id": pump["id"], "serial": "NOWHERE", "warehouse_id": store["id"]}
    move(api, "receipt", pump, store, 2, serials=["HERE-1", "HERE-2"])
    assert faults(act(api, line, "replace", quantity="1", expect=None, **wrong), 409) == {"/serial": "place"}
    assert faults(act(api, line, "replace", quantity="1", expect=None, **wrong | {"serial": None})) == {"/serial": "serials"}


def test_a_customer_asks_for_his_own(api, tenant, place, pump):
    portal, customer = tenant.client("portal"), tenant.portal_customer
    tenant.copied(customer, "customer")
    foreign, (line,) = opened(api, place, {"article_id": pump["id"], "serial": "X-1"}, notes="Bad payer")
    problem(portal.get(f"/v1/rmas/{foreign['id']}", expect=None), 404)
    problem(portal.get(f"/v1/rma-lines/{line['id']}", expect=None), 404)
    mine = portal.post("/v1/rmas", {"kind": "customer_repair", "lines": [{"article_id": pump["id"], "serial": "X-2"}]}).json()
    assert mine["customer_id"] == customer["id"] and "notes" not in mine
    assert len(portal.list(f"/v1/rmas/{mine['id']}/lines")) == 1
    assert faults(portal.post("/v1/rmas", {"kind": "advance_replacement"}, expect=None)) == {"/kind": "forbidden"}
