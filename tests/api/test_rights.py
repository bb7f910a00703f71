"""Every operation with every role: who may is done, who may not is 403 (the table "Rights" of the design)."""
import json

import pytest

import rights_assets
import rights_inventory
import rights_rmas
from rights_table import (
    ATTACH, CUSTOMERS, DESK, EVERYONE, MANAGE, OFFICE, STEER, act, attached, below, bulk, delete, listed, patch, post, read, stored,
)
from support.client import new_id, told
from support.stack import ROOT, wait_for
from support.tenant import ROLES
from support.transfer import announce, send

class Subject:
    """Rows that one role can see: calls it entered, works on, or owns as a customer."""

    def __init__(self, tenant, role):
        self.tenant = tenant
        self.role = role
        self.client = tenant.client(role)
        self.customer = tenant.portal_customer
        self.visit = tenant.vocabulary("/v1/activity-types", "visit", kind="visit")["code"]

    def call(self, state="open"):
        """A call in that state which the role may see."""
        admin = self.tenant.admin
        if self.role == "callcenter":
            row = self.client.post("/v1/calls/quick", {"name": "Rossi", "subject": "Entered by the call centre"}).json()
            if state != "received":
                admin.act(f"/v1/calls/{row['id']}", "open", {"customer_id": self.customer["id"]})
        elif state == "received":
            row = admin.post("/v1/calls/quick", {"name": "Rossi", "subject": "Received"}).json()
        else:
            row = self.tenant.call(self.customer)
        call = f"/v1/calls/{row['id']}"
        if self.role == "technician" and state not in ("received", "open"):
            self.tenant.activity(row, type_code=self.visit, participants=[{"technician_id": self.tenant.technician_id}])
        steps = {
            "assigned": [("assign", {"technician_id": self.tenant.technician_id})],
            "suspended": [("suspend", {"reason": "parts"})],
            "resolved": [("resolve", {"resolution": "Done"})],
            "closed": [("resolve", {"resolution": "Done"}), ("close", {"cancel_open_activities": True})],
        }
        if state == "open" and self.role == "technician":
            steps["open"] = [("assign", {"technician_id": self.tenant.technician_id}), ("unassign", {})]
            self.tenant.activity(row, type_code=self.visit, participants=[{"technician_id": self.tenant.technician_id}])
        for action, body in steps.get(state, []):
            admin.act(call, action, body)
        return admin.get(call).json()

    def activity(self, **fields):
        fields = {"participants": [{"technician_id": self.tenant.technician_id}], "visibility": "public"} | fields
        return self.tenant.activity(self.call("assigned"), type_code=self.visit, **fields)

    def charge(self, **fields):
        fields = {"technician_id": self.tenant.technician_id, "kind": "part"} | fields
        return self.tenant.charge(self.call("assigned"), **fields)


def own_customer(s):
    """What technician and portal see; nobody deletes it."""
    if s.role == "technician":
        s.call("assigned")
    return s.customer


def own_site(s):
    own_customer(s)
    return s.tenant.site(s.customer)


def own_contact(s):
    own_customer(s)
    return s.tenant.contact(s.customer)


def vocabulary(path, **fields):
    """All operations on a table of codes: everybody of the office reads, managers write."""

    def body(s):
        return {"code": new_id()[-12:], "label": "Label"} | fields

    def make(s):
        return s.tenant.make(path, body(s))

    return stored(path, make, body, {"label": "Other"}, MANAGE)


def free_fields(owner):
    """All operations on the definitions of an owner's free fields."""
    path = f"/v1/{owner}-free-fields"

    def body(s):
        return {"slot": s.tenant.free_slot(owner), "label": "Label", "type": "date"}

    def make(s):
        return s.tenant.make(path, body(s))

    return stored(path, make, body, {"label": "Other"}, MANAGE)


def call_in(state):
    return lambda s: s.call(state)


READ_CUSTOMERS = EVERYONE - {"callcenter"}
READ_ACTIVITIES = EVERYONE - {"callcenter", "storekeeper"}
WRITE_ACTIVITIES = DESK | {"technician", "sales"}
CHANGE_ACTIVITIES = WRITE_ACTIVITIES - {"sales"}  # those of others: test_sight.py
READ_CHARGES = OFFICE
WRITE_CHARGES = DESK - {"integration"} | {"technician", "storekeeper", "billing"}
QUICK = EVERYONE - {"portal", "billing", "storekeeper"}
CREATE = DESK | {"technician", "sales", "portal"}
WORK = DESK | {"technician"}

