"""Calls: creation, the transition table, quick entry with matching, follow-up, history in bulk."""
import datetime

import pytest
from support.client import faults, new_id, problem

STATES = "received open assigned in_progress suspended resolved closed cancelled".split()
LIVE = STATES[:5]
TECHNICIAN = "01900000-0000-7000-8000-0000000000a1"
# The transition table of the product: action, states it is possible in, body, state it leads to (None: unchanged or back).
TABLE = {
    "open": (["received"], {}, "open"),
    "assign": (["open", "assigned", "in_progress", "suspended"], {"technician_id": TECHNICIAN}, None),
    "unassign": (["assigned"], {}, "open"),
    "start": (["open", "assigned"], {}, "in_progress"),
    "suspend": (LIVE, {"reason": "parts"}, "suspended"),
    "resume": (["suspended"], {}, None),
    "resolve": (LIVE, {"resolution": "Hose replaced"}, "resolved"),
    "close": (["resolved"], {}, "closed"),
    "cancel": (LIVE, {"reason": "double"}, "cancelled"),
    "reopen": (["resolved", "closed"], {"reason": "leaks again"}, None),
}
WAY = {"received": [], "open": [], "assigned": ["assign"], "in_progress": ["start"], "suspended": ["suspend"],
       "resolved": ["resolve"], "closed": ["resolve", "close"], "cancelled": ["cancel"]}


def refused(answer, pointer, code):
    """The answer names that field and rule."""
    found = faults(answer)
    assert found.get(pointer) == code, found


def in_state(tenant, api, state):
    """A call brought to a state by actions; suspended for the customer, so that it can be suspended for parts."""
    customer = tenant.customer()
    if state == "received":
        call = tenant.quick_call()
        return call["id"], customer
    call = tenant.call(customer)
    for action in WAY[state]:
        body = {"reason": "customer"} if action == "suspend" else TABLE[action][1]
        api.act(f"/v1/calls/{call['id']}", action, body)
    return call["id"], customer


@pytest.mark.parametrize("action", TABLE)
@pytest.mark.parametrize("state", STATES)
def test_transition_table(tenant, api, state, action):
    possible, body, leads_to = TABLE[action]
    call, customer = in_state(tenant, api, state)
    if action == "open":
        body = {"customer_id": customer["id"]}
    answer = api.act(f"/v1/calls/{call}", action, body, expect=None)
    if state in possible:
        assert answer.status_code == 200, answer.text
        if leads_to:
            assert answer.json()["state"] == leads_to
    else:
        refusal = problem(answer, 409, "transition-refused")
        assert f"The call is {state}" in refusal["detail"] and "Possible now:" in refusal["detail"]
        assert set(refusal["possible_actions"]) & set(TABLE) == {name for name, row in TABLE.items() if state in row[0]}
        assert api.get(f"/v1/calls/{call}").json()["state"] == state


def test_every_passage_is_kept_with_its_times(tenant, api, events):
    call = tenant.call()["id"]
    path = f"/v1/calls/{call}"
    api.act(path, "suspend", {"reason": "offer", "note": "quote sent"})
    api.act(path, "resume")
    api.act(path, "resolve", {"resolution": "done"})
    api.act(path, "close")
    rows = api.list(f"{path}/transitions")
    assert [(row["action"], row["from"], row["to"]) for row in rows] == [
        ("create", None, "open"), ("suspend", "open", "suspended"), ("resume", "suspended", "open"),
        ("resolve", "open", "resolved"), ("close", "resolved", "closed")]
    assert rows[1]["reason"] == "offer" and rows[1]["note"] == "quote sent"
    assert all(row["recorded_at"] >= row["at"] for row in rows)
    problem(api.get(f"{path}/transitions?created_at[gte]=2026-01-01T00:00:00Z", expect=None), 400)
    names = [event.name for event in events.wait(call, 5)]
    assert names == ["call.opened", "call.suspended", "call.resumed", "call.resolved", "call.closed"]


