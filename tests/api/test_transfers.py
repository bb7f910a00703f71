"""Transfers: goods on their way from one warehouse to another, what is in transit, what does not arrive."""
from support.at_once import at_once, insist
from support.client import faults, problem
from support.goods import levels, move, reserve, stock


def transfer(api, store, van, *lines, **fields):
    body = {"from_warehouse_id": store["id"], "to_warehouse_id": van["id"], "lines": list(lines)}
    return api.post("/v1/transfers", body | fields).json()


def line(article, quantity, **fields):
    return {"article_id": article["id"], "quantity": str(quantity)} | fields


def path(row):
    return f"/v1/transfers/{row['id']}"


def in_transit(api, article, warehouse):
    row = stock(api, article, warehouse)
    return row["in_transit"].removesuffix(".000") if row else "0"


def on_the_way(api, article):
    """What is in the warehouse of goods on their way."""
    return [row["on_hand"] for row in api.list("/v1/stock", **{"article_id": article["id"], "warehouse.kind": "transit"})]


def test_shipped_and_received(api, part, store, van, events):
    move(api, "receipt", part, store, 10, unit_cost="4")
    row = transfer(api, store, van, line(part, 4))
    assert row["state"] == "draft" and row["number"].split("/")[1] == "TR" and row["requested_by_name"]
    assert levels(api, part, store) == ("10", "0", "10", "0")
    shipped = api.act(path(row), "ship").json()
    assert shipped["state"] == "shipped" and shipped["lines"][0]["missing_quantity"] == "4.000"
    assert levels(api, part, store) == ("6", "0", "6", "0") and in_transit(api, part, van) == "4"
    assert on_the_way(api, part) == ["4.000"]
    # It is worth on the way what it was before.
    assert api.get(f"/v1/articles/{part['id']}").json()["average_cost"] == "4.0000"
    done = api.act(path(row), "receive").json()
    assert done["state"] == "received" and done["lines"][0]["received_quantity"] == "4.000" and "warnings" not in done
    assert levels(api, part, van) == ("4", "0", "4", "0") and in_transit(api, part, van) == "0"
    moved = api.every("/v1/movements", article_id=part["id"], **{"document.number": row["number"]})
    assert sorted((one["kind"], one["quantity"], one["value"]) for one in moved) == [
        ("transfer_in", "4.000", "16.0000"), ("transfer_in", "4.000", "16.0000"),
        ("transfer_out", "-4.000", "-16.0000"), ("transfer_out", "-4.000", "-16.0000")]
    problem(api.act(f"/v1/movements/{moved[0]['id']}", "reverse", {"reason": "no"}, expect=None), 409, "conflict")
    problem(api.act(path(row), "receive", expect=None), 409, "conflict")
    assert events.last(row["id"], "transfer.received").data == done
    assert [one["action"] for one in api.list(f"{path(row)}/transitions")] == ["create", "ship", "receive"]


def test_a_shortfall_stays_in_transit_and_is_told(api, part, store, van):
    move(api, "receipt", part, store, 10)
    row = transfer(api, store, van, line(part, 5))
    api.act(path(row), "ship")
    refused = api.act(path(row), "receive", {"lines": [{"position": 1, "quantity": "6"}]}, expect=None)
    assert problem(refused, 409)["errors"][0]["pointer"] == "/lines/0/quantity"
    assert faults(api.act(path(row), "receive", {"lines": [{"position": 2}]}, expect=None)) == {"/lines/0/position": "reference"}
    short = api.act(path(row), "receive", {"lines": [{"position": 1, "quantity": "2"}]}).json()
    assert short["state"] == "received" and [one["code"] for one in short["warnings"]] == ["shortfall"]
    assert in_transit(api, part, van) == "3" and on_the_way(api, part) == ["3.000"]
    assert row["id"] in {one["id"] for one in api.list("/v1/transfers", missing="true")}
    # One more was found, one goes back, one is lost: nothing disappears unsaid.
    api.act(path(row), "receive", {"lines": [{"position": 1, "quantity": "1"}]})
    assert levels(api, part, van) == ("3", "0", "3", "0")
    back = api.act(path(row), "settle", {"outcome": "returned", "reason": "Never loaded"}).json()
    assert back["lines"][0]["missing_quantity"] == "0.000" and levels(api, part, store) == ("7", "0", "7", "0")
    assert in_transit(api, part, van) == "0" and on_the_way(api, part) == ["0.000"]
    problem(api.act(path(row), "settle", {"outcome": "lost", "reason": "again"}, expect=None), 409)


