"""GET of one call through the gateway / direct at the service."""
from figures import at_least, ratio
from load import wrk
from stack import STACK, tenant_new


def run():
    tenant = tenant_new()
    path = f"/v1/calls/{tenant.call(asset={'serial': 'A'})['id']}"
    token = tenant.admin.token()
    through, direct, share = ratio(lambda: wrk(STACK.gateway + path, token), lambda: wrk(STACK.address("calls") + path, token))
    return {"rows": [{"gateway/s": through, "direct/s": direct, "ratio": share}],
            "goals": [at_least("gateway / direct", share, 0.65)]}
