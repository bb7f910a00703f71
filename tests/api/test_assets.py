"""The installed base: machines and components, where they are and were, and how calls knows of them."""
import datetime
import itertools

import pytest
from support.at_once import at_once
from support.client import faults, new_id, problem
from support.goods import levels
from support.stack import wait_for

counter = itertools.count(1)


@pytest.fixture(scope="module")
def place(tenant):
    """A customer and a site of his."""
    return tenant.place(name="Cave del Nord", address={"city": "Bergamo", "province": "BG", "country": "IT"})


@pytest.fixture(scope="module")
def model(tenant):
    return tenant.model(warranty_months=24)


@pytest.fixture
def machine(tenant, model, place):
    customer, site = place
    return tenant.asset(model, customer_id=customer["id"], site_id=site["id"], installed_on="2026-01-10")


def at(row):
    return f"/v1/assets/{row['id']}"


def history(api, row):
    return [(line["action"], line["on"]) for line in api.list(f"{at(row)}/history")][::-1]


def test_a_serial_is_unique_by_article(api, tenant, model):
    row = tenant.asset(model, serial=" Ab-12 ")
    assert row["serial"] == "Ab-12" and row["status"] == "in_stock" and row["origin"] == "local"
    assert faults(api.post("/v1/assets", {"article_id": model["id"], "serial": "  "}, expect=None)) == {"/serial": "length"}
    refused = api.post("/v1/assets", {"article_id": model["id"], "serial": "AB-12"}, expect=None)
    assert problem(refused, 409, "duplicate")["errors"][0]["pointer"] == "/serial"
    assert tenant.asset(tenant.model(), serial="AB-12")["id"] != row["id"]
    assert {found["id"] for found in api.list("/v1/assets", serial="aB-12", article_id=model["id"])} == {row["id"]}
    found = api.get("/v1/assets", params={"serial[prefix]": "ab-", "article_code": model["code"]}).json()["items"]
    assert [one["id"] for one in found] == [row["id"]]
    assert len(api.get("/v1/assets", params={"serial[in]": "x,ab-12", "article_id": model["id"]}).json()["items"]) == 1


def test_what_an_asset_may_be_of(api, tenant):
    for kind in ("service", "kit"):
        article = tenant.article(kind=kind, stocked=False)
        answer = api.post("/v1/assets", {"article_id": article["id"], "serial": "1"}, expect=None)
        assert faults(answer) == {"/article_id": "kind"}
    erp = tenant.client("integration")
    line = {"code": f"M{next(counter)}", "kind": "model", "description": "Ten", "uom": "pcs", "price_quantity_multiplier": "10"}
    assert erp.ndjson("/v1/articles/bulk", [line])[0]["result"] == "created"
    tens = api.list("/v1/articles", code=line["code"])[0]
    answer = api.post("/v1/assets", {"article_id": tens["id"], "serial": "1"}, expect=None)
    told = problem(answer, 422, "article-multiplier")
    assert told["errors"][0]["pointer"] == "/article_id" and line["code"] in told["detail"] and "10" in told["detail"]


def test_a_site_is_its_customers(api, tenant, model, place):
    customer, _ = place
    _, elsewhere = tenant.place()
    body = {"article_id": model["id"], "serial": "X", "customer_id": customer["id"], "site_id": elsewhere["id"]}
    refused = problem(api.post("/v1/assets", body, expect=None), 422, "unknown-reference")
    assert refused["errors"][0]["pointer"] == "/site_id"
    warranty = {"kind": "ours", "from": "2026-02-01", "until": "2026-01-31", "covers": ["parts"]}
    answer = api.post("/v1/assets", {"article_id": model["id"], "serial": "X", "warranties": [warranty]}, expect=None)
    assert faults(answer) == {"/warranties/0/until": "order"}


def test_a_machine_and_its_passages(api, tenant, model, place, events):
    customer, site = place
    yard = tenant.copied(tenant.site(customer), "site")
    row = tenant.asset(model)
    to = {"customer_id": customer["id"], "site_id": site["id"]}
    installed = api.act(at(row), "install", to | {"installed_on": "2026-02-01"}).json()
    assert (installed["status"], installed["customer"]["name"], installed["site_id"]) == ("installed", "Cave del Nord", site["id"])
    assert installed["warranties"] == [
        {"kind": "ours", "from": "2026-02-01", "until": "2028-01-31", "covers": ["labour", "parts"]}]
    assert installed["warranty_until"] == "2028-01-31"
    refused = problem(api.act(at(row), "install", to | {"installed_on": "2026-02-01"}, expect=None), 409, "transition-refused")
    assert "move, remove, attach" in refused["detail"]
    move = {"site_id": yard["id"], "on": "2026-03-01", "reason": "Season"}
    assert faults(api.act(at(row), "move", move | {"on": "2026-01-31"}, expect=None)) == {"/on": "range"}
    assert faults(api.act(at(row), "move", move | {"on": "2099-01-01"}, expect=None)) == {"/on": "range"}
    assert faults(api.act(at(row), "move", {}, expect=None)) == {name: "required" for name in ("/site_id", "/on", "/reason")}
    assert api.act(at(row), "move", move).json()["site_id"] == yard["id"]
    removed = api.act(at(row), "remove", {"on": "2026-04-01", "reason": "Worn"}).json()
    assert (removed["status"], removed["customer_id"], removed["removed_on"]) == ("in_stock", None, "2026-04-01")
    assert api.act(at(row), "scrap", {"on": "2026-05-01"}).json()["status"] == "scrapped"
    problem(api.act(at(row), "dismiss", expect=None), 409, "transition-refused")
    today = history(api, row)[0][1]
    assert history(api, row) == [("create", today), ("install", "2026-02-01"), ("move", "2026-03-01"), ("remove", "2026-04-01"),
                                 ("scrap", "2026-05-01")]
    events.last(row["id"], "asset.dismissed")
    assert [event.name for event in events.of(row["id"])] == [
        "asset.created", "asset.installed", "asset.moved", "asset.moved", "asset.dismissed"]


