"""GET of one call at the service / pgbench doing the same statements in the same pipeline."""
from stack import DIRECT, Tenant, goal, pgbench, pgbench_script, ratio, wrk


def caller(tenant):
    """who_calls with its parameters as literals."""
    return {"tenant": f"'{tenant.id}'", "actor": "'bench'", "name": "'Bench'", "request": "'r'", "trace": "''", "none": "''"}


WHO = ("who_calls", ["tenant", "actor", "name", "request", "trace", "none", "none"])


def call_of(tenant):
    customer = tenant.post("/v1/customers", {"name": "Bench", "kind": "acquired"})
    return tenant.post("/v1/calls", {"customer_id": customer["id"], "subject": "Bench", "asset": {"serial": "A"}})


def run():
    tenant = Tenant()
    call = call_of(tenant)
    script = pgbench_script([WHO, ("call.get", ["id"])], {**caller(tenant), "id": f"'{call['id']}'"})
    found = ratio(lambda: wrk(f"{DIRECT}/v1/calls/{call['id']}", tenant.token), lambda: pgbench([script]))
    return {"rows": [{"service/s": found["a"], "pgbench/s": found["b"], "ratio": found["ratio"]}],
            "goals": [goal("service / pgbench", found["ratio"], 0.60, True)]}
