"""Transport documents: numbered without gaps at issue, goods and serials moved in the same transaction, voided with their number."""
from support.at_once import at_once, insist
from support.client import faults, problem
from support.goods import levels, move, reserve


def paper(api, warehouse, *lines, direction="out", reason="sale", expect=201, **fields):
    body = {"direction": direction, "reason": reason, "party": {"name": "Idraulica Bianchi"}, "warehouse_id": warehouse["id"],
            "lines": list(lines)}
    return api.post("/v1/transport-documents", body | fields, expect=expect).json()


def line(article, quantity, **fields):
    return {"article_id": article["id"], "quantity": str(quantity)} | fields


def act(api, row, action, expect=200, **body):
    return api.act(f"/v1/transport-documents/{row['id']}", action, body, expect=expect)


def progressive(number):
    return int(number.rsplit("/", 1)[1])


def test_issued_and_voided(api, tenant, part, store, events):
    pump = tenant.article(tracking="serial")
    move(api, "receipt", part, store, 5, unit_cost="2")
    move(api, "receipt", pump, store, 1, serials=["P1"])
    row = paper(api, store, line(part, 2), line(pump, 1, serials=["P1"]))
    assert row["number"] is None and row["state"] == "draft" and levels(api, part, store)[0] == "5"
    done = act(api, row, "issue").json()
    assert done["state"] == "issued" and done["number"].split("/")[1] == "DDT" and done["document_date"]
    assert levels(api, part, store) == ("3", "0", "3", "0")
    assert api.list("/v1/serials", article_id=pump["id"])[0]["state"] == "at_customer"
    moved = api.list("/v1/movements", **{"document.number": done["number"]})
    assert sorted((one["kind"], one["quantity"], one["reason_code"]) for one in moved) == [
        ("issue", "-1.000", "sale"), ("issue", "-2.000", "sale")]
    assert events.last(row["id"], "transport_document.issued").data == done
    problem(api.patch(f"/v1/transport-documents/{row['id']}", {"packages": 3}, "*", expect=None), 409)
    void = act(api, row, "void", reason="Wrong recipient").json()
    assert (void["state"], void["number"], void["void_reason"]) == ("voided", done["number"], "Wrong recipient")
    assert levels(api, part, store) == ("5", "0", "5", "0")
    assert api.list("/v1/serials", article_id=pump["id"])[0]["state"] == "in_stock"
    problem(act(api, row, "void", reason="again", expect=None), 409, "transition-refused")
    found = api.list("/v1/transport-documents", serial="P1")
    assert [one["id"] for one in found] == [row["id"]]


def test_numbers_have_no_gaps(api, part, store):
    """What is refused takes no number, and nothing of it is done."""
    move(api, "receipt", part, store, 3)
    first = act(api, paper(api, store, line(part, 1)), "issue").json()
    refused = paper(api, store, line(part, 1), line(part, 5))
    answer = problem(act(api, refused, "issue", expect=None), 409, "insufficient-stock")
    assert answer["errors"][0]["pointer"] == "/lines/1/quantity" and levels(api, part, store)[0] == "2"
    second = act(api, paper(api, store, line(part, 1)), "issue").json()
    assert progressive(second["number"]) == progressive(first["number"]) + 1
    early = paper(api, store, line(part, 1), document_date="2026-01-02")
    assert problem(act(api, early, "issue", expect=None), 409)["errors"][0]["pointer"] == "/document_date"


def test_many_issue_at_once(api, tenant, store):
    parts = [tenant.article() for _ in range(3)]
    for article in parts:
        move(api, "receipt", article, store, 8)
    rows = [paper(api, store, *(line(parts[(i + j) % 3], 1) for j in range(3))) for i in range(12)]
    clients = [tenant.client(role) for role in ("manager", "storekeeper")]

    def issue(client, row):
        return insist(lambda: act(client, row, "issue", expect=None))

    for client in clients:
        client.token()
    answers = at_once(issue, clients * 6, rows)
    assert sorted(answer.status_code for answer in answers) == [200] * 8 + [409] * 4
    numbers = sorted(progressive(answer.json()["number"]) for answer in answers if answer.status_code == 200)
    assert numbers == list(range(numbers[0], numbers[0] + 8))
    assert all(levels(api, article, store) == ("0", "0", "0", "0") for article in parts)


