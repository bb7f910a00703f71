"""Stock as the ledger tells it: at a past date, and against what is kept."""
import pytest
from support.client import faults, problem
from support.goods import levels, move, reserve, stock


@pytest.fixture(scope="module")
def store(tenant):
    return tenant.warehouse(kind="stock")


def at(api, date, **parameters):
    return api.get("/v1/stock/at", params={"date": date} | parameters).json()


def rebuild(api, **body):
    return {(row["article_id"], row["field"]): (row["kept"], row["ledger"])
            for row in api.post("/v1/stock/rebuild", body, expect=200).json()["differences"]}


def test_stock_at_a_past_date(api, tenant, part, store):
    """A day is the tenant's: what happens at 23:30 in Rome counts, though it is the same evening in UTC."""
    move(api, "receipt", part, store, 10, unit_cost="2", at="2026-11-24T09:00:00Z")
    move(api, "issue", part, store, 3, at="2026-11-24T22:30:00Z")
    move(api, "issue", part, store, 1, at="2026-11-24T23:30:00Z")
    quantities = {day: [(row["quantity"], row["value"]) for row in at(api, day, article_id=part["id"])["items"]]
                  for day in ("2026-11-23", "2026-11-24", "2026-11-25")}
    assert quantities == {"2026-11-23": [("0.000", "0.00")], "2026-11-24": [("7.000", "14.00")], "2026-11-25": [("6.000", "12.00")]}
    assert "value" not in at(tenant.client("storekeeper"), "2026-11-25", article_id=part["id"])["items"][0]
    other = tenant.article()
    move(api, "receipt", other, store, 1)
    of_store = {"warehouse_id": store["id"], "limit": 1}
    answer = api.get("/v1/stock/at", params={"date": "2026-11-25"} | of_store)
    first = answer.json()
    second = at(api, "2026-11-25", cursor=first["next_cursor"], **of_store)
    assert {first["items"][0]["article_id"], second["items"][0]["article_id"]} == {part["id"], other["id"]}
    assert "next_cursor" not in second and second["items"][0]["quantity"] in ("0.000", "6.000")
    assert api.get(answer.links["next"]["url"]).json() == second
    for foreign in ({"date": "2026-11-24", "cursor": first["next_cursor"]}, {"date": "2026-11-25", "cursor": "abc"}):
        problem(api.get("/v1/stock/at", params=of_store | foreign, expect=None), 400, "bad-cursor")
    assert faults(api.get("/v1/stock/at", expect=None), 400) == {"date": "required"}


def test_rebuild_tells_and_repairs(api, tenant, part, store, database, events):
    van = tenant.warehouse(kind="van")
    move(api, "receipt", part, store, 10, unit_cost="2")
    reserve(api, part, store, 4, tenant.known_activity())
    row = api.post("/v1/transfers", {"from_warehouse_id": store["id"], "to_warehouse_id": van["id"],
                                     "lines": [{"article_id": part["id"], "quantity": "3"}]}).json()
    api.act(f"/v1/transfers/{row['id']}", "ship")
    assert not {key for key in rebuild(api) if key[0] == part["id"]}
    place = stock(api, part, store)
    database.execute("update inventory_data.stock set on_hand = 9, reserved = 1 where id = %s", [place["id"]])
    database.execute("update inventory_data.stock set in_transit = 0 where article_id = %s and warehouse_id = %s", [part["id"], van["id"]])
    database.execute("update inventory_data.article_value set value = 1 where article_id = %s", [part["id"]])
    wrong = {(part["id"], "on_hand"): ("9.000", "7.000"), (part["id"], "reserved"): ("1.000", "4.000"),
             (part["id"], "in_transit"): ("0.000", "3.000"), (part["id"], "value"): ("1.0000", "20.0000")}
    assert rebuild(api, repair=False) == wrong
    assert levels(api, part, store) == ("9", "1", "8", "0")
    assert rebuild(api) == wrong and rebuild(api) == {}
    assert levels(api, part, store) == ("7", "4", "3", "0") and stock(api, part, van)["in_transit"] == "3.000"
    assert api.get(f"/v1/articles/{part['id']}").json()["average_cost"] == "2.0000"
    assert events.last(place["id"], "stock.changed").data["on_hand"] == "7.000"


def test_rebuild_puts_pieces_where_their_movements_tell(api, tenant, store, database):
    pump, van = tenant.article(tracking="serial"), tenant.warehouse(kind="van")
    move(api, "receipt", pump, store, 3, serials=["R1", "R2", "R3"])
    move(api, "issue", pump, store, 1, serials=["R3"])

    def told(**body):
        rows = api.post("/v1/stock/rebuild", body, expect=200).json()["differences"]
        return sorted((row["serial"], row["warehouse_id"], row["kept"], row["ledger"]) for row in rows if row["article_id"] == pump["id"])

    assert told() == []
    database.execute("update inventory_data.serial set warehouse_id = %s where article_id = %s and serial = 'R1'", [van["id"], pump["id"]])
    database.execute("delete from inventory_data.serial where article_id = %s and serial = 'R2'", [pump["id"]])
    database.execute("update inventory_data.serial set warehouse_id = %s, state = 'in_stock' where article_id = %s and serial = 'R3'",
                     [store["id"], pump["id"]])
    wrong = sorted([("R1", van["id"], "1", "0"), ("R1", store["id"], "0", "1"), ("R2", store["id"], "0", "1"),
                    ("R3", store["id"], "1", "0")])
    assert told(repair=False) == wrong and told() == wrong and told() == []
    places = {row["serial"]: (row["state"], row["warehouse_id"]) for row in api.list("/v1/serials", article_id=pump["id"])}
    assert places == {"R1": ("in_stock", store["id"]), "R2": ("in_stock", store["id"]), "R3": ("at_customer", None)}


def test_rebuild_knows_what_is_on_order(api, tenant, part, store, database):
    api.post("/v1/reorder-levels", {"article_id": part["id"], "warehouse_id": store["id"], "minimum": "4", "target": "20",
                                    "source": "purchase"})
    move(api, "receipt", part, store, 3)
    row = api.list("/v1/reorder-suggestions", article_id=part["id"])[0]
    api.act(f"/v1/reorder-suggestions/{row['id']}", "propose")
    tenant.client("integration").act(f"/v1/reorder-suggestions/{row['id']}", "order", {"number": "OF-9", "date": "2026-11-26", "quantity": "10"})
    move(api, "receipt", part, store, 4)
    assert stock(api, part, store)["on_order"] == "6.000" and not {key for key in rebuild(api) if key[0] == part["id"]}
    move(api, "receipt", part, store, 50)
    assert stock(api, part, store)["on_order"] == "0.000" and not {key for key in rebuild(api) if key[0] == part["id"]}
    database.execute("update inventory_data.stock set on_order = 5 where article_id = %s", [part["id"]])
    assert rebuild(api) == {(part["id"], "on_order"): ("5.000", "0.000")} and stock(api, part, store)["on_order"] == "0.000"