def test_components_go_with_their_machine(api, tenant, place, machine, events):
    customer, site = place
    yard = tenant.copied(tenant.site(customer), "site")
    part = tenant.article(tracking="serial", becomes_asset=True)
    pump, seal = tenant.asset(part), tenant.asset(part)
    attached = api.act(at(pump), "attach", {"parent_id": machine["id"], "on": "2026-11-01", "position": "Left"}).json()
    assert (attached["customer_id"], attached["site_id"], attached["status"]) == (customer["id"], site["id"], "installed")
    assert attached["parent"]["serial"] == machine["serial"]
    api.act(at(seal), "attach", {"parent_id": pump["id"], "on": "2026-11-02"})
    cycle = api.act(at(machine), "attach", {"parent_id": seal["id"], "on": "2026-11-03"}, expect=None)
    assert faults(cycle) == {"/parent_id": "cycle"}
    assert faults(api.act(at(pump), "attach", {"parent_id": pump["id"], "on": "2026-11-03"}, expect=None)) == {"/parent_id": "cycle"}
    problem(api.act(at(pump), "move", {"site_id": yard["id"], "on": "2026-11-04", "reason": "x"}, expect=None), 409, "conflict")
    refused = api.patch(at(pump), {"customer_id": tenant.place()[0]["id"]}, "*", expect=None)
    problem(refused, 409, "conflict")
    api.act(at(machine), "move", {"site_id": yard["id"], "on": "2026-11-04", "reason": "Season"})
    for row in (pump, seal):
        assert api.get(at(row)).json()["site_id"] == yard["id"]
        wait_for("its event", lambda row=row: events.last(row["id"], "asset.moved").data["site_id"] == yard["id"])
        assert history(api, row)[-1] == ("carry", "2026-11-04")
    inside = f"{at(machine)}/components"
    assert [line["asset_id"] for line in api.list(inside)] == [pump["id"]]
    api.act(at(pump), "detach", {"on": "2026-11-10"})
    assert api.list(inside) == []
    for day, there in (("2026-10-31", False), ("2026-11-01", True), ("2026-11-09", True), ("2026-11-10", False)):
        assert bool(api.list(inside, at=day)) == there, day
    line = api.list(inside, at="2026-11-05")[0]
    assert (line["attached_on"], line["detached_on"]) == ("2026-11-01", "2026-11-10")
    assert api.get("/v1/assets", params={"parent_id[empty]": "true", "id": pump["id"]}).json()["items"]


def test_two_can_not_be_put_into_each_other_at_once(api, tenant):
    part = tenant.article(tracking="serial", becomes_asset=True)
    one, two = tenant.asset(part), tenant.asset(part)
    clients = [tenant.admin, tenant.client("manager")]
    day = history(api, one)[0][1]

    def attach(client, row, machine):
        return client.act(at(row), "attach", {"parent_id": machine["id"], "on": day}, expect=None).status_code

    assert sorted(at_once(attach, clients, (one, two), (two, one))) == [200, 422]


def test_a_change_of_place_is_a_passage(api, tenant, place, machine):
    customer, site = tenant.place()
    row = api.patch(at(machine), {"customer_id": customer["id"], "site_id": site["id"], "description": "Sold"}, machine["version"]).json()
    assert history(api, row)[-1][0] == "change"
    count = len(history(api, row))
    api.patch(at(machine), {"description": "Sold on"}, row["version"])
    assert len(history(api, row)) == count


def test_filters(api, tenant, place, model):
    customer, site = place
    category = api.post("/v1/article-categories", {"code": f"C{next(counter)}", "label": "Machines"}).json()["code"]
    mine = tenant.model(category_code=category)
    fields = {"customer_id": customer["id"], "site_id": site["id"], "tags": ["green"], "installed_on": "2020-01-01"}
    warranty = {"kind": "ours", "from": "2020-01-01", "until": "2099-01-01", "covers": ["parts"]}
    old = tenant.asset(mine, **fields, warranties=[])
    new = tenant.asset(mine, **fields, warranties=[warranty])
    slot = str(tenant.free_field("asset", type="number")["slot"])
    api.patch(at(old), {"x": {slot: "900"}}, "*")
    of = {"category_code": category}

    def found(**parameters):
        return [row["id"] for row in api.get("/v1/assets", params=of | parameters).json()["items"]]

    assert found() == [old["id"], new["id"]]
    assert found(in_warranty="true") == [new["id"]] and found(in_warranty="false") == [old["id"]]
    assert found(**{"warranty_until[gte]": "2098-01-01"}) == [new["id"]]
    assert found(**{f"x.{slot}[gte]": "800"}) == [old["id"]]
    assert found(tag="green") == found(status="installed") == found(**{"customer.code": customer["code"]}) == [old["id"], new["id"]]
    assert found(**{"customer.name": "Cave del Nord"}) == found(site_id=site["id"]) == [old["id"], new["id"]]
    assert found(city="Roma") == []
    assert [row["id"] for row in api.list("/v1/assets", q=old["serial"])] == [old["id"]]
    assert len(api.list(f"/v1/articles/{mine['id']}/assets")) == 2


