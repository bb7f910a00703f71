"""Whose rows a role sees: a technician his work, the portal its customer, the call centre what it entered; costs."""
import csv
import io
import json

import pytest

from support.client import Client, new_id, problem
from support.tenant import PASSWORD


@pytest.fixture(scope="module")
def world(tenant):
    """Two customers; one call of the technician's, one of the portal's customer, one of neither."""

    class World:
        pass

    w = World()
    w.technician, w.portal, w.callcenter = (tenant.client(role) for role in ("technician", "portal", "callcenter"))
    w.visit = tenant.vocabulary("/v1/activity-types", "visit", kind="visit")["code"]
    w.mine, w.yours = tenant.customer(name="Has work"), tenant.portal_customer
    w.site = tenant.site(w.mine)
    w.contact = tenant.contact(w.mine)
    w.portal_site, w.portal_contact = tenant.site(w.yours), tenant.contact(w.yours)
    w.other = tenant.customer(name="Has nothing")
    w.assigned = tenant.call(w.mine, site_id=w.site["id"])
    tenant.admin.act(f"/v1/calls/{w.assigned['id']}", "assign", {"technician_id": tenant.technician_id})
    w.helped = tenant.call(w.mine)
    w.activity = tenant.activity(w.helped, type_code=w.visit, participants=[{"technician_id": tenant.technician_id}])
    w.of_portal = tenant.call(w.yours)
    w.public = tenant.activity(w.of_portal, type_code=w.visit, visibility="public")
    w.internal = tenant.activity(w.of_portal, type_code=w.visit, visibility="internal")
    w.of_neither = tenant.call(w.other)
    w.waiting = tenant.quick_call()
    w.entered = w.callcenter.post("/v1/calls/quick", {"name": "Verdi", "subject": "Entered"}).json()
    return w


def ids(rows):
    return {row["id"] for row in rows}


def exported(client, path, accept):
    text = client.get(path, headers={"Accept": accept}).text
    if accept == "text/csv":
        return list(csv.DictReader(io.StringIO(text, newline="")))
    return [json.loads(line) for line in text.splitlines()]


def everywhere(client, path):
    """Ids by list and by both exports, which must agree."""
    listed = ids(client.every(path))
    for accept in ("application/x-ndjson", "text/csv"):
        assert ids(exported(client, path, accept)) == listed
    return listed


def test_calls_of_a_technician(world):
    """His own, those he takes part in, and the triage queue."""
    seen = everywhere(world.technician, "/v1/calls")
    assert seen == {world.assigned["id"], world.helped["id"], world.waiting["id"], world.entered["id"]}
    problem(world.technician.get(f"/v1/calls/{world.of_neither['id']}", expect=404), 404)
    problem(world.technician.act(f"/v1/calls/{world.of_neither['id']}", "start", expect=404), 404)
    world.technician.get(f"/v1/calls/{world.helped['id']}")


def test_customers_of_a_technician(world):
    assert everywhere(world.technician, "/v1/customers") == {world.mine["id"]}
    assert everywhere(world.technician, "/v1/sites") == {world.site["id"]}
    assert everywhere(world.technician, "/v1/contacts") == {world.contact["id"]}
    problem(world.technician.get(f"/v1/customers/{world.other['id']}", expect=404), 404)
    problem(
        world.technician.post("/v1/contacts", {"customer_id": world.other["id"], "last_name": "X"}, expect=None), 404
    )


def test_activities_of_a_technician(world, tenant):
    assert everywhere(world.technician, "/v1/activities") == {world.activity["id"]}
    problem(world.technician.get(f"/v1/activities/{world.public['id']}", expect=404), 404)


def test_a_technician_who_loses_his_work(tenant, world):
    """A second technician takes over: the first sees the call no more, by no way."""
    call = tenant.call(tenant.customer())
    tenant.admin.act(f"/v1/calls/{call['id']}", "assign", {"technician_id": tenant.technician_id})
    world.technician.get(f"/v1/calls/{call['id']}")
    tenant.admin.act(f"/v1/calls/{call['id']}", "assign", {"technician_id": new_id()})
    problem(world.technician.get(f"/v1/calls/{call['id']}", expect=404), 404)
    assert call["id"] not in everywhere(world.technician, "/v1/calls")
    problem(world.technician.get(f"/v1/customers/{call['customer_id']}", expect=404), 404)


