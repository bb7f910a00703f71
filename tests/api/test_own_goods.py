"""Our own goods at a supplier for repair: a return of their own, in which they stay ours at the worth that they had."""
import pytest
from support.client import faults, problem
from support.goods import levels, move, reserve, stock
from test_transport_documents import act as act_paper
from test_transport_documents import line as paper_line
from test_transport_documents import paper


@pytest.fixture(scope="module")
def away(tenant):
    return tenant.warehouse(code="SUPPLIER", kind="supplier")


@pytest.fixture
def pump(tenant):
    return tenant.article(tracking="serial", standard_cost="100")


def opened(api, *lines, expect=201, **fields):
    body = {"kind": "supplier_repair", "supplier_name": "Idraulica Bianchi", "supplier_ref": "F9", "lines": list(lines)}
    answer = api.post("/v1/rmas", body | fields, expect=expect)
    return answer.json(), api.list(f"/v1/rmas/{answer.json()['id']}/lines", sort="created_at")


def act(api, line, action, expect=200, **body):
    return api.act(f"/v1/rma-lines/{line['id']}", action, body, expect=expect)


def read(api, line):
    return api.get(f"/v1/rma-lines/{line['id']}").json()


def sent(api, store, *lines):
    head, made = opened(api, *lines)
    api.act(f"/v1/rmas/{head['id']}", "authorise")
    return head, [act(api, line, "send", warehouse_id=store["id"]).json() for line in made]


def worth(api, article):
    return sum(float(row["value"] or 0) for row in api.list("/v1/stock", article_id=article["id"], owner="own"))


def test_a_piece_goes_and_comes_back(api, tenant, store, away, pump, events):
    asset = tenant.asset(pump, serial="OWN-1")
    move(api, "receipt", pump, store, 1, serials=["OWN-1"], unit_cost="640")
    head, (line,) = opened(api, {"article_id": pump["id"], "serial": "own-1", "declared_fault": "No pressure"})
    assert (head["customer_id"], head["parent_line_id"], line["asset_id"], line["warehouse_id"]) == (None, None, asset["id"], None)
    problem(act(api, line, "send", warehouse_id=store["id"], expect=None), 409, "transition-refused")
    api.act(f"/v1/rmas/{head['id']}", "authorise")
    gone = act(api, line, "send", warehouse_id=store["id"]).json()
    assert (gone["state"], gone["warehouse_id"]) == ("authorised", away["id"]) and events.last(line["id"], "rma_line.sent").data == gone
    assert levels(api, pump, store)[0] == "0" and stock(api, pump, away)["value"] == "640.00" and worth(api, pump) == 640
    piece = api.list("/v1/serials", article_id=pump["id"])[0]
    assert (piece["state"], piece["owner"], piece["warehouse_id"], piece["rma_line_id"]) == ("in_repair", "own", away["id"], line["id"])
    assert api.get(f"/v1/assets/{asset['id']}").json()["status"] == "in_repair"
    problem(act(api, line, "send", warehouse_id=store["id"], expect=None), 409, "conflict")
    problem(act(api, line, "cancel", reason="No", expect=None), 409, "conflict")
    problem(api.act(f"/v1/rmas/{head['id']}", "cancel", {"reason": "No"}, expect=None), 409, "conflict")
    here = act(api, line, "receive", warehouse_id=store["id"], supplier_cost="75.50").json()
    assert (here["state"], here["serial"], here["supplier_cost"], here["outcome"]) == ("received", "own-1", "75.50", None)
    assert levels(api, pump, store) == ("1", "0", "1", "0") and stock(api, pump, store)["value"] == "640.00" and worth(api, pump) == 640
    piece = api.list("/v1/serials", article_id=pump["id"])[0]
    assert (piece["state"], piece["warehouse_id"], piece["rma_line_id"]) == ("in_stock", store["id"], None)
    assert api.get(f"/v1/assets/{asset['id']}").json()["status"] == "in_stock"
    for action, body in {"diagnose": {"diagnosis": "Seal"}, "credit": {}}.items():
        assert "in stock again" in problem(act(api, line, action, **body, expect=None), 409)["detail"]
    assert faults(act(api, line, "close", expect=None)) == {"/outcome": "required"}
    assert faults(act(api, line, "close", outcome="repaired", disposal="kept", expect=None), 409) == {"/disposal": "conflict"}
    assert act(api, line, "close", outcome="repaired").json()["outcome"] == "repaired"
    assert api.get(f"/v1/rmas/{head['id']}").json()["state"] == "closed"
    moved = api.every("/v1/movements", rma_line_id=line["id"], sort="sequence")
    assert [(one["kind"], one["owner"], one["warehouse_id"], one["value"]) for one in moved] == [
        ("rma_out", "own", store["id"], "-640.0000"), ("rma_in", "own", away["id"], "640.0000"),
        ("rma_out", "own", away["id"], "-640.0000"), ("rma_in", "own", store["id"], "640.0000")]
    assert [one["id"] for one in api.list(f"/v1/assets/{asset['id']}/rmas")] == [line["id"]]
    differences = api.post("/v1/stock/rebuild", {"repair": False}, expect=200).json()["differences"]
    assert pump["id"] not in {one["article_id"] for one in differences}


