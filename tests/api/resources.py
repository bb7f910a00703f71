"""What the tests of the conventions need to know of each collection: a full body, and a change of it.

A collection that is in the OpenAPI document and not here fails a test, so that none goes untested.
"""
from api import resources_inventory
from api.resource import Resource, address, unique
from support.client import new_id


def customer_body(tenant):
    return {
        "kind": "acquired",
        "code": unique("K"),
        "person": False,
        "name": "Cave del Nord S.p.A.",
        "name2": "già Cave Rossi & Figli",
        "vat_number": unique("IT0123456"),
        "tax_code": "RSSMRA80A01F205X",
        "sdi_code": "ABC1234",
        "pec": "cave@pec.example.it",
        "language": "it",
        "address": address(),
        "phones": [{"raw": unique("035 1000"), "label": "office"}, {"raw": unique("+39 347 100"), "label": None}],
        "emails": [{"address": "info@cave.example.it", "label": "office"}],
        "payment_notes": "30 days",
        "credit": "warn",
        "bill_to_id": tenant.customer()["id"],
        "erp_account": unique("ERP"),
        "price_list_code": "BASE",
        "sla_policy_code": "GOLD",
        "territory": "north",
        "job_code": "J-1",
        "tags": ["quarry", "vip"],
        "notes": "Ring twice.\nThen wait.",
        "x": tenant.free_values(),
        "external_ref": unique("crm:"),
        "active": True,
    }


def site_body(tenant):
    customer = tenant.customer()
    return {
        "customer_id": customer["id"],
        "code": unique("S"),
        "name": "Cava di Bergamo",
        "address": address(),
        "position": {"lat": "45.694500", "lon": "-9.670000"},
        "time_zone": "Europe/Rome",
        "phones": [{"raw": "035 654321", "label": "gate"}],
        "access_notes": "Helmet required",
        "visit_calendar_code": "WORK",
        "bill_to_id": tenant.customer()["id"],
        "sla_policy_code": "GOLD",
        "territory": "north",
        "external_ref": unique("erp:site:"),
        "active": True,
    }


def contact_body(tenant):
    customer = tenant.customer()
    site = tenant.site(customer)
    return {
        "customer_id": customer["id"],
        "site_id": site["id"],
        "first_name": "Anna",
        "last_name": "Bianchi",
        "role": "site manager",
        "language": "it",
        "phones": [{"raw": "347 7654321", "label": "mobile"}],
        "emails": [{"address": "Anna.Bianchi@cave.example.it", "label": None}],
        "preferred": "phone",
        "portal_subject": unique("subject-"),
        "privacy": {"basis": "contract", "at": "2026-01-15T08:30:00.000Z"},
        "external_ref": unique("crm:contact:"),
        "active": True,
    }


def call_body(tenant):
    customer = tenant.customer()
    site = tenant.site(customer)
    contact = tenant.contact(customer)
    return {
        "channel": "email",
        "opened_at": "2026-03-01T09:30:00.000Z",
        "customer_id": customer["id"],
        "site_id": site["id"],
        "contact_id": contact["id"],
        "caller": {"name": "Mario Rossi", "phone": "02 1234567", "email": "mario@example.it"},
        "bill_to_id": tenant.customer()["id"],
        "customer_reference": "PO 77",
        "requested_from": "2026-03-02T08:00:00.000Z",
        "requested_until": "2026-03-03T08:00:00.000Z",
        "assets": [{"asset_id": asset_of(tenant), "main": True}],
        "article_id": article_of(tenant),
        "subject": "BUCKET WON'T OPEN",
        "description": "L/H BUCKET CYL LEAKING.\nSince this morning.",
        "priority": "high",
        "warranty_override": {"value": "partial", "reason": "Agreed with the maker"},
        "tags": ["leak"],
        "job_code": "J-2",
        "external_ref": unique("old:"),
    }


def asset_of(tenant):
    """An asset known to the calls service: a stub made by a call that names its serial. Nobody knows whose it is."""
    if not hasattr(tenant, "asset_id"):
        call = tenant.quick_call(serial="A")
        tenant.asset_id = call["assets"][0]["asset_id"]
    return tenant.asset_id


def article_of(tenant):
    """An article that the calls service knows."""
    if not hasattr(tenant, "article_id"):
        tenant.article_id = tenant.known_article()["id"]
    return tenant.article_id


def activity_body(tenant):
    customer = tenant.customer()
    site = tenant.site(customer)
    contact = tenant.contact(customer)
    call = tenant.call(customer, site_id=site["id"])
    return {
        "call_id": call["id"],
        "type_code": tenant.vocabulary("/v1/activity-types", "visit", kind="visit")["code"],
        "status": "done",
        "subject": "Change the bucket",
        "notes": "Bring the long hose.",
        "visibility": "public",
        "site_id": site["id"],
        "asset_id": asset_of(tenant),
        "contact_id": contact["id"],
        "priority": "high",
        "planned_start": "2026-03-02T08:00:00.000Z",
        "planned_end": "2026-03-02T10:00:00.000Z",
        "planned_minutes": 120,
        "started_at": "2026-03-02T08:10:00.000Z",
        "done_at": "2026-03-02T10:05:00.000Z",
        "work_minutes": 90,
        "travel_minutes": 35,
        "pause_minutes": 10,
        "kilometres": "42.5",
        "device_at": "2026-03-02T10:05:03.000Z",
        "participants": [{"technician_id": new_id(), "role": "lead", "status": "done"}],
        "result": "Bucket changed, tested.",
        "external_ref": unique("app:"),
    }


