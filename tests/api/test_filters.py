"""Filters are answered by indexes: whatever a list is asked, its statement looks at few of the rows of a large table.

What runs is read from PostgreSQL's log and explained again with the values it had. Values are asked for that few rows have,
or none: what most rows have is found by looking at any of them.
"""
import uuid

import pytest

from support import many
from support.description import types_of
from support.many_goods import GOODS
from support.statements import logged, pipelines

ROWS = 20_000
FEW = 2_000  # so many matching rows are counted (ADR 8); where there are more, they were found by looking at any
# Rows looked at: what words and other tables take first (LIST_NEAR rows of the sort for each of a page, once to see where they
# end, once to see which match, once for what they name), and what a page shows; and for each match so many, for of a tenth of
# all rows it costs less to read all than to look each up.
LOOKED_AT = 10_000
LOOKED_AT_FOR_EACH = 10
LISTS = {
    "calls": "customers sites contacts calls activities charges",
    "inventory": "articles stock serials movements reservations assets rmas rma-lines transport-documents transfers counts "
                 "meter-readings",
}

# Of what other tables say, and of a value or none, which no index has in one place, PostgreSQL only knows how many rows all tenants
# have together: where these speak against the tenant as here, it may read all (ADR 15).
UNKNOWN = {"activities": {"call.state", "call.priority", "call.type_code"}, "rmas": {"unannounced"}, "rma-lines": {"outcome[ne]"}}

every_list = pytest.mark.parametrize("service, name", [(service, name) for service in LISTS for name in LISTS[service].split()])


@pytest.fixture(scope="module")
def full(tenant, other, stack):
    """A tenant with ROWS rows in each of those tables, and another with as many that have what few of its own do."""
    many.fill(stack, tenant, **dict.fromkeys(["customer", "site", "contact", "asset"], ROWS))
    many.fill(stack, tenant, of=GOODS)
    many.oppose(stack, tenant, other)
    many.oppose(stack, tenant, other, of=GOODS)
    return tenant


def values_of(operator, schema):
    """Of each kind the values that few rows have; of a choice any may be such a one."""
    schema = schema.get("items", schema)
    kinds = types_of(schema)
    before = operator in ("lt", "lte")
    if operator == "empty" or "boolean" in kinds:
        return ["true", "false"]
    if "enum" in schema:
        return [str(value) for value in schema["enum"] if value is not None]
    if schema.get("format") == "uuid":
        return ["e0000000-0000-7000-8000-ffffffffffff"]
    if schema.get("format") == "date-time":
        return ["1900-01-01T00:00:00Z" if before else "2999-01-01T00:00:00Z"]
    if schema.get("format") == "date":
        return ["1900-01-01" if before else "2999-01-01"]
    if "integer" in kinds or schema.get("format") == "decimal":
        return ["0" if before else "99999"]
    if schema.get("pattern") == "^[A-Z]{2}$":
        return ["AA" if before else "ZZ"]
    return ["!" if before else "~" if operator in ("gt", "gte") else "nothing"]


def requests_of(description, path):
    """Query strings that try each filter with each of its operators, and the words."""
    found = [f"{name}[{operator}]={value}" if operator else f"{name}={value}"
             for name, operator, schema in description.filters(path) for value in values_of(operator, schema)]
    return found + (["q=nothing", "q=hydraulic nothing"] if "q" in description.query(path) else [])


def looked_at(node):
    """Rows that the scans of a plan looked at, whether they were taken or not."""
    rows = 0
    if "Relation Name" in node:
        rows = node["Actual Rows"] + node.get("Rows Removed by Filter", 0) + node.get("Rows Removed by Index Recheck", 0)
    return rows * node["Actual Loops"] + sum(looked_at(part) for part in node.get("Plans", []))


def counted(node):
    """Rows that were found to match: all, or more than FEW."""
    own = node["Actual Rows"] if node.get("Subplan Name") == "CTE few" else 0
    return max([own, *(counted(part) for part in node.get("Plans", []))])


def quoted(value):
    return "null" if value is None else "'" + value.replace("'", "''") + "'"


def explained(database, pipeline):
    """(rows that a statement of a pipeline looks at, those of the few among them)."""
    (who, values), *statements = pipeline
    with database.transaction(force_rollback=True):
        run(database, who, values)
        for sql, values in statements:
            plan = run(database, sql, values, "explain (analyze, format json) ")[0]["Plan"]
            yield looked_at(plan), counted(plan)


def run(database, sql, values, before=""):
    database.execute(f"prepare again as {sql}")
    given = f" ({', '.join(map(quoted, values))})" if values else ""
    row = database.execute(f"{before}execute again{given}").fetchone()
    database.execute("deallocate again")
    return next(iter(row.values())) if row else None


@every_list
def test_every_filter_is_answered_by_an_index(service, name, full, stack, description):
    path = f"/v1/{name}"
    asked = {uuid.uuid4().hex: query for query in requests_of(description, path)}
    api = full.admin.at(stack.address(service))
    with logged(stack):
        for mark, query in asked.items():
            api.get(f"{path}?{query}", headers={"X-Request-ID": mark})
    ran = pipelines(stack, service)
    slow = {}
    with stack.connect(role=service) as database:
        database.execute("set plan_cache_mode = force_custom_plan")
        database.execute("set enable_seqscan = off")  # of so few rows it would be right; of a million it is not
        for mark, query in asked.items():
            found = [result for pipeline in ran[mark] for result in explained(database, pipeline)]
            rows, matching = map(sum, zip(*found))
            limit = LOOKED_AT + LOOKED_AT_FOR_EACH * matching + (ROWS if query.split("=")[0] in UNKNOWN.get(name, ()) else 0)
            if matching <= FEW and rows > limit:
                slow[query] = rows
    assert not slow, f"{path}: rows looked at of {ROWS}: {slow}"
