"""What the tests of the conventions need to know of each collection: a full body, and a change of it.

A collection that is in the OpenAPI document and not here fails a test, so that none goes untested.
"""
import itertools

from support.client import new_id

number = itertools.count(1)


def address(city="Bergamo"):
    return {"street": "Via Roma 12", "postcode": "24121", "city": city, "province": "BG", "country": "IT"}


def unique(prefix):
    return f"{prefix}{next(number)}"


class Resource:
    """path: the collection; body(tenant): a full body; change(tenant): a merge patch that changes something."""

    def __init__(self, path, body, change, text, list_path=None, keyed_by="id", deletable=True, bulk=True):
        self.path = path
        self.body = body
        self.change = change
        self.text = text  # a free text field, changeable
        self.keyed_by = keyed_by
        self.deletable = deletable
        self.bulk = bulk

    def __repr__(self):
        return self.path

    def create(self, tenant, **fields):
        body = {name: value for name, value in (self.body(tenant) | fields).items() if value is not ...}
        return tenant.admin.post(self.path, body).json()


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
        "phones": [{"raw": "035 123456", "label": "office"}, {"raw": "+39 347 1234567", "label": None}],
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
        "article_id": new_id(),
        "subject": "BUCKET WON'T OPEN",
        "description": "L/H BUCKET CYL LEAKING.\nSince this morning.",
        "priority": "high",
        "tags": ["leak"],
        "job_code": "J-2",
        "external_ref": unique("old:"),
    }


def asset_of(tenant):
    """An asset known to the calls service: a stub made by a call that names its serial."""
    if not hasattr(tenant, "asset_id"):
        call = tenant.call(asset={"article_code": "EXCAVATOR", "serial": "A"})
        tenant.asset_id = call["assets"][0]["asset_id"]
    return tenant.asset_id


RESOURCES = [
    Resource(
        "/v1/customers",
        customer_body,
        lambda tenant: {"name": "Cave del Sud S.r.l.", "address": {"city": "Bari"}, "tags": ["south"], "notes": None},
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
        deletable=False,
    ),
]
BY_PATH = {resource.path: resource for resource in RESOURCES}
