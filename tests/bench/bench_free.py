"""A million customers with ten free values each: lists by one, two and four of them, by equality, prefix, range, empty."""
import itertools
import statistics
import time

from figures import at_most
from stack import STACK, rows, tenant_new
from support import many

CUSTOMERS = rows(1_000_000)
ROUNDS = 5
LIMIT = 50
ONE_MS, FOUR_MS, EMPTY_MS = 20, 150, 150

# Slot, type, and the value of customer n: some that few have, some that many have, some that not all have.
SLOTS = [(1, "text", "'Word ' || mod(n, 1000)"), (2, "text", "'Serial ' || n"), (3, "text", "'City ' || mod(n, 50)"),
         (4, "number", "mod(n, 100000)::text"), (5, "number", "(mod(n, 200) - 100)::text"), (6, "number", "(n * 0.01)::numeric(12, 2)::text"),
         (7, "date", "(date '2000-01-01' + mod(n, 9000))::text"), (8, "boolean", "(mod(n, 10) = 0)::text"),
         (9, "choice", f"case when mod(n, 20) <> 0 then {many.choice('gold iron tin', 'n')} end"),
         (10, "text", "case when mod(n, 3) = 0 then 'Rare ' || mod(n, 7) end")]
CHOICES = [{"code": code, "label": code.title()} for code in ("gold", "iron", "tin")]

ONE = ["x.1=Word 77", "x.2=Serial 777", "x.3=City 7", "x.4=77", "x.7=2010-07-07", "x.8=true", "x.9=gold",  # equality
       "x.1[prefix]=Word 7", "x.2[prefix]=Serial 77", "x.10[prefix]=Rare", "x.4[gte]=99990", "x.5[lt]=-90", "x.6[gt]=1",
       "x.7[gte]=2020-01-01", "x.2=nothing"]
EMPTY = ["x.9[empty]=true", "x.10[empty]=true", "x.10[empty]=false", "x.1[empty]=true"]
TWO = ["x.3=City 7&x.8=true", "x.9=gold&x.4[gte]=50000", "x.1=Word 77&x.10[empty]=true", "x.2[prefix]=Serial 77&x.9=tin"]
FOUR = ["x.3=City 7&x.8=false&x.9=gold&x.5[gte]=0", "x.1[prefix]=Word 7&x.4[lt]=50000&x.7[gte]=2010-01-01&x.8=true",
        "x.9=iron&x.10[prefix]=Rare&x.5[lt]=0&x.6[gt]=10", "x.3=City 7&x.8=true&x.9=tin&x.10[empty]=true"]

CUSTOMER_ROWS = """
    insert into calls_data.customer (tenant_id, id, code, kind, person, name, credit, x, active)
    select %(tenant)s, {id}, 'F' || n, 'acquired', false, 'Free ' || n, 'ok', jsonb_strip_nulls(jsonb_build_object({values})), true
    from generate_series(1, %(count)s) n"""


def fill(tenant):
    for slot, kind, _ in SLOTS:
        tenant.make("/v1/customer-free-fields", {"slot": slot, "label": f"Field {slot}", "type": kind}
                    | ({"choices": CHOICES} if kind == "choice" else {"decimals": 2} if kind == "number" else {}))
    json_value = {"boolean": "({})::boolean"}
    values = ", ".join(f"'{slot}', {json_value.get(kind, '{}').format(value)}" for slot, kind, value in SLOTS)
    with STACK.connect() as database:
        database.execute("set session_replication_role = replica")  # the terms in one go, instead of row by row
        database.execute("drop index calls_data.customer_free_term__term")
        parameters = {"tenant": tenant.id, "count": CUSTOMERS}
        database.execute(CUSTOMER_ROWS.format(id=many.key(many.CUSTOMER, "n"), values=values), parameters)
        database.execute(many.CUSTOMER_TERMS, parameters)
        database.execute("create index customer_free_term__term on calls_data.customer_free_term (tenant_id, term, owner_id)")
        for table in ("customer", "customer_free_term"):
            database.execute(f"vacuum analyze calls_data.{table}")


def page_ms(api, filters):
    parameters = dict(pair.split("=", 1) for pair in filters.split("&"))
    took = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        api.get("/v1/customers", params={"limit": LIMIT, **parameters})
        took.append((time.perf_counter() - start) * 1000)
    return round(statistics.median(took), 1)


def run():
    tenant = tenant_new()
    fill(tenant)
    api = tenant.admin.at(STACK.address("calls"))
    column = page_ms(api, "code=F777")
    groups = {"one": ONE, "two": TWO, "four": FOUR, "empty": EMPTY}
    found = [{"filters": name, "ms": page_ms(api, query), "query": query}
             for name, query in itertools.chain.from_iterable(zip(itertools.repeat(name), queries) for name, queries in groups.items())]
    slowest = {name: max(row["ms"] for row in found if row["filters"] == name) for name in groups}
    found = [{**row, "÷ column": round(row["ms"] / column, 1)} for row in sorted(found, key=lambda row: -row["ms"])]
    return {"rows": [{"an indexed column, ms": column}, *found],
            "goals": [at_most("one filter, ms", slowest["one"], ONE_MS), at_most("four filters, ms", slowest["four"], FOUR_MS),
                      at_most("empty, ms", slowest["empty"], EMPTY_MS)]}