def test_what_is_promised_does_not_go(api, tenant, store, away, part):
    move(api, "receipt", part, store, 3, unit_cost="10")
    reserve(api, part, store, 2, tenant.known_activity())
    head, (line,) = opened(api, {"article_id": part["id"], "quantity": "2"})
    api.act(f"/v1/rmas/{head['id']}", "authorise")
    refused = problem(act(api, line, "send", warehouse_id=store["id"], expect=None), 409, "insufficient-stock")
    assert refused["errors"][0]["pointer"] == "/quantity" and levels(api, part, store) == ("3", "2", "1", "0")
    act(api, line, "send", warehouse_id=store["id"], quantity="1")
    assert levels(api, part, store) == ("2", "2", "0", "0") and levels(api, part, away)[0] == "1"


def test_a_part_comes_back_and_a_part_stays_there(api, tenant, store, away, part, events):
    """In any warehouse of ours; what is scrapped or kept at the supplier's is worth nothing to us any more."""
    move(api, "receipt", part, store, 5, unit_cost="10")
    head, (line,) = sent(api, store, {"article_id": part["id"], "quantity": "5"})
    assert faults(act(api, line, "close", outcome="credited", expect=None)) == {"/disposal": "required"}
    act(api, line, "receive", warehouse_id=store["id"], quantity="2", supplier_cost="12")
    (rest,) = api.list(f"/v1/rmas/{head['id']}/lines", state="authorised")
    van = tenant.warehouse(kind="van")
    act(api, rest, "receive", warehouse_id=van["id"], quantity="1")
    (rest,) = api.list(f"/v1/rmas/{head['id']}/lines", state="authorised")
    done = act(api, rest, "close", disposal="scrapped", outcome="not_repaired", quantity="1").json()
    assert (done["state"], done["disposal"], done["outcome"], done["warehouse_id"]) == ("closed", "scrapped", "not_repaired", None)
    (rest,) = api.list(f"/v1/rmas/{head['id']}/lines", state="authorised")
    act(api, rest, "close", disposal="kept", outcome="credited")
    assert events.last(rest["id"], "rma_line.closed").data["disposal"] == "kept"
    assert (levels(api, part, store)[0], levels(api, part, van)[0], levels(api, part, away)[0]) == ("2", "1", "0")
    assert worth(api, part) == 30
    for row in api.list(f"/v1/rmas/{head['id']}/lines", state="received"):
        act(api, row, "close", outcome="repaired")
    assert api.get(f"/v1/rmas/{head['id']}").json()["state"] == "closed"


