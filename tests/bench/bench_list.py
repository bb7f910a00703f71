"""Pages of 50 among a million calls: page 1, page 10,000, and every declared filter."""
import base64
import json
import statistics
import time

import requests

from stack import DIRECT, Tenant, database, goal

ROWS = 1_000_000
DEEP = 10_000 * 50
FILL = """
insert into calls_data.call (tenant_id, id, number, series, year, type_code, channel, state, opened_at, received_by,
    customer_id, site_id, subject, description, priority, assignee_id, tags, fault_code, job_code, external_ref, resolved_at, closed_at)
select %(tenant)s, ('01900000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, '2020/L/' || lpad(n::text, 7, '0'), 'L', 2020,
    (array['intervention', 'help', 'maintenance', 'installation'])[1 + n %% 4],
    (array['phone', 'email', 'portal', 'web', 'field', 'device'])[1 + n %% 6],
    case when n %% 100 = 0 then (array['received', 'open', 'assigned', 'in_progress', 'suspended'])[1 + n / 100 %% 5] else 'closed' end,
    timestamptz '2015-01-01' + n * interval '5 minutes', 'user-' || n %% 50, c.ids[1 + n %% 1000], null,
    (array['bucket leaking', 'engine stops', 'hydraulic hose', 'cooling fan', 'track tension'])[1 + n %% 5] || ' ' || n, null,
    (array['low', 'normal', 'high', 'critical'])[1 + n %% 4],
    case when n %% 3 = 0 then ('01900000-0000-7000-9000-' || lpad(to_hex(n %% 40), 12, '0'))::uuid end,
    case when n %% 50 = 0 then array['vip'] end, case when n %% 7 = 0 then 'F' || n %% 20 end,
    case when n %% 9 = 0 then 'J' || n %% 500 end, 'bench-' || n,
    case when n %% 100 <> 0 then timestamptz '2015-01-02' + n * interval '5 minutes' end,
    case when n %% 100 <> 0 then timestamptz '2015-01-03' + n * interval '5 minutes' end
from generate_series(1, %(rows)s) n, (select array_agg(id order by id) as ids from calls_data.customer where tenant_id = %(tenant)s) c
"""
# A value that exists, for each kind of filter; those not named here get one by their type.
VALUES = {"state": "open", "type_code": "help", "channel": "email", "priority": "high", "received_by": "user-7", "tag": "vip",
          "fault_code": "F3", "job_code": "J9", "series": "L", "year": "2020", "number": "2020/L/0500000", "external_ref": "bench-77",
          "serial": "A", "customer.kind": "acquired", "customer.city": "Milano", "customer.province": "MI", "territory": "NORD",
          "customer.tag": "vip", "customer.code": "K500", "customer.name": "Customer 500", "suspension.reason": "parts",
          "match.status": "none"}


def timed(tenant, query):
    start = time.perf_counter()
    answer = requests.get(f"{DIRECT}/v1/calls?{query}", headers=tenant.headers, timeout=30)
    took = (time.perf_counter() - start) * 1000
    if answer.status_code != 200:
        raise RuntimeError(f"{query}: {answer.status_code} {answer.text}")
    return took, answer.json()


def median_ms(tenant, query, rounds=7):
    return round(statistics.median(timed(tenant, query)[0] for _ in range(rounds)), 2)


def fill(tenant):
    lines = "\n".join(json.dumps({"code": f"K{n}", "name": f"Customer {n}", "kind": "acquired" if n % 10 else "prospect",
                                  "address": {"city": "Milano" if n % 5 == 0 else "Roma", "province": "MI" if n % 5 == 0 else "RM"}})
                      for n in range(1000))
    requests.post(f"{DIRECT}/v1/customers/bulk", data=lines, timeout=60,
                  headers={**tenant.headers, "Content-Type": "application/x-ndjson"}).raise_for_status()
    with database() as connection:
        connection.execute("set maintenance_work_mem = '1GB'")
        connection.execute(FILL, {"tenant": tenant.id, "rows": ROWS})
        connection.execute("vacuum analyze calls_data.call")
        return connection.execute(
            "select opened_at::text, id::text from calls_data.call where tenant_id = %s order by opened_at desc, id desc "
            "offset %s limit 1", (tenant.id, DEEP)).fetchone()


def deep_cursor(cursor, key, row):
    """The cursor of page 1 moved to another row: what the client would have after 10,000 pages."""
    hash_of_list = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))[0]
    return base64.urlsafe_b64encode(json.dumps([hash_of_list, key, row]).encode()).rstrip(b"=").decode()


def filters(tenant, some):
    document = requests.get(f"{DIRECT}/openapi.json", timeout=30).json()
    components = document["components"].get("parameters", {})
    for parameter in document["paths"]["/v1/calls"]["get"]["parameters"]:
        if "$ref" in parameter:
            parameter = components[parameter["$ref"].rsplit("/", 1)[1]]
        name = parameter["name"]
        if parameter["in"] != "query" or "[" in name or name in ("limit", "cursor", "sort", "q", "fields", "expand"):
            continue
        if name in VALUES:
            yield f"{name}={VALUES[name]}"
        elif name.endswith("_at"):
            yield f"{name}[gte]=2024-06-01T00:00:00Z&{name}[lt]=2024-06-02T00:00:00Z"
        else:
            yield f"{name}={some.get(name) or '01900000-0000-7000-8000-000000000777'}"


def run():
    tenant = Tenant()
    key, row = fill(tenant)
    first = timed(tenant, "limit=50")[1]
    some = {name: value for name, value in first["items"][0].items() if isinstance(value, str) and name.endswith("_id")}
    deep = deep_cursor(first["next_cursor"], key, row)
    front_ms, deep_ms = median_ms(tenant, "limit=50", 31), median_ms(tenant, f"limit=50&cursor={deep}", 31)
    rows = [{"page 1 ms": front_ms, "page 10,000 ms": deep_ms}]
    slowest = 0.0
    for query in [*filters(tenant, some), "q=hydraulic", "q=leaking%20bucket%20777", "state=open&priority=high",
                  "assignee_id[empty]=true&state=open", "sort=next_due_at&state=received", "sort=priority", "sort=number"]:
        took = median_ms(tenant, "limit=50&" + query)
        slowest = max(slowest, took)
        rows.append({"ms": took, "filter": query})
    return {"rows": rows, "goals": [goal("page 10,000 / page 1", round(deep_ms / front_ms, 2), 1.2, False),
                                    goal("slowest filter, ms", slowest, 20, False)]}
