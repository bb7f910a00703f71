"""A change in calls until inventory's copy has it, at 200 changes a second."""
import threading
import time

from bench_events import write
from figures import at_most, percentile
from stack import STACK, tenant_new

RATE, SECONDS, WRITERS = 200, 20, 4
LOOK_SECONDS = 0.002


def look(tenant, customers, until, ages):
    """Notes how old the newest name of each customer is when it is seen in the copy, in milliseconds."""
    seen = {}
    with STACK.connect() as database:
        while time.perf_counter() < until:
            for row in database.execute("select id::text, name from inventory_data.customer where tenant_id = %s and id = any(%s)",
                                        (tenant.id, customers)).fetchall():
                now = time.perf_counter()
                if row["name"].startswith("Customer") or seen.get(row["id"]) == row["name"]:
                    continue
                seen[row["id"]] = row["name"]
                ages.append((now - float(row["name"])) * 1000)
            time.sleep(LOOK_SECONDS)


def run():
    tenant = tenant_new()
    customers = [tenant.copied(tenant.customer(name="Customer"), "customer")["id"] for _ in range(WRITERS)]
    token, until, ages = tenant.admin.token(), time.perf_counter() + SECONDS, []
    threads = [threading.Thread(target=write, args=(token, customer, until, WRITERS / RATE, "name")) for customer in customers]
    for thread in threads:
        thread.start()
    look(tenant, customers, until + 1, ages)
    for thread in threads:
        thread.join()
    half, most = round(percentile(ages, 0.50), 1), round(percentile(ages, 0.99), 1)
    return {"rows": [{"changes": RATE * SECONDS, "seen": len(ages), "p50 ms": half, "p99 ms": most}],
            "goals": [at_most("p50 ms", half, 30), at_most("p99 ms", most, 150)]}
