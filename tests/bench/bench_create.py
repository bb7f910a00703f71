"""POST of a call in 16 tenants, its change record included / pgbench running the same statements in the same pipeline."""
import json

from figures import at_least, ratio
from load import pgbench, recorded, script_of, wrk
from stack import STACK, tenant_new
from support.client import new_id

TENANTS = 16
LUA = """
local tokens, n = {{ {tokens} }}, 0
request = function()
  n = n % #tokens + 1
  return wrk.format("POST", nil, {{["Content-Type"] = "application/json", ["Authorization"] = "Bearer " .. tokens[n]}}, '{body}')
end
"""


def run():
    customer = new_id()  # the same in all tenants, so that one body fits all
    tenants = [tenant_new() for _ in range(TENANTS)]
    for tenant in tenants:
        tenant.customer(id=customer)
    body = {"customer_id": customer, "subject": "Bucket leaks"}
    first = tenants[0].admin.at(STACK.address("calls"))
    made = []
    statements = recorded("calls", lambda headers: made.append(first.post("/v1/calls", body, headers=headers).json()["id"]))
    turn = f"(1 + (:n::bigint + 4 * :client_id) % {TENANTS})::int"  # no two clients in the same tenant
    ids = ", ".join(f"'{tenant.id}'" for tenant in tenants)
    script, values = script_of(statements, {made[0]: "lpad(:id::text, 32, '0')",
                                           tenants[0].id: f"(array[{ids}])[{turn}]"})
    lua = LUA.format(tokens=", ".join(f'"{tenant.admin.token()}"' for tenant in tenants), body=json.dumps(body))
    service, plain, share = ratio(lambda: wrk(first.base + "/v1/calls", first.token(), lua),
                                  lambda: pgbench("calls", script, values))
    return {"rows": [{"service/s": service, "pgbench/s": plain, "ratio": share}],
            "goals": [at_least("service / pgbench", share, 0.50)]}
