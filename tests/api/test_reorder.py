"""Reorder levels: what is suggested and why, what is proposed, what the ERP answers."""
import pytest
from support.at_once import at_once, insist
from support.client import faults, problem
from support.goods import move, reserve, stock


@pytest.fixture(scope="module")
def store(tenant):
    return tenant.warehouse(kind="stock")


def level(api, article, warehouse, **fields):
    body = {"article_id": article["id"], "warehouse_id": warehouse["id"], "minimum": "5", "target": "12", "source": "purchase"}
    return api.post("/v1/reorder-levels", body | fields).json()


def suggestions(api, article, **parameters):
    return api.list("/v1/reorder-suggestions", article_id=article["id"], **parameters)


def act(api, row, action, expect=200, **body):
    return api.act(f"/v1/reorder-suggestions/{row['id']}", action, body, expect=expect)


def test_suggested_with_its_reasons(api, tenant, part, store, events):
    move(api, "receipt", part, store, 8)
    level(api, part, store, multiple="4")
    assert suggestions(api, part) == []
    move(api, "issue", part, store, 4)
    row = suggestions(api, part)[0]
    assert (row["status"], row["quantity"]) == ("open", "8.000")
    assert row["reason"] == ["4 available, the minimum is 5", "up to the target of 12, in multiples of 4"]
    assert events.last(row["id"], "reorder.suggested").data == row
    # Who waits makes it more; what comes in, less; enough, and it is gone.
    reserve(api, part, store, 7, tenant.known_activity(), partial=True)
    row = suggestions(api, part)[0]
    assert row["quantity"] == "16.000" and "3 are waited for" in row["reason"]
    waits = api.list("/v1/reservations", article_id=part["id"], status="waiting")[0]
    api.act(f"/v1/reservations/{waits['id']}", "release")
    assert suggestions(api, part)[0]["quantity"] == "12.000"
    move(api, "receipt", part, store, 12)
    done = suggestions(api, part)[0]
    assert (done["id"], done["status"], done["end_reason"]) == (row["id"], "dismissed", "covered")
    assert events.last(row["id"], "reorder.dismissed")


def test_the_erp_answers(api, tenant, part, store, events):
    level(api, part, store)
    row = suggestions(api, part)[0]
    api.patch(f"/v1/reorder-suggestions/{row['id']}", {"quantity": "20"}, row["version"])
    assert act(api, row, "propose").json()["status"] == "proposed"
    assert events.last(row["id"], "reorder.proposed").data["quantity"] == "20.000"
    problem(api.patch(f"/v1/reorder-suggestions/{row['id']}", {"quantity": "1"}, "*", expect=None), 409)
    erp = tenant.client("integration")
    done = act(erp, row, "order", number="OF-1", date="2026-11-26").json()
    assert done["status"] == "ordered" and done["erp_order"] == {"number": "OF-1", "date": "2026-11-26"}
    assert stock(api, part, store)["on_order"] == "20.000"
    # What is on order is not ordered again; a receipt brings it.
    move(api, "receipt", part, store, 15)
    assert stock(api, part, store)["on_order"] == "5.000"
    move(api, "issue", part, store, 15)
    assert suggestions(api, part, status="open") == []
    problem(act(erp, row, "refuse", reason="?", expect=None), 409, "transition-refused")
    move(api, "receipt", part, store, 5)
    move(api, "issue", part, store, 1)
    again = suggestions(api, part, status="open")[0]
    act(api, again, "propose")
    assert act(erp, again, "refuse", reason="No longer made").json()["end_reason"] == "No longer made"


def test_a_van_is_filled_by_transfer(api, tenant, part, store, events):
    van = tenant.warehouse(kind="van")
    move(api, "receipt", part, store, 20)
    level(api, part, van, source="transfer", source_warehouse_id=store["id"])
    row = suggestions(api, part)[0]
    done = act(api, row, "propose").json()
    made = api.get(f"/v1/transfers/{done['transfer_id']}").json()
    assert done["status"] == "ordered" and made["state"] == "draft"
    assert [(one["article_id"], one["quantity"]) for one in made["lines"]] == [(part["id"], "12.000")]
    assert events.last(made["id"], "transfer.created").data == made
    move(api, "receipt", part, van, 1)
    assert suggestions(api, part, status="open") == []  # twelve are coming
    api.act(f"/v1/transfers/{made['id']}", "ship-and-receive")
    assert stock(api, part, van)["available"] == "13.000"


def test_dismissed_and_refused_levels(api, tenant, part, store):
    mine = level(api, part, store)
    row = suggestions(api, part)[0]
    assert act(api, row, "dismiss", reason="Sold out").json()["status"] == "dismissed"
    body = {"article_id": part["id"], "warehouse_id": store["id"], "minimum": "5", "target": "4", "source": "purchase"}
    problem(api.post("/v1/reorder-levels", body | {"target": "6"}, expect=None), 409, "duplicate")
    other = {**body, "article_id": tenant.article()["id"]}
    assert set(faults(api.post("/v1/reorder-levels", other, expect=None))) == {"/target"}
    repair = tenant.warehouse(kind="repair")
    assert faults(api.post("/v1/reorder-levels", other | {"target": "6", "warehouse_id": repair["id"]}, expect=None)) == {
        "/warehouse_id": "reference"}
    api.patch(f"/v1/reorder-levels/{mine['id']}", {"target": "9"}, mine["version"])
    fresh = suggestions(api, part, status="open")[0]
    assert fresh["quantity"] == "9.000"
    api.delete(f"/v1/reorder-levels/{mine['id']}", "*")
    assert suggestions(api, part, status="open") == []