def test_time_of_an_action(tenant, api):
    now = datetime.datetime.now(datetime.timezone.utc)
    spell = lambda hours: (now + datetime.timedelta(hours=hours)).strftime("%Y-%m-%dT%H:%M:%SZ")
    call = tenant.call(opened_at=spell(-50))["id"]
    assert api.act(f"/v1/calls/{call}", "start", {"at": spell(-40)}).json()["state"] == "in_progress"
    row = api.list(f"/v1/calls/{call}/transitions")[-1]
    assert row["at"].startswith(spell(-40)[:19]) and row["recorded_at"] > row["at"]
    refused(api.act(f"/v1/calls/{call}", "resolve", {"resolution": "x", "at": spell(-45)}, expect=None), "/at", "range")
    refused(api.act(f"/v1/calls/{call}", "resolve", {"resolution": "x", "at": spell(1)}, expect=None), "/at", "range")
    old = tenant.call(opened_at=spell(-200))["id"]
    operator = tenant.client("operator")
    problem(operator.act(f"/v1/calls/{old}", "resolve", {"resolution": "x", "at": spell(-100)}, expect=None), 403)
    api.act(f"/v1/calls/{old}", "resolve", {"resolution": "x", "at": spell(-100)})


def test_resolving_needs_text_or_code_and_what_the_type_requires(tenant, api):
    tenant.vocabulary("/v1/call-types", "strict", required_at_resolve=["fault"], required_at_open=["site"])
    refused(api.act(f"/v1/calls/{tenant.call()['id']}", "resolve", {}, expect=None), "/resolution", "required")
    customer = tenant.customer()
    refused(api.post("/v1/calls", {"customer_id": customer["id"], "subject": "x", "type_code": "strict"}, expect=None),
            "/site_id", "required")
    api.post("/v1/call-codes", {"kind": "fault", "code": "F1", "label": "Leak"})
    call = tenant.call(customer, type_code="strict", site_id=tenant.site(customer)["id"])
    refused(api.act(f"/v1/calls/{call['id']}", "resolve", {"resolution": "x"}, expect=None), "/fault_code", "required")
    api.act(f"/v1/calls/{call['id']}", "resolve", {"resolution": "x", "fault_code": "F1"})


def test_closing_with_work_still_to_do(tenant, api, events):
    call = tenant.call()
    todo = tenant.activity(call)
    api.act(f"/v1/calls/{call['id']}", "resolve", {"resolution": "x"})
    problem(api.act(f"/v1/calls/{call['id']}", "close", expect=None), 409, "transition-refused")
    api.act(f"/v1/calls/{call['id']}", "close", {"cancel_open_activities": True})
    assert api.get(f"/v1/activities/{todo['id']}").json()["status"] == "cancelled"
    assert [event.name for event in events.wait(todo["id"], 2)] == ["activity.planned", "activity.cancelled"]
    assert api.list(f"/v1/activities/{todo['id']}/transitions")[-1]["reason"] == "call closed"


def test_suspension_that_ends_by_itself(tenant, api, events):
    call = tenant.call()["id"]
    until = (datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=2)).strftime("%Y-%m-%dT%H:%M:%SZ")
    suspended = api.act(f"/v1/calls/{call}", "suspend", {"reason": "supplier", "until": until}).json()
    assert suspended["suspension"]["from_state"] == "open" and suspended["suspension"]["until"].startswith(until[:19])
    assert [event.name for event in events.wait(call, 3)][-1] == "call.resumed"
    assert api.get(f"/v1/calls/{call}").json()["suspension"] is None


def test_numbers_have_no_gaps(tenant, api):
    series = "N"
    calls = [tenant.call(series=series)["number"] for _ in range(3)]
    faults(api.post("/v1/calls", {"customer_id": tenant.customer()["id"], "subject": "x", "series": series,
                                  "type_code": "unknown"}, expect=None))
    calls.append(tenant.call(series=series)["number"])
    year = datetime.datetime.now().year
    assert calls == [f"{year}/N/{n:06}" for n in range(1, 5)]


def test_numbers_of_many_calls_follow_their_lines(tenant, api):
    customer = tenant.customer()["id"]
    years = {"P": 2024, "Q": 2025, "S": 2025}
    lines = [{"customer_id": customer, "subject": "x", "series": series, "opened_at": f"{years[series]}-05-01T08:00:00Z",
              "external_ref": f"numbers:{n}"} for n, series in enumerate("PQSPPQS")]
    lines.insert(3, lines[0] | {"external_ref": "numbers:bad", "type_code": "unknown"})
    results = api.ndjson("/v1/calls/bulk", lines)
    assert [result["result"] for result in results] == ["created"] * 3 + ["failed"] + ["created"] * 4
    numbers = [api.get(f"/v1/calls/{result['id']}").json()["number"] for result in results if result["result"] == "created"]
    assert numbers == ["2024/P/000001", "2025/Q/000001", "2025/S/000001", "2024/P/000002", "2024/P/000003", "2025/Q/000002",
                       "2025/S/000002"]


