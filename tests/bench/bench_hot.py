"""The same single part issued by 16 clients at once / pgbench updating one row on as many connections as the service has."""
import catalogue
from figures import at_least, ratio
from load import pgbench, wrk
from stack import STACK, tenant_new

CONNECTIONS = 16
LUA = """
wrk.method, wrk.body = "POST", '{body}'
wrk.headers["Content-Type"] = "application/json"
"""
UPDATE = """\\startpipeline
select set_config('app.tenant', :tenant, true);
update inventory.warehouse set updated_at = base.clock() where id = :warehouse::uuid;
\\endpipeline
"""


def run():
    tenant = tenant_new()
    body = catalogue.fill(tenant, articles=1)
    service = tenant.admin.at(STACK.address("inventory"))
    issue = ('{{"kind":"issue","article_id":"{article_id}","warehouse_id":"{warehouse_id}","quantity":"1"}}').format(**body)
    lua = LUA.format(body=issue)
    # wrk fails the bench when anything but a few answers isn't 2xx: a deadlock would be a 503, an empty warehouse a 409.
    issues, plain, share = ratio(lambda: wrk(service.base + "/v1/movements", service.token(), lua, connections=CONNECTIONS),
                                 lambda: pgbench("inventory", UPDATE, {"tenant": tenant.id, "warehouse": body["warehouse_id"]}))
    return {"rows": [{"issues/s": issues, "one row/s": plain, "ratio": share}], "goals": [at_least("issues / one row", share, 0.3)]}
