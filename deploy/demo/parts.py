"""The parts of the demo tenant: a small catalogue of an excavator, three stores with what is in them, what is promised."""
import datetime

SOON = datetime.timedelta(seconds=2)  # what is promised until then has expired when somebody looks

CATEGORIES = [("MACH", "Macchine", None), ("WORK", "Attrezzi di lavoro", None), ("BUCKET", "Benna", "WORK"), ("HYD", "Idraulica", None),
              ("ENGINE", "Motore", None), ("TRACK", "Sottocarro", None), ("CAB", "Cabina", None)]

# Code, kind, description, unit, category, list price, cost, and what else it is. The words are those of the work orders.
ARTICLES = [
    ("EXCAVATOR", "model", "Escavatore cingolato 360 t", "pcs", "MACH", None, None, {"tracking": "serial", "warranty_months": 24}),
    ("BKT-TOOTH", "part", "Dente benna", "pcs", "BUCKET", "68.00", "41.50", {}),
    ("BKT-ADAPT", "part", "Portadente", "pcs", "BUCKET", "210.00", "139.00", {}),
    ("BKT-SHROUD", "part", "Protezione labbro benna", "pcs", "BUCKET", "480.00", "322.00", {}),
    ("BKT-PIN", "part", "Perno e fermo per dente", "pcs", "BUCKET", "14.50", "7.20", {}),
    ("BKT-KIT", "kit", "Serie di cinque denti con perni", "kit", "BUCKET", "390.00", None, {}),
    ("CYL-BKT", "part", "Cilindro benna", "pcs", "HYD", "9800.00", "6900.00",
     {"tracking": "serial", "becomes_asset": True, "warranty_months": 12}),
    ("HOSE-1/2", "part", "Tubo idraulico 1/2\"", "m", "HYD", "21.40", "11.80", {"decimals": 2}),
    ("SEAL-CYL", "part", "Serie guarnizioni cilindro", "set", "HYD", "310.00", "188.00", {}),
    ("PUMP-MAIN", "part", "Pompa principale", "pcs", "HYD", "24500.00", "17800.00",
     {"tracking": "serial", "becomes_asset": True, "warranty_months": 12}),
    ("FLT-OIL", "part", "Filtro olio motore", "pcs", "ENGINE", "46.00", "24.00",
     {"barcodes": ["8032610170554"], "suppliers": [{"customer_or_supplier_ref": "F00088", "code": "LF-3349", "lead_days": 5}]}),
    ("FLT-OIL-2", "part", "Filtro olio motore, altra marca", "pcs", "ENGINE", "38.00", "19.00", {"barcodes": ["8032610170561"]}),
    ("FLT-FUEL", "part", "Filtro gasolio", "pcs", "ENGINE", "39.00", "20.50", {}),
    ("OIL-15W40", "part", "Olio motore 15W40", "l", "ENGINE", "6.90", "3.60", {"decimals": 1}),
    ("TRK-SHOE", "part", "Suola cingolo", "pcs", "TRACK", "355.00", "240.00", {}),
    ("AC-COMP", "part", "Compressore climatizzatore", "pcs", "CAB", "870.00", "560.00", {"tracking": "serial"}),
    ("HAMMER", "part", "Martello idraulico", "pcs", "WORK", "18500.00", "12900.00", {"tracking": "serial", "becomes_asset": True}),
    ("VISIT", "service", "Diritto di chiamata", "pcs", None, "95.00", None, {}),
]
KIT = [("BKT-TOOTH", "5"), ("BKT-PIN", "5")]

# Article, what does for it, how.
SUBSTITUTES = [("FLT-OIL", "FLT-OIL-2", {"kind": "equivalent", "both_ways": True}),
               ("BKT-PIN", "BKT-KIT", {"kind": "supersedes", "rank": 1, "notes": "Perni venduti con i denti"})]

WAREHOUSES = [("MAIN", "Magazzino centrale", "stock"), ("VAN1", "Furgone 1", "van"), ("VAN2", "Furgone 2", "van"),
              ("REPAIR", "Conto riparazione", "repair"), ("TRANSIT", "In viaggio", "transit"), ("SCRAP", "Rottami", "scrap"),
              ("SUPPLIER", "Presso fornitori", "supplier")]

# Warehouse, article, quantity, serials.
STOCK = [
    ("MAIN", "BKT-TOOTH", "7", None), ("MAIN", "BKT-PIN", "40", None), ("MAIN", "BKT-ADAPT", "4", None),
    ("MAIN", "CYL-BKT", "2", ["CB-1041", "CB-1042"]), ("MAIN", "HOSE-1/2", "60", None), ("MAIN", "SEAL-CYL", "6", None),
    ("MAIN", "FLT-OIL", "24", None), ("MAIN", "FLT-FUEL", "18", None), ("MAIN", "OIL-15W40", "400", None),
    ("MAIN", "TRK-SHOE", "12", None), ("MAIN", "HAMMER", "2", ["HM-11", "HM-12"]),
    ("VAN1", "HOSE-1/2", "12.5", None), ("VAN1", "SEAL-CYL", "1", None),
    ("VAN1", "FLT-OIL", "2", None), ("VAN2", "BKT-TOOTH", "2", None),
]

