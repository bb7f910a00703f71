"""Who may do what with returns: rows of the table that test_rights.py walks through."""
from rights_assets import asset
from rights_inventory import article, stocked, van
from rights_table import ATTACH, MANAGE, OFFICE, act, attached, below, listed, patch, post, read


def rma_body(s, kind="customer_repair"):
    s.tenant.copied(s.customer, "customer")
    return {"kind": kind, "customer_id": s.customer["id"]}


def asked(s):
    """What a role enters: a customer does not say who he is."""
    body = rma_body(s)
    return {"kind": "customer_repair"} if s.role == "portal" else body


def rma(s):
    return s.tenant.make("/v1/rmas", rma_body(s) | {"lines": [{"article_id": article(s)["id"]}]})


def called(s):
    """A return of the machine that a call is about."""
    machine = s.tenant.copied(s.tenant.asset(customer_id=s.customer["id"], installed_on="2026-01-01"), "asset", "calls")
    call = s.tenant.copied(s.tenant.call(s.customer, assets=[{"asset_id": machine["id"]}]), "call")
    return {"call_id": call["id"], "kind": "customer_repair"}


def sourced_rma(s):
    s.tenant.copied(s.customer, "customer")
    return s.tenant.make("/v1/rmas/from-call", called(s))


def place_of(s, kind):
    found = s.tenant.admin.list("/v1/warehouses", kind=kind)
    return found[0] if found else s.tenant.warehouse(kind=kind)


DIAGNOSED = [("receive", lambda s: {"warehouse_id": place_of(s, "repair")["id"]}), ("diagnose", lambda s: {"diagnosis": "Worn"})]


def rma_line(*steps, kind="customer_repair"):
    """A line after these steps of the manager's."""
    def make(s):
        head = s.tenant.make("/v1/rmas", rma_body(s, kind) | {"lines": [{"article_id": stocked(s)["id"]}]})
        row = s.tenant.admin.list(f"/v1/rmas/{head['id']}/lines")[0]
        for action, body in steps:
            row = s.tenant.admin.act(f"/v1/rma-lines/{row['id']}", action, body(s)).json()
        return row

    return make


def overdue(s):
    """Replaced in advance, and due back long ago."""
    row = rma_line(("authorise", lambda s: {}), ("replace", lambda s: {
        "warehouse_id": van(s)["id"], "due_back_on": "2026-01-01"}), kind="advance_replacement")(s)
    return row


def own_line(s):
    """Of goods of ours that may go to a supplier."""
    place_of(s, "supplier")
    body = {"kind": "supplier_repair", "supplier_name": "Bianchi", "lines": [{"article_id": stocked(s)["id"]}]}
    head = s.tenant.make("/v1/rmas", body)
    s.tenant.admin.act(f"/v1/rmas/{head['id']}", "authorise")
    return s.tenant.admin.list(f"/v1/rmas/{head['id']}/lines")[0]


def on_line(action, make, body=None):
    return act("/v1/rma-lines", make, action, body)


