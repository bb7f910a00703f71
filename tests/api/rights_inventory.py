"""Who may do what in inventory: rows of the table that test_rights.py walks through."""
from rights_table import MANAGE, OFFICE, act, attached, below, bulk, delete, listed, patch, post, read, stored
from support.client import new_id

CATALOGUE = {"storekeeper", "integration"} | MANAGE
STORE = {"operator", "dispatcher", "technician", "storekeeper", "integration"} | MANAGE
RESERVE = STORE - {"integration"}
ISSUE = RESERVE - {"operator", "dispatcher"}


def code():
    return new_id()[-12:]


def category(s):
    return s.tenant.make("/v1/article-categories", {"code": code(), "label": "Label"})


def article(s):
    return s.tenant.article()


def van(s):
    """The technician's own van, which others may use too."""
    found = s.tenant.admin.list("/v1/warehouses", technician_id=s.tenant.technician_id)
    return found[0] if found else s.tenant.warehouse(kind="van", technician_id=s.tenant.technician_id)


def receipt(s, row=None):
    return {"kind": "receipt", "article_id": (row or article(s))["id"], "warehouse_id": van(s)["id"], "quantity": "1"}


def stocked(s):
    row = article(s)
    s.tenant.make("/v1/movements", receipt(s, row))
    return row


def movement(s):
    return s.tenant.make("/v1/movements", receipt(s))


def stock(s):
    return s.tenant.admin.list("/v1/stock", article_id=stocked(s)["id"])[0]


def serial(s):
    row = s.tenant.article(tracking="serial")
    s.tenant.make("/v1/movements", receipt(s, row) | {"serials": ["S1"]})
    return s.tenant.admin.list("/v1/serials", article_id=row["id"])[0]


def promise(s):
    if not hasattr(s.tenant, "known_visit"):
        technicians = [{"technician_id": s.tenant.technician_id}]
        s.tenant.known_visit = s.tenant.known_activity(participants=technicians)
    return {"article_id": stocked(s)["id"], "warehouse_id": van(s)["id"], "quantity": "1",
            "activity_id": s.tenant.known_visit["id"]}


def reservation(s):
    return s.tenant.make("/v1/reservations", promise(s))


def serial_reservation(s):
    row = serial(s)
    return s.tenant.make("/v1/reservations", promise(s) | {"article_id": row["article_id"]})


def sourced_reservation(s):
    """One made from a charge."""
    body = promise(s)
    s.tenant.copied({"id": body["article_id"]}, "article", "calls")
    charge = s.tenant.charge({"id": s.tenant.known_visit["call_id"]}, kind="part", quantity="1", article_id=body["article_id"])
    return s.tenant.make("/v1/reservations", body | {"charge_id": s.tenant.copied(charge, "charge")["id"]})


def of_call(s):
    """A charge that nothing is promised to."""
    body = promise(s)
    s.tenant.copied({"id": body["article_id"]}, "article", "calls")
    call = {"id": s.tenant.known_visit["call_id"]}
    charge = s.tenant.copied(s.tenant.charge(call, kind="part", quantity="1", article_id=body["article_id"]), "charge")
    return {"call_id": call["id"], "charge_ids": [charge["id"]], "activity_id": body["activity_id"], "warehouse_id": van(s)["id"]}


def used_by_call(s):
    body = of_call(s)
    return {name: body[name] for name in ("call_id", "charge_ids", "warehouse_id")}


def bought_van(s):
    return s.tenant.warehouse()


def component(s):
    kit = s.tenant.article(kind="kit", stocked=False)
    return kit, s.tenant.make(f"/v1/articles/{kit['id']}/components", {"component_id": article(s)["id"], "quantity": "1"})


def on_component(method, body=None):
    def run(s):
        kit, row = component(s)
        path = f"/v1/articles/{kit['id']}/components/{row['id']}"
        headers = {} if method == "GET" else {"If-Match": "*"}
        return s.client.request(method, path, headers=headers, json=body)

    return run


