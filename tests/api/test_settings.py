"""Policies of a service, by tenant, and its number series."""
from support.client import faults, problem

PATH = "/v1/services/calls/settings"
DEFAULTS = {
    "close_after_days": 0,
    "default_call_type": "intervention",
    "default_series": "A",
    "technician_may_take": True,
    "reopen_days": 30,
    "backdate_hours": 72,
    "convert_needs_tax_id": True,
    "erp_owns_fields": False,
}


def policies(answer):
    return {name: value for name, value in answer.json().items() if name in DEFAULTS}


def test_defaults_change_and_default_again(tenant, other, events):
    admin = tenant.admin
    read = admin.get(PATH)
    assert policies(read) == DEFAULTS and read.headers["ETag"].startswith(f'"{read.json()["version"]}-')
    version = read.json()["version"]
    changed = admin.patch(PATH, {"reopen_days": 10, "technician_may_take": False}, version)
    assert policies(changed) == DEFAULTS | {"reopen_days": 10, "technician_may_take": False}
    assert admin.get(PATH).json() == changed.json()
    event = events.last(changed.json()["id"], "settings.changed")
    assert event.data == changed.json()
    again = admin.patch(PATH, {"reopen_days": None}, changed.json()["version"])
    assert policies(again) == DEFAULTS | {"technician_may_take": False}
    # The id is the tenant's, which the gateway tells of too: created, then our two.
    event = events.wait(changed.json()["id"], 3)[-1]
    assert (event.name, event.changed) == ("settings.changed", ["reopen_days"])
    assert policies(other.admin.get(PATH)) == DEFAULTS


def test_what_is_refused(tenant):
    admin = tenant.admin
    version = admin.get(PATH).json()["version"]
    problem(admin.patch(PATH, {"reopen_days": 1}, expect=None), 428)
    problem(admin.patch(PATH, {"reopen_days": 1}, version + 1, expect=None), 412)
    refused = admin.patch(PATH, {"reopen_days": -1, "nothing": 1, "version": 3, "erp_owns_fields": "x"}, version, expect=None)
    assert faults(refused) == {"/reopen_days": "range", "/nothing": "unknown", "/version": "read-only", "/erp_owns_fields": "type"}
    assert faults(admin.patch(PATH, {"default_call_type": "none"}, version, expect=None)) == {"/default_call_type": "reference"}
    assert admin.get(PATH).json()["version"] == version


def test_who_may(tenant):
    for role in ("operator", "dispatcher", "technician", "storekeeper", "sales", "billing", "integration"):
        tenant.client(role).get(PATH)
        problem(tenant.client(role).patch(PATH, {"reopen_days": 1}, "*", expect=None), 403)
    for role in ("callcenter", "portal"):
        problem(tenant.client(role).get(PATH, expect=None), 403)
    tenant.client("manager").patch(PATH, {"reopen_days": 31}, "*")


def test_series_tell_their_last_number(tenant, other):
    tenant.vocabulary("/v1/call-types", "intervention")
    first = tenant.call(series="T7")
    second = tenant.call(series="T7")
    rows = tenant.client("operator").list("/v1/services/calls/series", kind="call", series="T7")
    assert [(row["year"], row["last"]) for row in rows] == [(first["year"], 2)]
    assert second["number"].endswith("/T7/000002")
    assert other.admin.list("/v1/services/calls/series", series="T7") == []


def settings(tenant, **values):
    tenant.admin.patch(PATH, values, "*")


def test_what_calls_are_made_with_by_default(tenant):
    tenant.vocabulary("/v1/call-types", "own")
    settings(tenant, default_call_type="own", default_series="Z")
    call = tenant.call()
    assert call["type_code"] == "own" and call["series"] == "Z"
    row = tenant.admin.list("/v1/call-types", code="own")[0]
    problem(tenant.admin.delete(f"/v1/call-types/{row['id']}", "*", expect=None), 409, "referenced")
    settings(tenant, default_call_type=None, default_series=None)
    assert tenant.call()["type_code"] == "intervention"


def test_whether_technicians_take_calls(tenant):
    technician = tenant.client("technician")
    body = {"technician_id": tenant.technician_id}
    call = technician.post("/v1/calls/quick", {"name": "x", "subject": "y"}).json()
    customer_id = tenant.customer()["id"]
    tenant.admin.act(f"/v1/calls/{call['id']}", "open", {"customer_id": customer_id})
    settings(tenant, technician_may_take=False)
    problem(technician.act(f"/v1/calls/{call['id']}", "assign", body, expect=None), 403)
    settings(tenant, technician_may_take=True)
    assert technician.act(f"/v1/calls/{call['id']}", "assign", body).json()["assignee_id"] == tenant.technician_id


def test_how_far_back(tenant):
    operator = tenant.client("operator")
    past = {"at": "2020-01-02T00:00:00Z", "resolution": "done"}
    call = tenant.call(opened_at="2020-01-01T00:00:00Z")
    problem(operator.act(f"/v1/calls/{call['id']}", "resolve", past, expect=None), 403)
    settings(tenant, backdate_hours=87600, reopen_days=1)
    operator.act(f"/v1/calls/{call['id']}", "resolve", past)
    operator.act(f"/v1/calls/{call['id']}", "close", {"at": "2020-01-03T00:00:00Z"})
    problem(operator.act(f"/v1/calls/{call['id']}", "reopen", {"reason": "again"}, expect=None), 403)
    settings(tenant, reopen_days=3650)
    assert operator.act(f"/v1/calls/{call['id']}", "reopen", {"reason": "again"}).json()["state"] == "open"
    settings(tenant, backdate_hours=None, reopen_days=None)


def test_what_the_erp_owns(tenant):
    settings(tenant, erp_owns_fields=True)
    operator, integration = tenant.client("operator"), tenant.client("integration")
    theirs, ours = tenant.customer(external_ref="ERP-1"), tenant.customer()
    problem(operator.patch(f"/v1/customers/{theirs['id']}", {"name": "x"}, 1, expect=None), 403)
    operator.patch(f"/v1/customers/{theirs['id']}", {"notes": "x"}, 1)
    operator.patch(f"/v1/customers/{ours['id']}", {"name": "x"}, 1)
    integration.patch(f"/v1/customers/{theirs['id']}", {"name": "From the ERP"}, 2)
    assert faults(operator.patch(f"/v1/customers/{theirs['id']}", {"by_integration": True}, 3, expect=None)) == {
        "/by_integration": "unknown"
    }
    settings(tenant, erp_owns_fields=None)
    operator.patch(f"/v1/customers/{theirs['id']}", {"name": "x"}, 3)
