"""Ten million movements: what is available of 500 articles; a rebuild of stock / one sum of the same ledger, grouped."""
import statistics
import time

import catalogue
import movements
from figures import at_most, ratio
from stack import STACK, rows, tenant_new

MOVEMENTS = rows(10_000_000)
ASKED = 500
ROUNDS = 21
SUM = "select article_id, warehouse_id, owner, sum(quantity) from inventory.movement group by 1, 2, 3"


def seconds_of(send):
    start = time.perf_counter()
    send()
    return time.perf_counter() - start


def category_of(tenant):
    """A category that ASKED of the articles are in."""
    tenant.make("/v1/article-categories", {"code": "ASKED", "label": "Asked for"})
    with STACK.connect() as database:
        database.execute("update inventory_data.article set category_code = 'ASKED' where tenant_id = %s and id in (select "
                         "id from inventory_data.article where tenant_id = %s order by md5(code) limit %s)",
                         (tenant.id, tenant.id, ASKED))
        database.execute("vacuum analyze inventory_data.article")


def available_ms(service, **more):
    def ask():
        found = service.get("/v1/stock", params={"category_code": "ASKED", "limit": ASKED, **more}).json()["items"]
        if len(found) != ASKED:
            raise RuntimeError(f"{len(found)} rows of stock, not {ASKED}")

    return round(statistics.median(seconds_of(ask) for _ in range(ROUNDS)) * 1000, 1)


def rebuild(service):
    found = service.post("/v1/stock/rebuild", {"repair": False}, expect=200).json()["differences"]
    if found:
        raise RuntimeError(f"the ledger and stock differ: {found[:3]}")


def added_up(tenant):
    with STACK.connect() as database:
        database.execute("select set_config('app.tenant', %s, false)", [tenant.id])
        database.execute(SUM).fetchall()


def run():
    tenant = tenant_new()
    catalogue.articles_fill(tenant)
    movements.fill(tenant, MOVEMENTS)
    category_of(tenant)
    service = tenant.admin.at(STACK.address("inventory"))
    whole, some = available_ms(service), available_ms(service, fields="article_id,warehouse_id,available")
    # One at a time: both are a scan of the whole ledger.
    _, _, share = ratio(lambda: seconds_of(lambda: rebuild(service)),
                               lambda: seconds_of(lambda: added_up(tenant)), rounds=3)
    return {"rows": [{"500 rows, ms": whole, "their figures, ms": some}, {"rebuild ÷ sum": share}],
            "goals": [at_most("figures of 500, ms", some, 20), at_most("rebuild / sum", share, 2)]}