def test_goods_that_come_in(api, part, store):
    bare = paper(api, store, line(part, 4), direction="in", reason="sale")
    assert problem(act(api, bare, "issue", expect=None), 409)["errors"][0]["pointer"] == "/their_number"
    row = paper(api, store, line(part, 4), direction="in", reason="sale", their_number="771/A", their_date="2026-11-20")
    done = act(api, row, "issue").json()
    assert done["number"] is None and levels(api, part, store) == ("4", "0", "4", "0")
    came = api.list("/v1/movements", article_id=part["id"])
    assert [(one["kind"], one["document"]["number"]) for one in came] == [("receipt", "771/A")]
    move(api, "issue", part, store, 2)
    problem(act(api, row, "void", reason="Not ours", expect=None), 409, "insufficient-stock")
    assert api.list("/v1/transport-documents", their_number="771/A")[0]["state"] == "issued"


def test_what_is_promised(api, tenant, part, store):
    move(api, "receipt", part, store, 2)
    held = reserve(api, part, store, 2, tenant.known_activity()).json()
    problem(act(api, paper(api, store, line(part, 1)), "issue", expect=None), 409, "insufficient-stock")
    act(api, paper(api, store, line(part, 2, reservation_id=held["id"])), "issue")
    assert api.get(f"/v1/reservations/{held['id']}").json()["status"] == "fulfilled"


def test_a_transfer_travels_with_it(api, tenant, part, store, events):
    move(api, "receipt", part, store, 4)
    away = tenant.warehouse()
    body = {"from_warehouse_id": store["id"], "to_warehouse_id": away["id"], "lines": [line(part, 3)]}
    sent = api.post("/v1/transfers", body).json()
    row = paper(api, store, line(part, 3, transfer_id=sent["id"]), reason="transfer")
    act(api, row, "issue")
    shipped = api.get(f"/v1/transfers/{sent['id']}").json()
    assert (shipped["state"], shipped["transport_document_id"]) == ("shipped", row["id"])
    assert events.last(sent["id"], "transfer.shipped").data == shipped
    act(api, row, "void", reason="The lorry did not come")
    assert api.get(f"/v1/transfers/{sent['id']}").json()["state"] == "cancelled" and levels(api, part, store)[0] == "4"
    again = api.post("/v1/transfers", body).json()
    row = paper(api, store, line(part, 3, transfer_id=again["id"]), reason="transfer")
    act(api, row, "issue")
    api.act(f"/v1/transfers/{again['id']}", "receive")
    problem(act(api, row, "void", reason="Too late", expect=None), 409, "conflict")


def test_a_return_comes_in_and_goes_back_with_it(api, tenant, place, bench, events):
    pump = tenant.article(tracking="serial")
    body = {"kind": "customer_repair", "customer_id": place[0]["id"], "lines": [{"article_id": pump["id"], "serial": "Z1"}]}
    head = api.post("/v1/rmas", body).json()
    mine = api.list(f"/v1/rmas/{head['id']}/lines")[0]
    party = {"customer_id": place[0]["id"]}
    came = paper(api, bench, line(pump, 1, serials=["Z1"], rma_line_id=mine["id"]), direction="in", reason="repair", party=party,
                 their_number="12", their_date="2026-11-20")
    act(api, came, "issue")
    at = f"/v1/rma-lines/{mine['id']}"
    assert api.get(at).json()["state"] == "received" and levels(api, pump, bench, "customer")[0] == "1"
    for action, more in (("diagnose", {"diagnosis": "Worn"}), ("repair", {}), ("complete", {"outcome": "repaired"})):
        api.act(at, action, more)
    back = paper(api, bench, line(pump, 1, serials=["Z1"], rma_line_id=mine["id"]), reason="repaired", party=party)
    act(api, back, "issue")
    assert api.get(at).json()["state"] == "returned" and events.last(mine["id"], "rma_line.returned")
    for row, kinds in ((came, ["rma_in"]), (back, ["rma_out"])):
        assert [one["kind"] for one in moved_by(api, row, mine)] == kinds
    act(api, back, "void", reason="Wrong driver")
    assert api.get(at).json()["state"] == "ready" and levels(api, pump, bench, "customer")[0] == "1"
    assert sorted(one["kind"] for one in moved_by(api, back, mine)) == ["rma_in", "rma_out"]
    (piece,) = api.list("/v1/serials", article_id=pump["id"])
    assert (piece["state"], piece["warehouse_id"], piece["rma_line_id"]) == ("in_repair", bench["id"], mine["id"])
    problem(act(api, came, "void", reason="Too late", expect=None), 409, "conflict")
    again = paper(api, bench, line(pump, 1, serials=["Z1"], rma_line_id=mine["id"]), reason="repaired", party=party)
    act(api, again, "issue")
    problem(act(api, paper(api, bench, line(pump, 1, rma_line_id=mine["id"]), reason="sale", direction="in", their_number="9",
                           their_date="2026-11-20"), "void", reason="x", expect=None), 409)
    found = {one["id"] for one in api.list("/v1/transport-documents", rma_id=head["id"])}
    assert {came["id"], back["id"], again["id"]} <= found
    assert found <= {one["id"] for one in api.list("/v1/transport-documents", **{"article_id": pump["id"]})}
    assert len(api.list("/v1/transport-documents", **{"party.customer_id": place[0]["id"]})) == 3