def test_quick_entry_takes_one_exact_hit(tenant, api):
    customer = tenant.customer(phones=[{"raw": "035 777 0001"}], emails=[{"address": "Unico@Example.com"}])
    by_phone = tenant.quick_call(phone="+39 035 7770001")
    assert by_phone["state"] == "received" and by_phone["customer_id"] == customer["id"]
    assert by_phone["match"] == {"status": "matched", "by": "phone", "candidates": []}
    by_email = tenant.quick_call(email="unico@example.com")
    assert by_email["customer_id"] == customer["id"] and by_email["match"]["by"] == "email"


def test_quick_entry_lists_several_hits(tenant, api):
    pair = [tenant.customer(phones=[{"raw": "035 777 0002"}]) for _ in range(2)]
    call = tenant.quick_call(phone="0357770002")
    assert call["customer_id"] is None and call["match"]["status"] == "candidates"
    assert {c["customer_id"] for c in call["match"]["candidates"]} == {c["id"] for c in pair}
    nobody = tenant.quick_call(phone="035 777 9999")
    assert nobody["match"] == {"status": "none", "by": None, "candidates": []}


def test_a_callers_phone_goes_whole(tenant, api):
    call = tenant.quick_call(name="Zita", phone="035 777 0003")
    assert call["caller"]["phone_e164"] == "+390357770003"
    left = api.patch(f"/v1/calls/{call['id']}", {"caller": {"phone": None}}, call["version"]).json()["caller"]
    assert left == {"name": "Zita"}, "nor is it known as it is dialled"


def test_quick_entry_says_who_calls(tenant):
    callcenter = tenant.client("callcenter")
    refused(callcenter.post("/v1/calls/quick", {"subject": "x"}, expect=None), "/name", "required")
    refused(callcenter.post("/v1/calls/quick", {"phone": "banana", "subject": "x"}, expect=None), "/phone", "format")
    assert tenant.quick_call(phone="int. 12")["caller"]["phone_e164"] is None
    mine = callcenter.post("/v1/calls/quick", {"name": "Mario", "subject": "x"}).json()
    assert callcenter.get(f"/v1/calls/{mine['id']}").json()["subject"] == "x"
    other = tenant.quick_call()
    problem(callcenter.get(f"/v1/calls/{other['id']}", expect=None), 404)
    assert mine["id"] in [row["id"] for row in callcenter.every("/v1/calls")]
    assert other["id"] not in [row["id"] for row in callcenter.every("/v1/calls")]


def test_triage_queue(tenant, api):
    received = tenant.quick_call()
    assert received["id"] in [row["id"] for row in api.every("/v1/calls", state="received", sort="next_due_at")]
    refused(api.act(f"/v1/calls/{received['id']}", "open", {}, expect=None), "/customer_id", "required")
    opened = api.act(f"/v1/calls/{received['id']}", "open",
                     {"customer_id": tenant.customer()["id"], "technician_id": TECHNICIAN}).json()
    assert opened["state"] == "assigned" and opened["assignee_id"] == TECHNICIAN


def test_taking_an_unassigned_call(tenant):
    technician = tenant.client("technician")
    received = tenant.quick_call()
    path = f"/v1/calls/{received['id']}"
    technician.act(path, "open", {"customer_id": tenant.customer()["id"], "technician_id": tenant.technician_id})
    problem(technician.act(path, "assign", {"technician_id": TECHNICIAN}, expect=None), 403)


