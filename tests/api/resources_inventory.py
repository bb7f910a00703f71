"""What the tests of the conventions need to know of inventory's collections (see resources.py)."""
import functools

from api.resource import Resource, address, unique

Resource = functools.partial(Resource, service="inventory")


def category_body(tenant):
    parent = tenant.make("/v1/article-categories", {"code": unique("TOP"), "label": "Machines"})
    return {
        "code": unique("CAT"),
        "label": "Hydraulics",
        "parent_code": parent["code"],
        "position": 2,
        "external_ref": unique("erp:category:"),
        "active": True,
    }


def article_body(tenant):
    category = tenant.make("/v1/article-categories", {"code": unique("HYD"), "label": "Hydraulics"})
    return {
        "code": unique("CYL-"),
        "kind": "part",
        "description": "Bucket cylinder",
        "description2": "Left hand",
        "uom": "pcs",
        "decimals": 0,
        "tracking": "serial",
        "category_code": category["code"],
        "stocked": True,
        "list_price": "480.0000",
        "vat_code": "22",
        "standard_cost": "310.5000",
        "price_quantity_multiplier": "1.000",
        "billing_article_id": tenant.article()["id"],
        "warranty_months": 12,
        "becomes_asset": True,
        "barcodes": ["8001234567890"],
        "suppliers": [{"customer_or_supplier_ref": "F00123", "code": "7Y-1234", "lead_days": 10}],
        "weight_kg": "84.500",
        "notes": "Two people.",
        "external_ref": unique("erp:article:"),
        "active": True,
    }


def warehouse_body(tenant):
    return {
        "code": unique("VAN"),
        "name": "Van of Anna",
        "kind": "van",
        "technician_id": tenant.technician_id,
        "site": address(),
        "external_ref": unique("erp:warehouse:"),
        "active": True,
    }


def reservation_body(tenant):
    if not hasattr(tenant, "known_visit"):
        tenant.known_visit = tenant.known_activity()
    article, warehouse = tenant.article(), tenant.warehouse()
    tenant.make("/v1/movements", {
        "kind": "receipt", "article_id": article["id"], "warehouse_id": warehouse["id"], "quantity": "10"})
    return {
        "article_id": article["id"],
        "warehouse_id": warehouse["id"],
        "quantity": "2.000",
        "activity_id": tenant.known_visit["id"],
        "needed_at": "2026-12-01T08:00:00.000Z",
        "expires_at": "2099-12-01T08:00:00.000Z",
        "job_code": "J-4",
        "external_ref": unique("app:reservation:"),
    }


def price_list_body(tenant):
    return {
        "code": unique("LIST"),
        "name": "Good customers",
        "currency": "EUR",
        "valid_from": "2026-01-01",
        "valid_until": "2026-12-31",
        "external_ref": unique("erp:list:"),
        "active": True,
    }


def price_body(tenant):
    return {
        "list_code": tenant.make("/v1/price-lists", {"code": unique("P"), "name": "List"})["code"],
        "article_id": tenant.article()["id"],
        "from_quantity": "10.000",
        "price": "450.0000",
        "discounts": ["10.00", "5.00"],
        "valid_from": "2026-01-01",
        "valid_until": "2026-12-31",
        "notes": "Agreed by phone",
        "external_ref": unique("erp:price:"),
    }


def substitute_body(tenant):
    return {
        "article_id": tenant.article()["id"],
        "substitute_id": tenant.article()["id"],
        "kind": "equivalent",
        "rank": 3,
        "valid_from": "2026-01-01",
        "both_ways": True,
        "notes": "Needs the adapter",
        "external_ref": unique("erp:substitute:"),
    }


def transfer_body(tenant):
    return {
        "from_warehouse_id": tenant.warehouse()["id"],
        "to_warehouse_id": tenant.warehouse(kind="van")["id"],
        "lines": [{"article_id": tenant.article(tracking="serial")["id"], "quantity": "1.000", "serials": ["A 1"]}],
        "needed_at": "2026-12-01T08:00:00.000Z",
        "notes": "For Anna",
        "external_ref": unique("app:transfer:"),
    }


def asset_body(tenant):
    if not hasattr(tenant, "known_place"):
        tenant.known_place = tenant.place()
    customer, site = tenant.known_place
    return {
        "article_id": tenant.model()["id"],
        "serial": unique("EX-"),
        "customer_id": customer["id"],
        "owner_customer_id": customer["id"],
        "site_id": site["id"],
        "position": "Bench 3",
        "sale_document": {"number": "2026/1207", "date": "2026-01-05", "price": "480000.00"},
        "installed_on": "2026-01-10",
        "first_used_on": "2026-01-12",
        "warranties": [{"kind": "maker", "from": "2026-01-10", "until": "2028-01-09", "covers": ["labour", "parts"]}],
        "description": "The large one",
        "tags": ["quarry"],
        "job_code": "J-7",
        "x": tenant.free_values("asset"),
        "external_ref": unique("erp:asset:"),
    }


def meter_body(tenant):
    return {
        "asset_id": tenant.asset()["id"],
        "code": unique("H"),
        "label": "Engine hours",
        "unit": "h",
        "decimals": 1,
        "rolls_over_at": "100000.000",
        "external_ref": unique("erp:meter:"),
        "active": True,
    }


