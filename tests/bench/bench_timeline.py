"""A page of the timeline of an asset to which ten thousand things happened: the first, one in the middle, of one kind."""
import statistics
import time

from figures import at_most
from stack import STACK, rows, tenant_new

EVENTS, METERS = rows(10_000), 4
OTHERS = 50  # assets with as long a past
LIMIT = 50
ROUNDS = 21
FILL = """
    insert into inventory_data.meter_reading (tenant_id, id, meter_id, asset_id, value, at, source, reset, total)
    select %(tenant)s, base.uuid_new(), (%(meters)s::uuid[])[1 + mod(n, %(count)s)], %(asset)s, n, timestamptz '2020-01-01'
        + n * interval '1 hour', 'device', false, n from generate_series(1, %(events)s) n;
    insert into inventory_data.asset_timeline (tenant_id, asset_id, kind, source_id, at)
    select r.tenant_id, r.asset_id, 'reading', r.id, r.at from inventory_data.meter_reading r where r.asset_id = %(asset)s
    on conflict do nothing"""


def past_fill(tenant, asset):
    meters = [tenant.make("/v1/meters", {"asset_id": asset["id"], "code": f"M{number}", "label": "Hours", "unit": "h"})["id"]
              for number in range(METERS)]
    values = {"tenant": tenant.id, "asset": asset["id"], "meters": meters, "count": METERS, "events": EVENTS}
    with STACK.connect() as database:
        for statement in FILL.split(";"):
            database.execute(statement, values)
        for table in ("meter_reading", "asset_timeline"):
            database.execute(f"vacuum analyze inventory_data.{table}")


def others_fill(tenant, asset):
    """The table is not one asset's."""
    with STACK.connect() as database:
        database.execute("set session_replication_role = replica")
        database.execute("insert into inventory_data.asset_timeline (tenant_id, asset_id, kind, source_id, at) select tenant_id, "
                         "o.id, kind, base.uuid_new(), at from inventory_data.asset_timeline t, (select base.uuid_new() as id from "
                         "generate_series(1, %s)) o where t.tenant_id = %s and t.asset_id = %s", (OTHERS, tenant.id, asset["id"]))
        database.execute("vacuum analyze inventory_data.asset_timeline")


def page_ms(service, path, **more):
    took = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        page = service.get(path, params={"limit": LIMIT, **more}).json()
        took.append((time.perf_counter() - start) * 1000)
    if len(page["items"]) != LIMIT:
        raise RuntimeError(f"{len(page['items'])} rows, not {LIMIT}")
    return round(statistics.median(took), 1)


def cursor_of(service, path, pages):
    cursor = {}
    for _ in range(pages):
        cursor = {"cursor": service.get(path, params={"limit": LIMIT, **cursor}).json()["next_cursor"]}
    return cursor


def run():
    tenant = tenant_new()
    asset = tenant.asset()
    past_fill(tenant, asset)
    others_fill(tenant, asset)
    service = tenant.admin.at(STACK.address("inventory"))
    path = f"/v1/assets/{asset['id']}/timeline"
    pages = {"first ms": page_ms(service, path), "middle ms": page_ms(service, path, **cursor_of(service, path, EVENTS // LIMIT // 2)),
             "of a kind ms": page_ms(service, path, kind="reading")}
    return {"rows": [{"events": EVENTS, **pages}], "goals": [at_most("slowest page, ms", max(pages.values()), 10)]}