OPERATIONS = [
    *attached("/v1/customers", own_customer, READ_CUSTOMERS, CUSTOMERS),
    *attached("/v1/calls", call_in("assigned"), EVERYONE, ATTACH),
    *attached("/v1/activities", Subject.activity, READ_ACTIVITIES, WRITE_ACTIVITIES),
    ("GET", "/v1/customers", READ_CUSTOMERS, listed("/v1/customers")),
    ("GET", "/v1/customers/{id}", READ_CUSTOMERS, read("/v1/customers", own_customer)),
    ("POST", "/v1/customers", CUSTOMERS, post("/v1/customers", lambda s: {"kind": "prospect", "name": "New"})),
    ("PATCH", "/v1/customers/{id}", CUSTOMERS, patch("/v1/customers", own_customer, {"notes": "New"})),
    ("DELETE", "/v1/customers/{id}", CUSTOMERS, delete("/v1/customers", lambda s: s.tenant.customer())),
    ("POST", "/v1/customers/bulk", MANAGE | {"integration"}, bulk("/v1/customers", lambda s: b"")),
    ("POST", "/v1/customers/{id}/actions/convert", CUSTOMERS,
     act("/v1/customers", lambda s: s.tenant.customer(kind="prospect", address={"street": "Via Appia 1", "city": "Roma"}), "convert",
         {"tax_code": "RSSMRA80A01F205X"})),
    ("POST", "/v1/customers/{id}/actions/merge", MANAGE,
     act("/v1/customers", lambda s: s.tenant.customer(), "merge", lambda s: {"into": s.tenant.customer()["id"]})),
    ("POST", "/v1/customers/{id}/actions/anonymise", MANAGE,
     act("/v1/customers", lambda s: s.tenant.customer(), "anonymise")),
    ("GET", "/v1/customers/{id}/sites", READ_CUSTOMERS, below("/v1/customers", own_customer, "sites")),
    ("GET", "/v1/customers/{id}/contacts", READ_CUSTOMERS, below("/v1/customers", own_customer, "contacts")),
    ("GET", "/v1/customers/{id}/calls", READ_CUSTOMERS, below("/v1/customers", own_customer, "calls")),
    ("GET", "/v1/customers/{id}/activities", READ_ACTIVITIES, below("/v1/customers", own_customer, "activities")),
    ("GET", "/v1/sites", READ_CUSTOMERS, listed("/v1/sites")),
    ("GET", "/v1/sites/{id}", READ_CUSTOMERS, read("/v1/sites", own_site)),
    ("POST", "/v1/sites", CUSTOMERS, post("/v1/sites", lambda s: {"customer_id": s.customer["id"], "name": "New"})),
    ("PATCH", "/v1/sites/{id}", CUSTOMERS, patch("/v1/sites", own_site, {"name": "New"})),
    ("DELETE", "/v1/sites/{id}", CUSTOMERS, delete("/v1/sites", own_site)),
    ("POST", "/v1/sites/bulk", MANAGE | {"integration"}, bulk("/v1/sites", lambda s: b"")),
    ("GET", "/v1/contacts", READ_CUSTOMERS, listed("/v1/contacts")),
    ("GET", "/v1/contacts/{id}", READ_CUSTOMERS, read("/v1/contacts", own_contact)),
    ("POST", "/v1/contacts", CUSTOMERS | {"technician"},
     post("/v1/contacts", lambda s: {"customer_id": own_customer(s)["id"], "last_name": "New"})),
    ("PATCH", "/v1/contacts/{id}", CUSTOMERS | {"technician"}, patch("/v1/contacts", own_contact, {"last_name": "New"})),
    ("DELETE", "/v1/contacts/{id}", CUSTOMERS | {"technician"}, delete("/v1/contacts", own_contact)),
    ("POST", "/v1/contacts/bulk", MANAGE | {"integration"}, bulk("/v1/contacts", lambda s: b"")),
    ("GET", "/v1/calls", EVERYONE, listed("/v1/calls")),
    ("GET", "/v1/calls/{id}", EVERYONE, read("/v1/calls", call_in("assigned"))),
    ("POST", "/v1/calls", CREATE, post("/v1/calls", lambda s: {
        "subject": "New", **({} if s.role == "portal" else {"customer_id": own_customer(s)["id"]})})),
    ("PATCH", "/v1/calls/{id}", DESK, patch("/v1/calls", call_in("assigned"), {"subject": "Other"})),
    ("POST", "/v1/calls/bulk", MANAGE | {"integration"}, bulk("/v1/calls", lambda s: b"")),
    ("POST", "/v1/calls/quick", QUICK, post("/v1/calls/quick", lambda s: {"name": "Rossi", "subject": "Quick"})),
    ("POST", "/v1/calls/{id}/actions/open", WORK,
     act("/v1/calls", call_in("received"), "open", lambda s: {"customer_id": s.customer["id"]})),
    ("POST", "/v1/calls/{id}/actions/assign", STEER | {"technician"},
     act("/v1/calls", call_in("open"), "assign", lambda s: {"technician_id": s.tenant.technician_id})),
    ("POST", "/v1/calls/{id}/actions/unassign", STEER, act("/v1/calls", call_in("assigned"), "unassign")),
    ("POST", "/v1/calls/{id}/actions/start", WORK, act("/v1/calls", call_in("assigned"), "start")),
    ("POST", "/v1/calls/{id}/actions/suspend", WORK,
     act("/v1/calls", call_in("assigned"), "suspend", {"reason": "parts"})),
    ("POST", "/v1/calls/{id}/actions/resume", WORK, act("/v1/calls", call_in("suspended"), "resume")),
    ("POST", "/v1/calls/{id}/actions/resolve", WORK,
     act("/v1/calls", call_in("assigned"), "resolve", {"resolution": "Done"})),
    ("POST", "/v1/calls/{id}/actions/close", DESK,
     act("/v1/calls", call_in("resolved"), "close", {"cancel_open_activities": True})),
    ("POST", "/v1/calls/{id}/actions/cancel", DESK, act("/v1/calls", call_in("assigned"), "cancel", {"reason": "Mistake"})),
    ("POST", "/v1/calls/{id}/actions/reopen", DESK | {"portal"},
     act("/v1/calls", call_in("resolved"), "reopen", {"reason": "Still broken"})),
    ("POST", "/v1/calls/{id}/actions/change-opening", MANAGE | {"integration"},
     act("/v1/calls", call_in("assigned"), "change-opening", {"opened_at": "2026-01-05T08:00:00Z", "reason": "Typed wrong"})),
    ("POST", "/v1/calls/{id}/actions/follow-up", CREATE, act("/v1/calls", call_in("resolved"), "follow-up")),
    ("GET", "/v1/calls/{id}/transitions", EVERYONE, below("/v1/calls", call_in("assigned"), "transitions")),
    ("GET", "/v1/calls/{id}/timeline", READ_ACTIVITIES, below("/v1/calls", call_in("assigned"), "timeline")),
    ("GET", "/v1/calls/{id}/children", EVERYONE, below("/v1/calls", call_in("assigned"), "children")),
    ("GET", "/v1/calls/{id}/activities", READ_ACTIVITIES, below("/v1/calls", call_in("assigned"), "activities")),
    ("GET", "/v1/calls/{id}/derived", READ_CHARGES, below("/v1/calls", call_in("assigned"), "derived")),
    ("GET", "/v1/calls/{id}/charges", READ_CHARGES, below("/v1/calls", call_in("assigned"), "charges")),
    ("GET", "/v1/activities", READ_ACTIVITIES, listed("/v1/activities")),
    ("GET", "/v1/activities/{id}", READ_ACTIVITIES, read("/v1/activities", Subject.activity)),
    ("POST", "/v1/activities", WRITE_ACTIVITIES, post("/v1/activities", lambda s: {
        "call_id": s.call("assigned")["id"], "type_code": s.visit, "subject": "New",
        "participants": [{"technician_id": s.tenant.technician_id}]})),
    ("PATCH", "/v1/activities/{id}", CHANGE_ACTIVITIES, patch("/v1/activities", Subject.activity, {"notes": "New"})),
    ("POST", "/v1/activities/{id}/actions/done", CHANGE_ACTIVITIES,
     act("/v1/activities", Subject.activity, "done", {"done_at": "2026-03-01T10:00:00Z"})),
    ("POST", "/v1/activities/{id}/actions/undo-done", CHANGE_ACTIVITIES,
     act("/v1/activities", lambda s: s.activity(status="done", done_at="2026-03-01T10:00:00Z"), "undo-done")),
    ("POST", "/v1/activities/{id}/actions/cancel", CHANGE_ACTIVITIES,
     act("/v1/activities", Subject.activity, "cancel", {"reason": "Rain"})),
    ("POST", "/v1/activities/{id}/actions/add-participant", CHANGE_ACTIVITIES,
     act("/v1/activities", Subject.activity, "add-participant", lambda s: {"technician_id": new_id(), "role": "helper"})),
    ("POST", "/v1/activities/{id}/actions/set-participant", CHANGE_ACTIVITIES,
     act("/v1/activities", Subject.activity, "set-participant",
         lambda s: {"technician_id": s.tenant.technician_id, "status": "accepted"})),
    ("GET", "/v1/activities/{id}/sessions", READ_ACTIVITIES, below("/v1/activities", Subject.activity, "sessions")),
    ("GET", "/v1/activities/{id}/transitions", READ_ACTIVITIES, below("/v1/activities", Subject.activity, "transitions")),
    ("POST", "/v1/activities/bulk", WRITE_ACTIVITIES, bulk("/v1/activities", lambda s: b"")),
    ("GET", "/v1/charges", READ_CHARGES, listed("/v1/charges")),
    ("GET", "/v1/charges/{id}", READ_CHARGES, read("/v1/charges", Subject.charge)),
    ("POST", "/v1/charges", WRITE_CHARGES, post("/v1/charges", lambda s: {
        "call_id": s.call("assigned")["id"], "kind": "part", "quantity": "1",
        **({"technician_id": s.tenant.technician_id} if s.role == "technician" else {})})),
    ("PATCH", "/v1/charges/{id}", WRITE_CHARGES, patch("/v1/charges", Subject.charge, {"quantity": "2"})),
    ("DELETE", "/v1/charges/{id}", WRITE_CHARGES, delete("/v1/charges", Subject.charge)),
    ("POST", "/v1/charges/bulk", WRITE_CHARGES, bulk("/v1/charges", lambda s: b"")),
    ("POST", "/v1/charges/{id}/actions/approve", MANAGE | {"billing"},
     act("/v1/charges", lambda s: s.charge(treatment="needs_approval"), "approve",
         {"treatment": "billable", "reason": "Agreed"})),
    *vocabulary("/v1/call-types"),
    *vocabulary("/v1/substates", state="open"),
    *vocabulary("/v1/call-codes", kind="fault"),
    *vocabulary("/v1/tags"),
    *vocabulary("/v1/activity-types", kind="visit"),
    *free_fields("customer"),
    *free_fields("asset"),
    ("GET", "/v1/free-fields", OFFICE, listed("/v1/free-fields")),
    *rights_inventory.OPERATIONS,
    *rights_rmas.OPERATIONS,
    *rights_assets.OPERATIONS,
]


