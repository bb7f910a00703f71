"""Stock: movements, costs, reservations: what is on hand, what is promised, what it is worth."""
import itertools

import pytest
from support.at_once import at_once, insist
from support.client import faults, new_id, problem
from support.goods import levels, move, reserve
from support.stack import wait_for

ROUNDS = 12  # of two who meet
counter = itertools.count(1)


@pytest.fixture(scope="module")
def visit(tenant):
    """An activity that inventory knows of."""
    return tenant.known_activity()


def test_the_moving_average(api, part, store):
    """10 at 4.00, then 10 at 6.00: 5.00 each; what goes out takes the average with it; the last takes the rest."""
    move(api, "receipt", part, store, 10, unit_cost="4")
    move(api, "receipt", part, store, 10, unit_cost="6")
    article = api.get(f"/v1/articles/{part['id']}").json()
    assert article["average_cost"] == "5.0000"
    issued = move(api, "issue", part, store, 3).json()
    assert (issued["quantity"], issued["unit_cost"], issued["value"]) == ("-3.000", "5.0000", "-15.0000")
    move(api, "receipt", part, store, 1, unit_cost="1")
    row = api.list("/v1/stock", article_id=part["id"])[0]
    assert row["on_hand"] == "18.000" and row["average_cost"] == "4.7778" and row["value"] == "86.00"
    for _ in range(18):
        move(api, "issue", part, store, 1)
    total = sum(float(row["value"]) for row in api.every("/v1/movements", article_id=part["id"]))
    assert abs(total) < 1e-9
    assert api.get(f"/v1/articles/{part['id']}").json()["average_cost"] is None


def test_a_reservation_lowers_available_only(api, part, store, visit, events):
    move(api, "receipt", part, store, 5)
    row = reserve(api, part, store, 3, visit).json()
    assert row["status"] == "reserved" and row["open"] == "3.000" and row["call_id"] == visit["call_id"]
    assert levels(api, part, store) == ("5", "3", "2", "0")
    refused = problem(reserve(api, part, store, 3, visit, expect=None), 409, "insufficient-stock")
    assert "2" in refused["detail"] and refused["errors"][0]["pointer"] == "/quantity"
    # An issue without reservation does not eat another's.
    problem(move(api, "issue", part, store, 3, expect=None), 409, "insufficient-stock")
    move(api, "issue", part, store, 2)
    assert levels(api, part, store) == ("3", "3", "0", "0")
    assert [event.name for event in events.wait(row["id"])] == ["reservation.made"]


def test_issue_in_parts_and_release_the_rest(api, part, store, visit, events):
    move(api, "receipt", part, store, 10)
    row = reserve(api, part, store, 6, visit).json()
    path = f"/v1/reservations/{row['id']}"
    half = api.act(path, "issue", {"quantity": "2"}).json()
    assert (half["status"], half["issued"], half["open"]) == ("reserved", "2.000", "4.000")
    assert levels(api, part, store) == ("8", "4", "4", "0")
    problem(api.act(path, "issue", {"quantity": "5"}, expect=None), 409, "conflict")
    rest = api.act(path, "release", {"quantity": "3", "reason": "not needed"}).json()
    assert (rest["status"], rest["released"], rest["open"]) == ("reserved", "3.000", "1.000")
    done = api.act(path, "issue").json()
    assert (done["status"], done["issued"], done["open"]) == ("fulfilled", "3.000", "0.000")
    refused = problem(api.act(path, "issue", expect=None), 409, "transition-refused")
    assert "fulfilled" in refused["detail"]
    assert levels(api, part, store) == ("7", "0", "7", "0")
    moved = api.every("/v1/movements", reservation_id=row["id"])
    assert sorted(one["quantity"] for one in moved) == ["-1.000", "-2.000"]
    names = [event.name for event in events.wait(row["id"], 4)]
    assert names == ["reservation.made", "reservation.issued", "reservation.released", "reservation.issued"]