def test_who_sees_which(tenant, place, machine, model):
    """A technician the machines of his customers, the portal its own."""
    technician, portal = tenant.client("technician"), tenant.client("portal")
    for client in (technician, portal):
        problem(client.get(at(machine), expect=404), 404)
    customer = tenant.copied(tenant.portal_customer, "customer")
    own = tenant.asset(model, customer_id=customer["id"], tags=["vip"])
    seen = portal.get(at(own)).json()
    assert "tags" not in seen and "x" not in seen and portal.list(f"{at(own)}/history")
    problem(portal.get(f"{at(machine)}/history", expect=404), 404)
    call = tenant.call(place[0])
    tenant.known_activity(call=call, participants=[{"technician_id": tenant.technician_id}])
    assert technician.get(at(machine)).json()["id"] == machine["id"]


def test_an_asset_that_is_a_component_or_moved_stays(api, tenant, machine):
    part = tenant.asset(tenant.article(tracking="serial", becomes_asset=True), parent_id=machine["id"])
    assert (part["customer_id"], part["status"]) == (machine["customer_id"], "installed")
    problem(api.delete(at(machine), "*", expect=None), 409, "referenced")
    api.delete(at(part), "*")


def test_calls_take_the_asset_for_their_stub(api, tenant, place, model, events):
    """A call named a serial that nobody knew; when the machine is entered, the call points to it, by both services."""
    customer, site = place
    serial = f"Stub-{next(counter)}"
    call = tenant.call(customer, asset={"serial": serial, "article_code": model["code"]})
    stub = call["assets"][0]["asset_id"]
    row = tenant.asset(model, serial=serial.upper(), customer_id=customer["id"], site_id=site["id"], installed_on=None)
    path = f"/v1/calls/{call['id']}"
    wait_for("the call's own asset", lambda: api.get(path).json()["assets"][0]["asset_id"] == row["id"], 60)
    told = api.get(path).json()["assets"][0]
    assert told == {"asset_id": row["id"], "main": True, "serial": serial.upper(), "article_code": model["code"]}
    assert events.last(call["id"], "call.changed").changed == ["assets"]
    assert api.get(path).json()["warranty"] == "unknown", "nobody said"
    for parameters in ({"asset_id": row["id"]}, {"serial": serial}):
        assert [one["id"] for one in api.list("/v1/calls", **parameters)] == [call["id"]]
    assert api.list("/v1/calls", asset_id=stub) == []
    later = tenant.call(customer, assets=[{"asset_id": row["id"]}])
    assert later["assets"][0]["serial"] == serial.upper()
    # What becomes of the machine is known there as well.
    api.act(at(row), "dismiss")
    with tenant.stack.connect() as database:
        sql = "select active from calls_data.asset where id = %s"
        wait_for("its end", lambda: not database.execute(sql, [row["id"]]).fetchone()["active"], 60)


def test_the_erp_brings_its_machines(api, tenant, model, place):
    customer, site = place
    erp = tenant.client("integration")
    line = {"article_id": model["id"], "serial": f"ERP-{next(counter)}", "customer_id": customer["id"], "external_ref": new_id(),
            "sale_document": {"number": "77", "date": "2026-02-10", "price": "1000.00"}}
    assert erp.ndjson("/v1/assets/bulk", [line])[0]["result"] == "created"
    row = api.list("/v1/assets", external_ref=line["external_ref"])[0]
    assert (row["origin"], row["status"], row["warranty_until"]) == ("erp", "installed", "2028-02-09")
    assert erp.ndjson("/v1/assets/bulk", [line])[0]["result"] == "unchanged"
    assert erp.ndjson("/v1/assets/bulk", [line | {"site_id": site["id"]}])[0]["result"] == "changed"
    assert history(api, row)[-1][0] == "change"


def test_a_sale_finds_what_is_there_by_article_and_serial(api, tenant, model, place):
    """What was entered or issued here is moved by the ERP's sale, in whatever case it spells the serial."""
    customer, site = place
    row = tenant.asset(model, serial=f"Sold-{next(counter)}")
    erp, other = tenant.client("integration"), tenant.model()
    sale = {"article_id": model["id"].upper(), "serial": f" {row['serial'].upper()} ", "customer_id": customer["id"], "site_id": site["id"],
            "sale_document": {"number": "90", "date": "2026-02-10"}}
    lines = [sale, sale | {"article_id": other["id"]}, sale | {"site_id": None}]
    assert [result["result"] for result in erp.ndjson("/v1/assets/bulk", lines)] == ["changed", "created", "changed"]
    sold = api.get(at(row)).json()
    assert (sold["customer_id"], sold["site_id"], sold["status"], sold["serial"]) == (customer["id"], None, "installed", row["serial"])
    assert sold["warranty_until"] == "2028-02-09"
    assert erp.ndjson("/v1/assets/bulk", [sale | {"site_id": None}])[0]["result"] == "unchanged"
    by_codes = {"article_code": model["code"], "serial": row["serial"], "customer_code": customer["code"], "site_id": site["id"]}
    results = erp.ndjson("/v1/assets/bulk", [by_codes, by_codes, by_codes | {"serial": f"New-{next(counter)}"}])
    assert [result["result"] for result in results] == ["changed", "unchanged", "created"]
    assert results[0]["id"] == row["id"]
    # Letters beyond ASCII have cases as well.
    accented = tenant.asset(model, serial=f"Über-{next(counter)}")
    line = sale | {"serial": accented["serial"].replace("Ü", "ü")}
    assert erp.ndjson("/v1/assets/bulk", [line])[0] == {"line": 1, "result": "changed", "id": accented["id"]}


