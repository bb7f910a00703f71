"""Counts: what is really there, blind or not, posted as differences while work goes on."""
import functools

import pytest
from support.at_once import at_once, insist
from support.client import faults, problem
from support.goods import levels, move, reserve


@pytest.fixture
def store(tenant):
    return tenant.warehouse(kind="stock")


def begun(api, warehouse, **fields):
    row = api.post("/v1/counts", {"warehouse_id": warehouse["id"]} | fields).json()
    return api.act(path(row), "start").json()


def path(row):
    return f"/v1/counts/{row['id']}"


def lines(api, row):
    return {line["article_id"]: line for line in api.every(f"{path(row)}/lines")}


def counted(api, row, article, expect=200, **fields):
    line = lines(api, row)[article["id"]]
    return api.patch(f"{path(row)}/lines/{line['id']}", fields, "*", expect=expect)


def test_differences_are_posted(api, tenant, part, store, events):
    other, absent = tenant.article(), tenant.article()
    move(api, "receipt", part, store, 10, unit_cost="3")
    move(api, "receipt", other, store, 4)
    row = begun(api, store)
    assert row["state"] == "counting" and row["progress"] == {"lines": 2, "counted": 0, "different": 0}
    assert set(lines(api, row)) == {part["id"], other["id"]}
    line = counted(api, row, part, counted="8").json()
    assert (line["expected"], line["counted"], line["difference"]) == ("10.000", "8.000", "-2.000")
    added = api.post(f"{path(row)}/lines", {"article_id": absent["id"], "counted": "1"}).json()
    assert added["expected"] == "0.000"
    # Work goes on between counting and posting; the difference stays right.
    move(api, "issue", part, store, 3)
    done = api.act(path(row), "post").json()
    assert done["state"] == "posted" and [one["code"] for one in done["warnings"]] == ["not-counted"]
    assert done["progress"] == {"lines": 3, "counted": 2, "different": 2}
    assert levels(api, part, store) == ("5", "0", "5", "0") and levels(api, absent, store) == ("1", "0", "1", "0")
    assert levels(api, other, store) == ("4", "0", "4", "0")
    told = api.list("/v1/movements", kind="adjustment", article_id=part["id"])
    assert [(one["quantity"], one["value"], one["document"]["number"]) for one in told] == [("-2.000", "-6.0000", row["number"])]
    assert events.last(row["id"], "count.posted").data["number"] == row["number"]
    assert events.last(added["id"], "count_line.created")
    problem(counted(api, row, part, counted="9", expect=None), 409, "conflict")
    problem(api.act(path(row), "post", expect=None), 409, "transition-refused")


def test_a_blind_count_hides_what_is_expected(api, part, store):
    move(api, "receipt", part, store, 5)
    row = begun(api, store, blind=True)
    line = counted(api, row, part, counted="4").json()
    assert line["expected"] is None and line["difference"] is None and line["counted"] == "4.000"
    assert api.get(path(row)).json()["progress"]["different"] is None
    problem(api.patch(path(row), {"blind": False}, "*", expect=None), 409)
    api.act(path(row), "post")
    line = lines(api, row)[part["id"]]
    assert (line["expected"], line["difference"]) == ("5.000", "-1.000")


def test_pieces_by_serial(api, tenant, store):
    pump = tenant.article(tracking="serial")
    move(api, "receipt", pump, store, 3, serials=["A", "B", "C"])
    row = begun(api, store)
    assert faults(counted(api, row, pump, counted="3", expect=None)) == {"/counted": "serials"}
    line = counted(api, row, pump, serials=["a", "C", "D"]).json()
    assert (line["counted"], line["difference"], line["expected_serials"]) == ("3.000", "0.000", ["A", "B", "C"])
    api.act(path(row), "post")
    assert {one["serial"]: one["state"] for one in api.list("/v1/serials", article_id=pump["id"])} == {
        "A": "in_stock", "B": "scrapped", "C": "in_stock", "D": "in_stock"}
    elsewhere = tenant.warehouse()
    row = begun(api, elsewhere, scope={"article_ids": [pump["id"].upper()]})
    counted(api, row, pump, serials=["A"])
    assert "in a warehouse already" in problem(api.act(path(row), "post", expect=None), 409, "conflict")["detail"]


def test_what_was_promised_of_goods_that_are_gone_waits(api, tenant, part, store, events):
    move(api, "receipt", part, store, 6)
    first, second = (reserve(api, part, store, 3, tenant.known_activity()).json() for _ in range(2))
    row = begun(api, store, scope={"article_ids": [part["id"]]})
    counted(api, row, part, counted="4")
    api.act(path(row), "post")
    assert levels(api, part, store) == ("4", "4", "0", "2")
    assert api.get(f"/v1/reservations/{first['id']}").json()["open"] == "3.000"
    states = {(one["status"], one["open"]) for one in api.list("/v1/reservations", article_id=part["id"])}
    assert states == {("reserved", "3.000"), ("reserved", "1.000"), ("waiting", "2.000")}
    assert events.last(second["id"], "reservation.waiting")


def test_what_is_counted(api, tenant, part, store):
    category = tenant.make("/v1/article-categories", {"code": "CNT", "label": "Counted"})
    inside = tenant.article(category_code=category["code"])
    for article in (part, inside):
        move(api, "receipt", article, store, 1)
    assert set(lines(api, begun(api, store, scope={"category_code": "CNT"}))) == {inside["id"]}
    empty = begun(api, store, scope={"article_ids": [tenant.article()["id"], part["id"]]})
    assert len(lines(api, empty)) == 2
    body = {"warehouse_id": store["id"], "scope": {"category_code": "NONE"}}
    assert faults(api.post("/v1/counts", body, expect=None)) == {"/scope/category_code": "reference"}
    assert faults(counted(api, empty, part, counted="0.5", expect=None)) == {"/counted": "decimals"}
    assert faults(counted(api, empty, part, serials=["X"], expect=None)) == {"/serials": "serials"}
    added = api.post(f"{path(empty)}/lines", {"article_id": part["id"]}, expect=None)
    problem(added, 409, "duplicate")
    draft = api.post("/v1/counts", {"warehouse_id": store["id"]}).json()
    problem(api.post(f"{path(draft)}/lines", {"article_id": part["id"]}, expect=None), 409, "conflict")
    assert api.act(path(draft), "cancel", {"reason": "Wrong store"}).json()["state"] == "cancelled"


def test_posted_once_while_goods_move(api, tenant, part, store):
    """Two who post at once, and others who issue: one posts, and what was issued stays issued."""
    move(api, "receipt", part, store, 20)
    row = begun(api, store)
    counted(api, row, part, counted="18")
    clients = [tenant.client("manager"), api]

    asks = [functools.partial(client.act, path(row), "post", expect=None) for client in clients]
    asks += [functools.partial(move, api, "issue", part, store, 1, expect=None)] * 6
    for client in clients:
        client.token()
    answers = [answer.status_code for answer in at_once(insist, asks)]
    assert sorted(answers[:2]) == [200, 409] and answers[2:] == [201] * 6
    assert levels(api, part, store) == ("12", "0", "12", "0")
