"""Stock as the ledger tells it: at a past date, and against what is kept."""
import pytest
from support.client import faults
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
    first = at(api, "2026-11-25", warehouse_id=store["id"], limit=1)
    second = at(api, "2026-11-25", warehouse_id=store["id"], limit=1, after=first["next"])
    assert {first["items"][0]["article_id"], second["items"][0]["article_id"]} == {part["id"], other["id"]}
    assert second["next"] is None and second["items"][0]["quantity"] in ("0.000", "6.000")
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