@pytest.fixture
def work(tenant, place, machine):
    """An activity of a call about the machine, which inventory knows."""
    tenant.copied(machine, "asset", "calls")
    call = tenant.call(place[0], site_id=place[1]["id"], assets=[{"asset_id": machine["id"]}])
    return tenant.known_activity(call=call)


def receive(api, article, store, *serials):
    body = {"kind": "receipt", "article_id": article["id"], "warehouse_id": store["id"], "quantity": str(len(serials))}
    return api.post("/v1/movements", body | {"serials": list(serials)}).json()


def test_a_part_that_is_issued_becomes_a_component(api, tenant, machine, work, events):
    """With its warranty from that day on; taken back, it is in stock again."""
    store = tenant.warehouse()
    part = tenant.article(tracking="serial", becomes_asset=True, warranty_months=12)
    receive(api, part, store, "P-1", "P-2")
    promise = {"article_id": part["id"], "warehouse_id": store["id"], "quantity": "1", "activity_id": work["id"], "serials": ["P-1"]}
    reservation = api.post("/v1/reservations", promise).json()
    api.act(f"/v1/reservations/{reservation['id']}", "issue", {"at": "2026-11-20T08:00:00Z"})
    row = api.list("/v1/assets", article_id=part["id"])[0]
    assert (row["serial"], row["origin"], row["status"], row["parent_id"]) == ("P-1", "issue", "installed", machine["id"])
    assert (row["customer_id"], row["site_id"]) == (machine["customer_id"], machine["site_id"])
    assert (row["installed_on"], row["warranty_until"]) == ("2026-11-20", "2027-11-19")
    assert events.last(row["id"], "asset.created").data == row
    piece = api.list("/v1/serials", article_id=part["id"], serial="P-1")[0]
    assert (piece["state"], piece["asset_id"]) == ("at_customer", row["id"])
    issued = api.list("/v1/movements", article_id=part["id"], kind="issue")[0]
    assert issued["asset_id"] == machine["id"] and api.list("/v1/movements", asset_id=machine["id"]) == [issued]
    assert [line["asset_id"] for line in api.list(f"{at(machine)}/components", at="2026-11-20")] == [row["id"]]
    api.act(f"/v1/movements/{issued['id']}", "reverse", {"reason": "Not needed"}, expect=201)
    back = events.last(row["id"], "asset.moved").data
    assert (back["status"], back["parent_id"], back["customer_id"]) == ("in_stock", None, None)
    assert api.list("/v1/serials", article_id=part["id"], serial="P-1")[0]["state"] == "in_stock"
    # The same piece again: the same asset.
    body = {"kind": "issue", "article_id": part["id"], "warehouse_id": store["id"], "quantity": "1", "serials": ["P-1"]}
    api.post("/v1/movements", body | {"activity_id": work["id"]})
    assert events.last(row["id"], "asset.installed").data["parent_id"] == machine["id"]
    assert len(api.list("/v1/assets", article_id=part["id"])) == 1


def test_what_does_not_become_an_asset(api, tenant, work):
    store, plain = tenant.warehouse(), tenant.article(tracking="serial")
    kept = tenant.article(tracking="serial", becomes_asset=True)
    receive(api, plain, store, "N-1")
    receive(api, kept, store, "N-2")
    for article, serial, of in ((plain, "N-1", {"activity_id": work["id"]}), (kept, "N-2", {})):
        body = {"kind": "issue", "article_id": article["id"], "warehouse_id": store["id"], "quantity": "1", "serials": [serial]}
        api.post("/v1/movements", body | of)
        assert api.list("/v1/assets", article_id=article["id"]) == []


