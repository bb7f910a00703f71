"""Who may do what with the installed base: rows of the table that test_rights.py walks through."""
from rights_inventory import READ_PASSAGES, article, code
from rights_table import ATTACH, MANAGE, OFFICE, act, attached, below, bulk, delete, listed, patch, post, read

BULK = MANAGE | {"integration"}
KEEP = {"operator", "storekeeper", "integration"} | MANAGE  # assets
VISIT = KEEP | {"technician"}
SEE = OFFICE | {"portal"}
LONG_AGO = {"on": "2026-03-01"}


def place(s):
    """A customer and a site of his, where each role sees the machines: the portal's customer, the technician's work."""
    tenant = s.tenant
    if not hasattr(tenant, "rights_place"):
        customer = tenant.copied(tenant.portal_customer, "customer")
        site = tenant.copied(tenant.site(customer), "site")
        call = tenant.call(customer)
        tenant.known_activity(call=call, participants=[{"technician_id": tenant.technician_id}])
        tenant.rights_place = customer, site
    return tenant.rights_place


def asset(s, **fields):
    customer, site = place(s)
    if not hasattr(s.tenant, "rights_model"):
        s.tenant.rights_model = s.tenant.model()
    fields = {"customer_id": customer["id"], "site_id": site["id"], "installed_on": "2026-01-10"} | fields
    return s.tenant.asset(s.tenant.rights_model, **fields)


def component_asset(s):
    return asset(s, parent_id=asset(s)["id"])


def installed(s):
    """What a technician installs is at his customer's already, on loan or in repair; in these tests it is in repair."""
    row = asset(s)
    with s.tenant.stack.connect() as database:
        database.execute("update inventory_data.asset set status = 'in_repair' where id = %s", [row["id"]])
    customer, site = place(s)
    body = {"customer_id": customer["id"], "site_id": site["id"], "installed_on": "2026-03-01"}
    return s.client.act(f"/v1/assets/{row['id']}", "install", body, expect=None)


def meter_body(s):
    return {"asset_id": asset(s)["id"], "code": "H", "label": "Hours", "unit": "h"}


def meter(s):
    return s.tenant.make("/v1/meters", meter_body(s))


def read_body(s):
    return {"value": "10", "at": "2026-03-01T08:00:00Z"}


def reading_body(s):
    return {"meter_id": meter(s)["id"]} | read_body(s)


def reading(s):
    return s.tenant.make("/v1/meter-readings", reading_body(s))


def to_site(s):
    return LONG_AGO | {"site_id": place(s)[1]["id"], "reason": "Works elsewhere now"}


READ = VISIT | {"portal"}
OPERATIONS = [
    *attached("/v1/assets", asset, SEE, ATTACH),
    ("GET", "/v1/assets/{id}/meters", SEE, below("/v1/assets", asset, "meters")),
    ("GET", "/v1/meters", SEE, listed("/v1/meters")),
    ("GET", "/v1/meters/{id}", SEE, read("/v1/meters", meter)),
    ("POST", "/v1/meters", KEEP, post("/v1/meters", meter_body)),
    ("POST", "/v1/meters/bulk", BULK, bulk("/v1/meters", lambda s: b"")),
    ("PATCH", "/v1/meters/{id}", KEEP, patch("/v1/meters", meter, {"label": "Other"})),
    ("DELETE", "/v1/meters/{id}", KEEP, delete("/v1/meters", meter)),
    ("GET", "/v1/meters/{id}/readings", SEE, below("/v1/meters", meter, "readings")),
    ("POST", "/v1/meters/{id}/readings", READ,
     lambda s: s.client.post(f"/v1/meters/{meter(s)['id']}/readings", read_body(s), expect=None)),
    ("GET", "/v1/meter-readings", SEE, listed("/v1/meter-readings")),
    ("GET", "/v1/meter-readings/{id}", SEE, read("/v1/meter-readings", reading)),
    ("POST", "/v1/meter-readings", READ, post("/v1/meter-readings", reading_body)),
    ("POST", "/v1/meter-readings/bulk", BULK, bulk("/v1/meter-readings", lambda s: b"")),
    ("DELETE", "/v1/meter-readings/{id}", VISIT, delete("/v1/meter-readings", reading)),
    ("GET", "/v1/assets", SEE, listed("/v1/assets")),
    ("GET", "/v1/assets/{id}", SEE, read("/v1/assets", asset)),
    ("POST", "/v1/assets", KEEP, post("/v1/assets", lambda s: {"article_id": s.tenant.model()["id"], "serial": code()})),
    ("POST", "/v1/assets/bulk", BULK, bulk("/v1/assets", lambda s: b"")),
    ("PATCH", "/v1/assets/{id}", KEEP, patch("/v1/assets", asset, {"position": "Yard"})),
    ("DELETE", "/v1/assets/{id}", KEEP, delete("/v1/assets", asset)),
    ("GET", "/v1/assets/{id}/history", SEE, below("/v1/assets", asset, "history")),
    ("GET", "/v1/assets/{id}/documents", READ_PASSAGES, below("/v1/assets", asset, "documents")),
    ("GET", "/v1/assets/{id}/timeline", SEE, below("/v1/assets", asset, "timeline")),
    ("GET", "/v1/assets/{id}/components", SEE, below("/v1/assets", asset, "components")),
    ("GET", "/v1/articles/{id}/assets", OFFICE, below("/v1/articles", article, "assets")),
    ("POST", "/v1/assets/{id}/actions/install", VISIT, installed),
    ("POST", "/v1/assets/{id}/actions/move", VISIT, act("/v1/assets", asset, "move", to_site)),
    ("POST", "/v1/assets/{id}/actions/remove", VISIT, act("/v1/assets", asset, "remove", LONG_AGO)),
    ("POST", "/v1/assets/{id}/actions/attach", VISIT,
     act("/v1/assets", asset, "attach", lambda s: LONG_AGO | {"parent_id": asset(s)["id"]})),
    ("POST", "/v1/assets/{id}/actions/detach", VISIT, act("/v1/assets", component_asset, "detach", LONG_AGO)),
    ("POST", "/v1/assets/{id}/actions/replace", VISIT,
     act("/v1/assets", asset, "replace", lambda s: LONG_AGO | {
         "article_id": s.tenant.rights_model["id"], "serial": code(), "reason": "Broken"})),
    ("POST", "/v1/assets/{id}/actions/dismiss", KEEP, act("/v1/assets", asset, "dismiss", LONG_AGO)),
    ("POST", "/v1/assets/{id}/actions/scrap", KEEP, act("/v1/assets", asset, "scrap", LONG_AGO)),
]
