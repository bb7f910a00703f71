"""Quick ways to move and promise goods, and to say what is where."""


def move(api, kind, article, warehouse, quantity, expect=201, **fields):
    body = {"kind": kind, "article_id": article["id"], "warehouse_id": warehouse["id"], "quantity": str(quantity)}
    return api.post("/v1/movements", body | fields, expect=expect)


def reserve(api, article, warehouse, quantity, activity, expect=201, **fields):
    body = {"article_id": article["id"], "warehouse_id": warehouse["id"], "quantity": str(quantity),
            "activity_id": activity["id"]}
    return api.post("/v1/reservations", body | fields, expect=expect)


def stock(api, article, warehouse, owner="own"):
    rows = api.list("/v1/stock", article_id=article["id"], warehouse_id=warehouse["id"], owner=owner)
    return rows[0] if rows else None


def levels(api, article, warehouse, owner="own"):
    row = stock(api, article, warehouse, owner)
    return row and tuple(row[name].removesuffix(".000") for name in ("on_hand", "reserved", "available", "waiting"))