def test_a_piece_is_in_one_place(api, tenant, place, machine):
    """In a warehouse, or at a customer's."""
    customer, site = place
    store = tenant.warehouse()
    nowhere = {"on": "2026-11-01", "owner": "own"}
    assert faults(api.act(at(machine), "remove", nowhere, expect=None)) == {"/owner": "warehouse"}
    taken = api.act(at(machine), "remove", {"on": "2026-11-01", "warehouse_id": store["id"], "owner": "own"}).json()
    assert (taken["status"], taken["owner_customer_id"]) == ("in_stock", None)
    piece = api.list("/v1/serials", article_id=machine["article_id"], serial=machine["serial"])[0]
    assert (piece["state"], piece["warehouse_id"], piece["owner"]) == ("in_stock", store["id"], "own")
    to = {"customer_id": customer["id"], "site_id": site["id"], "installed_on": "2026-11-02"}
    for action, body in (("install", to), ("scrap", {}), ("dismiss", {})):
        told = problem(api.act(at(machine), action, body, expect=None), 409, "conflict")
        assert store["code"] in told["detail"]
    body = {"article_id": machine["article_id"], "warehouse_id": store["id"], "quantity": "1", "serials": [machine["serial"]]}
    api.post("/v1/movements", body | {"kind": "issue"})
    assert api.act(at(machine), "install", to).json()["status"] == "installed"
    api.act(at(machine), "remove", {"on": "2026-11-03", "warehouse_id": store["id"], "owner": "own"})
    api.post("/v1/movements", body | {"kind": "scrap", "reason_code": "Burnt"})
    assert api.get(at(machine)).json()["status"] == "scrapped"


def test_goods_of_a_customer_come_back_as_his(api, tenant, place, model):
    customer, _ = place
    row = tenant.asset(model, customer_id=customer["id"])
    store = tenant.warehouse()
    taken = api.act(at(row), "remove", {"on": history(api, row)[0][1], "warehouse_id": store["id"]}).json()
    assert taken["owner_customer_id"] == customer["id"]
    piece = api.list("/v1/serials", article_id=model["id"], serial=row["serial"])[0]
    assert piece["owner"] == "customer"
    stock = api.list("/v1/stock", article_id=model["id"], warehouse_id=store["id"], owner="customer")[0]
    assert (stock["on_hand"], stock["available"], stock["value"]) == ("1.000", "0.000", None)


@pytest.mark.parametrize("leased", [True, False])
def test_goods_of_a_customer_leave_as_his(api, tenant, place, leased):
    """With what is done with the machine: by hand nobody issues what is not ours."""
    customer, site = place
    owner, model, store = tenant.place()[0] if leased else customer, tenant.model(), tenant.warehouse()
    row = tenant.asset(model, customer_id=customer["id"], owner_customer_id=owner["id"])
    day = history(api, row)[0][1]
    taken = {"on": day, "warehouse_id": store["id"]}
    api.act(at(row), "remove", taken)
    back = api.act(at(row), "install", {"customer_id": customer["id"], "site_id": site["id"], "installed_on": day}).json()
    assert (back["status"], back["owner_customer_id"]) == ("installed", owner["id"] if leased else None)
    piece = api.list("/v1/serials", article_id=model["id"], serial=row["serial"])[0]
    assert (piece["state"], piece["warehouse_id"]) == ("at_customer", None)
    assert levels(api, model, store, "customer")[0] == "0"
    api.act(at(row), "remove", taken)
    assert api.act(at(row), "scrap").json()["status"] == "scrapped" and levels(api, model, store, "customer")[0] == "0"
    assert [step for step, _ in history(api, row)] == ["create", "remove", "install", "remove", "scrap"]


@pytest.mark.parametrize("tracking", ["serial", "none"])
def test_pieces_of_customers_leave_as_they_came(api, tenant, place, tracking):
    """One that has a serial is found by it, one that is only counted by its own movements; those of others stay."""
    customer, site = place
    article, store = tenant.article(kind="model", tracking=tracking), tenant.warehouse()
    mine, other = (tenant.asset(article, customer_id=customer["id"]) for _ in range(2))
    day = history(api, mine)[0][1]
    to = {"customer_id": customer["id"], "site_id": site["id"], "installed_on": day}
    for row in (mine, other):
        api.act(at(row), "remove", {"on": day, "warehouse_id": store["id"]})
    assert levels(api, article, store, "customer")[0] == "2"
    api.act(at(mine), "install", to)
    assert levels(api, article, store, "customer")[0] == "1"
    api.act(at(mine), "remove", {"on": day})
    api.act(at(mine), "install", to)
    assert levels(api, article, store, "customer")[0] == "1", "it was in no warehouse"
    api.act(at(other), "scrap")
    assert levels(api, article, store, "customer")[0] == "0"


@pytest.mark.parametrize("leased", [True, False])
def test_a_customers_piece_that_lies_with_us_takes_a_place(api, tenant, place, machine, leased):
    """It leaves the warehouse, and stays whose it is; ours is issued first."""
    customer, _ = place
    owner = tenant.place()[0] if leased else customer
    article, store = tenant.model(), tenant.warehouse()
    spare, ours = (tenant.asset(article, customer_id=customer["id"], owner_customer_id=owner["id"]) for _ in range(2))
    day = history(api, spare)[0][1]
    api.act(at(spare), "remove", {"on": day, "warehouse_id": store["id"]})
    api.act(at(ours), "remove", {"on": day, "warehouse_id": store["id"], "owner": "own"})
    body = {"article_id": article["id"], "on": day, "reason": "Broken"}
    refused = problem(api.act(at(machine), "replace", body | {"serial": ours["serial"]}, expect=None), 409, "conflict")
    assert store["code"] in refused["detail"]
    assert api.act(at(machine), "replace", body | {"serial": spare["serial"]}).json()["replaced_by"] == spare["id"]
    row = api.get(at(spare)).json()
    assert (row["status"], row["customer_id"]) == ("installed", customer["id"])
    assert row["owner_customer_id"] == (owner["id"] if leased else None)
    piece = api.list("/v1/serials", article_id=article["id"], serial=spare["serial"])[0]
    assert (piece["state"], piece["warehouse_id"]) == ("at_customer", None)
    assert levels(api, article, store, "customer")[0] == "0" and levels(api, article, store)[0] == "1"


