"""POST of a call in 16 tenants, change record included / pgbench doing the same statements."""
import json
import pathlib
import tempfile

from bench_read import WHO, caller
from stack import DIRECT, Tenant, goal, pgbench, pgbench_script, ratio, wrk

TENANTS = 16
# The statements of call_post, in order (services/calls/call.c).
STEPS = ["call_type_guard", "call_editable_guard", "call_assets_guard", "call_create", "call_asset_stub",
         "call_assets_forget", "call_assets", "call_place_guard", "call_required_guard", "call.began"]
LUA = """
local bodies, tokens, n = {bodies}, {tokens}, 0
request = function()
  n = n % #bodies + 1
  return wrk.format("POST", nil, {{["Content-Type"] = "application/json", ["Authorization"] = "Bearer " .. tokens[n]}}, bodies[n])
end
"""


def lua_list(texts):
    return "{" + ",".join("[==[" + text + "]==]" for text in texts) + "}"


def run():
    tenants = [Tenant() for _ in range(TENANTS)]
    bodies, scripts = [], []
    for tenant in tenants:
        customer = tenant.post("/v1/customers", {"name": "Bench", "kind": "acquired"})
        body = {"customer_id": customer["id"], "subject": "Bucket won't open", "type_code": "intervention"}
        bodies.append(json.dumps(body))
        full = json.dumps({**body, "channel": "phone", "state": "open"}).replace("'", "''")
        values = {**caller(tenant), "body": f"'{full}'", "event": "'call.opened'",
                  "id": "('00000000-0000-7000-8000-' || lpad(to_hex(:n), 12, '0'))"}
        steps = [WHO, *[(name, ["id", "body"]) for name in STEPS], ("call.record", ["id", "event"]), ("call.get", ["id"])]
        scripts.append("\\set n random(1, 281474976710655)\n" + pgbench_script(steps, values))
    with tempfile.TemporaryDirectory() as folder:
        script = pathlib.Path(folder) / "create.lua"
        script.write_text(LUA.format(bodies=lua_list(bodies), tokens=lua_list(t.token for t in tenants)))
        found = ratio(lambda: wrk(f"{DIRECT}/v1/calls", tenants[0].token, 8, script), lambda: pgbench(scripts))
    return {"rows": [{"service/s": found["a"], "pgbench/s": found["b"], "ratio": found["ratio"]}],
            "goals": [goal("service / pgbench", found["ratio"], 0.50, True)]}