def test_one_suggestion_however_many_take(api, tenant, part, store):
    move(api, "receipt", part, store, 12)
    level(api, part, store)
    clients = [tenant.client(role) for role in ("manager", "storekeeper")]
    for client in clients:
        client.token()

    def take(client):
        return insist(lambda: move(client, "issue", part, store, 1, expect=None)).status_code

    assert at_once(take, clients * 5) == [201] * 10
    assert [(row["status"], row["quantity"]) for row in suggestions(api, part)] == [("open", "10.000")]


def sent(api, source, van, part, quantity):
    lines = [{"article_id": part["id"], "quantity": str(quantity)}]
    row = api.post("/v1/transfers", {"from_warehouse_id": source["id"], "to_warehouse_id": van["id"], "lines": lines}).json()
    return f"/v1/transfers/{row['id']}", row


def wanted(api, part):
    return [(row["status"], row["quantity"]) for row in suggestions(api, part, status="open")]


def test_what_transfers_no_longer_bring_is_suggested_again(api, tenant, part, store):
    van = tenant.warehouse(kind="van")
    move(api, "receipt", part, store, 40)
    level(api, part, van, source="transfer", source_warehouse_id=store["id"])
    made = act(api, suggestions(api, part)[0], "propose").json()
    assert wanted(api, part) == []
    api.act(f"/v1/transfers/{made['transfer_id']}", "cancel", {"reason": "No driver"})
    assert wanted(api, part) == [("open", "12.000")]
    path, _ = sent(api, store, van, part, 12)
    api.act(path, "ship")
    assert wanted(api, part) == []  # on their way
    api.act(path, "receive", {"lines": [{"position": 1, "quantity": "2"}]})
    assert wanted(api, part) == [] and len(suggestions(api, part)) == 2, "what is there and what is on its way are one whole"
    api.act(path, "settle", {"outcome": "lost", "reason": "Stolen"})
    assert wanted(api, part) == [("open", "10.000")]
    path, _ = sent(api, store, van, part, 10)
    api.act(path, "ship-and-receive")
    assert wanted(api, part) == []
    move(api, "issue", part, van, 12)
    path, row = sent(api, store, van, part, 12)
    lines = [{"article_id": part["id"], "quantity": "12", "transfer_id": row["id"]}]
    body = {"direction": "out", "reason": "transfer", "party": {"name": "Van"}, "warehouse_id": store["id"], "lines": lines}
    paper = api.post("/v1/transport-documents", body).json()
    api.act(f"/v1/transport-documents/{paper['id']}", "issue")
    assert wanted(api, part) == []
    api.act(f"/v1/transport-documents/{paper['id']}", "void", {"reason": "No driver"})
    assert wanted(api, part) == [("open", "12.000")]


def test_a_promise_that_moves_is_looked_at_in_both_warehouses(api, tenant, part, store, events):
    other = tenant.warehouse()
    for place in (store, other):
        move(api, "receipt", part, place, 6)
        level(api, part, place)
    promised = reserve(api, part, other, 4, tenant.known_activity()).json()
    assert [row["warehouse_id"] for row in suggestions(api, part, status="open")] == [other["id"]]
    api.act(f"/v1/reservations/{promised['id']}", "change-warehouse", {"warehouse_id": store["id"]})
    assert [(row["warehouse_id"], row["quantity"]) for row in suggestions(api, part, status="open")] == [(store["id"], "10.000")]
    assert events.last(stock(api, part, store)["id"], "stock.below_minimum").data["available"] == "2.000"


def test_a_level_out_of_use_suggests_nothing(api, part, store, events):
    mine = level(api, part, store)
    row = suggestions(api, part)[0]
    at = f"/v1/reorder-levels/{mine['id']}"
    api.patch(at, {"active": False}, "*")
    (done,) = suggestions(api, part)
    assert (done["id"], done["status"], done["end_reason"]) == (row["id"], "dismissed", "level out of use")
    assert events.last(row["id"], "reorder.dismissed")
    api.patch(at, {"active": True}, "*")
    assert wanted(api, part) == [("open", "12.000")]


def test_drafts_of_transfers_are_looked_at(api, tenant, part, store, events):
    """What a draft brings is not suggested, what it no longer does is again: also of the articles that its lines name no more."""
    van, other = tenant.warehouse(kind="van"), tenant.article()
    for article in (part, other):
        level(api, article, van, source="transfer", source_warehouse_id=store["id"])
    assert wanted(api, part) == wanted(api, other) == [("open", "12.000")]
    path, row = sent(api, store, van, part, 8)
    assert wanted(api, part) == [], "eight are coming, and five are enough"
    assert events.last(suggestions(api, part)[0]["id"], "reorder.dismissed")

    def lines(article, quantity):
        api.patch(path, {"lines": [{"article_id": article["id"], "quantity": quantity}]}, "*")
        return wanted(api, part), wanted(api, other)

    assert lines(part, "4") == ([("open", "8.000")], [("open", "12.000")])
    assert lines(other, "12") == ([("open", "12.000")], [])
    api.patch(path, {"notes": "By Monday"}, "*")
    assert (wanted(api, part), wanted(api, other)) == ([("open", "12.000")], [])
    api.act(path, "cancel", {"reason": "No driver"})
    assert wanted(api, other) == [("open", "12.000")]