def days(count):
    return (datetime.date.today() + datetime.timedelta(days=count)).isoformat()


@pytest.mark.parametrize("rest, months, until", [(900, 12, "old"), (30, 24, "new"), (-1, 12, "new"), (30, 0, "old"), (-1, 0, None)])
def test_a_replacement_carries_the_longer_warranty(api, tenant, place, model, events, rest, months, until):
    customer, site = place
    warranty = {"kind": "maker", "from": "2020-01-01", "until": days(rest), "covers": ["parts"]}
    day = days(0)
    old = tenant.asset(model, customer_id=customer["id"], site_id=site["id"], position="Pit 1", warranties=[warranty],
                       installed_on="2026-01-10")
    article = tenant.model(warranty_months=months)
    body = {"article_id": article["id"], "serial": "R-1", "on": day, "reason": "Broken"}
    answer = api.act(at(old), "replace", body).json()
    assert (answer["status"], answer["removed_on"]) == ("replaced", day)
    new = api.get(f"/v1/assets/{answer['replaced_by']}").json()
    assert (new["serial"], new["origin"], new["status"], new["replaces"]) == ("R-1", "replacement", "installed", old["id"])
    assert [new[name] for name in ("customer_id", "site_id", "position")] == [customer["id"], site["id"], "Pit 1"]
    assert (new["warranty_until"] == warranty["until"]) == (until == "old")
    assert (new["warranty_until"] is None) == (until is None)
    assert events.last(old["id"], "asset.replaced").data["replaced_by"] == new["id"]
    assert events.last(new["id"], "asset.created").data == new
    problem(api.act(at(old), "replace", body, expect=None), 409, "transition-refused")


def test_what_can_not_take_the_place(api, tenant, place, machine, model):
    elsewhere = tenant.asset(model, customer_id=tenant.place()[0]["id"])
    body = {"article_id": model["id"], "serial": elsewhere["serial"], "on": days(0), "reason": "x"}
    refused = problem(api.act(at(machine), "replace", body, expect=None), 409, "conflict")
    assert refused["errors"][0]["pointer"] == "/serial"
    assert faults(api.act(at(machine), "replace", body | {"article_id": new_id()}, expect=None)) == {"/article_id": "reference"}
    spare = tenant.asset(model)
    taken = api.act(at(machine), "replace", body | {"serial": spare["serial"]}).json()
    assert taken["replaced_by"] == spare["id"] and api.get(at(spare)).json()["status"] == "installed"


def test_a_warranty_that_ends_soon_is_told_once(api, tenant, model, place, events, database):
    warranty = {"kind": "ours", "from": "2026-01-01", "covers": ["parts"]}
    soon = tenant.asset(model, customer_id=place[0]["id"], warranties=[warranty | {"until": days(29)}])
    later = tenant.asset(model, customer_id=place[0]["id"], warranties=[warranty | {"until": days(40)}])
    assert events.last(soon["id"], "warranty.expiring", seconds=60).data["warranty_until"] == days(29)
    waiting = "select count(*) as n from inventory_data.timer where kind = 'warranty.expiring' and subject = %s"
    wait_for("the timer's end", lambda: database.execute(waiting, [soon["id"]]).fetchone()["n"] == 0, 60)
    assert database.execute(waiting, [later["id"]]).fetchone()["n"] == 1
    assert not [event for event in events.of(later["id"]) if event.name == "warranty.expiring"]
    api.patch(at(later), {"warranties": [warranty | {"until": days(10)}]}, "*")
    events.last(later["id"], "warranty.expiring", seconds=60)


def test_all_that_happened_is_one_timeline(api, tenant, place, machine, work, events):
    """Passages, calls, activities, movements and readings, newest first, whichever service they are of."""
    store, filter_, timeline = tenant.warehouse(), tenant.article(), f"{at(machine)}/timeline"
    api.post("/v1/movements", {"kind": "receipt", "article_id": filter_["id"], "warehouse_id": store["id"], "quantity": "3"})
    body = {"kind": "issue", "article_id": filter_["id"], "warehouse_id": store["id"], "quantity": "2", "activity_id": work["id"]}
    issue = api.post("/v1/movements", body).json()
    meter = api.post("/v1/meters", {"asset_id": machine["id"], "code": "H", "label": "Hours", "unit": "h"}).json()
    reading = api.post(f"/v1/meters/{meter['id']}/readings", {"value": "120", "at": "2026-02-01T00:00:00Z"}).json()
    api.act(f"/v1/activities/{work['id']}", "done", {"done_at": "2026-11-20T10:00:00Z"})
    imported = {"customer_code": place[0]["code"], "asset": {"article_code": machine["article"]["code"], "serial": machine["serial"]},
                "subject": "Teeth worn", "opened_at": "2026-01-20T08:00:00Z", "state": "closed", "closed_at": "2026-01-21T08:00:00Z"}
    old = tenant.client("integration").ndjson("/v1/calls/bulk", [imported])[0]["id"]

    def line(source):
        found = [row for row in api.every(timeline) if row["source_id"] == source]
        return found[0] if found else None

    wait_for("both calls and the activity", lambda: all(map(line, (old, work["call_id"], work["id"]))), 60)
    assert line(issue["id"])["what"]["quantity"] == "-2.000" and line(issue["id"])["what"]["article_code"] == filter_["code"]
    assert line(reading["id"])["what"] == {"meter_id": meter["id"], "meter_code": "H", "unit": "h", "value": "120.000",
                                           "total": "120.000", "reset": False, "source": "manual"}
    assert line(old)["what"]["subject"] == "Teeth worn" and line(old)["at"] == "2026-01-20T08:00:00.000Z"
    assert line(work["id"])["at"] == "2026-11-20T10:00:00.000Z"
    rows = api.every(timeline, limit=2)
    assert [row["at"] for row in rows] == sorted((row["at"] for row in rows), reverse=True) and len(rows) == 6
    assert rows[-1]["kind"] == "passage" and rows[-1]["what"]["action"] == "create"
    assert [row["source_id"] for row in api.list(timeline, kind="reading")] == [reading["id"]]
    api.delete(f"/v1/meter-readings/{reading['id']}", "*")
    api.act(f"/v1/activities/{work['id']}", "undo-done")
    wait_for("what did not happen", lambda: len(api.every(timeline)) == 4, 60)


