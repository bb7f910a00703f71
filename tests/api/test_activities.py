"""Activities: what is planned or done, for a call or for a customer alone."""
import datetime

import pytest
from support.client import faults, new_id, problem


def ago(**back):
    """An instant of the past, as the API spells it."""
    at = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(**back)
    return at.strftime("%Y-%m-%dT%H:%M:%S.000Z")


def act(api, activity, action, body=None, **options):
    return api.act(f"/v1/activities/{activity['id']}", action, body, **options).json()


def refused(api, activity, action, body, status, code):
    return problem(api.act(f"/v1/activities/{activity['id']}", action, body, expect=None), status, code)


def state_of(api, call):
    return api.get(f"/v1/calls/{call['id']}").json()["state"]


def test_from_plan_to_done(tenant, api, events):
    call = tenant.call()
    technician, helper = new_id(), new_id()
    planned = tenant.activity(call, participants=[{"technician_id": technician}, {"technician_id": helper, "status": "absent"}])
    assert planned["status"] == "todo" and planned["customer_id"] == call["customer_id"]
    assert planned["call"] == {"number": call["number"]} and planned["booked"] is False
    assert [(p["role"], p["status"]) for p in planned["participants"]] == [("lead", "planned"), ("helper", "absent")]
    done_at = ago(minutes=5)
    done = act(api, planned, "done", {"done_at": done_at, "work_minutes": 40, "kilometres": "12.5", "result": "Fixed", "note": "ok"})
    assert done["status"] == "done" and done["done_at"] == done_at and done["kilometres"] == "12.5"
    assert done["minutes_source"] == "typed" and done["work_minutes"] == 40 and done["version"] == 2
    assert [p["status"] for p in done["participants"]] == ["done", "absent"]
    told = events.wait(planned["id"], 2)
    assert [event.name for event in told] == ["activity.planned", "activity.done"]
    assert [event.data for event in told] == [planned, done]
    assert all(event.key == f"{tenant.id}/{call['id']}" for event in told)
    assert {"status", "done_at", "participants", "work_minutes"} <= set(told[1].changed)


def test_undo_and_cancel(tenant, api, events):
    activity = tenant.activity(participants=[{"technician_id": new_id()}])
    act(api, activity, "done", {"done_at": ago(minutes=1)})
    undone = act(api, activity, "undo-done")
    assert undone["status"] == "todo" and undone["done_at"] is None and undone["participants"][0]["status"] == "planned"
    assert faults(api.act(f"/v1/activities/{activity['id']}", "cancel", {}, expect=None)) == {"/reason": "required"}
    cancelled = act(api, activity, "cancel", {"reason": "Not needed"})
    assert cancelled["status"] == "cancelled" and cancelled["cancel_reason"] == "Not needed"
    assert [event.name for event in events.wait(activity["id"], 4)][2:] == ["activity.undone", "activity.cancelled"]
    problem(api.patch(f"/v1/activities/{activity['id']}", {"notes": "x"}, "*", expect=None), 409, "conflict")
    passages = api.list(f"/v1/activities/{activity['id']}/transitions")
    assert [(row["action"], row["from"], row["to"]) for row in passages] == [
        ("create", None, "todo"), ("done", "todo", "done"), ("undo-done", "done", "todo"), ("cancel", "todo", "cancelled")
    ]
    assert passages[-1]["reason"] == "Not needed"


def test_a_refusal_tells_what_is_possible(tenant, api):
    activity = tenant.activity()
    told = refused(api, activity, "undo-done", {}, 409, "transition-refused")
    assert told["detail"].endswith("Possible now: done, cancel, add-participant, set-participant.")
    act(api, activity, "done", {"done_at": ago(minutes=1)})
    assert "undo-done" in refused(api, activity, "cancel", {"reason": "x"}, 409, "transition-refused")["detail"]


def test_time_of_an_action(tenant, api):
    activity = tenant.activity()
    ahead = ago(minutes=-10)
    answer = api.act(f"/v1/activities/{activity['id']}", "done", {"done_at": ahead}, expect=None)
    assert faults(answer) == {"/done_at": "range"}
    answer = api.act(f"/v1/activities/{activity['id']}", "cancel", {"reason": "x", "at": ahead}, expect=None)
    assert faults(answer) == {"/at": "range"}
    act(api, activity, "done", {"done_at": ago(hours=3), "started_at": ago(hours=4), "at": ago(hours=2)})
    answer = api.act(f"/v1/activities/{activity['id']}", "undo-done", {"at": ago(hours=3)}, expect=None)
    assert faults(answer) == {"/at": "range"}
    other = tenant.activity()
    answer = api.act(f"/v1/activities/{other['id']}", "done", {"done_at": ago(hours=3), "started_at": ago(hours=2)}, expect=None)
    assert faults(answer) == {"/started_at": "order"}
    back = {"done_at": ago(hours=80), "at": ago(hours=80)}
    problem(tenant.client("operator").act(f"/v1/activities/{other['id']}", "done", back, expect=None), 403, "forbidden")
    tenant.client("integration").act(f"/v1/activities/{other['id']}", "done", back)


