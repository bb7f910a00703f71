"""Sessions: stretches of work, travel and pause, whose minutes add up to the activity's."""
import datetime

from support.at_once import at_once, insist
from support.client import faults, new_id, problem

START = datetime.datetime(2026, 3, 2, 22, 30, tzinfo=datetime.timezone.utc)


def at(minutes):
    return (START + datetime.timedelta(minutes=minutes)).strftime("%Y-%m-%dT%H:%M:%S.000Z")


def sessions(activity):
    return f"/v1/activities/{activity['id']}/sessions"


def record(api, activity, technician, kind, begin, end=None, **fields):
    body = {"technician_id": technician, "kind": kind, "started_at": at(begin), "ended_at": None if end is None else at(end)}
    return api.post(sessions(activity), body | fields).json()


def minutes(api, activity):
    row = api.get(f"/v1/activities/{activity['id']}").json()
    return row["travel_minutes"], row["work_minutes"], row["pause_minutes"]


def test_minutes_are_the_sum_of_the_sessions(tenant, api, events):
    activity, technician, helper = tenant.activity(), new_id(), new_id()
    assert activity["minutes_source"] == "sessions"
    record(api, activity, technician, "travel", 0, 35)
    work = record(api, activity, technician, "work", 35, 155)  # over midnight: one row
    record(api, activity, technician, "pause", 155, 165)
    record(api, activity, helper, "work", 40, 100)
    assert minutes(api, activity) == (35, 180, 10)
    row = api.get(f"/v1/activities/{activity['id']}").json()
    assert row["started_at"] == at(0) and row["minutes_source"] == "sessions" and row["version"] == 5
    path = f"{sessions(activity)}/{work['id']}"
    changed = api.patch(path, {"ended_at": at(65)}, work["version"]).json()
    assert changed["version"] == 2 and api.get(path).json() == changed
    assert minutes(api, activity) == (35, 90, 10)
    problem(api.patch(path, {"ended_at": at(66)}, 1, expect=None), 412, "stale-version")
    problem(api.delete(path, expect=None), 428)
    api.delete(path, 2)
    problem(api.get(path, expect=None), 404)
    assert minutes(api, activity) == (35, 60, 10)
    told = events.wait(work["id"], 3)
    assert [event.name for event in told] == [f"activity_session.{verb}" for verb in ("created", "changed", "removed")]
    assert told[1].data == changed and told[0].key == f"{tenant.id}/{activity['call_id']}"
    last = events.wait(activity["id"], 7)[-1]
    assert last.name == "activity.changed" and last.data == api.get(f"/v1/activities/{activity['id']}").json()


def test_typed_minutes_stay_until_taken_back(tenant, api):
    activity, technician = tenant.activity(work_minutes=25), new_id()
    record(api, activity, technician, "work", 0, 60)
    assert minutes(api, activity) == (None, 25, None)
    path = f"/v1/activities/{activity['id']}"
    assert api.patch(path, {"travel_minutes": 5}, "*").json()["minutes_source"] == "typed"
    back = api.patch(path, {"work_minutes": None, "travel_minutes": None}, "*").json()
    assert back["minutes_source"] == "sessions" and back["work_minutes"] == 60


def test_done_ends_what_still_runs(tenant, api, events):
    activity = tenant.activity()
    running = record(api, activity, new_id(), "work", 0)
    assert minutes(api, activity) == (None, None, None)
    done = api.act(f"/v1/activities/{activity['id']}", "done", {"done_at": at(45)}).json()
    assert done["work_minutes"] == 45 and done["minutes_source"] == "sessions"
    assert api.get(f"{sessions(activity)}/{running['id']}").json()["ended_at"] == at(45)
    assert events.wait(running["id"], 2)[1].changed == ["ended_at"]


def test_the_first_session_starts_the_call(tenant, api, events):
    call, technician = tenant.call(), new_id()
    activity = tenant.activity(call, type_code="phone")
    record(api, activity, technician, "travel", 0, 10)
    started = api.get(f"/v1/calls/{call['id']}").json()
    assert started["state"] == "in_progress" and started["assignee_id"] == technician
    record(api, activity, technician, "work", 10, 20)
    assert [event.name for event in events.wait(call["id"], 2)].count("call.started") == 1
    assigned = tenant.call()
    api.act(f"/v1/calls/{assigned['id']}", "assign", {"technician_id": technician})
    record(api, tenant.activity(assigned), new_id(), "work", 100, 110)
    row = api.get(f"/v1/calls/{assigned['id']}").json()
    assert row["state"] == "in_progress" and row["assignee_id"] == technician