def test_a_machine_sold_on_keeps_its_past_from_the_new_customer(api, tenant, place, model):
    row = tenant.asset(model, customer_id=place[0]["id"], installed_on="2026-01-10")
    customer = tenant.copied(tenant.portal_customer, "customer")
    site = tenant.copied(tenant.site(customer), "site")
    api.act(at(row), "move", {"customer_id": customer["id"], "site_id": site["id"], "on": "2026-02-01", "reason": "Sold"})
    portal = tenant.client("portal")
    assert len(api.list(f"{at(row)}/history")) == len(api.list(f"{at(row)}/timeline")) == 2
    for path in ("history", "timeline"):
        assert len(portal.list(f"{at(row)}/{path}")) == 1


# What calls makes of warranties.


def covered(tenant, model, place, *covers, first="2026-01-01", last="2099-12-31"):
    warranties = [{"kind": "ours", "from": first, "until": last, "covers": list(covers)}] if covers else []
    row = tenant.asset(model, customer_id=place[0]["id"], warranties=warranties)
    return tenant.copied(row, "asset", "calls")


@pytest.mark.parametrize("covers, warranty", [(("labour", "parts", "travel"), "in"), (("parts",), "partial"), ((), "out")])
def test_the_warranty_of_a_call_is_its_main_assets(api, tenant, model, place, covers, warranty):
    row = covered(tenant, model, place, *covers)
    call = tenant.call(place[0], assets=[{"asset_id": row["id"]}])
    assert call["warranty"] == warranty and call["warranty_override"] is None
    assert [one["id"] for one in api.list("/v1/calls", warranty=warranty, asset_id=row["id"])] == [call["id"]]
    treatments = {kind: api.post("/v1/charges", {"call_id": call["id"], "kind": kind, "quantity": "1"}).json()["treatment"]
                  for kind in ("labour", "part", "call_out", "other")}
    for kind, part in (("labour", "labour"), ("part", "parts"), ("call_out", "travel"), ("other", None)):
        assert treatments[kind] == ("warranty" if part in covers else "billable"), kind
    said = api.post("/v1/charges", {"call_id": call["id"], "kind": "part", "quantity": "1", "treatment": "goodwill"}).json()
    assert said["treatment"] == "goodwill"


def test_the_warranty_of_a_call_that_names_several_machines(tenant, model, place):
    out, full = covered(tenant, model, place), covered(tenant, model, place, "labour", "parts", "travel")
    assert tenant.call(place[0], assets=[{"asset_id": out["id"]}, {"asset_id": full["id"]}])["warranty"] == "out"
    assert tenant.call(place[0], assets=[{"asset_id": out["id"]}, {"asset_id": full["id"], "main": True}])["warranty"] == "in"
    assert tenant.call(place[0], asset={"serial": full["serial"]})["warranty"] == "in"
    assert tenant.call(place[0], asset={"serial": f"never-{full['serial']}"})["warranty"] == "unknown"


def test_the_day_of_opening_decides(api, tenant, model, place):
    row = covered(tenant, model, place, "labour", "parts", "travel", first="2026-03-01", last="2026-03-31")
    for opened, warranty in (("2026-02-28T22:59:00Z", "out"), ("2026-02-28T23:30:00Z", "in"), ("2026-03-31T21:59:00Z", "in"),
                             ("2026-03-31T22:00:00Z", "out")):  # in Rome
        call = tenant.call(place[0], assets=[{"asset_id": row["id"]}], opened_at=opened)
        assert call["warranty"] == warranty, opened
    moved = api.act(f"/v1/calls/{call['id']}", "change-opening", {"opened_at": "2026-03-10T08:00:00Z", "reason": "Typed wrong"}).json()
    assert moved["warranty"] == "in"
    other = tenant.call(place[0])
    assert other["warranty"] == "unknown"
    changed = api.patch(f"/v1/calls/{other['id']}", {"assets": [{"asset_id": row["id"]}]}, "*").json()
    assert changed["warranty"] == "out"