def test_calls_of_the_portal(world, tenant):
    assert everywhere(world.portal, "/v1/calls") == {world.of_portal["id"]}
    for call in (world.assigned, world.of_neither, world.waiting):
        problem(world.portal.get(f"/v1/calls/{call['id']}", expect=404), 404)
    made = world.portal.post("/v1/calls", {"subject": "From the portal"}).json()
    assert (made["state"], made["channel"], made["customer_id"]) == ("received", "portal", world.yours["id"])
    refused = world.portal.post("/v1/calls", {"subject": "x", "customer_id": world.mine["id"]}, expect=None)
    assert refused.status_code >= 400 or refused.json()["customer_id"] == world.yours["id"]


def test_customers_of_the_portal(world):
    assert everywhere(world.portal, "/v1/customers") == {world.yours["id"]}
    assert everywhere(world.portal, "/v1/sites") == {world.portal_site["id"]}
    assert everywhere(world.portal, "/v1/contacts") == {world.portal_contact["id"]}
    problem(world.portal.get(f"/v1/customers/{world.mine['id']}", expect=404), 404)


def test_activities_of_the_portal_are_the_public_ones(world):
    assert everywhere(world.portal, "/v1/activities") == {world.public["id"]}
    assert ids(world.portal.list(f"/v1/calls/{world.of_portal['id']}/activities")) == {world.public["id"]}
    problem(world.portal.get(f"/v1/activities/{world.internal['id']}", expect=404), 404)


def test_internal_fields_are_hidden_from_the_portal(world, tenant):
    internal = {"notes", "credit", "erp_account", "payment_notes", "tags", "territory"}
    tenant.admin.patch(f"/v1/customers/{world.yours['id']}", {"notes": "bad payer", "credit": "warn"}, "*")
    shown = world.portal.get(f"/v1/customers/{world.yours['id']}").json()
    assert not internal & set(shown) and shown["name"]
    for accept in ("application/x-ndjson", "text/csv"):
        assert not internal & set(exported(world.portal, "/v1/customers", accept)[0])
    problem(world.portal.get("/v1/customers", params={"credit": "warn"}, expect=400), 400, "bad-query")
    problem(world.portal.get("/v1/customers", params={"fields": "notes"}, expect=400), 400, "bad-query")


def test_internal_fields_within_others_are_hidden_from_the_portal(world, tenant):
    asset = tenant.asset(customer_id=world.yours["id"], sale_document={"number": "12/A", "price": "480000.00"})
    path = f"/v1/assets/{asset['id']}"
    assert tenant.admin.get(path).json()["sale_document"]["price"] == "480000.00"
    shown = [world.portal.get(path).json()] + [row for row in world.portal.every("/v1/assets") if row["id"] == asset["id"]]
    shown += [row for row in exported(world.portal, "/v1/assets", "application/x-ndjson") if row["id"] == asset["id"]]
    assert [row["sale_document"] for row in shown] == [shown[0]["sale_document"]] * 3
    assert shown[0]["sale_document"]["number"] == "12/A" and "price" not in shown[0]["sale_document"]
    assert "480000" not in world.portal.get("/v1/assets", headers={"Accept": "text/csv"}).text


def test_calls_of_the_call_centre(world):
    """What it entered itself, and nothing of what others did."""
    assert everywhere(world.callcenter, "/v1/calls") == {world.entered["id"]}
    problem(world.callcenter.get(f"/v1/calls/{world.waiting['id']}", expect=404), 404)
    problem(world.callcenter.get("/v1/customers", expect=403), 403)


def test_bulk_finds_only_what_the_caller_sees(tenant, world):
    """Of a row out of his sight, a line learns no more than that the key is taken."""
    for call, result in ((world.of_neither, "failed"), (world.assigned, "unchanged")):
        line = {"call_id": call["id"], "type_code": world.visit, "subject": "Visit", "external_ref": new_id()}
        made = tenant.admin.post("/v1/activities", line).json()
        for key in ({}, {"id": made["id"]}):
            told = world.technician.ndjson("/v1/activities/bulk", [line | key])[0]
            assert told["result"] == result, told
            assert (told.get("id") == made["id"]) == (result == "unchanged"), told