# Call, what the visit is, when, article, quantity: the teeth are too few, so that some wait.
VISITS = [
    ("demo:2", "Sostituire il cilindro sinistro", "2026-12-01T08:00:00Z", "CYL-BKT", "1"),
    ("demo:3", "Sostituire i denti", "2026-12-02T08:00:00Z", "BKT-TOOTH", "10"),
]

# What else was promised to these visits, and what became of it. Call, article, quantity, whether it expires, the last action.
PROMISES = [
    ("demo:2", "SEAL-CYL", "1", False, ("issue", {})),
    ("demo:3", "BKT-PIN", "5", False, ("release", {"reason": "Già sul furgone"})),
    ("demo:3", "FLT-OIL", "1", True, None),
]


def catalogue_make(api):
    for position, (code, label, parent) in enumerate(CATEGORIES):
        api.ensure("/v1/article-categories", {"code": code}, label=label, parent_code=parent, position=position)
    articles = {}
    for code, kind, description, uom, category, price, cost, more in ARTICLES:
        articles[code], _ = api.ensure(
            "/v1/articles", {"code": code}, kind=kind, description=description, uom=uom, category_code=category,
            stocked=kind in ("part", "model"), list_price=price, standard_cost=cost, **more,
        )
    kit = f"/v1/articles/{articles['BKT-KIT']['id']}/components"
    for code, quantity in KIT:
        api.ensure(kit, {"component_id": articles[code]["id"]}, quantity=quantity)
    for code, other, how in SUBSTITUTES:
        api.ensure("/v1/substitutes", {"article_id": articles[code]["id"], "substitute_id": articles[other]["id"]}, **how)
    api.ensure("/v1/price-lists", {"code": "CAVE"}, name="Listino cave")
    tooth = {"list_code": "CAVE", "article_id": articles["BKT-TOOTH"]["id"]}
    for quantity, price in (("0", "64.00"), ("10", "58.00")):
        api.ensure("/v1/prices", tooth | {"external_ref": f"demo:price:{quantity}"}, from_quantity=quantity, price=price)
    return articles


def stock_make(api, articles, technician_id):
    warehouses = {}
    for code, name, kind in WAREHOUSES:
        owner = {"technician_id": technician_id} if code == "VAN1" else {}
        warehouses[code], _ = api.ensure("/v1/warehouses", {"code": code}, name=name, kind=kind, **owner)
    for place, code, quantity, serials in STOCK:
        api.ensure(
            "/v1/movements", {"external_ref": f"demo:opening:{place}:{code}"}, kind="opening", article_id=articles[code]["id"],
            warehouse_id=warehouses[place]["id"], quantity=quantity, serials=serials,
            unit_cost=articles[code]["standard_cost"],
        )
    return warehouses


def promises_make(api, articles, warehouses, technician_id):
    for reference, subject, planned, code, quantity in VISITS:
        call = api.find("/v1/calls", external_ref=reference)
        visit, _ = api.ensure(
            "/v1/activities", {"external_ref": f"{reference}:visit"}, call_id=call["id"], type_code="visit", subject=subject,
            planned_start=planned, participants=[{"technician_id": technician_id}],
        )
        api.ensure(
            "/v1/reservations", {"external_ref": f"{reference}:parts"}, article_id=articles[code]["id"],
            warehouse_id=warehouses["MAIN"]["id"], quantity=quantity, activity_id=visit["id"], partial=True,
        )
    for reference, code, quantity, expires, action in PROMISES:
        visit = api.find("/v1/activities", external_ref=f"{reference}:visit")
        until = {"expires_at": (datetime.datetime.now(datetime.timezone.utc) + SOON).isoformat()} if expires else {}
        row, made = api.ensure(
            "/v1/reservations", {"external_ref": f"{reference}:{code}"}, article_id=articles[code]["id"],
            warehouse_id=warehouses["MAIN"]["id"], quantity=quantity, activity_id=visit["id"], **until,
        )
        if made and action:
            api.request("POST", f"/v1/reservations/{row['id']}/actions/{action[0]}", action[1])


def parts_make(api, technician_id):
    """The catalogue and what is in stock; what is there stays. Returns articles and warehouses by code."""
    articles = catalogue_make(api)
    return articles, stock_make(api, articles, technician_id)