def charge_body(tenant):
    call = tenant.call()
    return {
        "call_id": call["id"],
        "activity_id": tenant.activity(call)["id"],
        "kind": "part",
        "article_id": tenant.known_article()["id"],
        "description": "Hydraulic hose 1/2\"",
        "uom": "m",
        "planned_quantity": "2.000",
        "quantity": "2.500",
        "price": "31.2000",
        "cost": "18.5000",
        "discounts": ["10.00", "5.00"],
        "vat_code": "22",
        "treatment": "billable",
        "treatment_reason": "agreed",
        "billing_article_id": article_of(tenant),
        "warehouse_id": new_id(),
        "serials": ["H-1", "H-2"],
        "technician_id": new_id(),
        "work_date": "2026-03-02",
        "job_code": "J-3",
        "external_ref": unique("charge:"),
    }


def call_type_body(tenant):
    return {
        "code": unique("type"),
        "label": "Riparazione in officina",
        "series_code": "R",
        "default_priority": "high",
        "required_at_open": ["site", "asset"],
        "required_at_resolve": ["fault"],
        "sla_policy_code": "GOLD",
        "quick": True,
        "external_ref": unique("erp:type:"),
        "active": True,
    }


def substate_body(tenant):
    return {
        "code": unique("sub"),
        "label": "In attesa del cliente",
        "state": "suspended",
        "default": False,
        "position": 3,
        "external_ref": unique("erp:substate:"),
        "active": True,
    }


def call_code_body(tenant):
    parent = tenant.make("/v1/call-codes", {"kind": "fault", "code": unique("P"), "label": "Idraulica"})
    return {
        "kind": "fault",
        "code": unique("F"),
        "label": "Perdita olio",
        "parent_id": parent["id"],
        "article_category_code": "EXC",
        "external_ref": unique("erp:code:"),
        "active": True,
    }


def tag_body(tenant):
    return {
        "code": unique("tag"),
        "label": "Urgente",
        "colour": "#c0392b",
        "external_ref": unique("erp:tag:"),
        "active": True,
    }


def activity_type_body(tenant):
    return {
        "code": unique("act"),
        "label": "Collaudo",
        "kind": "test",
        "plannable": True,
        "default_minutes": 60,
        "billable": False,
        "labour_article_id": article_of(tenant),
        "travel_article_id": article_of(tenant),
        "counts_as_response": True,
        "needs_report": True,
        "external_ref": unique("erp:activity:"),
        "active": True,
    }


def free_field_body(tenant):
    return {
        "slot": tenant.free_slot(),
        "label": "Classe",
        "type": "text",
        "max_length": 40,
        "required": False,
        "personal": True,
        "help": "Come da contratto",
        "position": 3,
        "external_ref": unique("erp:field:"),
        "active": True,
    }


RESOURCES = [
    Resource(
        "/v1/customers",
        customer_body,
        lambda tenant: {"name": "Cave del Sud S.r.l.", "address": {"city": "Bari"}, "tags": ["south"], "notes": None,
                        "x": dict.fromkeys(tenant.free_values())},
        "notes",
    ),
    Resource(
        "/v1/sites",
        site_body,
        lambda tenant: {"name": "Cava di Bari", "position": None, "phones": [{"raw": "080 1234567", "label": None}]},
        "access_notes",
    ),
    Resource(
        "/v1/contacts",
        contact_body,
        lambda tenant: {"first_name": "Maria", "site_id": None, "privacy": {"basis": "consent"}},
        "role",
    ),
    Resource(
        "/v1/calls",
        call_body,
        lambda tenant: {"subject": "Bucket won't close", "priority": "critical", "description": None},
        "description",
        needs={"customer_id"},
        deletable=False,
    ),
    Resource(
        "/v1/activities",
        activity_body,
        lambda tenant: {"subject": "Change the hose", "work_minutes": 95, "result": None},
        "notes",
        needs={"call_id"},
        deletable=False,
        bulk=False,
    ),
    Resource(
        "/v1/charges",
        charge_body,
        lambda tenant: {"quantity": "3.000", "discounts": ["50.00"], "vat_code": None},
        "description",
        bulk=False,
    ),
    Resource("/v1/call-types", call_type_body, lambda tenant: {"label": "Officina", "series_code": None}, "label"),
    Resource("/v1/substates", substate_body, lambda tenant: {"label": "Dal cliente", "position": 4}, "label"),
    Resource("/v1/call-codes", call_code_body, lambda tenant: {"label": "Perdita", "parent_id": None}, "label"),
    Resource("/v1/tags", tag_body, lambda tenant: {"label": "Presto", "colour": None}, "label"),
    Resource("/v1/activity-types", activity_type_body, lambda tenant: {"label": "Prova", "billable": True}, "label"),
    Resource("/v1/customer-free-fields", free_field_body, lambda tenant: {"label": "Categoria", "max_length": None}, "help"),
    *resources_inventory.RESOURCES,
]
BY_PATH = {resource.path: resource for resource in RESOURCES}