def test_overlap_warns_or_is_refused(tenant, api):
    first, second, technician = tenant.activity(), tenant.activity(), new_id()
    assert "warnings" not in record(api, first, technician, "work", 0, 60)
    overlapping = record(api, second, technician, "work", 30, 90)
    assert [(warning["code"], warning["pointer"]) for warning in overlapping["warnings"]] == [("session-overlap", "/started_at")]
    assert "warnings" not in record(api, second, technician, "work", 90, 100)  # touching is not overlapping
    assert "warnings" not in record(api, second, new_id(), "work", 30, 90)
    body = {"technician_id": technician, "kind": "work", "started_at": at(20), "ended_at": at(25), "refuse_on": ["session-overlap"]}
    refused = problem(api.post(sessions(second), body, expect=None), 409, "refused-warning")
    assert refused["errors"][0] == {"pointer": "/started_at", "code": "session-overlap", "detail": refused["detail"]}
    assert len(api.list(sessions(second))) == 3
    api.post(sessions(second), body | {"refuse_on": ["another-code"]})
    assert faults(api.post(sessions(second), body | {"refuse_on": "session-overlap"}, expect=None)) == {"/refuse_on": "type"}
    # One that still runs overlaps whatever begins later, also days after.
    runner = new_id()
    record(api, first, runner, "work", 0)
    assert record(api, second, runner, "work", 60 * 24 * 10, 60 * 24 * 10 + 5)["warnings"]


def test_a_retry_is_warned_like_the_first_time(tenant, api):
    first, second, technician, key = tenant.activity(), tenant.activity(), new_id(), new_id()
    record(api, first, technician, "work", 0, 60)
    body = {"technician_id": technician, "kind": "work", "started_at": at(30), "ended_at": at(90)}
    answer = api.post(sessions(second), body, key=key)
    assert answer.json()["warnings"]
    again = api.post(sessions(second), body, key=key)
    assert again.headers["Idempotency-Replayed"] == "true" and again.json() == answer.json()


def test_bodies_are_checked(tenant, api):
    activity = tenant.activity()
    body = {"technician_id": new_id(), "kind": "work", "started_at": at(0)}
    path = sessions(activity)
    assert faults(api.post(path, {"kind": "rest"}, expect=None)) == {"/kind": "choice", "/started_at": "required"}
    assert faults(api.post(path, {"kind": "work", "started_at": at(0)}, expect=None)) == {"/technician_id": "required"}
    assert faults(api.post(path, body | {"ended_at": at(-1)}, expect=None)) == {"/ended_at": "order"}
    assert faults(api.post(path, body | {"ended_at": at(8 * 24 * 60)}, expect=None)) == {"/ended_at": "length"}
    assert faults(api.post(path, body | {"started_at": "2099-01-01T00:00:00Z"}, expect=None)) == {"/started_at": "range"}
    assert faults(api.post(path, body | {"activity_id": activity["id"]}, expect=None)) == {"/activity_id": "read-only"}
    problem(api.post(f"/v1/activities/{new_id()}/sessions", body, expect=None), 404, "not-found")
    assert api.list(path) == []
    session = api.post(path, body).json()
    problem(api.get(f"{sessions(tenant.activity())}/{session['id']}", expect=None), 404, "not-found")
    api.act(f"/v1/activities/{activity['id']}", "cancel", {"reason": "x"})
    problem(api.post(path, body, expect=None), 409, "conflict")


def test_a_technician_records_his_own_time(tenant, api):
    technician = tenant.client("technician")
    activity = tenant.activity(participants=[{"technician_id": tenant.technician_id}])
    body = {"kind": "work", "started_at": at(0), "ended_at": at(30)}
    mine = technician.post(sessions(activity), body).json()
    assert mine["technician_id"] == tenant.technician_id
    answer = technician.post(sessions(activity), body | {"technician_id": new_id()}, expect=None)
    assert faults(answer) == {"/technician_id": "forbidden"}
    other = record(api, activity, new_id(), "work", 0, 30)
    problem(technician.patch(f"{sessions(activity)}/{other['id']}", {"kind": "pause"}, "*", expect=None), 404)
    problem(technician.delete(f"{sessions(activity)}/{other['id']}", "*", expect=None), 404)
    problem(technician.post(sessions(tenant.activity()), body, expect=None), 404)
    assert [row["id"] for row in technician.list(sessions(activity))] == [mine["id"]]
    problem(tenant.client("billing").post(sessions(activity), body, expect=None), 403)


def test_the_same_key_records_once(tenant, api):
    activity, key = tenant.activity(), new_id()
    body = {"technician_id": new_id(), "kind": "work", "started_at": at(0), "ended_at": at(30)}
    first = api.post(sessions(activity), body, key=key).json()
    assert api.post(sessions(activity), body, key=key).json() == first
    assert minutes(api, activity) == (None, 30, None)


def test_two_start_the_same_call_at_once(tenant, api):
    """Whoever comes second works on a call that runs already: no refusal, and one start only."""

    def one(client):
        body = {"technician_id": new_id(), "kind": "work", "started_at": at(0), "ended_at": at(10)}
        answer = insist(lambda: client.post(sessions(activity), body, expect=None))
        assert answer.status_code == 201, answer.text

    for _ in range(5):
        call = tenant.call()
        activity = tenant.activity(call)
        at_once(one, [api.at(api.base) for _ in range(4)])
        passages = [row["action"] for row in api.list(f"/v1/calls/{call['id']}/transitions")]
        assert passages == ["create", "start"]
        assert minutes(api, activity) == (None, 40, None)
