"""GET of one call at the service / pgbench running the same statements in the same pipeline."""
from figures import at_least, ratio
from load import pgbench, recorded, script_of, wrk
from stack import STACK, tenant_new


def run():
    tenant = tenant_new()
    path = f"/v1/calls/{tenant.call(asset={'serial': 'A'})['id']}"
    direct = tenant.admin.at(STACK.address("calls"))
    script, values = script_of(recorded("calls", lambda headers: direct.get(path, headers=headers)))
    service, plain, share = ratio(lambda: wrk(direct.base + path, direct.token()), lambda: pgbench("calls", script, values))
    return {"rows": [{"service/s": service, "pgbench/s": plain, "ratio": share}],
            "goals": [at_least("service / pgbench", share, 0.60)]}