def test_waiting_is_filled_first_come_first_served(api, part, store, visit, events):
    move(api, "receipt", part, store, 1)
    first = reserve(api, part, store, 3, visit, partial=True)
    assert {warning["code"] for warning in first.json()["warnings"]} == {"more-reservations", "waiting"}
    second = reserve(api, part, store, 2, visit, partial=True).json()
    assert second["status"] == "waiting"
    waiting = api.list("/v1/reservations", article_id=part["id"], status="waiting", sort="created_at")
    assert [row["open"] for row in waiting] == ["2.000", "2.000"] and waiting[0]["split_from"] == first.json()["id"]
    assert levels(api, part, store) == ("1", "1", "0", "4")
    move(api, "receipt", part, store, 3)
    assert levels(api, part, store) == ("4", "4", "0", "1")
    assert api.get(f"/v1/reservations/{waiting[0]['id']}").json()["status"] == "reserved"
    part_of = api.get(f"/v1/reservations/{second['id']}").json()
    assert (part_of["status"], part_of["open"]) == ("reserved", "1.000")
    rest = api.list("/v1/reservations", article_id=part["id"], status="waiting")
    assert [(row["open"], row["split_from"]) for row in rest] == [("1.000", second["id"])]
    assert events.last(second["id"], "reservation.filled")
    # What another gives back fills the next.
    api.act(f"/v1/reservations/{first.json()['id']}", "release")
    assert api.get(f"/v1/reservations/{rest[0]['id']}").json()["status"] == "reserved"
    assert levels(api, part, store) == ("4", "4", "0", "0")


def test_serials_are_in_one_place(api, tenant, store, van, visit):
    pump = tenant.article(tracking="serial")
    assert faults(move(api, "receipt", pump, store, 2, serials=["P1"], expect=None)) == {"/serials": "serials"}
    move(api, "receipt", pump, store, 2, serials=["P1", "P2"])
    refused = problem(move(api, "receipt", pump, van, 1, serials=["p1"], expect=None), 409, "conflict")
    assert refused["errors"][0]["pointer"] == "/serials/0"
    problem(move(api, "issue", pump, van, 1, serials=["P1"], expect=None), 409)
    row = reserve(api, pump, store, 1, visit, serials=["P2"]).json()
    assert api.list("/v1/serials", article_id=pump["id"], serial="p2")[0]["state"] == "reserved"
    problem(move(api, "issue", pump, store, 1, serials=["P2"], expect=None), 409)
    api.act(f"/v1/reservations/{row['id']}", "issue")
    assert api.list("/v1/serials", article_id=pump["id"], serial="P2")[0]["state"] == "at_customer"
    move(api, "issue", pump, store, 1, serials=["P1"])
    assert levels(api, pump, store) == ("0", "0", "0", "0")


def test_a_movement_is_reversed_once(api, part, store, events):
    came = move(api, "receipt", part, store, 4, unit_cost="3").json()
    back = api.act(f"/v1/movements/{came['id']}", "reverse", {"reason": "typed twice"}, expect=201).json()
    assert back["kind"] == "reversal" and back["quantity"] == "-4.000" and back["reversal_of"] == came["id"]
    assert api.get(f"/v1/movements/{came['id']}").json()["reversed_by"] == back["id"]
    problem(api.act(f"/v1/movements/{came['id']}", "reverse", {"reason": "again"}, expect=None), 409)
    problem(api.act(f"/v1/movements/{back['id']}", "reverse", {"reason": "again"}, expect=None), 409)
    assert levels(api, part, store) == ("0", "0", "0", "0")
    assert events.wait(back["id"])[0].name == "movement.posted"


def test_below_zero_is_a_policy(api, tenant, store):
    """Issued at the standard cost before any came in; what it really cost is told by a movement of value alone."""
    part = tenant.article(standard_cost="10")
    problem(move(api, "issue", part, store, 2, expect=None), 409, "insufficient-stock")
    settings = "/v1/services/inventory/settings"
    api.patch(settings, {"stock_below_zero": True}, "*")
    try:
        assert move(api, "issue", part, store, 2).json()["value"] == "-20.0000"
        move(api, "receipt", part, store, 5, unit_cost="12")
    finally:
        api.patch(settings, {"stock_below_zero": None}, "*")
    told = {(row["kind"], row["quantity"], row["value"]) for row in api.every("/v1/movements", article_id=part["id"])}
    assert told == {("issue", "-2.000", "-20.0000"), ("receipt", "5.000", "60.0000"), ("adjustment", "0.000", "-4.0000")}
    assert api.get(f"/v1/articles/{part['id']}").json()["average_cost"] == "12.0000"


