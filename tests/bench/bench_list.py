"""Pages of 50 among a million calls: page 10,000 / page 1, every declared filter, sorts, full text."""
import base64
import json
import statistics
import time

from figures import at_most
from stack import STACK, rows, tenant_new
from support import many
from support.client import Client
from support.description import Description

ROWS = rows(1_000_000)
DEEP = rows(10_000) * 50
ROUNDS = 5
PATH = "/v1/calls"

# For filters that are no field of the row. The others take their values from a row.
VALUES = {"id": "e0000000-0000-7000-8000-000000000777", "asset_id": "d0000000-0000-7000-8000-000000000077", "serial": "serial-77",
          "tag": "vip", "territory": "T8", "suspension.reason": "parts", "match.status": "candidates", "customer.code": "K0000500",
          "customer.name": "Customer 500", "customer.kind": "prospect", "customer.city": "City 7", "customer.province": "P7",
          "customer.tag": "vip", "derived_open": "true", "parent_id": "e0000000-0000-7000-8000-000000000001"}
MORE = ["q=hydraulic", "q=777", "q=nothing", "q=hydraulic%20hose", "q=hydraulic%20777", "q=hydraulic%20tension", "q=-nothing",
        "q=hydraulic&sort=next_due_at", "q=777&sort=priority", "q=hydraulic%20tension&sort=number", "state=open&q=bucket",
        "state=received&sort=next_due_at", "state=open&priority=high", "assignee_id[empty]=true&state=open",
        "customer.city=City%207&state=open", "sort=priority", "sort=-priority", "sort=next_due_at", "sort=number", "sort=created_at"]


def median_ms(api, query, rounds=ROUNDS):
    took = []
    for _ in range(rounds):
        start = time.perf_counter()
        api.get(f"{PATH}?limit=50&{query}")
        took.append((time.perf_counter() - start) * 1000)
    return round(statistics.median(took), 1)


def deep_cursor(tenant, api):
    """The cursor of page 1 moved to another row: what the client would have after 10,000 pages."""
    cursor = api.get(f"{PATH}?limit=50").json()["next_cursor"]
    belongs_to = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))[0]
    with STACK.connect() as database:
        row = database.execute("select opened_at::text as key, id::text from calls_data.call where tenant_id = %s "
                               "order by opened_at desc, id desc offset %s limit 1", (tenant.id, DEEP)).fetchone()
    moved = json.dumps([belongs_to, row["key"], row["id"]]).encode()
    return base64.urlsafe_b64encode(moved).rstrip(b"=").decode()


def filters(api):
    """Each declared filter with each of its operators, with the value of a row that has one."""
    description = Description(Client(api.base).get("/openapi.json").json())
    rows = api.list(PATH, limit=500)
    for name, operator, _ in description.filters(PATH):
        value = VALUES.get(name) or next((row[name] for row in rows if row.get(name) is not None), "nothing")
        if operator == "empty":
            yield name, f"{name}[empty]=true"
            yield name, f"{name}[empty]=false"
        elif operator in ("prefix", "contains"):
            yield name, f"{name}[{operator}]={str(value)[:4]}"
        else:
            yield name, f"{name}[{operator}]={value}" if operator else f"{name}={value}"


def measure(tenant):
    api = tenant.admin.at(STACK.address("calls"))
    deep = deep_cursor(tenant, api)
    pairs = [(median_ms(api, ""), median_ms(api, f"cursor={deep}")) for _ in range(7)]
    share = round(statistics.median(last / first for first, last in pairs), 2)
    pages = {"page 1 ms": statistics.median(first for first, _ in pairs),
             "page 10,000 ms": statistics.median(last for _, last in pairs), "ratio": share}
    took = [{"ms": median_ms(api, query), "query": query} for query in [*(query for _, query in filters(api)), *MORE]]
    took.sort(key=lambda row: -row["ms"])
    return pages, took


def run():
    tenant = tenant_new()
    many.fill(STACK, tenant, ["customer", "site", "contact", "asset", "call", "call_asset"], call=ROWS)
    pages, took = measure(tenant)
    return {"rows": [pages, *took], "goals": [at_most("page 10,000 / page 1", pages["ratio"], 1.2),
                                              at_most("slowest filter, ms", took[0]["ms"], 20)]}