def test_the_supplier_sends_another_piece(api, tenant, store, away, pump, events):
    asset = tenant.asset(pump, serial="OLD-1")
    move(api, "receipt", pump, store, 1, serials=["OLD-1"], unit_cost="500")
    _, (line,) = sent(api, store, {"article_id": pump["id"], "serial": "OLD-1"})
    here = act(api, line, "receive", warehouse_id=store["id"], serial="NEW-1").json()
    assert (here["serial"], here["outcome"]) == ("NEW-1", "replaced") and here["asset_id"] != asset["id"]
    old, new = (api.get(f"/v1/assets/{id}").json() for id in (asset["id"], here["asset_id"]))
    assert (old["status"], old["replaced_by"]) == ("replaced", new["id"])
    assert (new["status"], new["serial"], new["customer_id"], new["installed_on"]) == ("in_stock", "NEW-1", None, None)
    pieces = {row["serial"]: row for row in api.list("/v1/serials", article_id=pump["id"])}
    assert (pieces["OLD-1"]["state"], pieces["OLD-1"]["warehouse_id"]) == ("scrapped", None)
    assert (pieces["NEW-1"]["state"], pieces["NEW-1"]["asset_id"], pieces["NEW-1"]["rma_line_id"]) == ("in_stock", new["id"], None)
    assert worth(api, pump) == 500
    assert act(api, line, "close").json()["outcome"] == "replaced"
    assert events.last(new["id"], "asset.created")


def test_a_machine_that_stays_there_is_no_longer_ours(api, tenant, store, away, pump):
    for serial, disposal, status in (("M-1", "scrapped", "scrapped"), ("M-2", "kept", "dismissed")):
        asset = tenant.asset(pump, serial=serial)
        move(api, "receipt", pump, store, 1, serials=[serial], unit_cost="500")
        _, (line,) = sent(api, store, {"article_id": pump["id"], "serial": serial})
        act(api, line, "close", disposal=disposal, outcome="credited")
        assert api.get(f"/v1/assets/{asset['id']}").json()["status"] == status
        assert [row["state"] for row in api.list("/v1/serials", article_id=pump["id"], serial=serial)] == ["scrapped"]
    assert worth(api, pump) == 0


def test_they_travel_on_transport_documents(api, store, away, part, events):
    move(api, "receipt", part, store, 2, unit_cost="10")
    head, (line,) = opened(api, {"article_id": part["id"], "quantity": "2"})
    out = paper(api, store, paper_line(part, 2, rma_line_id=line["id"]), reason="to_supplier")
    problem(act_paper(api, out, "issue", expect=None), 409, "conflict")
    api.act(f"/v1/rmas/{head['id']}", "authorise")
    issued = act_paper(api, out, "issue").json()
    gone = read(api, line)
    assert gone["warehouse_id"] == away["id"] and events.last(line["id"], "rma_line.sent").data == gone
    documents = {row["document"]["number"] for row in api.list("/v1/movements", rma_line_id=line["id"])}
    assert documents == {issued["number"]} and levels(api, part, away)[0] == "2"
    act_paper(api, out, "void", reason="Wrong driver")
    assert (read(api, line)["state"], read(api, line)["warehouse_id"]) == ("authorised", None)
    assert (levels(api, part, store)[0], levels(api, part, away)[0], worth(api, part)) == ("2", "0", 20)
    act_paper(api, paper(api, store, paper_line(part, 2, rma_line_id=line["id"]), reason="to_supplier"), "issue")
    came = paper(api, store, paper_line(part, 2, rma_line_id=line["id"]), direction="in", reason="repaired", their_number="7",
                 their_date="2026-11-20")
    act_paper(api, came, "issue")
    assert read(api, line)["state"] == "received" and levels(api, part, store)[0] == "2"
    act_paper(api, came, "void", reason="Not ours")
    assert (read(api, line)["state"], read(api, line)["warehouse_id"], levels(api, part, away)[0]) == ("authorised", away["id"], "2")
    names = [one["action"] for one in api.list(f"/v1/rma-lines/{line['id']}/transitions")]
    assert names == ["create", "authorise", "send", "void", "send", "receive", "void"]