def asset_free_field_body(tenant):
    return {
        "slot": tenant.free_slot("asset"),
        "label": "Engine hours",
        "type": "number",
        "decimals": 1,
        "required": False,
        "personal": False,
        "help": "As read at delivery",
        "position": 3,
        "external_ref": unique("erp:field:"),
        "active": True,
    }


def count_body(tenant):
    return {
        "warehouse_id": tenant.warehouse()["id"],
        "scope": {"article_ids": [tenant.article()["id"]]},
        "blind": True,
        "notes": "The upper shelves",
        "external_ref": unique("app:count:"),
    }


def rma_body(tenant):
    if not hasattr(tenant, "known_place"):
        tenant.known_place = tenant.place()
    customer, site = tenant.known_place
    return {
        "kind": "customer_repair",
        "customer_id": customer["id"],
        "site_id": site["id"],
        "reason": "Two pumps leak",
        "customer_reference": "PO 12",
        "ship_to": address() | {"name": "Officina"},
        "job_code": "J-9",
        "notes": "Call before it goes back",
        "external_ref": unique("app:rma:"),
    }


def rma_line_body(tenant):
    return {
        "rma_id": tenant.make("/v1/rmas", rma_body(tenant))["id"],
        "article_id": tenant.article()["id"],
        "serial": unique("R"),
        "quantity": "1.000",
        "fault_code": "LEAK",
        "declared_fault": "Leaks at the rod",
        "accessories": "One hose",
        "warranty": "in",
        "job_code": "J-9",
        "external_ref": unique("app:line:"),
    }


def transport_document_body(tenant):
    return {
        "direction": "out",
        "reason": "sale",
        "party": {"name": "Idraulica Bianchi", "address": address(), "vat_number": "IT01234567890"},
        "destination": address() | {"name": "Officina"},
        "document_date": "2026-11-20",
        "warehouse_id": tenant.warehouse()["id"],
        "carried_by": "carrier",
        "carrier": {"name": "Corriere Rossi", "address": "Bergamo"},
        "packages": 2,
        "weight_kg": "84.500",
        "appearance": "On a pallet",
        "started_at": "2026-11-20T08:00:00.000Z",
        "notes": "Ring twice",
        "lines": [{"article_id": tenant.article()["id"], "description": "Cylinder", "quantity": "1.000"}],
        "external_ref": unique("app:ddt:"),
    }


def reorder_level_body(tenant):
    return {
        "article_id": tenant.article()["id"],
        "warehouse_id": tenant.warehouse()["id"],
        "minimum": "4.000",
        "target": "12.000",
        "multiple": "4.000",
        "lead_days": 10,
        "source": "purchase",
        "notes": "More in summer",
        "external_ref": unique("erp:level:"),
        "active": True,
    }


RESOURCES = [
    Resource("/v1/meters", meter_body, lambda tenant: {"label": "Hours", "rolls_over_at": None}, "label"),
    Resource("/v1/assets", asset_body,
             lambda tenant: {"position": "Bench 4", "sale_document": {"price": None}, "warranties": None}, "description"),
    Resource("/v1/asset-free-fields", asset_free_field_body, lambda tenant: {"label": "Hours", "decimals": None}, "help"),
    Resource("/v1/price-lists", price_list_body, lambda tenant: {"name": "The best", "valid_until": None}, "name"),
    Resource("/v1/prices", price_body, lambda tenant: {"price": "440.0000", "discounts": None}, "notes"),
    Resource("/v1/substitutes", substitute_body, lambda tenant: {"rank": 4, "valid_from": None}, "notes"),
    Resource("/v1/article-categories", category_body, lambda tenant: {"label": "Pumps", "parent_code": None}, "label"),
    Resource("/v1/articles", article_body,
             lambda tenant: {"description": "Boom cylinder", "list_price": "500.0000", "notes": None}, "notes"),
    Resource("/v1/warehouses", warehouse_body, lambda tenant: {"name": "Van of Maria", "site": None}, "name"),
    Resource("/v1/reservations", reservation_body,
             lambda tenant: {"needed_at": "2026-12-02T08:00:00.000Z", "job_code": None}, "job_code", deletable=False, bulk=False),
    Resource("/v1/transfers", transfer_body, lambda tenant: {"notes": "For Maria", "needed_at": None}, "notes",
             deletable=False, bulk=False),
    Resource("/v1/rmas", rma_body, lambda tenant: {"reason": "Three pumps leak", "ship_to": None}, "notes", needs={"customer_id"},
             deletable=False, bulk=False),
    Resource("/v1/rma-lines", rma_line_body, lambda tenant: {"accessories": "Two hoses", "fault_code": None}, "accessories",
             deletable=False, bulk=False),
    Resource("/v1/transport-documents", transport_document_body, lambda tenant: {"appearance": "In a box", "carrier": None}, "notes",
             deletable=False, bulk=False),
    Resource("/v1/reorder-levels", reorder_level_body, lambda tenant: {"minimum": "5.000", "multiple": None}, "notes"),
    Resource("/v1/counts", count_body, lambda tenant: {"notes": "All shelves", "scope": None}, "notes", deletable=False,
             bulk=False),
]