def add_component(s):
    kit, other = component(s)[0], article(s)
    return s.client.post(f"/v1/articles/{kit['id']}/components", {"component_id": other["id"], "quantity": "1"}, expect=None)


def substitute_body(s):
    return {"article_id": article(s)["id"], "substitute_id": article(s)["id"], "kind": "equivalent"}


def substitute(s):
    return s.tenant.make("/v1/substitutes", substitute_body(s))


def price_list(s):
    return s.tenant.make("/v1/price-lists", {"code": code(), "name": "List"})


def price_body(s):
    return {"list_code": price_list(s)["code"], "article_id": article(s)["id"], "price": "10"}


def price(s):
    return s.tenant.make("/v1/prices", price_body(s))


def transfer_body(s):
    """From the technician's van into it: two warehouses, both of which he sees to."""
    return {"from_warehouse_id": van(s)["id"], "to_warehouse_id": bought_van(s)["id"],
            "lines": [{"article_id": stocked(s)["id"], "quantity": "1"}]}


def transfer(s):
    return s.tenant.make("/v1/transfers", transfer_body(s))


def sent(s):
    """Shipped to the technician's van."""
    body = transfer_body(s)
    store = {"id": body["to_warehouse_id"]}
    body |= {"from_warehouse_id": store["id"], "to_warehouse_id": body["from_warehouse_id"]}
    s.tenant.make("/v1/movements", receipt(s) | {"article_id": body["lines"][0]["article_id"], "warehouse_id": store["id"]})
    row = s.tenant.make("/v1/transfers", body)
    return s.tenant.admin.act(f"/v1/transfers/{row['id']}", "ship").json()


def short(s):
    """Received, but not all of it."""
    row = sent(s)
    lines = {"lines": [{"position": 1, "quantity": "0"}]}
    return s.tenant.admin.act(f"/v1/transfers/{row['id']}", "receive", lines).json()


def count(s):
    return s.tenant.make("/v1/counts", {"warehouse_id": van(s)["id"], "scope": {"article_ids": [stocked(s)["id"]]}})


def counting(s):
    return s.tenant.admin.act(f"/v1/counts/{count(s)['id']}", "start").json()


def on_count_line(method, body=None):
    def run(s):
        path = f"/v1/counts/{counting(s)['id']}/lines"
        item = f"{path}/{s.tenant.admin.list(path)[0]['id']}"
        headers = {} if method == "GET" else {"If-Match": "*"}
        return s.client.request(method, item, headers=headers, json=body)

    return run


def add_count_line(s):
    return s.client.post(f"/v1/counts/{counting(s)['id']}/lines", {"article_id": article(s)["id"]}, expect=None)


def paper_body(s):
    return {"direction": "out", "reason": "sale", "party": {"name": "Bianchi"}, "warehouse_id": van(s)["id"],
            "lines": [{"article_id": stocked(s)["id"], "quantity": "1"}]}


def paper(s):
    return s.tenant.make("/v1/transport-documents", paper_body(s))


def issued(s):
    return s.tenant.admin.act(f"/v1/transport-documents/{paper(s)['id']}", "issue").json()


def level_body(s):
    return {"article_id": article(s)["id"], "warehouse_id": van(s)["id"], "minimum": "2", "target": "4", "source": "purchase"}


def level(s):
    return s.tenant.make("/v1/reorder-levels", level_body(s))


def suggestion(s):
    return s.tenant.admin.list("/v1/reorder-suggestions", article_id=level(s)["article_id"])[0]


def proposed(s):
    return s.tenant.admin.act(f"/v1/reorder-suggestions/{suggestion(s)['id']}", "propose").json()