def test_recorded_afterwards(tenant, api, events):
    call = tenant.call()
    body = {"call_id": call["id"], "type_code": "email", "subject": "Answered by e-mail"}
    answer = api.post("/v1/activities", body, expect=None)
    assert faults(answer) == {"/status": "plannable"}
    assert faults(api.post("/v1/activities", body | {"status": "done"}, expect=None)) == {"/done_at": "required"}
    assert faults(api.post("/v1/activities", body | {"status": "cancelled"}, expect=None)) == {"/status": "choice"}
    done = api.post("/v1/activities", body | {"status": "done", "done_at": ago(hours=1)}).json()
    assert events.wait(done["id"])[0].name == "activity.done"
    problem(api.act(f"/v1/activities/{done['id']}", "undo-done", expect=None), 409, "conflict")
    assert state_of(api, call) == "open"  # an e-mail is no visit


def test_bodies_are_checked(tenant, api):
    call, customer = tenant.call(), tenant.customer()
    good = {"call_id": call["id"], "type_code": "visit", "subject": "x"}
    assert faults(api.post("/v1/activities", {"type_code": "visit", "subject": "x"}, expect=None)) == {"/call_id": "required"}
    answer = api.post("/v1/activities", good | {"customer_id": customer["id"]}, expect=None)
    assert faults(answer) == {"/customer_id": "conflict"}
    twice = [{"technician_id": new_id()}] * 2
    assert faults(api.post("/v1/activities", good | {"participants": twice}, expect=None)) == {
        "/participants/1/technician_id": "unique"
    }
    for field, value in {
        "call_id": new_id(), "type_code": "no-such", "site_id": tenant.site()["id"], "contact_id": tenant.contact()["id"],
        "asset_id": new_id(),
    }.items():
        refusal = problem(api.post("/v1/activities", good | {field: value}, expect=None), 422, "unknown-reference")
        assert refusal["errors"][0]["pointer"] == f"/{field}"
    answer = api.post("/v1/activities", good | {"planned_start": ago(hours=1), "planned_end": ago(hours=2)}, expect=None)
    assert faults(answer) == {"/planned_end": "order"}
    assert api.list(f"/v1/calls/{call['id']}/activities") == []


def test_of_a_customer_alone(tenant, api, events):
    customer = tenant.customer()
    before = api.get(f"/v1/customers/{customer['id']}").json()["revision"]
    activity = tenant.activity(customer_id=customer["id"], type_code="phone")
    assert activity["call_id"] is None and activity["customer"]["code"] == customer["code"]
    assert api.get(f"/v1/customers/{customer['id']}").json()["revision"] == before + 1
    event = events.wait(activity["id"])[0]
    assert event.key == f"{tenant.id}/{customer['id']}" and event.revision == before + 1
    of_call = tenant.activity(tenant.call(customer))
    assert {row["id"] for row in api.list(f"/v1/customers/{customer['id']}/activities")} == {activity["id"], of_call["id"]}


def test_an_activity_happens_at_the_calls_site(tenant, api):
    customer = tenant.customer()
    call = tenant.call(customer, site_id=tenant.site(customer)["id"])
    activity = tenant.activity(call)
    assert activity["site_id"] == call["site_id"] and activity["site"] == call["site"] and call["site"]["name"]
    nowhere = tenant.activity(call, site_id=None)
    assert nowhere["site_id"] is nowhere["site"] is nowhere["asset"] is None
    path = f"/v1/activities/{activity['id']}"
    assert api.patch(path, {"site_id": None}, activity["version"]).json()["site_id"] is None


def test_an_activity_names_its_machine(tenant):
    customer, site = tenant.place()
    model = tenant.model()
    asset = tenant.copied(tenant.asset(model, customer_id=customer["id"], site_id=site["id"]), "asset", "calls")
    activity = tenant.activity(tenant.call(customer), asset_id=asset["id"])
    assert activity["asset"] == {"serial": asset["serial"], "article_code": model["code"]}


