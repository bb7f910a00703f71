"""Policies of a service, by tenant, and its number series."""
from support.client import faults, problem

PATH = "/v1/services/calls/settings"
DEFAULTS = {
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
    assert policies(read) == DEFAULTS and read.headers["ETag"] == f'"{read.json()["version"]}"'
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
