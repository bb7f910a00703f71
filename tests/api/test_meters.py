"""Meters of assets: readings rise; roll-over and exchange keep the total; late and bulk readings find their place."""
import itertools

import pytest
from support.client import faults, new_id, problem

counter = itertools.count(1)


@pytest.fixture(scope="module")
def machine(tenant):
    customer = tenant.copied(tenant.portal_customer, "customer")
    return tenant.asset(customer_id=customer["id"])


@pytest.fixture
def meter(api, machine):
    """Engine hours, one decimal, five digits before the point."""
    body = {"asset_id": machine["id"], "code": f"H{next(counter)}", "label": "Engine hours", "unit": "h", "decimals": 1,
            "rolls_over_at": "100000"}
    return api.post("/v1/meters", body).json()


def read(api, meter, value, day, expect=201, **fields):
    body = {"value": str(value), "at": f"2026-{day}T06:00:00Z"} | fields
    return api.post(f"/v1/meters/{meter['id']}/readings", body, expect=expect)


def totals(api, meter):
    return [float(row["total"]) for row in api.every(f"/v1/meters/{meter['id']}/readings", sort="at")]


def test_readings_rise(api, meter, machine, events):
    row = read(api, meter, "1000", "01-01").json()
    assert (row["total"], row["source"], row["reset"], row["asset_id"]) == ("1000.000", "manual", False, machine["id"])
    read(api, meter, "1000.5", "01-02")
    refused = problem(read(api, meter, "999", "01-03", expect=None), 422)
    assert refused["errors"][0]["pointer"] == "/value" and "1000.5" in refused["errors"][0]["detail"]
    assert faults(read(api, meter, "1000.55", "01-03", expect=None)) == {"/value": "decimals"}
    assert faults(read(api, meter, "100000", "01-03", expect=None)) == {"/value": "range"}
    assert faults(read(api, meter, "-1", "01-03", expect=None)) == {"/value": "format"}
    assert faults(api.post(f"/v1/meters/{meter['id']}/readings", {"value": "1", "at": "2099-01-01T00:00:00Z"}, expect=None)) == {
        "/at": "range"}
    problem(read(api, meter, "1001", "01-02", expect=None), 409, "duplicate")
    problem(read(api, {"id": new_id()}, "1", "01-01", expect=None), 404)
    shown = api.get(f"/v1/meters/{meter['id']}").json()
    assert shown["last"] == {"value": "1000.500", "at": "2026-01-02T06:00:00.000Z", "total": "1000.500"}
    told = events.last(meter["id"], "meter.read")
    assert told.data["last"]["value"] in ("1000.000", "1000.500") and told.key == f"{told.tenant}/{machine['id']}"


def test_an_exchange_keeps_the_total(api, meter):
    """1000, then 1200; the new meter begins at 5, then 55: 1250 in all."""
    for value, day, reset in ((1000, "01-01", False), (1200, "02-01", False), (5, "02-02", True), (55, "03-01", False)):
        read(api, meter, value, day, reset=reset)
    assert totals(api, meter) == [1000, 1200, 1200, 1250]
    # One that was forgotten, before the exchange: what came behind counts from it.
    late = read(api, meter, 1210, "02-01", at="2026-02-01T20:00:00Z").json()
    assert late["total"] == "1210.000" and totals(api, meter) == [1000, 1200, 1210, 1210, 1260]
    assert api.get(f"/v1/meters/{meter['id']}").json()["last"]["total"] == "1260.000"


def test_a_meter_rolls_over(api, meter):
    read(api, meter, 99990, "01-01")
    read(api, meter, 15, "01-02")
    assert totals(api, meter) == [99990, 100015]
    # Half its range in one step is no roll-over, but a slip.
    read(api, meter, 60000, "06-01")
    assert faults(read(api, meter, 30000, "06-02", expect=None)) == {"/value": "order"}
    api.patch(f"/v1/meters/{meter['id']}", {"label": "Hours"}, "*")
    refused = api.patch(f"/v1/meters/{meter['id']}", {"rolls_over_at": "50000"}, "*", expect=None)
    assert problem(refused, 409)["errors"][0]["pointer"] == "/rolls_over_at"


def test_a_late_reading_fits_between_the_others(api, meter):
    read(api, meter, 100, "01-01")
    read(api, meter, 200, "03-01")
    assert faults(read(api, meter, 250, "02-01", expect=None)) == {"/value": "order"}
    assert faults(read(api, meter, 50, "02-01", expect=None)) == {"/value": "order"}
    read(api, meter, 150, "02-01")
    read(api, meter, 40, "01-01", at="2025-12-01T00:00:00Z")
    assert totals(api, meter) == [40, 100, 150, 200]
    assert api.get(f"/v1/meters/{meter['id']}").json()["last"]["value"] == "200.000"


def test_the_average_of_a_day(api, meter):
    read(api, meter, 0, "01-01")
    assert api.get(f"/v1/meters/{meter['id']}").json()["average_per_day"] is None
    read(api, meter, 100, "01-11")
    assert api.get(f"/v1/meters/{meter['id']}").json()["average_per_day"] == "10.000"
    read(api, meter, 300, "06-30")
    read(api, meter, 460, "10-08")  # a hundred days later
    assert api.get(f"/v1/meters/{meter['id']}").json()["average_per_day"] == "1.600"