def test_a_visit_done_starts_the_call(tenant, api, events):
    technician = new_id()
    call = tenant.call()
    visit = tenant.activity(call, type_code="visit", participants=[{"technician_id": technician}])
    phone = tenant.activity(call, type_code="phone")
    act(api, phone, "done", {"done_at": ago(minutes=3)})
    assert state_of(api, call) == "open"
    act(api, visit, "done", {"done_at": ago(minutes=2), "started_at": ago(minutes=30)})
    started = api.get(f"/v1/calls/{call['id']}").json()
    assert started["state"] == "in_progress" and started["assignee_id"] == technician
    event = events.last(call["id"], "call.started")
    assert event.data == started
    assert api.list(f"/v1/calls/{call['id']}/transitions")[-1]["action"] == "start"
    again = tenant.call()
    tenant.activity(again, type_code="visit", status="done", done_at=ago(hours=1))
    assert state_of(api, again) == "in_progress"


def test_participants(tenant, api, database):
    known = new_id()
    database.execute(
        "insert into calls_data.technician (tenant_id, id, name, active) values (%s, %s, 'Luigi Verdi', true)", [tenant.id, known]
    )
    activity = tenant.activity()
    added = act(api, activity, "add-participant", {"technician_id": known})
    assert added["participants"] == [{"technician_id": known, "name": "Luigi Verdi", "role": "helper", "status": "planned"}]
    accepted = act(api, activity, "set-participant", {"technician_id": known, "status": "accepted"})
    assert accepted["participants"][0]["status"] == "accepted" and accepted["version"] == 3
    body = {"technician_id": new_id(), "status": "accepted"}
    assert refused(api, activity, "set-participant", body, 422, "unknown-reference")["errors"][0]["pointer"] == "/technician_id"


def test_filters_sorts_and_search(tenant, api):
    customer = tenant.customer(address={"city": "Lecco", "province": "LC", "country": "IT"}, tags=["quarry"])
    call = tenant.call(customer, priority="critical")
    technician = new_id()
    first = tenant.activity(call, type_code="visit", planned_start="2031-05-02T08:00:00Z", subject="Cilindro idraulico",
                            participants=[{"technician_id": technician}])
    second = tenant.activity(call, type_code="phone", planned_start="2031-05-01T08:00:00Z")
    third = tenant.activity(call, type_code="phone", status="done", done_at="2026-01-02T10:00:00Z", visibility="public")

    def ids(**parameters):
        return [row["id"] for row in api.list("/v1/activities", **({"call_id": call["id"]} | parameters))]

    assert set(ids(kind="phone")) == {second["id"], third["id"]}
    assert ids(technician_id=technician) == [first["id"]]
    assert ids(participant_status="planned") == [first["id"]]
    assert ids(status="done") == ids(visibility="public") == [third["id"]]
    assert ids(**{"done_at[gte]": "2026-01-02T10:00:00Z", "done_at[lt]": "2026-01-02T10:00:01Z"}) == [third["id"]]
    assert ids(sort="planned_start") == [second["id"], first["id"], third["id"]]
    blank = api.get("/v1/activities?planned_start[gte]=2031-05-02T00:00:00+02:00", expect=400)
    assert "%2B" in problem(blank, 400)["errors"][0]["detail"]
    assert ids(sort="-done_at")[0] == third["id"]
    assert ids(q="cilindri") == [first["id"]]
    everything = {first["id"], second["id"], third["id"]}
    for name, value in {
        "call.number": call["number"], "call.state": "open", "call.priority": "critical", "call.type_code": call["type_code"],
        "customer.code": customer["code"], "customer.name": customer["name"], "customer.kind": "acquired",
        "customer.city": "Lecco", "customer.province": "LC", "customer.tag": "quarry",
    }.items():
        assert set(ids(**{name: value})) == everything, name


def test_ended_calls_take_no_more(tenant, api):
    call = tenant.call()
    done = tenant.activity(call)
    act(api, done, "done", {"done_at": ago(minutes=1)})
    api.act(f"/v1/calls/{call['id']}", "cancel", {"reason": "x"})
    body = {"call_id": call["id"], "type_code": "visit", "subject": "x"}
    problem(api.post("/v1/activities", body, expect=None), 409, "conflict")
    refused(api, done, "undo-done", {}, 409, "conflict")


