"""The installed base of the demo tenant: the five excavators of the work orders, some of their components, and their meters."""

# Serial, site, where there, installed on, warranties (kind, from, until, covers).
MACHINES = [
    ("A", "BG", "Fronte nord", "2001-01-08", []),
    ("B", "BG", "Fronte sud", "2001-01-08", [("extended", "2024-01-01", "2028-12-31", ["labour", "parts", "travel"])]),
    ("C", "BS", "Piazzale 1", "2001-02-12", [("repair", "2026-09-01", "2027-08-31", ["parts"])]),
    ("D", "BS", "Piazzale 2", "2001-02-12", []),
    ("E", "VR", "Officina", "2001-06-20", []),
]

# Machine, article, serial, where in it, installed on.
COMPONENTS = [
    ("A", "CYL-BKT", "CB-0917", "Sinistro", "2023-04-11"),
    ("A", "CYL-BKT", "CB-0918", "Destro", "2026-02-03"),
    ("E", "CYL-BKT", "CB-0733", "Destro", "2020-05-11"),
    ("B", "PUMP-MAIN", "PM-2210", "Vano pompe", "2019-09-30"),
    ("B", "CYL-BKT", "CB-0920", "Sinistro", "2021-06-15"),
]

# Machine, old serial, article and serial of what took its place, day, why.
REPLACED = ("B", "PM-2210", "PUMP-MAIN", "PM-2391", "2026-05-18", "Trafilamento, pressione insufficiente")

# Article and serial of what is no longer in use, machine it was in, installed and ended on, how, why.
ENDED = [
    ("CYL-BKT", "CB-0604", "C", "2012-05-02", "2026-03-10", "scrap", "Stelo piegato"),
    ("PUMP-MAIN", "PM-1502", "D", "2011-09-20", "2026-04-22", "dismiss", "Ceduta dal cliente"),
]

# Machine, readings of its hours: day, value, whether a new meter began with it.
HOURS = [
    ("A", [("2026-01-07", "18420", False), ("2026-06-30", "19265", False), ("2026-11-20", "20012", False)]),
    ("B", [("2026-01-07", "17904", False), ("2026-05-18", "18530", False), ("2026-05-19", "0", True), ("2026-11-20", "934", False)]),
    ("C", [("2026-01-07", "99310", False), ("2026-11-20", "410", False)]),
    ("D", [("2026-01-07", "16011", False), ("2026-11-20", "17390", False)]),
    ("E", [("2026-01-07", "12050", False)]),
]
ROLLS_OVER_AT = "100000"

FREE_FIELDS = [(1, "Numero di telaio", "text"), (2, "Prossima verifica", "date")]


def machines_make(api, articles, customer, sites):
    assets = {}
    for serial, site, position, day, warranties in MACHINES:
        assets[serial], _ = api.ensure(
            "/v1/assets", {"external_ref": f"demo:asset:{serial}"}, article_id=articles["EXCAVATOR"]["id"], serial=serial,
            customer_id=customer["id"], site_id=sites[site]["id"], position=position, installed_on=day,
            warranties=[dict(zip(("kind", "from", "until", "covers"), warranty)) for warranty in warranties],
            x={"1": f"EX360-{serial}-0{ord(serial)}", "2": "2027-03-31"},
        )
    return assets


def components_make(api, articles, assets):
    for machine, code, serial, position, day in COMPONENTS:
        assets[serial], _ = api.ensure(
            "/v1/assets", {"external_ref": f"demo:asset:{serial}"}, article_id=articles[code]["id"], serial=serial,
            parent_id=assets[machine]["id"], position=position, installed_on=day,
        )
    _, old, code, serial, day, reason = REPLACED
    if assets[old]["status"] == "installed":
        api.request("POST", f"/v1/assets/{assets[old]['id']}/actions/replace",
                    {"article_id": articles[code]["id"], "serial": serial, "on": day, "reason": reason})


def ended_make(api, articles, assets):
    for code, serial, machine, day, end, action, reason in ENDED:
        asset, made = api.ensure(
            "/v1/assets", {"external_ref": f"demo:asset:{serial}"}, article_id=articles[code]["id"], serial=serial,
            parent_id=assets[machine]["id"], installed_on=day,
        )
        if made:
            api.request("POST", f"/v1/assets/{asset['id']}/actions/{action}", {"on": end, "reason": reason})


def meters_make(api, assets):
    for machine, readings in HOURS:
        meter, _ = api.ensure("/v1/meters", {"asset_id": assets[machine]["id"], "code": "HOURS"}, label="Ore motore", unit="h",
                              rolls_over_at=ROLLS_OVER_AT)
        for day, value, reset in readings:
            api.ensure("/v1/meter-readings", {"external_ref": f"demo:hours:{machine}:{day}"}, meter_id=meter["id"], value=value,
                       at=f"{day}T07:00:00Z", source="report", reset=reset)


def installed_base_make(api, articles, customer, sites):
    """All of it; what is there stays. Returns how many machines there are."""
    for slot, label, kind in FREE_FIELDS:
        api.ensure("/v1/asset-free-fields", {"slot": slot}, label=label, type=kind)
    assets = machines_make(api, articles, customer, sites)
    components_make(api, articles, assets)
    ended_make(api, articles, assets)
    meters_make(api, assets)
    return len(MACHINES)
