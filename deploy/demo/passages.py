"""What goods of the demo tenant went through: transfers, counts, reorders, transport documents and returns, in each of their states."""

TODAY = "2026-11-26"

# Reference, from, to, lines (article, quantity), actions.
TRANSFERS = [
    ("draft", "MAIN", "VAN2", [("FLT-OIL", "2"), ("FLT-FUEL", "2")], []),
    ("shipped", "MAIN", "VAN1", [("SEAL-CYL", "2")], [("ship", {})]),
    ("short", "MAIN", "VAN2", [("TRK-SHOE", "4")], [("ship", {}), ("receive", {"lines": [{"position": 1, "quantity": "3"}]})]),
    ("counter", "MAIN", "VAN1", [("BKT-PIN", "10")], [("ship-and-receive", {})]),
    ("cancelled", "VAN1", "MAIN", [("HOSE-1/2", "2.5")], [("cancel", {"reason": "Serve ancora sul furgone"})]),
]

# Reference, warehouse, what more it is, counted (article, quantity), the last action.
COUNTS = [
    ("draft", "MAIN", {"notes": "Fine anno"}, [], None),
    ("counting", "VAN1", {"blind": True}, [("HOSE-1/2", "12.5")], None),
    ("posted", "VAN2", {}, [("BKT-TOOTH", "1")], ("post", {})),
    ("cancelled", "MAIN", {}, [], ("cancel", {"reason": "Magazzino in riordino"})),
]

# Warehouse, article, minimum, target, multiple, where it comes from, what was done with its suggestion.
LEVELS = [
    ("MAIN", "BKT-TOOTH", "10", "30", "5", None, []),
    ("MAIN", "BKT-ADAPT", "6", "12", None, None, [("propose", {})]),
    ("MAIN", "BKT-SHROUD", "2", "4", "2", None, [("propose", {}), ("order", {"number": "OF-2026-0192", "date": TODAY})]),
    ("MAIN", "PUMP-MAIN", "1", "1", None, None, [("propose", {}), ("refuse", {"reason": "Solo su commessa"})]),
    ("VAN2", "SEAL-CYL", "2", "3", None, "MAIN", [("propose", {})]),
    ("VAN2", "HOSE-1/2", "5", "20", None, "MAIN", [("dismiss", {"reason": "Il furgone va in revisione"})]),
    ("MAIN", "FLT-OIL", "6", "24", "12", None, []),
]

# Reference, direction, reason, warehouse, lines, what more it is, actions.
DOCUMENTS = [
    ("draft", "out", "sale", "MAIN", [("FLT-OIL", "1")], {}, []),
    ("issued", "out", "sale", "MAIN", [("FLT-FUEL", "2"), ("OIL-15W40", "20")], {"packages": 2, "carried_by": "recipient"}, [("issue", {})]),
    ("voided", "out", "sale", "MAIN", [("BKT-PIN", "4")], {}, [("issue", {}), ("void", {"reason": "Destinatario errato"})]),
    ("loan", "out", "loan", "MAIN", [("HAMMER", "1", ["HM-11"])], {"carried_by": "recipient"}, [("issue", {})]),
    ("lent", "out", "loan", "MAIN", [("HAMMER", "1", ["HM-12"])], {"carried_by": "recipient"}, [("issue", {})]),
    ("lent-back", "in", "loan_back", "MAIN", [("HAMMER", "1", ["HM-12"])], {"their_number": "14", "their_date": TODAY}, [("issue", {})]),
    ("incoming", "in", "sale", "MAIN", [("AC-COMP", "1", ["AC-771"])], {"their_number": "1187", "their_date": TODAY}, [("issue", {})]),
]

RECEIVE = ("receive", {"warehouse_id": "REPAIR", "condition": "Sporco di grasso"})
DIAGNOSE = ("diagnose", {"diagnosis": "Guarnizioni usurate", "warranty": "out"})
COMPLETE = ("complete", {"outcome": "repaired", "repair_notes": "Sostituite le guarnizioni, provato a 350 bar."})
SUPPLIER = {"supplier_name": "Idraulica Bianchi", "supplier_ref": "F00123"}
SEND = ("send-to-supplier", SUPPLIER)
REPAIRED = [("authorise", {}), RECEIVE, DIAGNOSE, ("repair", {}), COMPLETE]