def test_portal_sees_public_ones_of_its_own(tenant, api):
    portal = tenant.client("portal")
    call = tenant.call(tenant.portal_customer)
    public, hidden = tenant.activity(call, visibility="public", external_ref=new_id()), tenant.activity(call)
    foreign = tenant.activity(visibility="public")
    assert [row["id"] for row in portal.list("/v1/activities")] == [public["id"]]
    assert "external_ref" not in portal.get(f"/v1/activities/{public['id']}").json()
    for other in (hidden, foreign):
        problem(portal.get(f"/v1/activities/{other['id']}", expect=None), 404, "not-found")
    problem(portal.post("/v1/activities", {}, expect=None), 403)
    problem(portal.get("/v1/activities?external_ref=x", expect=None), 400)
    assert len(portal.list(f"/v1/activities/{public['id']}/transitions")) == 1
    problem(portal.get(f"/v1/activities/{hidden['id']}/transitions", expect=None), 404, "not-found")


def test_a_technician_sees_and_writes_own_work(tenant, api):
    technician = tenant.client("technician")
    own_call, foreign_call = tenant.call(), tenant.call()
    api.act(f"/v1/calls/{own_call['id']}", "assign", {"technician_id": tenant.technician_id})
    body = {"type_code": "visit", "subject": "x"}
    mine = technician.post("/v1/activities", body | {"call_id": own_call["id"]}).json()
    assert [p["technician_id"] for p in mine["participants"]] == [tenant.technician_id]
    foreign = tenant.activity(foreign_call)
    problem(technician.get(f"/v1/activities/{foreign['id']}", expect=None), 404)
    problem(technician.act(f"/v1/activities/{foreign['id']}", "cancel", {"reason": "x"}, expect=None), 404)
    problem(technician.patch(f"/v1/activities/{foreign['id']}", {"notes": "x"}, "*", expect=None), 404)
    # Taking part is not a way into the work of others.
    me = [{"technician_id": tenant.technician_id}]
    answer = technician.post("/v1/activities", body | {"call_id": foreign_call["id"], "participants": me}, expect=None)
    problem(answer, 422, "unknown-reference")
    answer = technician.post("/v1/activities", body | {"customer_id": tenant.customer()["id"], "participants": me}, expect=None)
    problem(answer, 422, "unknown-reference")
    api.act(f"/v1/activities/{foreign['id']}", "add-participant", {"technician_id": tenant.technician_id})
    assert technician.get(f"/v1/activities/{foreign['id']}").json()["id"] == foreign["id"]


@pytest.mark.parametrize("role", ["callcenter", "storekeeper", "billing"])
def test_who_may_not_write(tenant, role):
    problem(tenant.client(role).post("/v1/activities", {}, expect=None), 403)


def test_bulk(tenant, api, events):
    call = tenant.call()
    lines = [
        {"call_id": call["id"], "type_code": "visit", "subject": "Old", "status": "done", "done_at": "2024-05-01T10:00:00Z",
         "work_minutes": 30, "external_ref": new_id()},
        {"call_id": call["id"], "type_code": "email", "subject": "Bad", "external_ref": new_id()},
    ]
    results = api.ndjson("/v1/activities/bulk", lines)
    assert [row["result"] for row in results] == ["created", "failed"]
    assert events.wait(results[0]["id"])[0].name == "activity.done"
    assert [row["result"] for row in api.ndjson("/v1/activities/bulk", lines[:1])] == ["unchanged"]


def test_the_same_key_records_once(tenant, api):
    call = tenant.call()
    body, key = {"call_id": call["id"], "type_code": "visit", "subject": "x"}, new_id()
    first = api.post("/v1/activities", body, key=key)
    again = api.post("/v1/activities", body, key=key)
    assert again.json() == first.json() and len(api.list(f"/v1/calls/{call['id']}/activities")) == 1
    path = f"/v1/activities/{first.json()['id']}"
    key = new_id()
    done = api.act(path, "done", {"done_at": ago(minutes=1)}, key=key).json()
    assert api.act(path, "done", {"done_at": done["done_at"]}, key=key).json() == done
    problem(api.act(path, "done", {"done_at": done["done_at"]}, key=new_id(), expect=None), 409, "transition-refused")


def test_what_is_planned_without_a_length_takes_as_long_as_its_type(tenant):
    tenant.vocabulary("/v1/activity-types", "inspection", kind="visit", default_minutes=90)
    assert tenant.activity(type_code="inspection")["planned_minutes"] == 90
    for given in ({"planned_minutes": 30}, {"planned_minutes": None}, {"status": "done", "done_at": ago(hours=1)},
                  {"planned_start": ago(hours=-2), "planned_end": ago(hours=-3)}):
        expected = given.get("planned_minutes")
        assert tenant.activity(type_code="inspection", **given)["planned_minutes"] == expected, given