def test_articles_with_a_multiplier(api, tenant, store, visit):
    body = {"code": f"MULT{next(counter)}", "kind": "part", "description": "Screws", "uom": "box", "stocked": True,
            "price_quantity_multiplier": "100"}
    refused = problem(api.post("/v1/articles", body, expect=None), 422, "article-multiplier")
    assert body["code"] in refused["detail"] and "100" in refused["detail"]
    article = tenant.client("integration").post("/v1/articles", body | {"external_ref": body["code"]}).json()
    assert article["usable"] is False and article["origin"] == "erp"
    problem(move(api, "receipt", article, store, 1, expect=None), 422, "article-multiplier")
    problem(reserve(api, article, store, 1, visit, expect=None), 422, "article-multiplier")


def test_kits_become_their_components(api, tenant, store, visit, database):
    kit = tenant.article(kind="kit", stocked=False)
    screw, plate = tenant.article(), tenant.article()
    for component, quantity in ((screw, "4"), (plate, "1")):
        database.execute(
            "insert into inventory_data.kit_component (tenant_id, id, article_id, component_id, quantity, optional, position)"
            " values (%s, %s, %s, %s, %s, false, 0)", [tenant.id, new_id(), kit["id"], component["id"], quantity])
    move(api, "receipt", screw, store, 8)
    move(api, "receipt", plate, store, 2)
    row = reserve(api, kit, store, 2, visit).json()
    assert "more-reservations" in {warning["code"] for warning in row["warnings"]}
    assert {(one["article_id"], one["quantity"]) for one in api.list("/v1/reservations", kit_id=kit["id"])} == {
        (screw["id"], "8.000"), (plate["id"], "2.000")}
    issued = api.act(f"/v1/reservations/{row['id']}", "issue", {"quantity": "1"}).json()
    (moved,) = api.list("/v1/movements", kit_id=kit["id"])
    assert (moved["article_id"], moved["reservation_id"], moved["kit_id"]) == (issued["article_id"], row["id"], kit["id"])
    api.act(f"/v1/movements/{moved['id']}", "reverse", {"reason": "Not used"}, expect=201)
    assert len(api.list("/v1/movements", kit_id=kit["id"])) == 2
    problem(reserve(api, kit, store, 1, visit, expect=None), 409, "insufficient-stock")


def test_a_reservation_expires(api, part, store, visit, events, database):
    move(api, "receipt", part, store, 1)
    row = reserve(api, part, store, 1, visit, expires_at="2099-01-01T00:00:00Z").json()
    wait = reserve(api, part, store, 1, visit, partial=True).json()
    database.execute("update inventory_data.reservation set expires_at = now() - interval '1 s' where id = %s", [row["id"]])
    database.execute("update inventory_data.timer set due_at = now() where subject = %s", [row["id"]])
    wait_for("the end of its time", lambda: api.get(f"/v1/reservations/{row['id']}").json()["status"] == "expired", 30)
    assert api.get(f"/v1/reservations/{wait['id']}").json()["status"] == "reserved"
    assert events.last(row["id"], "reservation.expired") and events.last(wait["id"], "reservation.filled")


def test_each_part_of_a_reservation_expires(api, part, store, visit, database):
    """What is parted when only some of it comes in ends with the rest."""
    row = reserve(api, part, store, 3, visit, partial=True, expires_at="2099-01-01T00:00:00Z").json()
    move(api, "receipt", part, store, 1)
    parts = api.list("/v1/reservations", article_id=part["id"])
    assert sorted((one["status"], one["open"]) for one in parts) == [("reserved", "1.000"), ("waiting", "2.000")]
    database.execute("update inventory_data.reservation set expires_at = now() - interval '1 s' where article_id = %s", [part["id"]])
    database.execute("update inventory_data.timer set due_at = now() where subject = any (%s)", [[one["id"] for one in parts]])
    wait_for("their end", lambda: {one["status"] for one in api.list("/v1/reservations", article_id=part["id"])} == {"expired"}, 30)
    assert levels(api, part, store) == ("1", "0", "1", "0") and row["id"] in {one["id"] for one in parts}