def test_follow_up_copies_who_and_what_not_codes(tenant, api):
    api.post("/v1/call-codes", {"kind": "fault", "code": "F9", "label": "Noise"})
    call = tenant.call(asset={"article_code": "EX", "serial": "FU-1"}, fault_code="F9")
    told = problem(api.act(f"/v1/calls/{call['id']}", "follow-up", expect=None), 409, "transition-refused")
    assert {"assign", "resolve", "cancel"} <= set(told["possible_actions"])
    api.act(f"/v1/calls/{call['id']}", "resolve", {"resolution": "x"})
    made = api.act(f"/v1/calls/{call['id']}", "follow-up", {"subject": "Again"}, expect=201).json()
    assert made["follow_up_of"] == call["id"] and made["state"] == "open" and made["subject"] == "Again"
    assert made["customer_id"] == call["customer_id"] and made["assets"] == call["assets"] and made["fault_code"] is None


def test_what_follows_is_examined_like_what_is_new(tenant, api, events):
    """The portal opens nothing by itself, and no call without a customer is open."""
    portal = tenant.client("portal")
    of_nobody = tenant.quick_call(name="Nobody", phone="348 1112223")
    for call, client in ((tenant.call(tenant.portal_customer), portal), (of_nobody, api)):
        path = f"/v1/calls/{call['id']}"
        api.act(path, "resolve", {"resolution": "x"})
        made = client.act(path, "follow-up", expect=201).json()
        assert (made["state"], made["customer_id"]) == ("received", call["customer_id"])
        assert events.last(made["id"], "call.received")
    assert made["caller"] == of_nobody["caller"]


def test_asset_of_a_call_by_serial(tenant, api):
    first = tenant.call(asset={"article_code": "EX", "serial": " Sn-77 "})
    again = tenant.call(asset={"article_code": "EX", "serial": "SN-77"})
    assert first["assets"][0]["asset_id"] == again["assets"][0]["asset_id"], "one stub for one serial, whatever its case"
    assert {row["id"] for row in api.every("/v1/calls", serial="sn-77")} == {first["id"], again["id"]}
    refused(api.post("/v1/calls", {"customer_id": first["customer_id"], "subject": "x",
                                   "assets": [{"asset_id": "01900000-0000-7000-8000-0000000000ff"}]}, expect=None),
            "/assets/0/asset_id", "reference")


def test_history_lands_once_with_its_past(tenant, api, events):
    customer, helper = tenant.customer(), new_id()
    tenant.vocabulary("/v1/activity-types", "repair", kind="repair")
    line = {"external_ref": "wo-1", "customer_code": customer["code"], "asset": {"article_code": "EX", "serial": "H"},
            "subject": "BUCKET WON'T OPEN", "opened_at": "2004-07-01T12:00:00Z", "state": "closed",
            "closed_at": "2004-07-01T12:00:00Z",
            "activities": [{"type_code": "repair", "done_at": "2004-07-01T12:00:00Z", "participants": [
                {"technician_id": tenant.technician_id}, {"technician_id": helper, "status": "absent"}]}],
            "charges": [{"kind": "other", "quantity": "1", "cost": "-183.05"}]}
    bad = line | {"external_ref": "wo-2", "customer_code": "nobody"}
    results = api.ndjson("/v1/calls/bulk", [line, bad])
    assert [r["result"] for r in results] == ["created", "failed"]
    assert results[1]["errors"][0]["pointer"] == "/customer_code"
    assert [r["result"] for r in api.ndjson("/v1/calls/bulk", [line])] == ["unchanged"]
    (call,) = api.list("/v1/calls", external_ref="wo-1")
    assert call["state"] == "closed" and call["opened_at"] == "2004-07-01T12:00:00.000Z" and call["year"] == 2004
    (activity,) = api.list(f"/v1/calls/{call['id']}/activities")
    assert activity["status"] == "done" and activity["customer_id"] == customer["id"]
    assert [(one["technician_id"], one["role"], one["status"]) for one in activity["participants"]] == [
        (tenant.technician_id, "lead", "done"), (helper, "helper", "absent")]
    assert api.list("/v1/activities", technician_id=helper) == [activity]
    assert events.last(activity["id"], "activity.done").data["participants"] == activity["participants"]
    (charge,) = api.list(f"/v1/calls/{call['id']}/charges")
    assert charge["cost"] == "-183.0500" and charge["status"] == "open"
    assert [row["action"] for row in api.list(f"/v1/calls/{call['id']}/transitions")] == ["create", "resolve", "close"]
    assert [event.name for event in events.wait(call["id"], 1)] == ["call.opened"]


