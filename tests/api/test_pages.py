"""Pages of filtered lists are what reading everything finds, however PostgreSQL came to them: rows near the top of the sort,
few that match and are sorted, many that a walk meets, or those that it does not meet and are looked for once more (ADR 15).

Filters, sorts and sizes of pages are drawn at random, from a seed that a failure tells.
"""
import datetime
import json
import random
import secrets

import pytest

from support import many
from support.statements import logged, pipelines

CUSTOMERS = SITES = 30_000  # more than a list walks at first, so that many matches may lie behind it
TRIES, FREE_TRIES = 60, 30
PAGES = 3  # of each try; its export has all the rows
SORTS = {"customers": ["code", "-code", "name", "created_at", "-created_at"], "sites": ["name", "-name", "created_at"]}

# Values of customer n: some that most have, some that lie together at one end of a sort, some that few have.
FREE = {1: ("text", "'Word ' || mod(n, 3)"), 2: ("text", "'Serial ' || n"), 3: ("number", "mod(n, 500)::text"),
        4: ("text", "case when mod(n, 4) = 0 then 'Rare ' || mod(n, 7) end"), 5: ("boolean", "(mod(n, 3) = 0)::text"),
        6: ("number", "(15000 - n)::text"), 7: ("date", "(date '2000-01-01' + n)::text")}
FREE_ROWS = """
    update calls_data.customer c set x = (select jsonb_strip_nulls(jsonb_build_object({values}))
        from (select substr(c.code, 2)::int as n) o)
    where c.tenant_id = %(tenant)s"""


@pytest.fixture(scope="module")
def firm(tenant, stack):
    """A tenant with CUSTOMERS customers that have free values."""
    many.fill(stack, tenant, ["customer", "site"], customer=CUSTOMERS, site=SITES)
    for slot, (kind, _) in FREE.items():
        tenant.make("/v1/customer-free-fields", {"slot": slot, "label": f"Field {slot}", "type": kind})
    values = ", ".join(f"'{slot}', {value}" for slot, (_, value) in FREE.items())
    with stack.connect() as database:
        database.execute("set session_replication_role = replica")  # the terms in one go, instead of row by row
        database.execute(FREE_ROWS.format(values=values), {"tenant": tenant.id})
        database.execute(many.CUSTOMER_TERMS, {"tenant": tenant.id})
        for table in ("customer", "customer_free_term"):
            database.execute(f"vacuum analyze calls_data.{table}")
    return tenant


@pytest.fixture(scope="module")
def sorted_rows(firm, stack):
    """The numbers of all rows of a list in the order of each sort: lists without a condition only walk."""
    api = firm.admin.at(stack.address("calls"))
    return {name: {sort: exported(api, name, sort=sort) for sort in sorts} for name, sorts in SORTS.items()}


def exported(api, name, **parameters):
    answer = api.get(f"/v1/{name}", params={"fields": "code", **parameters}, headers={"Accept": "application/x-ndjson"})
    return [number(json.loads(line)["code"]) for line in answer.text.splitlines()]


def number(code):
    return int(code[1:])


def word(n):
    """What free field 2 has of customer n, and a term compares."""
    return f"serial {n}"


def conditions(draw):
    """(filter, its value, whether customer n has it) of each kind, with values drawn."""
    n, digits = draw.randint(1, CUSTOMERS), str(draw.randint(1, 99))
    return free_conditions(draw) + [
        ("kind", "prospect", lambda m: m % 10 == 0),
        ("kind[ne]", "prospect", lambda m: m % 10 != 0),
        ("credit", "blocked", lambda m: m % 100 == 0),
        ("active", "false", lambda m: m % 20 == 0),
        ("tag", "vip", lambda m: m % 50 == 0),
        ("city", f"City {n % 200}", lambda m: m % 200 == n % 200),
        ("city[prefix]", f"City {digits}", lambda m: f"City {m % 200}".startswith(f"City {digits}")),
        ("province[in]", "P3,P7", lambda m: m % 50 in (3, 7)),
        ("territory[empty]", "true", lambda m: m % 4 != 0),
        ("tax_code[prefix]", f"T{digits}", lambda m: m % 3 == 0 and str(m).startswith(digits)),
        ("code[gte]", f"K{n:07}", lambda m: m >= n),
        ("code[lt]", f"K{n:07}", lambda m: m < n),
        ("erp_account[prefix]", f"E{digits}", lambda m: str(m).startswith(digits)),
        ("name[contains]", f"mer {digits}", lambda m: str(m).startswith(digits)),
        ("vat_number[contains]", f"{n % 1000:03}", lambda m: f"{n % 1000:03}" in f"{m:011}"),
        ("q", f"k{n:07}", lambda m: m == n),
        ("q", "customer", lambda m: True),
    ]