def test_another_warehouse(api, part, store, van, visit):
    move(api, "receipt", part, store, 2)
    row = reserve(api, part, store, 2, visit).json()
    path = f"/v1/reservations/{row['id']}"
    problem(api.act(path, "change-warehouse", {"warehouse_id": van["id"]}, expect=None), 409, "insufficient-stock")
    move(api, "receipt", part, van, 3)
    moved = api.act(path, "change-warehouse", {"warehouse_id": van["id"]}).json()
    assert moved["warehouse_id"] == van["id"]
    assert levels(api, part, store) == ("2", "0", "2", "0") and levels(api, part, van) == ("3", "2", "1", "0")


def test_a_cancelled_activity_gives_back_what_was_promised(api, tenant, part, store, events):
    move(api, "receipt", part, store, 2)
    visit, next_visit = tenant.known_activity(), tenant.known_activity()
    held = reserve(api, part, store, 2, visit).json()
    waits = reserve(api, part, store, 1, next_visit, partial=True).json()
    api.act(f"/v1/activities/{visit['id']}", "cancel", {"reason": "rain"})
    wait_for("the release", lambda: api.get(f"/v1/reservations/{held['id']}").json()["status"] == "released", 60)
    assert api.get(f"/v1/reservations/{held['id']}").json()["release_reason"] == "activity cancelled"
    assert api.get(f"/v1/reservations/{waits['id']}").json()["status"] == "reserved"
    assert levels(api, part, store) == ("2", "1", "1", "0")
    assert events.last(held["id"], "reservation.released").data["release_reason"] == "activity cancelled"
    problem(reserve(api, part, store, 1, visit, expect=None), 409, "conflict")


def test_what_waits_for_a_cancelled_activity_takes_nothing_of_what_it_gives_back(api, tenant, part, store):
    """It would take a part, and leave the rest waiting for nobody."""
    visit = tenant.known_activity()
    move(api, "receipt", part, store, 2)
    held = reserve(api, part, store, 2, visit).json()
    waits = reserve(api, part, store, 5, visit, partial=True).json()
    assert (held["status"], waits["status"]) == ("reserved", "waiting")
    api.act(f"/v1/activities/{visit['id']}", "cancel", {"reason": "rain"})

    def states():
        return {row["id"]: row["status"] for row in api.list("/v1/reservations", activity_id=visit["id"])}

    wait_for("the release", lambda: not {"waiting", "reserved"} & set(states().values()), 30)
    assert states() == {held["id"]: "released", waits["id"]: "released"}
    assert levels(api, part, store) == ("2", "0", "2", "0")


def test_one_last_piece_and_many_who_want_it(api, tenant, store, visit):
    """Whoever is first has it; the others hear what is left; nobody waits for another's lock in a circle."""
    part, other = tenant.article(), tenant.article()
    for article in (part, other):
        move(api, "receipt", article, store, 5)
    clients = [tenant.client(role) for role in ("manager", "storekeeper", "operator", "dispatcher")]
    for client in clients:
        client.token()

    def take(number):
        return insist(lambda: reserve(clients[number % 4], (part, other)[number % 2], store, 1, visit, expect=None)).status_code

    assert sorted(at_once(take, range(24))) == [201] * 10 + [409] * 14
    assert levels(api, part, store) == levels(api, other, store) == ("5", "5", "0", "0")


def test_nothing_lands_in_a_warehouse_that_goes_out_of_use(api, tenant, part):
    """Of a receipt and the end of its warehouse at once one finds what the other did."""
    clients = [tenant.client(role) for role in ("storekeeper", "manager")]
    for _ in range(ROUNDS):
        place = tenant.warehouse()
        ways = (lambda client: move(client, "receipt", part, place, 1, expect=None),
                lambda client: client.patch(f"/v1/warehouses/{place['id']}", {"active": False}, "*", expect=None))
        received, ended = at_once(lambda way, client: insist(lambda: way(client)), ways, clients)
        assert (received.status_code, ended.status_code) in ((201, 409), (422, 200)), (received.text, ended.text)
        assert api.get(f"/v1/warehouses/{place['id']}").json()["active"] == (received.status_code == 201)