def test_a_document_that_is_voided_takes_them_back_where_it_took_them(api, tenant, store, away, part):
    """Also when they had come back somewhere else meanwhile, on another that was voided before."""
    move(api, "receipt", part, store, 2, unit_cost="10")
    van = tenant.warehouse(kind="van")
    head, (line,) = opened(api, {"article_id": part["id"], "quantity": "2"})
    api.act(f"/v1/rmas/{head['id']}", "authorise")
    out = paper(api, store, paper_line(part, 2, rma_line_id=line["id"]), reason="to_supplier")
    act_paper(api, out, "issue")
    came = paper(api, van, paper_line(part, 2, rma_line_id=line["id"]), direction="in", reason="repaired", their_number="8",
                 their_date="2026-11-20")
    act_paper(api, came, "issue")
    for document in (came, out):
        act_paper(api, document, "void", reason="Wrong driver")
    assert [levels(api, part, place)[0] for place in (store, van, away)] == ["2", "0", "0"] and worth(api, part) == 20


def test_a_document_that_names_another_piece_is_refused(api, store, away, pump):
    move(api, "receipt", pump, store, 2, serials=["P-1", "P-2"])
    head, (line,) = opened(api, {"article_id": pump["id"], "serial": "P-1"})
    api.act(f"/v1/rmas/{head['id']}", "authorise")
    out = paper(api, store, paper_line(pump, 1, rma_line_id=line["id"], serials=["P-2"]), reason="to_supplier")
    assert faults(act_paper(api, out, "issue", expect=None), 409) == {"/lines/0/serials/0": "reference"}
    out = paper(api, store, paper_line(pump, 1, rma_line_id=line["id"], serials=["p-1"]), reason="to_supplier")
    act_paper(api, out, "issue")
    assert read(api, line)["warehouse_id"] == away["id"]


def test_what_is_refused_of_a_piece_is_said_where_the_body_names_it(api, tenant, store, bench, away, pump):
    """There is no list of serials in any of these."""
    move(api, "receipt", pump, store, 3, serials=["R-1", "R-2", "R-3"])
    move(api, "receipt", pump, bench, 1, serials=["R-4"])
    head, (line, other) = opened(api, *({"article_id": pump["id"], "serial": serial} for serial in ("R-1", "R-4")))
    api.act(f"/v1/rmas/{head['id']}", "authorise")
    assert faults(act(api, line, "send", warehouse_id=bench["id"], expect=None), 409) == {"/warehouse_id": "place"}
    out = paper(api, store, paper_line(pump, 1, rma_line_id=line["id"]), paper_line(pump, 1, rma_line_id=other["id"]), reason="to_supplier")
    assert faults(act_paper(api, out, "issue", expect=None), 409) == {"/lines/1/rma_line_id": "place"}
    act(api, line, "send", warehouse_id=store["id"])
    assert faults(act(api, line, "receive", warehouse_id=store["id"], serial="R-2", expect=None), 409) == {"/serial": "place"}
    came = paper(api, store, paper_line(pump, 1, rma_line_id=line["id"]), direction="in", reason="repaired", their_number="31",
                 their_date="2026-11-20")
    act_paper(api, came, "issue")
    move(api, "issue", pump, store, 1, serials=["R-1"])
    assert faults(act_paper(api, came, "void", reason="Not ours", expect=None), 409) == {"/lines/0/rma_line_id": "place"}
    move(api, "issue", pump, store, 2, serials=["R-2", "R-3"])
    assert faults(act_paper(api, came, "void", reason="Not ours", expect=None), 409) == {"/lines/0/rma_line_id": "available"}