# Reference, kind, article, serial or quantity, what is wrong, steps of its line. A part of the quantity splits it.
RETURNS = [
    ("requested", "customer_repair", "CYL-BKT", "CB-0917", "Perde dallo stelo", []),
    ("authorised", "customer_repair", "PUMP-MAIN", "PM-1804", "Rumorosa", [("authorise", {})]),
    ("unannounced", "customer_repair", "AC-COMP", "AC-310", "Non parte", [RECEIVE]),
    ("offer", "customer_repair", "PUMP-MAIN", "PM-1811", "Non dà pressione", [("authorise", {}), RECEIVE, DIAGNOSE, ("request-offer", {})]),
    ("supplier", "customer_repair", "PUMP-MAIN", "PM-1797", "Albero rotto", [("authorise", {}), RECEIVE, DIAGNOSE, SEND]),
    ("ready", "customer_repair", "CYL-BKT", "CB-0733", "Perde dallo stelo", REPAIRED),
    ("returned", "customer_repair", "CYL-BKT", "CB-0711", "Perde dallo stelo", [*REPAIRED, ("return", {})]),
    ("closed", "customer_repair", "CYL-BKT", "CB-0702", "Perde dal fondello", [*REPAIRED, ("return", {}), ("close", {})]),
    ("teeth", "customer_repair", "BKT-ADAPT", "6", "Cricche sulla saldatura",
     [("authorise", {}), ("receive", {"warehouse_id": "REPAIR", "quantity": "4"}), ("diagnose", {"diagnosis": "Cricche", "quantity": "3"}),
      ("scrap", {"outcome": "credited", "customer_consent": True, "quantity": "1"})]),
    ("advance", "advance_replacement", "AC-COMP", "AC-298", "Bloccato",
     [("authorise", {}), ("replace", {"warehouse_id": "MAIN", "serial": "AC-771"})]),
    ("cancelled", "customer_repair", "AC-COMP", "AC-266", "Fa rumore", [("cancel", {"reason": "Il cliente lo tiene"})]),
    ("own", "supplier_repair", "TRK-SHOE", "2", "Arrivate fuori misura", [("authorise", {}), ("send", {"warehouse_id": "MAIN"})]),
]


def at_work(api, path, row, actions):
    for action, body in actions:
        row = api.request("POST", f"{path}/{row['id']}/actions/{action}", body)
    return row


def line_of(articles, code, quantity, serials=None):
    return {"article_id": articles[code]["id"], "quantity": quantity} | ({"serials": serials} if serials else {})


def transfers_make(api, articles, warehouses):
    for reference, start, end, lines, actions in TRANSFERS:
        row, made = api.ensure(
            "/v1/transfers", {"external_ref": f"demo:transfer:{reference}"}, from_warehouse_id=warehouses[start]["id"],
            to_warehouse_id=warehouses[end]["id"], lines=[line_of(articles, *line) for line in lines],
        )
        at_work(api, "/v1/transfers", row, actions if made else [])


def counts_make(api, articles, warehouses):
    for reference, place, more, counted, last in COUNTS:
        row, made = api.ensure("/v1/counts", {"external_ref": f"demo:count:{reference}"}, warehouse_id=warehouses[place]["id"], **more)
        if not made:
            continue
        if counted:
            at_work(api, "/v1/counts", row, [("start", {})])
        for code, quantity in counted:
            lines = f"/v1/counts/{row['id']}/lines"
            line = api.find(lines, article_id=articles[code]["id"])
            api.request("PATCH", f"{lines}/{line['id']}", {"counted": quantity}, version=line["version"])
        at_work(api, "/v1/counts", row, [last] if last else [])


def reorders_make(api, articles, warehouses):
    for place, code, minimum, target, multiple, source, actions in LEVELS:
        keys = {"article_id": articles[code]["id"], "warehouse_id": warehouses[place]["id"]}
        _, made = api.ensure(
            "/v1/reorder-levels", keys, minimum=minimum, target=target, multiple=multiple, source="transfer" if source else "purchase",
            source_warehouse_id=warehouses[source]["id"] if source else None,
        )
        suggestion = api.find("/v1/reorder-suggestions", status="open", **keys) if made else None
        if suggestion:
            at_work(api, "/v1/reorder-suggestions", suggestion, actions)


def documents_make(api, articles, warehouses, customer):
    for reference, direction, reason, place, lines, more, actions in DOCUMENTS:
        row, made = api.ensure(
            "/v1/transport-documents", {"external_ref": f"demo:ddt:{reference}"}, direction=direction, reason=reason,
            party={"name": "Ricambi Lombardi S.r.l."} if (direction, reason) == ("in", "sale") else {"customer_id": customer["id"]},
            warehouse_id=warehouses[place]["id"], lines=[line_of(articles, *line) for line in lines], **more,
        )
        at_work(api, "/v1/transport-documents", row, actions if made else [])


def returns_make(api, articles, warehouses, customer):
    for reference, kind, code, piece, fault, steps in RETURNS:
        what = {"quantity": piece} if piece.isdigit() else {"serial": piece}
        row, made = api.ensure(
            "/v1/rmas", {"external_ref": f"demo:rma:{reference}"}, kind=kind, reason=fault,
            lines=[{"article_id": articles[code]["id"], "declared_fault": fault} | what],
            **(SUPPLIER if kind == "supplier_repair" else {"customer_id": customer["id"]}),
        )
        if made:
            line = api.find(f"/v1/rmas/{row['id']}/lines")
            named = [(action, body | ({"warehouse_id": warehouses[body["warehouse_id"]]["id"]} if "warehouse_id" in body else {}))
                     for action, body in steps]
            at_work(api, "/v1/rma-lines", line, named)


def passages_make(api, articles, warehouses, customer):
    """All of it; what is there stays."""
    transfers_make(api, articles, warehouses)
    counts_make(api, articles, warehouses)
    documents_make(api, articles, warehouses, customer)
    returns_make(api, articles, warehouses, customer)
    reorders_make(api, articles, warehouses)
