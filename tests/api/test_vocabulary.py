"""The tenant's own words: call types, substates, codes, tags, activity types."""
import pytest
from support.client import faults, problem
from support.tenant import Tenant

PATHS = ["/v1/call-types", "/v1/substates", "/v1/call-codes", "/v1/tags", "/v1/activity-types"]
EXTRA = {
    "/v1/substates": {"state": "open"},
    "/v1/call-codes": {"kind": "fault"},
    "/v1/activity-types": {"kind": "visit"},
}


def body(path, code, **fields):
    return {"code": code, "label": code.title()} | EXTRA.get(path, {}) | fields


@pytest.mark.parametrize("path", PATHS)
def test_a_row_is_made_read_changed_listed_and_removed(api, events, path):
    made = api.post(path, body(path, "cycle")).json()
    assert made["active"] is True and made["version"] == 1
    assert api.get(f"{path}/{made['id']}").json() == made
    assert made in api.list(path, code="cycle")
    changed = api.patch(f"{path}/{made['id']}", {"label": "Another"}, made["version"]).json()
    assert changed["label"] == "Another" and changed["version"] == 2
    faults(api.patch(f"{path}/{made['id']}", {"code": "other"}, 2, expect=None))
    problem(api.post(path, body(path, "cycle"), expect=None), 409, "duplicate")
    api.delete(f"{path}/{made['id']}", 2)
    api.get(f"{path}/{made['id']}", expect=404)
    name = made_name(path)
    assert [event.name for event in events.wait(made["id"], 3)] == [f"{name}.created", f"{name}.changed", f"{name}.removed"]


def made_name(path):
    return path.removeprefix("/v1/").removesuffix("s").replace("-", "_")


@pytest.mark.parametrize("path", PATHS)
def test_who_may(tenant, path):
    for role in ("operator", "dispatcher", "technician", "storekeeper", "sales", "billing", "integration"):
        tenant.client(role).get(path)
        problem(tenant.client(role).post(path, body(path, "no"), expect=None), 403)
    for role in ("callcenter", "portal"):
        problem(tenant.client(role).get(path, expect=None), 403)


@pytest.mark.parametrize("path", [path for path in PATHS if path != "/v1/call-codes"])
def test_bulk_finds_rows_by_code(api, path):
    line = body(path, "bulk")
    assert [result["result"] for result in api.ndjson(f"{path}/bulk", [line])] == ["created"]
    assert [result["result"] for result in api.ndjson(f"{path}/bulk", [line])] == ["unchanged"]
    line["label"] = "Changed"
    assert [result["result"] for result in api.ndjson(f"{path}/bulk", [line])] == ["changed"]
    assert [row["label"] for row in api.list(path, code="bulk")] == ["Changed"]


def test_what_is_used_stays(tenant, api):
    kind = api.post("/v1/call-types", body("/v1/call-types", "used", quick=True)).json()
    tag = api.post("/v1/tags", body("/v1/tags", "urgent")).json()
    code = api.post("/v1/call-codes", body("/v1/call-codes", "leak")).json()
    tenant.call(type_code="used", tags=["urgent"], fault_code="leak")
    for path, row in (("/v1/call-types", kind), ("/v1/tags", tag), ("/v1/call-codes", code)):
        refused = problem(api.delete(f"{path}/{row['id']}", 1, expect=None), 409, "referenced")
        assert "call" in refused["detail"]
        api.get(f"{path}/{row['id']}")
    api.patch(f"/v1/call-types/{kind['id']}", {"active": False}, 1)
    answer = api.post("/v1/calls", {"customer_id": tenant.customer()["id"], "subject": "x", "type_code": "used"}, expect=None)
    assert problem(answer, 422, "unknown-reference")["errors"][0]["pointer"] == "/type_code"


def test_bodies_are_checked(api):
    refused = api.post("/v1/call-types", {"code": "a", "label": "A", "required_at_open": ["site", "moon"]}, expect=None)
    assert faults(refused) == {"/required_at_open/1": "choice"}
    refused = api.post("/v1/call-types", {"code": "a", "label": "A", "series_code": "A/B"}, expect=None)
    assert faults(refused) == {"/series_code": "format"}
    series = api.patch("/v1/services/calls/settings", {"default_series": "A/B"}, "*", expect=None)
    assert faults(series) == {"/default_series": "format"}
    assert faults(api.post("/v1/tags", {"code": "a", "label": "A", "colour": "red"}, expect=None)) == {"/colour": "format"}
    assert faults(api.post("/v1/tags", {"code": "a", "label": "A", "colour": "#zzzzzz"}, expect=None)) == {"/colour": "format"}


def test_a_null_id_is_none(api):
    made = api.post("/v1/tags", {"id": None, "code": "null-id", "label": "x"}).json()
    assert api.get(f"/v1/tags/{made['id']}").json()["code"] == "null-id"