def test_what_is_lost_is_written_off(api, tenant, store, van):
    pump = tenant.article(tracking="serial")
    move(api, "receipt", pump, store, 2, serials=["P1", "P2"], unit_cost="100")
    row = transfer(api, store, van, line(pump, 2, serials=["P1", "P2"]))
    api.act(path(row), "ship")
    assert {one["state"] for one in api.list("/v1/serials", article_id=pump["id"])} == {"in_transit"}
    missing = api.act(path(row), "receive", {"lines": [{"position": 1, "quantity": "1"}]}, expect=None)
    assert faults(missing) == {"/lines/0/serials": "serials"}
    foreign = api.act(path(row), "receive", {"lines": [{"position": 1, "quantity": "1", "serials": ["P9"]}]}, expect=None)
    assert problem(foreign, 409)["errors"][0]["pointer"] == "/lines/0/serials"
    api.act(path(row), "receive", {"lines": [{"position": 1, "quantity": "1", "serials": ["p2"]}]})
    api.act(path(row), "settle", {"outcome": "lost", "reason": "Fell off the van"})
    assert {one["serial"]: (one["state"], one["warehouse_id"]) for one in api.list("/v1/serials", article_id=pump["id"])} == {
        "P1": ("scrapped", None), "P2": ("in_stock", van["id"])}
    lost = api.list("/v1/movements", article_id=pump["id"], kind="adjustment")
    assert [(one["quantity"], one["value"], one["reason_code"]) for one in lost] == [("-1.000", "-100.0000", "Fell off the van")]


def test_a_van_at_the_counter(api, tenant, part, store, van):
    move(api, "receipt", part, store, 3)
    row = transfer(api, store, van, line(part, 2))
    done = api.act(path(row), "ship-and-receive").json()
    assert done["state"] == "received" and levels(api, part, van) == ("2", "0", "2", "0") and on_the_way(api, part) == []
    more = transfer(api, store, van, line(part, 1), line(part, 1))
    refused = problem(api.act(path(more), "ship-and-receive", expect=None), 409, "insufficient-stock")
    assert refused["errors"][0]["pointer"] == "/lines/1/quantity"
    assert levels(api, part, store) == ("1", "0", "1", "0")  # nothing was half done


def test_a_receipt_fills_those_who_wait(api, tenant, part, store, van, events):
    """First come first served; what was sent for somebody is his."""
    first = reserve(api, part, van, 2, tenant.known_activity(), partial=True).json()
    second = reserve(api, part, van, 2, tenant.known_activity(), partial=True).json()
    assert first["status"] == second["status"] == "waiting"
    move(api, "receipt", part, store, 5)
    row = transfer(api, store, van, line(part, 2, reservation_id=second["id"]), line(part, 1))
    api.act(path(row), "ship")
    assert api.get(f"/v1/reservations/{second['id']}").json()["status"] == "waiting"
    api.act(path(row), "receive")
    assert api.get(f"/v1/reservations/{second['id']}").json()["status"] == "reserved"
    half = api.get(f"/v1/reservations/{first['id']}").json()
    assert (half["status"], half["open"]) == ("reserved", "1.000")
    assert levels(api, part, van) == ("3", "3", "0", "1")
    assert events.last(second["id"], "reservation.filled")


def test_what_is_promised_follows_the_goods(api, tenant, part, store, van):
    move(api, "receipt", part, store, 5)
    held = reserve(api, part, store, 4, tenant.known_activity()).json()
    problem(api.act(path(transfer(api, store, van, line(part, 2))), "ship", expect=None), 409, "insufficient-stock")
    row = transfer(api, store, van, line(part, 3, reservation_id=held["id"]))
    api.act(path(row), "ship")
    assert levels(api, part, store) == ("2", "1", "1", "0") and levels(api, part, van) == ("0", "0", "0", "3")
    api.act(path(row), "receive")
    moved = api.get(f"/v1/reservations/{held['id']}").json()
    assert (moved["status"], moved["open"], moved["warehouse_id"]) == ("reserved", "3.000", van["id"])
    rest = [one for one in api.list("/v1/reservations", article_id=part["id"]) if one["split_from"] == held["id"]]
    assert [(one["status"], one["open"], one["warehouse_id"]) for one in rest] == [("reserved", "1.000", store["id"])]
    technician = tenant.client("technician")
    assert technician.act(f"/v1/reservations/{held['id']}", "issue").json()["status"] == "fulfilled"


