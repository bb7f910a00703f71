"""Policies of inventory, by tenant: what each of them changes."""
import contextlib
import datetime
import zoneinfo

import pytest
from support.client import faults, problem
from support.goods import levels, move, reserve
from support.stack import wait_for

PATH = "/v1/services/inventory/settings"


@contextlib.contextmanager
def policy(api, **values):
    api.patch(PATH, values, "*")
    try:
        yield
    finally:
        api.patch(PATH, dict.fromkeys(values), "*")


def today():
    return datetime.datetime.now(zoneinfo.ZoneInfo("Europe/Rome")).date()


def status(api, reservation):
    return api.get(f"/v1/reservations/{reservation['id']}").json()["status"]


def test_what_is_refused(api):
    before = api.get(PATH).json()
    wrong = {"transfer_series": "A/B", "rma_series": "", "due_back_days": 0, "replacement_warranty": "best", "warranty_covers": ["food"]}
    assert faults(api.patch(PATH, wrong, "*", expect=None)) == {
        "/transfer_series": "format", "/rma_series": "length", "/due_back_days": "range", "/replacement_warranty": "choice",
        "/warranty_covers/0": "choice"}
    assert api.get(PATH).json() == before


def test_what_a_done_activity_has_not_used(api, tenant, part, store, events, database):
    """It stays promised, unless the policy says otherwise."""
    move(api, "receipt", part, store, 2)
    done = {"done_at": tenant.call()["opened_at"]}
    kept, given = tenant.known_activity(), tenant.known_activity()
    stays, goes = (reserve(api, part, store, 1, visit).json() for visit in (kept, given))
    api.act(f"/v1/activities/{kept['id']}", "done", done)
    known = "select 1 from inventory_data.activity where id = %s and status = 'done'"
    wait_for("the copy", lambda: database.execute(known, [kept["id"]]).fetchone(), 60)
    with policy(api, release_at_done=True):
        api.act(f"/v1/activities/{given['id']}", "done", done)
        wait_for("the release", lambda: status(api, goes) == "released", 60)
    assert events.last(goes["id"], "reservation.released").data["release_reason"] == "activity done"
    assert status(api, stays) == "reserved" and levels(api, part, store) == ("2", "1", "1", "0")


def test_nothing_is_promised_to_work_whose_rest_was_released(api, tenant, part, store, database):
    """It would be held for nobody, for ever. Without the policy a done activity may still be promised what it has used."""
    move(api, "receipt", part, store, 5)
    visit = tenant.known_activity()
    api.act(f"/v1/activities/{visit['id']}", "done", {"done_at": tenant.call()["opened_at"]})
    known = "select 1 from inventory_data.activity where id = %s and status = 'done'"
    wait_for("the copy", lambda: database.execute(known, [visit["id"]]).fetchone(), 60)
    charge = {"call_id": visit["call_id"], "kind": "part", "article_id": tenant.copied(part, "article", "calls")["id"], "quantity": "1"}
    charge = tenant.copied(api.post("/v1/charges", charge).json(), "charge")
    of_call = {"call_id": visit["call_id"], "activity_id": visit["id"], "warehouse_id": store["id"]}
    earlier = reserve(api, part, store, 1, visit).json()
    with policy(api, release_at_done=True):
        for answer in (reserve(api, part, store, 1, visit, expect=None), api.post("/v1/reservations/from-call", of_call, expect=None)):
            refused = problem(answer, 409, "conflict")
            assert "release_at_done" in refused["detail"] and faults(answer, 409) == {"/activity_id": "done"}
        assert levels(api, part, store) == ("5", "1", "4", "0")
        api.patch(f"/v1/reservations/{earlier['id']}", {"needed_at": "2030-01-01T08:00:00Z"}, "*")  # what stays promised may change
    assert len(api.post("/v1/reservations/from-call", of_call, expect=200).json()["items"]) == 1
    assert levels(api, part, store) == ("5", "2", "3", "0")


def test_a_cancelled_call_gives_back_what_was_promised(api, tenant, part, store, events):
    """Not only what one of its activities was promised: the call's end is theirs."""
    move(api, "receipt", part, store, 3)
    call = tenant.call()
    visits = [tenant.known_activity(call=call) for _ in range(2)]
    held = [reserve(api, part, store, 1, visit).json() for visit in visits]
    other = reserve(api, part, store, 1, tenant.known_activity()).json()
    api.act(f"/v1/calls/{call['id']}", "cancel", {"reason": "entered twice"})
    for one in held:
        wait_for("the release", lambda one=one: status(api, one) == "released", 60)
        assert events.last(one["id"], "reservation.released").data["release_reason"] == "call cancelled"
    assert status(api, other) == "reserved" and levels(api, part, store) == ("3", "1", "2", "0")
    refused = problem(reserve(api, part, store, 1, visits[0], expect=None), 409, "conflict")
    assert refused["errors"][0]["pointer"] == "/activity_id"