def with_room(ask):
    """The first answer of `ask` that isn't for want of room: a tenant has so many jobs at once, then an earlier one must end first."""
    def asked():
        answer = ask()
        return [] if answer.status_code == 409 else [answer]

    return wait_for("room for a job", asked, 60)[0]


def imports(path):
    """An import is a bulk request in the background; its file may be announced by who may import it."""
    def run(s):
        upload = announce(s.client, path.split("/")[2], b"{}\n", expect=None, media_type="application/x-ndjson")
        if not isinstance(upload, dict):
            assert upload.status_code == 403, told(upload)
            return s.client.post(path, {"upload_id": new_id()}, expect=None)
        send(s.client, upload, b"{}\n", 1)
        return with_room(lambda: s.client.post(path, {"upload_id": upload["id"]}, expect=None))

    return run


def prints(path):
    """Who may read a list may print it."""
    return lambda s: with_room(lambda: s.client.post(f"{path}?fields=id", {}, expect=None))


PRINTED = {path.removesuffix("/prints") for name in ("calls", "inventory")
           for path in json.loads((ROOT / f"docs/openapi/{name}.json").read_text())["paths"] if path.endswith("/prints")}

for method, path, roles, _ in list(OPERATIONS):
    if path.endswith("/bulk"):
        imported = path.removesuffix("bulk") + "imports"
        OPERATIONS.append((method, imported, roles, imports(imported)))
    if method == "GET" and path in PRINTED:
        OPERATIONS.append(("POST", f"{path}/prints", roles, prints(f"{path}/prints")))


def test_every_operation_is_in_the_table(description):
    """A new operation is refused here until someone has said who may."""
    elsewhere = ("/v1/tenants", "/v1/accounts", "/v1/clients", "/v1/sessions", "/v1/me", "/v1/services/", "/v1/saved-filters", "/v1/issuers",
                 "/v1/customers/lookup", "/oauth/", "/openapi.json", "/docs", "/.well-known/", "/v1/activities/{id}/sessions",
                 "/v1/uploads", "/v1/jobs")
    wanted = {(method, path) for method, path, _ in description.operations() if not path.startswith(elsewhere)}
    known = {(method, path) for method, path, _, _ in OPERATIONS if not path.startswith(elsewhere)}
    assert wanted == known


@pytest.fixture(scope="module")
def subjects(tenant):
    return {role: Subject(tenant, role) for role in ROLES}


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("method, path, allowed, run", OPERATIONS, ids=lambda value: value if isinstance(value, str) else "")
def test_who_may(method, path, allowed, run, role, subjects):
    answer = run(subjects[role])
    if role in allowed:
        assert answer.status_code in (200, 201, 202, 204), told(answer)
    else:
        assert answer.status_code == 403, told(answer)
