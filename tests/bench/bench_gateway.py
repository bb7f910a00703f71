"""GET of one call through the gateway / direct at the service."""
from bench_read import call_of
from stack import DIRECT, GATEWAY, Tenant, goal, ratio, wrk


def run():
    tenant = Tenant()
    path = f"/v1/calls/{call_of(tenant)['id']}"
    found = ratio(lambda: wrk(GATEWAY + path, tenant.token), lambda: wrk(DIRECT + path, tenant.token))
    return {"rows": [{"gateway/s": found["a"], "direct/s": found["b"], "ratio": found["ratio"]}],
            "goals": [goal("gateway / direct", found["ratio"], 0.65, True)]}