def test_series_of_numbers(api, tenant, part, store, van, place):
    move(api, "receipt", part, store, 1)
    line = {"article_id": part["id"], "quantity": "1"}
    with policy(api, transfer_series="TT", count_series="CC", rma_series="RR", transport_document_series="DD"):
        transfer = api.post("/v1/transfers", {"from_warehouse_id": store["id"], "to_warehouse_id": van["id"], "lines": [line]}).json()
        count = api.post("/v1/counts", {"warehouse_id": store["id"]}).json()
        rma = api.post("/v1/rmas", {"kind": "customer_repair", "customer_id": place[0]["id"]}).json()
        paper = api.post("/v1/transport-documents", {"direction": "out", "reason": "sale", "party": {"name": "X"},
                                                     "warehouse_id": store["id"], "lines": [line]}).json()
        paper = api.act(f"/v1/transport-documents/{paper['id']}", "issue").json()
    numbers = [row["number"].split("/", 1)[1] for row in (transfer, count, rma, paper)]
    assert numbers == ["TT/000001", "CC/000001", "RR/000001", "DD/000001"]


def test_what_the_months_of_an_article_cover(api, tenant, place):
    def covered():
        asset = tenant.asset(tenant.model(warranty_months=12), customer_id=place[0]["id"], site_id=place[1]["id"], installed_on="2024-01-31")
        (warranty,) = asset["warranties"]
        assert (warranty["from"], warranty["until"]) == ("2024-01-31", "2025-01-30")
        return warranty["covers"]

    assert covered() == ["labour", "parts"]
    with policy(api, warranty_covers=["parts"]):
        assert covered() == ["parts"]


@pytest.mark.parametrize("months, until", [(1, "2024-02-28"), (12, "2025-01-30"), (13, "2025-02-27")])
def test_months_end_before_their_day(tenant, place, months, until):
    """31 January and a month: the last day is 28 February, in a leap year too, for the 29th is the first day after."""
    asset = tenant.asset(tenant.model(warranty_months=months), customer_id=place[0]["id"], site_id=place[1]["id"], installed_on="2024-01-31")
    assert asset["warranty_until"] == until


@pytest.mark.parametrize("rule, months, until", [
    ("old", 24, "2027-06-30"), ("new", 24, "2026-01-31"), ("new", None, None), ("longer", 60, "2029-01-31"), ("longer", None, "2027-06-30")])
def test_the_warranty_of_what_takes_a_place(api, tenant, place, rule, months, until):
    rest = [{"kind": "ours", "from": "2022-07-01", "until": "2027-06-30", "covers": ["parts"]}]
    old = tenant.asset(customer_id=place[0]["id"], site_id=place[1]["id"], installed_on="2022-07-01", warranties=rest)
    article = tenant.model(warranty_months=months)
    with policy(api, replacement_warranty=rule):
        body = {"article_id": article["id"], "serial": f"R-{old['serial']}", "on": "2024-02-01", "reason": "Broken"}
        new = api.act(f"/v1/assets/{old['id']}", "replace", body).json()["replaced_by"]
    assert api.get(f"/v1/assets/{new}").json()["warranty_until"] == until


def test_when_what_is_replaced_in_advance_is_due_back(api, tenant, place, store, part):
    move(api, "receipt", part, store, 1)
    body = {"kind": "advance_replacement", "customer_id": place[0]["id"], "lines": [{"article_id": part["id"]}]}
    rma = api.post("/v1/rmas", body).json()
    api.act(f"/v1/rmas/{rma['id']}", "authorise")
    line = api.list(f"/v1/rmas/{rma['id']}/lines")[0]
    with policy(api, due_back_days=7):
        day = today()
        sent = api.act(f"/v1/rma-lines/{line['id']}", "replace", {"warehouse_id": store["id"]}).json()
    assert sent["due_back_on"] in {str(day + datetime.timedelta(days=7)), str(today() + datetime.timedelta(days=7))}
    assert [row["id"] for row in api.list("/v1/rmas", due_back_on=sent["due_back_on"])] == [rma["id"]]
    assert api.list("/v1/rmas", due_back_on="2020-01-01") == []