def test_cancelled_underway(api, part, store, van):
    move(api, "receipt", part, store, 5)
    row = transfer(api, store, van, line(part, 4))
    api.patch(path(row), {"lines": [line(part, 2)]}, row["version"])
    api.act(path(row), "ship")
    problem(api.patch(path(row), {"notes": "late"}, "*", expect=None), 409, "conflict")
    assert api.act(path(row), "cancel", {"reason": "van broke down"}).json()["state"] == "cancelled"
    assert levels(api, part, store) == ("5", "0", "5", "0") and in_transit(api, part, van) == "0"
    refused = problem(api.act(path(row), "receive", expect=None), 409, "transition-refused")
    assert "cancelled" in refused["detail"]


def test_bad_transfers(api, tenant, part, store, van):
    body = {"from_warehouse_id": store["id"], "to_warehouse_id": store["id"], "lines": [line(part, 1)]}
    assert faults(api.post("/v1/transfers", body, expect=None)) == {"/to_warehouse_id": "conflict"}
    transit = api.list("/v1/warehouses", kind="transit")[0]
    body["to_warehouse_id"] = transit["id"]
    assert faults(api.post("/v1/transfers", body, expect=None)) == {"/to_warehouse_id": "reference"}
    body |= {"to_warehouse_id": van["id"], "lines": []}
    assert set(faults(api.post("/v1/transfers", body, expect=None))) == {"/lines"}
    body["lines"] = [line(part, 1), line(part, 1, reservation_id=part["id"])]
    assert faults(api.post("/v1/transfers", body, expect=None)) == {"/lines/1/reservation_id": "reference"}


def test_a_technician_receives_into_his_own_van(api, tenant, part, store, van):
    move(api, "receipt", part, store, 4)
    technician = tenant.client("technician")
    mine = transfer(api, store, van, line(part, 1))
    other = transfer(api, store, tenant.warehouse(kind="van"), line(part, 1))
    back = transfer(api, van, store, line(part, 1))
    for row in (mine, other):
        api.act(path(row), "ship")
    assert technician.act(path(mine), "receive").json()["state"] == "received"
    problem(technician.act(path(other), "receive", expect=None), 404)
    api.act(path(back), "ship")
    problem(technician.act(path(back), "receive", expect=None), 403, "forbidden")


def test_two_ship_the_last_pieces(api, tenant, store, van):
    """Of transfers that want the same goods those that find them go; the others say what is left; nothing is half done."""
    one, two = tenant.article(), tenant.article()
    for article in (one, two):
        move(api, "receipt", article, store, 3)
    rows = [transfer(api, store, van, *(line(article, 1) for article in pair)) for pair in [(one, two), (two, one)] * 4]
    clients = [tenant.client(role) for role in ("manager", "storekeeper")]

    def ship(client, row):
        return insist(lambda: client.act(path(row), "ship", expect=None)).status_code

    for client in clients:
        client.token()
    assert sorted(at_once(ship, clients * 4, rows)) == [200] * 3 + [409] * 5
    assert levels(api, one, store) == levels(api, two, store) == ("0", "0", "0", "0")
    assert in_transit(api, one, van) == in_transit(api, two, van) == "3"


def test_found_by_where_they_leave_and_where_they_go(api, part, store, van):
    row = transfer(api, store, van, line(part, 1))
    assert row["id"] in {one["id"] for one in api.list("/v1/transfers", **{"from": store["id"], "to": van["id"]})}
    assert row["id"] not in {one["id"] for one in api.list("/v1/transfers", **{"from": van["id"]})}
    assert row["id"] not in {one["id"] for one in api.list("/v1/transfers", **{"to": store["id"]})}