def free_conditions(draw):
    """The same, of free fields."""
    n, low, digits = draw.randint(1, CUSTOMERS), draw.randint(0, 499), str(draw.randint(1, 99))
    day = str(datetime.date(2000, 1, 1) + datetime.timedelta(days=n))
    return [
        ("x.1", f"Word {n % 3}", lambda m: m % 3 == n % 3),
        ("x.1[ne]", f"Word {n % 3}", lambda m: m % 3 != n % 3),
        ("x.2[prefix]", f"Serial {digits}", lambda m: str(m).startswith(digits)),
        ("x.2[gte]", f"Serial {digits}", lambda m: word(m) >= word(digits)),
        ("x.3", str(low), lambda m: m % 500 == low),
        ("x.3[lt]", str(low), lambda m: m % 500 < low),
        ("x.4[empty]", "true", lambda m: m % 4 != 0),
        ("x.4[empty]", "false", lambda m: m % 4 == 0),
        ("x.4[in]", "Rare 1,Rare 2", lambda m: m % 4 == 0 and m % 7 in (1, 2)),
        ("x.5", "true", lambda m: m % 3 == 0),
        ("x.5[in]", "false", lambda m: m % 3 != 0),
        ("x.6[lte]", str(15000 - n), lambda m: m >= n),
        ("x.6[gt]", str(15000 - n), lambda m: m < n),
        ("x.7", day, lambda m: m == n),
        ("x.7[gte]", day, lambda m: m >= n),
    ]


def drawn(draw, some):
    """Of some conditions, those of different names as parameters, and a function that tells who has all."""
    kept = {name: (value, has) for name, value, has in some}
    return {name: value for name, (value, _) in kept.items()}, lambda n: all(has(n) for _, has in kept.values())


def pages(api, name, limit, **parameters):
    """The numbers of the first PAGES pages, and whether there was another behind."""
    found = []
    for _ in range(PAGES):
        answer = api.get(f"/v1/{name}", params={"limit": limit, "fields": "code", **parameters}).json()
        found += [number(row["code"]) for row in answer["items"]]
        parameters["cursor"] = answer.get("next_cursor")
        if not parameters["cursor"]:
            return found, False
    return found, True


def check(api, name, sort, limit, parameters, wanted, told):
    told = f"{told}: {name}, {parameters} by {sort}, pages of {limit}"
    found, more = pages(api, name, limit, sort=sort, **parameters)
    assert (found, more) == (wanted[: PAGES * limit], len(wanted) > PAGES * limit), told
    assert exported(api, name, sort=sort, **parameters) == wanted, told


def test_pages_are_what_reading_everything_finds(firm, sorted_rows, stack):
    seed = secrets.randbits(32)
    draw = random.Random(seed)
    api = firm.admin.at(stack.address("calls"))
    for _ in range(TRIES):
        parameters, has = drawn(draw, draw.sample(conditions(draw), draw.choice([1, 1, 2, 2, 3])))
        sort = draw.choice(SORTS["customers"])
        wanted = [n for n in sorted_rows["customers"][sort] if has(n)]
        check(api, "customers", sort, draw.choice([1, 7, 50, 199, 500]), parameters, wanted, f"seed {seed}")


# Of which customer a row is, and what its free fields are called.
OWNERS = {"customers": (lambda n: n, ""), "sites": (lambda n: 1 + n % CUSTOMERS, "customer.")}


@pytest.mark.parametrize("name", OWNERS)
def test_several_free_fields_find_what_reading_everything_finds(name, firm, sorted_rows, stack):
    """Terms that many have, and that meet everywhere, at one end of the sort, or never."""
    seed = secrets.randbits(32)
    draw = random.Random(seed)
    api = firm.admin.at(stack.address("calls"))
    owner, prefix = OWNERS[name]
    for _ in range(FREE_TRIES):
        parameters, has = drawn(draw, draw.sample(free_conditions(draw), draw.choice([2, 3, 4, 6])))
        parameters = {prefix + field: value for field, value in parameters.items()}
        sort = draw.choice(SORTS[name])
        wanted = [n for n in sorted_rows[name][sort] if has(owner(n))]
        check(api, name, sort, draw.choice([1, 50, 500]), parameters, wanted, f"seed {seed}")


# What is asked, and how often the list is looked for: few rows, rows that are met anywhere, none that have both of what many have,
# and many that lie behind what is walked at first.
LOOKS = {"x.2=Serial 44": 1, "x.1=Word 1&x.5=true": 1, "x.1=Word 1&x.7[gte]=2060-03-26": 2, "tag=vip": 1,
         "x.1[ne]=Word 1": 1, "code[gte]=K0022000": 1, "vat_number[gte]=IT00000022000&sort=-created_at": 1,
         "vat_number[gte]=IT00000022000&sort=created_at": 2}


@pytest.mark.parametrize("query, times", LOOKS.items())
def test_a_list_is_looked_for_again_only_where_a_walk_does_not_meet_it(firm, stack, query, times):
    api, mark = firm.admin.at(stack.address("calls")), secrets.token_hex(8)
    with logged(stack):
        api.get(f"/v1/customers?{query}", headers={"X-Request-ID": mark})
    assert sum("few as materialized" in sql for pipeline in pipelines(stack, "calls")[mark] for sql, _ in pipeline) == times