def test_only_the_newest_reading_goes(api, meter):
    first, last = read(api, meter, 100, "01-01").json(), read(api, meter, 2000, "02-01").json()
    problem(api.delete(f"/v1/meter-readings/{first['id']}", "*", expect=None), 409, "conflict")
    api.delete(f"/v1/meter-readings/{last['id']}", "*")
    assert api.get(f"/v1/meters/{meter['id']}").json()["last"]["value"] == "100.000"
    problem(api.delete(f"/v1/meters/{meter['id']}", "*", expect=None), 409, "referenced")
    assert api.get(f"/v1/meter-readings/{first['id']}").json() == first


def test_readings_in_bulk(api, tenant, meter, events):
    """In any order of the lines; a second time nothing changes; a wrong one is told, the others land."""
    other = api.post("/v1/meters", {"asset_id": meter["asset_id"], "code": f"K{next(counter)}", "label": "km", "unit": "km"}).json()
    days = range(28, 0, -1)
    lines = [{"meter_id": meter["id"], "value": f"{10 * day}", "at": f"2026-02-{day:02}T00:00:00Z", "source": "device",
              "external_ref": new_id()} for day in days]
    lines += [{"meter_id": other["id"], "value": "7", "at": "2026-02-01T00:00:00Z", "source": "device", "external_ref": new_id()}]
    device = tenant.client("integration")
    results = device.ndjson("/v1/meter-readings/bulk", lines)
    assert {result["result"] for result in results} == {"created"}
    assert totals(api, meter) == [10 * day for day in range(1, 29)]
    assert {result["result"] for result in device.ndjson("/v1/meter-readings/bulk", lines)} == {"unchanged"}
    wrong = {"meter_id": meter["id"], "value": "5", "at": "2026-03-01T00:00:00Z"}
    results = device.ndjson("/v1/meter-readings/bulk", [wrong, wrong | {"value": "281"}])
    assert [result["result"] for result in results] == ["failed", "created"]
    assert results[0]["errors"][0]["pointer"] == "/value"
    assert [row["value"] for row in api.list("/v1/meter-readings", meter_id=other["id"])] == ["7.000"]
    events.last(other["id"], "meter.read")


def test_many_at_once_count_as_one_by_one(api, tenant, meter):
    """An exchange and a roll-over among them; then late ones, of which each is fitted in, beside ones that go on."""
    at_once = api.post("/v1/meters", {**{name: meter[name] for name in ("asset_id", "label", "unit", "decimals", "rolls_over_at")},
                                      "code": f"H{next(counter)}"}).json()
    device = tenant.client("integration")
    first = [("99990", "01-01", False), ("15", "01-02", False), ("30.5", "01-03", False), ("3", "01-04", True), ("9", "01-05", False)]
    later = [("2", "01-04", False, "2026-01-03T12:00:00Z"), ("5", "12-31", False, "2025-12-31T00:00:00Z"), ("20", "01-06", False)]
    for several in (first, later):
        lines = [{"meter_id": at_once["id"], "value": value, "at": at[0] if at else f"2026-{day}T06:00:00Z", "reset": reset}
                 for value, day, reset, *at in several]
        results = device.ndjson("/v1/meter-readings/bulk", lines[::-1])
        for value, day, reset, *at in sorted(several, key=lambda line: line[3] if line[3:] else f"2026-{line[1]}"):
            read(api, meter, value, day, expect=None, reset=reset, **({"at": at[0]} if at else {}))
        assert totals(api, at_once) == totals(api, meter), results
        one, other = (api.get(f"/v1/meters/{row['id']}").json()["last"] for row in (meter, at_once))
        assert one == other
    assert len(totals(api, meter)) == 7, "one of the late ones is lower than what was read before it"


def test_who_reads(api, tenant, meter):
    portal = tenant.client("portal")
    row = read(portal, meter, 10, "01-01", source="device").json()
    assert row["source"] == "portal" and "by" not in row
    assert portal.list(f"/v1/assets/{meter['asset_id']}/meters", code=meter["code"])[0]["id"] == meter["id"]
    elsewhere = api.post("/v1/meters", {"asset_id": tenant.asset()["id"], "code": "H", "label": "Hours", "unit": "h"}).json()
    problem(read(portal, elsewhere, 10, "01-01", expect=None), 404)
    body = {"meter_id": elsewhere["id"], "value": "1", "at": "2026-01-01T00:00:00Z"}
    problem(portal.post("/v1/meter-readings", body, expect=None), 404)
    assert api.list(f"/v1/meters/{elsewhere['id']}/readings") == []
    shown = api.get(f"/v1/assets/{meter['asset_id']}", params={"expand": "meters"}).json()["meters"]
    assert meter["id"] in [item["id"] for item in shown["items"]]


def test_the_portal_removes_only_what_it_read(api, tenant, meter):
    portal = tenant.client("portal")
    of_staff = read(api, meter, 10, "01-01").json()
    problem(portal.delete(f"/v1/meter-readings/{of_staff['id']}", "*", expect=None), 403, "forbidden")
    assert api.get(f"/v1/meters/{meter['id']}").json()["last"]["value"] == "10.000"
    own = read(portal, meter, 20, "01-02").json()
    portal.delete(f"/v1/meter-readings/{own['id']}", "*")
    assert api.get(f"/v1/meters/{meter['id']}").json()["last"]["value"] == "10.000"