def moved_by(api, paper, rma_line):
    """The movements of a line of a return that name the document."""
    moved = api.list("/v1/movements", rma_line_id=rma_line["id"])
    return [one for one in moved if one["document"]["kind"] == "transport_document" and one["document"]["id"] == paper["id"]]


def test_voiding_puts_back_what_a_return_named(api, tenant, place, bench, part, store):
    """Of what went back by its own step, on a document of other goods: where it was is not where the document is from."""
    move(api, "receipt", part, store, 1)
    pump = tenant.article(tracking="serial")
    body = {"kind": "customer_repair", "customer_id": place[0]["id"], "lines": [{"article_id": pump["id"], "serial": "V1"}]}
    head = api.post("/v1/rmas", body).json()
    (mine,) = api.list(f"/v1/rmas/{head['id']}/lines")
    at = f"/v1/rma-lines/{mine['id']}"
    for action, more in (("authorise", {}), ("receive", {"warehouse_id": bench["id"]}), ("diagnose", {"diagnosis": "Worn"}), ("repair", {}),
                         ("complete", {"outcome": "repaired"})):
        api.act(at, action, more)
    row = paper(api, store, line(part, 1))
    act(api, row, "issue")
    api.act(at, "return", {"transport_document_id": row["id"]})
    assert levels(api, pump, bench, "customer")[0] == "0"
    act(api, row, "void", reason="Wrong driver")
    read = api.get(at).json()
    assert (read["state"], read["warehouse_id"], read["returned_quantity"]) == ("ready", bench["id"], "0.000")
    assert levels(api, pump, bench, "customer")[0] == "1" and levels(api, part, store)[0] == "1"
    again = paper(api, store, line(pump, 1, serials=["V1"], rma_line_id=mine["id"]), reason="repaired")
    act(api, again, "issue")
    assert api.get(at).json()["state"] == "returned"
    api.act(at, "close")
    refused = problem(act(api, again, "void", reason="Too late", expect=None), 409, "conflict")
    assert refused["errors"][0]["pointer"] == "/lines/0/rma_line_id"


def test_voiding_sends_back_to_the_supplier(api, tenant, place, bench):
    away = tenant.warehouse(kind="supplier")
    pump = tenant.article(tracking="serial")
    body = {"kind": "customer_repair", "customer_id": place[0]["id"], "lines": [{"article_id": pump["id"], "serial": "V2"}]}
    head = api.post("/v1/rmas", body).json()
    (mine,) = api.list(f"/v1/rmas/{head['id']}/lines")
    at = f"/v1/rma-lines/{mine['id']}"
    for action, more in (("authorise", {}), ("receive", {"warehouse_id": bench["id"]}), ("diagnose", {"diagnosis": "Worn"})):
        api.act(at, action, more)
    child = api.act(at, "send-to-supplier", {"supplier_name": "Bianchi", "supplier_ref": "F9"}).json()["child_rma_id"]
    (theirs,) = api.list(f"/v1/rmas/{child}/lines")

    def came(number):
        row = paper(api, bench, line(pump, 1, serials=["V2"], rma_line_id=theirs["id"]), direction="in", reason="repaired",
                    their_number=number, their_date="2026-11-20")
        return act(api, row, "issue").json()

    def where():
        lines = [api.get(f"/v1/rma-lines/{id}").json() for id in (mine["id"], theirs["id"])]
        return [(one["state"], one["warehouse_id"]) for one in lines]

    row = came("1")
    assert where() == [("repairing", bench["id"]), ("received", bench["id"])]
    assert sorted(one["kind"] for one in moved_by(api, row, theirs)) == ["rma_in", "rma_out"]
    act(api, row, "void", reason="Another's parcel")
    there = where()[1][1]
    assert where() == [("repairing", there), ("authorised", there)] and api.get(f"/v1/warehouses/{there}").json()["kind"] == "supplier"
    assert levels(api, pump, bench, "customer")[0] == "0" and away["kind"] == "supplier"
    row = came("2")
    api.act(at, "complete", {"outcome": "repaired"})
    problem(act(api, row, "void", reason="Too late", expect=None), 409, "conflict")
    assert where() == [("ready", bench["id"]), ("received", bench["id"])]