def test_one_default_a_state(api):
    first = api.post("/v1/substates", body("/v1/substates", "first", default=True, state="suspended")).json()
    problem(api.post("/v1/substates", body("/v1/substates", "second", default=True, state="suspended"), expect=None), 409)
    api.post("/v1/substates", body("/v1/substates", "third", default=True, state="open"))
    assert first["default"] is True
    assert {row["code"] for row in api.list("/v1/substates", default="true")} == {"first", "third"}


def test_codes_form_a_tree_of_one_kind(api):
    top = api.post("/v1/call-codes", body("/v1/call-codes", "HYD")).json()
    below = api.post("/v1/call-codes", body("/v1/call-codes", "HYD-PUMP", parent_id=top["id"])).json()
    assert [row["code"] for row in api.list("/v1/call-codes", parent_id=top["id"])] == ["HYD-PUMP"]
    path = f"/v1/call-codes/{top['id']}"
    assert faults(api.patch(path, {"parent_id": below["id"]}, 1, expect=None)) == {"/parent_id": "cycle"}
    other = body("/v1/call-codes", "WEAR", kind="cause", parent_id=top["id"])
    assert faults(api.post("/v1/call-codes", other, expect=None)) == {"/parent_id": "reference"}
    api.post("/v1/call-codes", body("/v1/call-codes", "HYD", kind="cause"))
    problem(api.delete(path, 1, expect=None), 409, "referenced")
    assert [row["code"] for row in api.list("/v1/call-codes", q="pump")] == ["HYD-PUMP"]


def test_a_new_tenant_starts_with_words_of_its_language(stack, platform, tenant, events):
    types = {row["code"]: row for row in tenant.admin.every("/v1/call-types")}
    assert {"intervention", "help", "maintenance", "installation", "complaint"} <= set(types)
    assert types["complaint"]["series_code"] == "C" and types["intervention"]["quick"] is True
    kinds = {row["kind"] for row in tenant.admin.every("/v1/activity-types")}
    assert kinds >= {"phone", "visit", "remote", "email", "repair", "test", "meeting", "document", "message"}
    assert [event.name for event in events.wait(types["help"]["id"])] == ["call_type.created"]
    italian = Tenant(stack, platform, language="it")
    english = Tenant(stack, platform, language="en")
    labels = {language.code: row["label"] for language in (italian, english) for row in language.admin.list("/v1/call-types", code="complaint")}
    assert labels == {italian.code: "Reclamo", english.code: "Complaint"}


def test_filters_are_saved_for_oneself_or_for_all(tenant):
    path = "/v1/saved-filters"
    operator, manager = tenant.client("operator"), tenant.client("manager")
    own = operator.post(path, {"name": "Mine", "resource": "calls", "query": "state=received&sort=next_due_at"}).json()
    assert own["shared"] is False and own["owner"] == operator.row["id"]
    assert [row["id"] for row in operator.list(path)] == [own["id"]] and manager.list(path) == []
    problem(manager.get(f"{path}/{own['id']}", expect=None), 404)
    problem(operator.patch(f"{path}/{own['id']}", {"shared": True}, 1, expect=None), 403)
    shared = manager.post(path, {"name": "Ours", "resource": "calls", "query": "priority=high", "shared": True}).json()
    assert {row["name"] for row in operator.list(path, resource="calls")} == {"Mine", "Ours"}
    problem(operator.patch(f"{path}/{shared['id']}", {"query": "priority=low"}, 1, expect=None), 403)
    problem(operator.delete(f"{path}/{shared['id']}", 1, expect=None), 403)
    assert faults(operator.patch(f"{path}/{own['id']}", {"query": "a[b]=%zz"}, 1, expect=None)) == {"/query": "format"}
    problem(operator.post(path, {"name": "Mine", "resource": "calls", "query": "state=open"}, expect=None), 409, "duplicate")
    manager.delete(f"{path}/{shared['id']}", 1)
    problem(tenant.client("callcenter").get(path, expect=None), 403)


def test_a_filter_that_is_saved_is_one_of_its_list(tenant):
    """What the list would refuse is refused when it is kept, not when somebody opens it."""
    path = "/v1/saved-filters"
    operator = tenant.client("operator")
    refused = operator.post(path, {"name": "No", "resource": "calls", "query": "stat=open&sort=-zz&state=new&x.1=a&cursor=a"}, 422)
    assert {item["pointer"] for item in problem(refused, 422)["errors"]} == {"/query"}
    told = [item["detail"] for item in refused.json()["errors"]]
    assert "parameter stat: no such filter or parameter" in told and any("; there are: " in detail and "next_due_at" in detail for detail in told)
    assert any(detail.startswith("parameter state: must be one of: received") for detail in told)
    kept = operator.post(path, {"name": "Yes", "resource": "sites", "query": "city=Bergamo&q=cava&limit=20&fields=id,name"}).json()
    assert faults(operator.patch(f"{path}/{kept['id']}", {"query": "state=open"}, 1, expect=None)) == {"/query": "unknown"}
    operator.patch(f"{path}/{kept['id']}", {"query": "province[in]=BG,MI"}, 1)
