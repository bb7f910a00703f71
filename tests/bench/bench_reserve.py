"""Reserve and issue one of 10,000 parts in 20 warehouses / pgbench running the same statements in the same pipelines."""
import catalogue
from figures import at_least, ratio
from load import pgbench, recorded, script_of, wrk
from stack import STACK, tenant_new

CONNECTIONS = 16


def run():
    tenant = tenant_new()
    body = catalogue.fill(tenant)
    service = tenant.admin.at(STACK.address("inventory"))
    made = []
    reserve = recorded("inventory", lambda headers: made.append(service.post("/v1/reservations", body, headers=headers).json()["id"]))
    issue = recorded("inventory", lambda headers: service.act(f"/v1/reservations/{made[0]}", "issue", {}, headers=headers))
    script, values = script_of(reserve + issue, {made[0]: "lpad(:id::text, 32, '0')", body["article_id"]: catalogue.ARTICLE_SQL,
                                                 body["warehouse_id"]: catalogue.WAREHOUSE_SQL,
                                                 body["activity_id"]: catalogue.ACTIVITY_SQL})
    lua = catalogue.LUA.format(token=service.token(), articles=catalogue.ARTICLES, warehouses=catalogue.WAREHOUSES,
                               activities=catalogue.ACTIVITIES)
    # Two requests make a pair.
    pairs, plain, share = ratio(lambda: wrk(service.base, service.token(), lua, connections=CONNECTIONS) / 2,
                                lambda: pgbench("inventory", script, values))
    return {"rows": [{"pairs/s": pairs, "pgbench/s": plain, "ratio": share}], "goals": [at_least("service / pgbench", share, 0.5)]}