def test_bad_documents(api, part, store):
    body = {"direction": "out", "reason": "sale", "party": {"vat_number": "1"}, "warehouse_id": store["id"], "lines": [line(part, 1)]}
    assert faults(api.post("/v1/transport-documents", body, expect=None)) == {"/party/customer_id": "required"}
    body["party"] = {"customer_id": part["id"]}
    assert faults(api.post("/v1/transport-documents", body, expect=None)) == {"/party/customer_id": "reference"}
    body |= {"party": {"name": "B"}, "lines": [line(part, 1, transfer_id=part["id"])]}
    assert faults(api.post("/v1/transport-documents", body, expect=None)) == {"/lines/0/transfer_id": "reference"}


def test_a_line_of_a_return_is_on_one_line(api, tenant, place, bench):
    """It goes whole: what a second one said would be printed, and not move. Of a promise each line may be a part."""
    part = tenant.article()
    body = {"kind": "customer_repair", "customer_id": place[0]["id"], "lines": [{"article_id": part["id"], "quantity": quantity}
                                                                              for quantity in ("2", "3")]}
    head = api.post("/v1/rmas", body).json()
    first, second = (line(part, row["quantity"], rma_line_id=row["id"]) for row in api.list(f"/v1/rmas/{head['id']}/lines"))
    refused = paper(api, bench, second, first, second, direction="in", expect=422)
    assert [(one["pointer"], one["code"]) for one in refused["errors"]] == [("/lines/2/rma_line_id", "unique")]
    row = paper(api, bench, second, first, direction="in", reason="repair")
    lines = {"lines": [first, second, first]}
    assert faults(api.patch(f"/v1/transport-documents/{row['id']}", lines, "*", expect=None)) == {"/lines/2/rma_line_id": "unique"}


def test_a_kit_goes_out_as_its_components(api, tenant, store):
    """The paper names the kit; its components are moved, and come back when it is voided."""
    screw, plate, kit = tenant.article(), tenant.article(), tenant.article(kind="kit", stocked=False)
    for article, quantity in ((screw, "4"), (plate, "1")):
        api.post(f"/v1/articles/{kit['id']}/components", {"component_id": article["id"], "quantity": quantity})
        move(api, "receipt", article, store, 8)
    row = paper(api, store, line(kit, 2), line(plate, 1))
    done = act(api, row, "issue").json()
    assert [one["article_id"] for one in done["lines"]] == [kit["id"], plate["id"]]
    moved = api.list("/v1/movements", **{"document.number": done["number"]})
    assert sorted((one["article_id"], one["quantity"]) for one in moved) == sorted(
        [(screw["id"], "-8.000"), (plate["id"], "-2.000"), (plate["id"], "-1.000")])
    act(api, row, "void", reason="Not sold")
    assert (levels(api, screw, store)[0], levels(api, plate, store)[0]) == ("8", "8")
    short = paper(api, store, line(plate, 1), line(kit, 3))
    refused = problem(act(api, short, "issue", expect=None), 409, "insufficient-stock")
    assert refused["errors"][0]["pointer"] == "/lines/1/quantity" and screw["code"] in refused["detail"]
    came = paper(api, store, line(kit, 1), direction="in", reason="return", expect=422)
    assert came["errors"][0]["pointer"] == "/lines/0/article_id"