REPAIRING = [*DIAGNOSED, ("repair", lambda s: {})]
READY = [*REPAIRING, ("complete", lambda s: {"outcome": "repaired"})]
RMA_READ = OFFICE | {"portal"}
AUTHORISE = {"operator", "dispatcher"} | MANAGE
RECEIVE = {"storekeeper"} | MANAGE
REPAIR = {"technician"} | MANAGE
OPERATIONS = [
    *attached("/v1/rmas", rma, RMA_READ, ATTACH),
    ("GET", "/v1/rmas", RMA_READ, listed("/v1/rmas")),
    ("GET", "/v1/rmas/{id}", RMA_READ, read("/v1/rmas", rma)),
    ("GET", "/v1/rmas/{id}/lines", RMA_READ, below("/v1/rmas", rma, "lines")),
    ("POST", "/v1/rmas/from-call", AUTHORISE, post("/v1/rmas/from-call", called)),
    ("GET", "/v1/rmas/{id}/source-diff", AUTHORISE, below("/v1/rmas", rma, "source-diff")),
    ("POST", "/v1/rmas/{id}/actions/realign", AUTHORISE, act("/v1/rmas", sourced_rma, "realign")),
    ("GET", "/v1/rmas/{id}/transitions", RMA_READ, below("/v1/rmas", rma, "transitions")),
    ("POST", "/v1/rmas", AUTHORISE | {"portal"}, post("/v1/rmas", asked)),
    ("PATCH", "/v1/rmas/{id}", AUTHORISE, patch("/v1/rmas", rma, {"reason": "Other"})),
    ("POST", "/v1/rmas/{id}/actions/authorise", AUTHORISE, act("/v1/rmas", rma, "authorise")),
    ("POST", "/v1/rmas/{id}/actions/cancel", AUTHORISE, act("/v1/rmas", rma, "cancel", {"reason": "No"})),
    ("GET", "/v1/rma-lines", RMA_READ, listed("/v1/rma-lines")),
    ("GET", "/v1/rma-lines/{id}", RMA_READ, read("/v1/rma-lines", rma_line())),
    ("GET", "/v1/rma-lines/{id}/transitions", RMA_READ, below("/v1/rma-lines", rma_line(), "transitions")),
    ("POST", "/v1/rma-lines", AUTHORISE | {"portal"}, post("/v1/rma-lines", lambda s: {
        "rma_id": rma(s)["id"], "article_id": article(s)["id"]})),
    ("PATCH", "/v1/rma-lines/{id}", AUTHORISE, patch("/v1/rma-lines", rma_line(), {"accessories": "None"})),
    ("POST", "/v1/rma-lines/{id}/actions/authorise", AUTHORISE, on_line("authorise", rma_line())),
    ("POST", "/v1/rma-lines/{id}/actions/receive", RECEIVE, on_line("receive", rma_line(), DIAGNOSED[0][1])),
    ("POST", "/v1/rma-lines/{id}/actions/diagnose", REPAIR, on_line("diagnose", rma_line(DIAGNOSED[0]), DIAGNOSED[1][1])),
    ("POST", "/v1/rma-lines/{id}/actions/request-offer", REPAIR, on_line("request-offer", rma_line(*DIAGNOSED))),
    ("POST", "/v1/rma-lines/{id}/actions/answer-offer", AUTHORISE,
     on_line("answer-offer", rma_line(*DIAGNOSED, ("request-offer", lambda s: {})), {"accepted": True})),
    ("POST", "/v1/rma-lines/{id}/actions/repair", REPAIR, on_line("repair", rma_line(*DIAGNOSED))),
    ("POST", "/v1/rma-lines/{id}/actions/send-to-supplier", RECEIVE, on_line("send-to-supplier", rma_line(*DIAGNOSED), lambda s: (
        place_of(s, "supplier") and {"supplier_name": "Bianchi", "supplier_ref": "F1"}))),
    ("POST", "/v1/rma-lines/{id}/actions/send", RECEIVE, on_line("send", own_line, lambda s: {"warehouse_id": van(s)["id"]})),
    ("POST", "/v1/rma-lines/{id}/actions/complete", REPAIR, on_line("complete", rma_line(*REPAIRING), {"outcome": "repaired"})),
    ("POST", "/v1/rma-lines/{id}/actions/replace", RECEIVE,
     on_line("replace", rma_line(*DIAGNOSED), lambda s: {"warehouse_id": van(s)["id"]})),
    ("POST", "/v1/rma-lines/{id}/actions/credit", MANAGE | {"billing"}, on_line("credit", rma_line(*DIAGNOSED))),
    ("POST", "/v1/rma-lines/{id}/actions/scrap", REPAIR,
     on_line("scrap", rma_line(*DIAGNOSED), {"outcome": "credited", "customer_consent": True})),
    ("POST", "/v1/rma-lines/{id}/actions/return", RECEIVE, on_line("return", rma_line(*READY))),
    ("POST", "/v1/rma-lines/{id}/actions/close", RECEIVE, on_line("close", rma_line(*READY), {"disposal": "kept"})),
    ("POST", "/v1/rma-lines/{id}/actions/cancel", AUTHORISE, on_line("cancel", rma_line(), {"reason": "No"})),
    ("POST", "/v1/rma-lines/{id}/actions/charge-missing", MANAGE | {"billing"}, on_line("charge-missing", overdue)),
    ("GET", "/v1/assets/{id}/rmas", RMA_READ, below("/v1/assets", asset, "rmas")),
]