def test_a_manager_overrides_the_warranty(api, tenant, model, place):
    row = covered(tenant, model, place)
    call = tenant.call(place[0], assets=[{"asset_id": row["id"]}])
    path, override = f"/v1/calls/{call['id']}", {"value": "in", "reason": "Recall"}
    operator = tenant.client("operator")
    assert faults(operator.patch(path, {"warranty_override": override}, "*", expect=None)) == {"/warranty_override": "forbidden"}
    answer = api.patch(path, {"warranty_override": {"value": "in"}}, "*", expect=None)
    assert faults(answer) == {"/warranty_override/reason": "required"}
    assert tenant.client("manager").patch(path, {"warranty_override": override}, "*").json()["warranty"] == "in"
    charge = api.post("/v1/charges", {"call_id": call["id"], "kind": "travel", "quantity": "1"}).json()
    assert charge["treatment"] == "warranty"
    assert api.patch(path, {"warranty_override": None}, "*").json()["warranty"] == "out"


def test_what_is_changed_later_does_not_change_calls(api, tenant, model, place):
    row = covered(tenant, model, place)
    call = tenant.call(place[0], assets=[{"asset_id": row["id"]}])
    entered = tenant.quick_call(serial=row["serial"])
    warranty = {"kind": "ours", "from": "2026-01-01", "until": "2099-12-31", "covers": ["labour", "parts", "travel"]}
    wait_for("the calls", lambda: len(api.list(f"{at(row)}/timeline", kind="call")) == 2, 60)
    body = {"warranties": [warranty]}
    assert api.patch(at(row), body | {"refuse_on": ["warranty"]}, "*", expect=None).status_code == 409
    warned = api.patch(at(row), body, "*").json()["warnings"]
    assert [(one["code"], one["pointer"]) for one in warned] == [("warranty", "/warranties")] and "2 open calls" in warned[0]["detail"]
    assert "warnings" not in api.patch(at(row), body, "*").json(), "nothing changes"
    with tenant.stack.connect() as database:
        sql = "select 1 from calls_data.asset where id = %s and warranties <> '[]'"
        wait_for("the copy", lambda: database.execute(sql, [row["id"]]).fetchone(), 60)
    assert api.get(f"/v1/calls/{call['id']}").json()["warranty"] == "out"
    # One that was only entered takes what holds when it is opened.
    opened = api.act(f"/v1/calls/{entered['id']}", "open", {"customer_id": place[0]["id"]}).json()
    assert opened["warranty"] == "in"


def test_merged_customers_have_one_installed_base(api, tenant, model, events):
    loser, site = tenant.place()
    survivor, _ = tenant.place()
    row = tenant.asset(model, customer_id=loser["id"], site_id=site["id"], owner_customer_id=loser["id"])
    api.act(f"/v1/customers/{loser['id']}", "merge", {"into": survivor["id"]})
    told = events.last(row["id"], "asset.changed", seconds=60).data
    assert (told["customer_id"], told["owner_customer_id"], told["site_id"]) == (survivor["id"], survivor["id"], site["id"])
    assert api.list("/v1/assets", customer_id=loser["id"]) == [] and history(api, row)[-1][0] == "change"


def test_what_hangs_on_assets_is_found_by_their_free_fields(api, tenant, model, place):
    """In calls by copies of values and definitions, whichever comes first."""
    slot = str(tenant.free_field("asset", type="number")["slot"])
    new, old, bare = (tenant.asset(model, customer_id=place[0]["id"], **fields) for fields in (
        {"x": {slot: "3"}}, {"x": {slot: "15"}}, {}))
    tenant.copied(bare, "asset", "calls")
    both = tenant.call(place[0], assets=[{"asset_id": new["id"]}, {"asset_id": old["id"]}])
    neither = tenant.call(place[0], assets=[{"asset_id": bare["id"]}])
    visit = tenant.activity(both, asset_id=old["id"])
    meter = api.post("/v1/meters", {"asset_id": old["id"], "code": "H", "label": "Hours", "unit": "h"}).json()

    def found(path, **parameters):
        answer = api.get(path, params={f"asset.x.{slot}{name}": value for name, value in parameters.items()}, expect=None)
        return [row["id"] for row in answer.json()["items"]] if answer.status_code == 200 else answer

    wait_for("the copies", lambda: found("/v1/calls", **{"[gte]": "10"}) == [both["id"]], 60)
    assert found("/v1/calls", **{"": "3"}) == [both["id"]] and found("/v1/calls", **{"[gt]": "15"}) == []
    assert {neither["id"], both["id"]} <= set(found("/v1/calls", **{"[ne]": "3"})), "any of its machines"
    lacking = api.get("/v1/calls", params={f"asset.x.{slot}[empty]": "true", "customer_id": place[0]["id"], "limit": 500}).json()["items"]
    assert neither["id"] in {row["id"] for row in lacking} and both["id"] not in {row["id"] for row in lacking}
    assert found("/v1/activities", **{"": "15"}) == [visit["id"]]
    assert found("/v1/meters", **{"[gte]": "10"}) == [meter["id"]] and found("/v1/meters", **{"": "3"}) == []
    assert found("/v1/meter-readings", **{"": "15"}) == found("/v1/movements", **{"": "15"}) == []