def test_sales_changes_its_own_activities(tenant, world):
    sales = tenant.client("sales")
    own = sales.post("/v1/activities", {"call_id": world.helped["id"], "type_code": world.visit, "subject": "Show the offer"}).json()
    session = {"technician_id": tenant.technician_id, "kind": "work", "started_at": "2026-11-20T08:00:00Z", "ended_at": "2026-11-20T09:00:00Z"}
    changed = sales.patch(f"/v1/activities/{own['id']}", {"notes": "At ten"}, "*").json()
    assert changed["notes"] == "At ten"
    at = f"/v1/activities/{own['id']}/sessions/" + sales.post(f"/v1/activities/{own['id']}/sessions", session).json()["id"]
    sales.patch(at, {"kind": "travel"}, "*")
    sales.act(f"/v1/activities/{own['id']}", "done", {"done_at": "2026-11-20T09:00:00Z"})
    other = f"/v1/activities/{world.activity['id']}"
    assert sales.get(other).json()["id"] == world.activity["id"]
    problem(sales.patch(other, {"notes": "Mine"}, "*", expect=403), 403, "forbidden")
    problem(sales.act(other, "cancel", {"reason": "Mine"}, expect=403), 403, "forbidden")
    problem(sales.post(f"{other}/sessions", session, expect=403), 403, "forbidden")
    assert tenant.admin.get(other).json()["version"] == world.activity["version"]


@pytest.fixture(scope="module")
def charge(tenant):
    call = tenant.call()
    tenant.admin.act(f"/v1/calls/{call['id']}", "assign", {"technician_id": tenant.technician_id})
    return tenant.charge(call, technician_id=tenant.technician_id, cost="18.5", price="31.2")


class TestCosts:
    SEE = ("billing", "manager", "admin", "integration")
    NOT = ("operator", "dispatcher", "technician", "storekeeper", "sales")

    @pytest.mark.parametrize("role", SEE)
    def test_shown(self, role, tenant, charge):
        client = tenant.client(role)
        assert client.get(f"/v1/charges/{charge['id']}").json()["cost"] == "18.5000"
        assert client.list("/v1/charges", id=charge["id"])[0]["cost"] == "18.5000"

    @pytest.mark.parametrize("role", NOT)
    def test_hidden(self, role, tenant, charge):
        client = tenant.client(role)
        assert "cost" not in client.get(f"/v1/charges/{charge['id']}").json()
        assert "cost" not in client.list("/v1/charges", id=charge["id"])[0]
        assert "cost" not in client.list(f"/v1/calls/{charge['call_id']}/charges")[0]
        for accept in ("application/x-ndjson", "text/csv"):
            rows = exported(client, "/v1/charges", accept)
            assert rows and not any("cost" in row for row in rows)
        for parameters in ({"cost": "18.5"}, {"cost[gte]": "1"}, {"sort": "cost"}, {"fields": "id,cost"}):
            problem(client.get("/v1/charges", params=parameters, expect=400), 400, "bad-query")

    def test_not_written_within_the_history_of_a_call(self, stack, tenant):
        """Whose login leaves costs out, too."""
        body = {"tenant": tenant.code, "email": tenant.account("manager").row["email"], "password": PASSWORD, "scope": "calls:bulk"}
        given = Client(stack.gateway).post("/v1/sessions", body).json()["access_token"]
        line = {"customer_code": tenant.customer()["code"], "subject": "x", "opened_at": "2004-07-01T12:00:00Z",
                "state": "closed", "closed_at": "2004-07-01T12:00:00Z", "charges": [
                    {"kind": "other", "quantity": "1"}, {"kind": "other", "quantity": "1", "cost": "1"}]}
        [result] = Client(stack.gateway, lambda: given).ndjson("/v1/calls/bulk", [line])
        assert [(one["pointer"], one["code"]) for one in result["errors"]] == [("/charges/1/cost", "forbidden")]
        del line["charges"][1]["cost"]
        [result] = Client(stack.gateway, lambda: given).ndjson("/v1/calls/bulk", [line])
        assert result["result"] == "created", result

    @pytest.mark.parametrize("role", ("operator", "dispatcher", "storekeeper"))
    def test_not_written(self, role, tenant, charge):
        client = tenant.client(role)
        body = {"call_id": charge["call_id"], "kind": "part", "quantity": "1"}
        answer = client.post("/v1/charges", body | {"cost": "1"}, expect=422)
        assert problem(answer, 422)["errors"][0]["pointer"] == "/cost"
        made = client.post("/v1/charges", body)
        assert "cost" not in made.json()
        again = client.post("/v1/charges", body, key=(key := new_id())).json()
        assert client.post("/v1/charges", body, key=key).json() == again, "replayed without it, too"