def test_bulk_lines_name_customer_and_site_as_other_systems_do(tenant, api):
    customer, other = tenant.customer(external_ref="erp:c:1"), tenant.customer(external_ref="erp:c:2")
    site, far = tenant.site(customer, code="S1", external_ref="erp:s:1"), tenant.site(other, code="S2", external_ref="erp:s:2")
    good = [{"customer_external_ref": "erp:c:1", "site_code": "S1"}, {"customer_code": customer["code"], "site_external_ref": "erp:s:1"},
            {"customer_id": customer["id"], "site_code": "S1", "site_external_ref": "erp:s:1"}]
    wrong = {
        "/customer_external_ref": {"customer_external_ref": "erp:c:3"},
        "/site_code": {"customer_external_ref": "erp:c:1", "site_code": "S2"},
        "/site_external_ref": {"customer_code": customer["code"], "site_external_ref": "erp:s:2"},
        "/customer_code": {"customer_id": customer["id"], "customer_code": other["code"]},
    }
    lines = [{"subject": "x", "external_ref": f"named:{n}"} | line for n, line in enumerate([*good, *wrong.values()])]
    results = api.ndjson("/v1/calls/bulk", lines)
    assert [result["result"] for result in results] == ["created"] * len(good) + ["failed"] * len(wrong)
    assert [result["errors"][0]["pointer"] for result in results[len(good):]] == list(wrong)
    for result in results[:len(good)]:
        made = api.get(f"/v1/calls/{result['id']}").json()
        assert (made["customer_id"], made["site_id"]) == (customer["id"], site["id"])
    api.patch(f"/v1/sites/{far['id']}", {"active": False}, "*")
    line = {"subject": "x", "customer_external_ref": "erp:c:2", "site_code": "S2", "opened_at": "2004-07-01T12:00:00Z"}
    past = line | {"state": "closed", "closed_at": "2004-07-01T12:00:00Z"}
    results = api.ndjson("/v1/calls/bulk", [line | {"external_ref": "named:now"}, past | {"external_ref": "named:then"}])
    assert [result["result"] for result in results] == ["failed", "created"]
    assert results[0]["errors"][0]["pointer"] == "/site_code"


def test_faults_of_nested_lines_are_pointed_at_where_they_stand(tenant, api):
    customer = tenant.customer()
    tenant.vocabulary("/v1/activity-types", "repair", kind="repair")
    retired = tenant.vocabulary("/v1/activity-types", "bygone", kind="repair")
    api.patch(f"/v1/activity-types/{retired['id']}", {"active": False}, "*")
    at = "2004-07-01T12:00:00Z"
    good = {"type_code": "repair", "done_at": at}
    wrong = {
        "/activities/1/type_code": {"activities": [good, {"type_code": "unknown", "done_at": at}]},
        "/activities/0/type_code": {"activities": [{"type_code": "bygone", "done_at": at}, good]},
        "/activities/1/done_at": {"activities": [good, good | {"done_at": "2999-01-01T00:00:00Z"}]},
        "/activities/2/started_at": {"activities": [good, good, good | {"started_at": "2004-07-01T12:00:01Z"}]},
        "/activities/1/participants/1/technician_id": {"activities": [good, good | {"participants": 2 * [{"technician_id": new_id()}]}]},
        "/charges/1/article_code": {"charges": [{"kind": "other", "quantity": "1"}, {"kind": "part", "quantity": "1", "article_code": "none"}]},
    }
    line = {"customer_id": customer["id"], "subject": "Bucket", "opened_at": at, "state": "closed", "closed_at": at}
    lines = [line | nested | {"external_ref": f"nested:{pointer}"} for pointer, nested in wrong.items()]
    results = api.ndjson("/v1/calls/bulk", [*lines, line | {"activities": [good], "external_ref": "nested:good"}])
    assert [result["result"] for result in results] == ["failed"] * len(wrong) + ["created"]
    assert [result["errors"][0]["pointer"] for result in results[:-1]] == list(wrong)


def test_a_closed_call_is_not_changed(tenant, api):
    call = tenant.call()
    api.act(f"/v1/calls/{call['id']}", "resolve", {"resolution": "x"})
    closed = api.act(f"/v1/calls/{call['id']}", "close").json()
    problem(api.patch(f"/v1/calls/{call['id']}", {"subject": "y"}, closed["version"], expect=None), 409)