COUNT_LINE = "/v1/counts/{id}/lines/{count_line_id}"
ONE = "/v1/articles/{id}/components/{kit_component_id}"
BULK = MANAGE | {"integration"}
PASS = {"storekeeper"} | MANAGE
READ_PASSAGES = STORE | {"billing"}
OPERATIONS = [
    *stored("/v1/substitutes", substitute, substitute_body, {"rank": 5}, CATALOGUE, BULK),
    *stored("/v1/price-lists", price_list, lambda s: {"code": code(), "name": "List"}, {"name": "Other"}, CATALOGUE),
    *stored("/v1/prices", price, price_body, {"price": "11"}, CATALOGUE, BULK),
    ("GET", "/v1/prices/resolve", OFFICE,
     lambda s: s.client.get("/v1/prices/resolve", params={"article_id": article(s)["id"]}, expect=None)),
    ("GET", "/v1/articles/{id}/substitutes", OFFICE, below("/v1/articles", article, "substitutes")),
    ("GET", "/v1/articles/{id}/alternatives", OFFICE, below("/v1/articles", article, "alternatives")),
    ("GET", "/v1/articles/{id}/components", OFFICE, below("/v1/articles", article, "components")),
    ("POST", "/v1/articles/{id}/components", CATALOGUE, add_component),
    ("GET", ONE, OFFICE, on_component("GET")),
    ("PATCH", ONE, CATALOGUE, on_component("PATCH", {"quantity": "2"})),
    ("DELETE", ONE, CATALOGUE, on_component("DELETE")),
    ("GET", "/v1/article-categories", OFFICE, listed("/v1/article-categories")),
    ("GET", "/v1/article-categories/{id}", OFFICE, read("/v1/article-categories", category)),
    ("POST", "/v1/article-categories", CATALOGUE, post("/v1/article-categories", lambda s: {"code": code(), "label": "L"})),
    ("POST", "/v1/article-categories/bulk", CATALOGUE, bulk("/v1/article-categories", lambda s: b"")),
    ("PATCH", "/v1/article-categories/{id}", CATALOGUE, patch("/v1/article-categories", category, {"label": "Other"})),
    ("DELETE", "/v1/article-categories/{id}", CATALOGUE, delete("/v1/article-categories", category)),
    ("GET", "/v1/articles", OFFICE, listed("/v1/articles")),
    ("GET", "/v1/articles/{id}", OFFICE, read("/v1/articles", article)),
    ("POST", "/v1/articles", CATALOGUE, post("/v1/articles", lambda s: {
        "code": code(), "kind": "part", "description": "New", "uom": "pcs"})),
    ("POST", "/v1/articles/bulk", MANAGE | {"integration"}, bulk("/v1/articles", lambda s: b"")),
    ("PATCH", "/v1/articles/{id}", CATALOGUE, patch("/v1/articles", article, {"description": "Other"})),
    ("DELETE", "/v1/articles/{id}", CATALOGUE, delete("/v1/articles", article)),
    ("GET", "/v1/articles/{id}/stock", OFFICE, below("/v1/articles", stocked, "stock")),
    ("GET", "/v1/articles/{id}/movements", OFFICE, below("/v1/articles", stocked, "movements")),
    ("GET", "/v1/warehouses", OFFICE, listed("/v1/warehouses")),
    ("GET", "/v1/warehouses/{id}", OFFICE, read("/v1/warehouses", van)),
    ("POST", "/v1/warehouses", CATALOGUE, post("/v1/warehouses", lambda s: {"code": code(), "name": "New", "kind": "stock"})),
    ("POST", "/v1/warehouses/bulk", CATALOGUE, bulk("/v1/warehouses", lambda s: b"")),
    ("PATCH", "/v1/warehouses/{id}", CATALOGUE, patch("/v1/warehouses", bought_van, {"name": "Other"})),
    ("DELETE", "/v1/warehouses/{id}", CATALOGUE, delete("/v1/warehouses", bought_van)),
    ("GET", "/v1/stock", OFFICE, listed("/v1/stock")),
    ("GET", "/v1/stock/{id}", OFFICE, read("/v1/stock", stock)),
    ("GET", "/v1/stock/at", OFFICE, lambda s: s.client.get("/v1/stock/at", params={"date": "2026-11-01"}, expect=None)),
    ("POST", "/v1/stock/rebuild", MANAGE, lambda s: s.client.post("/v1/stock/rebuild", {"repair": False}, expect=None)),
    ("GET", "/v1/serials", OFFICE, listed("/v1/serials")),
    ("GET", "/v1/serials/{id}", OFFICE, read("/v1/serials", serial)),
    ("GET", "/v1/movements", OFFICE, listed("/v1/movements")),
    ("GET", "/v1/movements/{id}", OFFICE, read("/v1/movements", movement)),
    ("POST", "/v1/movements", CATALOGUE | {"technician"}, post("/v1/movements", receipt)),
    ("POST", "/v1/movements/bulk", CATALOGUE, bulk("/v1/movements", lambda s: b"")),
    ("POST", "/v1/movements/{id}/actions/reverse", CATALOGUE | {"technician"},
     act("/v1/movements", movement, "reverse", {"reason": "Typed twice"})),
    ("GET", "/v1/reservations", STORE, listed("/v1/reservations")),
    ("GET", "/v1/reservations/{id}", STORE, read("/v1/reservations", reservation)),
    ("GET", "/v1/reservations/{id}/transitions", STORE, below("/v1/reservations", reservation, "transitions")),
    ("POST", "/v1/movements/from-call", CATALOGUE | {"technician"}, post("/v1/movements/from-call", used_by_call)),
    ("POST", "/v1/reservations/from-call", RESERVE, post("/v1/reservations/from-call", of_call)),
    ("GET", "/v1/reservations/{id}/source-diff", STORE, below("/v1/reservations", reservation, "source-diff")),
    ("POST", "/v1/reservations/{id}/actions/realign", RESERVE, act("/v1/reservations", sourced_reservation, "realign")),
    ("POST", "/v1/reservations", RESERVE, post("/v1/reservations", promise)),
    ("PATCH", "/v1/reservations/{id}", RESERVE, patch("/v1/reservations", reservation, {"needed_at": "2027-01-01T08:00:00Z"})),
    ("POST", "/v1/reservations/{id}/actions/issue", ISSUE, act("/v1/reservations", reservation, "issue")),
    ("POST", "/v1/reservations/{id}/actions/release", RESERVE, act("/v1/reservations", reservation, "release")),
    ("POST", "/v1/reservations/{id}/actions/change-warehouse", RESERVE,
     act("/v1/reservations", reservation, "change-warehouse", lambda s: {"warehouse_id": van(s)["id"]})),
    ("POST", "/v1/reservations/{id}/actions/add-serials", RESERVE,
     act("/v1/reservations", serial_reservation, "add-serials", {"serials": ["S1"]})),
    ("GET", "/v1/transfers", READ_PASSAGES, listed("/v1/transfers")),
    ("GET", "/v1/transfers/{id}", READ_PASSAGES, read("/v1/transfers", transfer)),
    ("GET", "/v1/transfers/{id}/transitions", READ_PASSAGES, below("/v1/transfers", transfer, "transitions")),
    ("POST", "/v1/transfers", PASS, post("/v1/transfers", transfer_body)),
    ("PATCH", "/v1/transfers/{id}", PASS, patch("/v1/transfers", transfer, {"notes": "Soon"})),
    ("POST", "/v1/transfers/{id}/actions/ship", PASS, act("/v1/transfers", transfer, "ship")),
    ("POST", "/v1/transfers/{id}/actions/ship-and-receive", PASS, act("/v1/transfers", transfer, "ship-and-receive")),
    ("POST", "/v1/transfers/{id}/actions/receive", PASS | {"technician"}, act("/v1/transfers", sent, "receive")),
    ("POST", "/v1/transfers/{id}/actions/settle", PASS,
     act("/v1/transfers", short, "settle", {"outcome": "lost", "reason": "Gone"})),
    ("POST", "/v1/transfers/{id}/actions/cancel", PASS, act("/v1/transfers", sent, "cancel", {"reason": "Not needed"})),
    *attached("/v1/transport-documents", paper, READ_PASSAGES, PASS),
    ("GET", "/v1/transport-documents", READ_PASSAGES, listed("/v1/transport-documents")),
    ("GET", "/v1/transport-documents/{id}", READ_PASSAGES, read("/v1/transport-documents", paper)),
    ("GET", "/v1/transport-documents/{id}/transitions", READ_PASSAGES, below("/v1/transport-documents", paper, "transitions")),
    ("GET", "/v1/transport-documents/{id}/documents", READ_PASSAGES, below("/v1/transport-documents", paper, "documents")),
    ("GET", "/v1/transport-documents/{id}/pdf", READ_PASSAGES, below("/v1/transport-documents", paper, "pdf")),
    ("POST", "/v1/transport-documents", PASS, post("/v1/transport-documents", paper_body)),
    ("PATCH", "/v1/transport-documents/{id}", PASS, patch("/v1/transport-documents", paper, {"packages": 2})),
    ("POST", "/v1/transport-documents/{id}/actions/issue", PASS, act("/v1/transport-documents", paper, "issue")),
    ("POST", "/v1/transport-documents/{id}/actions/void", PASS, act("/v1/transport-documents", issued, "void", {"reason": "Wrong"})),
    *stored("/v1/reorder-levels", level, level_body, {"target": "6"}, CATALOGUE),
    ("GET", "/v1/reorder-suggestions", OFFICE, listed("/v1/reorder-suggestions")),
    ("GET", "/v1/reorder-suggestions/{id}", OFFICE, read("/v1/reorder-suggestions", suggestion)),
    ("GET", "/v1/reorder-suggestions/{id}/transitions", OFFICE, below("/v1/reorder-suggestions", suggestion, "transitions")),
    ("PATCH", "/v1/reorder-suggestions/{id}", PASS, patch("/v1/reorder-suggestions", suggestion, {"quantity": "8"})),
    ("POST", "/v1/reorder-suggestions/{id}/actions/propose", PASS, act("/v1/reorder-suggestions", suggestion, "propose")),
    ("POST", "/v1/reorder-suggestions/{id}/actions/order", PASS | {"integration"},
     act("/v1/reorder-suggestions", proposed, "order", {"number": "OF1", "date": "2026-11-26"})),
    ("POST", "/v1/reorder-suggestions/{id}/actions/refuse", PASS | {"integration"},
     act("/v1/reorder-suggestions", proposed, "refuse", {"reason": "No"})),
    ("POST", "/v1/reorder-suggestions/{id}/actions/dismiss", PASS,
     act("/v1/reorder-suggestions", suggestion, "dismiss", {"reason": "No"})),
    ("GET", "/v1/counts", READ_PASSAGES, listed("/v1/counts")),
    ("GET", "/v1/counts/{id}", READ_PASSAGES, read("/v1/counts", count)),
    ("GET", "/v1/counts/{id}/transitions", READ_PASSAGES, below("/v1/counts", count, "transitions")),
    ("POST", "/v1/counts", PASS, post("/v1/counts", lambda s: {"warehouse_id": van(s)["id"]})),
    ("PATCH", "/v1/counts/{id}", PASS, patch("/v1/counts", count, {"notes": "Soon"})),
    ("POST", "/v1/counts/{id}/actions/start", PASS, act("/v1/counts", count, "start")),
    ("POST", "/v1/counts/{id}/actions/post", MANAGE, act("/v1/counts", counting, "post")),
    ("POST", "/v1/counts/{id}/actions/cancel", PASS, act("/v1/counts", counting, "cancel", {"reason": "Wrong"})),
    ("GET", "/v1/counts/{id}/lines", READ_PASSAGES, below("/v1/counts", counting, "lines")),
    ("POST", "/v1/counts/{id}/lines", PASS, add_count_line),
    ("GET", COUNT_LINE, READ_PASSAGES, on_count_line("GET")),
    ("PATCH", COUNT_LINE, PASS, on_count_line("PATCH", {"counted": "1"})),
    ("DELETE", COUNT_LINE, PASS, on_count_line("DELETE")),
]