def test_what_a_supplier_repairs_leaves_him_by_its_return_only(api, store, away, part, pump):
    """Beside it there may be other goods of ours, which are moved, carried and counted."""
    move(api, "receipt", part, store, 2, unit_cost="10")
    move(api, "receipt", pump, store, 1, serials=["Q-1"])
    _, (some, piece) = sent(api, store, {"article_id": part["id"], "quantity": "2"}, {"article_id": pump["id"], "serial": "Q-1"})
    move(api, "receipt", part, away, 1, unit_cost="10")
    move(api, "receipt", pump, away, 1, serials=["Q-2"])
    for kind in ("issue", "scrap"):
        told = problem(move(api, kind, part, away, 2, expect=None), 409, "insufficient-stock")
        assert "1 pcs are available" in told["detail"]
        assert faults(move(api, kind, pump, away, 1, serials=["q-1"], rma_line_id=piece["id"], expect=None), 409) == {
            "/serials/0": "reference"}
    lines = [{"article_id": part["id"], "quantity": "2"}]
    transfer = api.post("/v1/transfers", {"from_warehouse_id": away["id"], "to_warehouse_id": store["id"], "lines": lines}).json()
    problem(api.act(f"/v1/transfers/{transfer['id']}", "ship", expect=None), 409, "insufficient-stock")
    count = api.post("/v1/counts", {"warehouse_id": away["id"], "scope": {"article_ids": [part["id"]]}}).json()
    api.act(f"/v1/counts/{count['id']}", "start")
    (row,) = api.list(f"/v1/counts/{count['id']}/lines")
    api.patch(f"/v1/counts/{count['id']}/lines/{row['id']}", {"counted": "1"}, "*")
    problem(api.act(f"/v1/counts/{count['id']}", "post", expect=None), 409, "insufficient-stock")
    move(api, "issue", part, away, 1)
    move(api, "issue", pump, away, 1, serials=["Q-2"])
    for line in (some, piece):
        act(api, line, "receive", warehouse_id=store["id"])
    assert levels(api, part, store)[0] == "2" and levels(api, part, away)[0] == levels(api, pump, away)[0] == "0"


def test_what_is_refused(api, tenant, place, store, bench, away, part, pump):
    his = tenant.asset(pump, serial="HIS-1", customer_id=place[0]["id"], site_id=place[1]["id"])
    line = {"article_id": part["id"]}
    body = {"kind": "supplier_repair", "supplier_name": "Bianchi", "lines": [line]}
    assert faults(api.post("/v1/rmas", body | {"supplier_name": None}, expect=None)) == {"/supplier_name": "required"}
    assert faults(api.post("/v1/rmas", body | {"customer_id": place[0]["id"]}, expect=None)) == {"/customer_id": "conflict"}
    for wrong, rule in (({"article_id": pump["id"], "serial": "HIS-1"}, {"/lines/1/serial": "customer"}),
                        ({"article_id": tenant.article(kind="kit", stocked=False)["id"]}, {"/lines/1/article_id": "stocked"})):
        assert faults(api.post("/v1/rmas", body | {"lines": [line, wrong]}, expect=None)) == rule
    head, (mine,) = opened(api, line)
    more = api.post("/v1/rma-lines", {"rma_id": head["id"], "article_id": part["id"]}).json()
    wrong = {"rma_id": head["id"], "article_id": pump["id"], "serial": "HIS-1", "asset_id": his["id"]}
    assert faults(api.post("/v1/rma-lines", wrong, expect=None)) == {"/serial": "customer"}
    act(api, more, "authorise")
    assert faults(act(api, more, "send", warehouse_id=away["id"], expect=None)) == {"/warehouse_id": "reference"}
    problem(act(api, more, "receive", warehouse_id=store["id"], expect=None), 409, "conflict")
    problem(act(api, more, "close", disposal="kept", outcome="credited", expect=None), 409, "transition-refused")
    act(api, more, "cancel", reason="Not worth it")
    act(api, mine, "cancel", reason="Neither")
    assert api.get(f"/v1/rmas/{head['id']}").json()["state"] == "cancelled"
    customers = api.post("/v1/rmas", {"kind": "customer_repair", "customer_id": place[0]["id"], "lines": [line]}).json()
    (theirs,) = api.list(f"/v1/rmas/{customers['id']}/lines")
    act(api, theirs, "authorise")
    problem(act(api, theirs, "send", warehouse_id=store["id"], expect=None), 409, "conflict")
    told = problem(act(api, theirs, "close", disposal="kept", expect=None), 409, "transition-refused")
    assert told["possible_actions"] == ["receive", "send", "replace", "cancel", "charge-missing"]
    act(api, theirs, "receive", warehouse_id=bench["id"])
    act(api, theirs, "credit")
    assert faults(act(api, theirs, "close", disposal="kept", outcome="repaired", expect=None)) == {"/outcome": "conflict"}
