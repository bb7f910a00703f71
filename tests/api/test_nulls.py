"""What a row always has is said to be never null, and lists offer no [empty] on it: there NEVER_NULL is missing in a field table.

PostgreSQL knows which columns always have a value; they bear the names of the fields that show them.
"""
import re

from support.client import Client
from support.description import Description, types_of

TABLES = {"audit_entry": "change", "document": "transport_document", "reorder": "reorder_suggestion", "series": "counter"}
VIEWS = {"alternative", "call_timeline"}
# Columns that always have a value where the field has none.
OTHERWISE = {
    "call.next_due_at": "infinity: nothing is due",
    "stock.last_moved_at": "-infinity: it never moved",
    "customer.x": "a body's null takes away all values",
    "asset.x": "a body's null takes away all values",
}

COLUMNS = """
    select c.relname as table, a.attname as column, a.attnotnull as filled
    from pg_attribute a join pg_class c on c.oid = a.attrelid
    where c.relnamespace = %s::regnamespace and c.relkind in ('r', 'p') and a.attnum > 0 and not a.attisdropped"""


def table_of(description, service, path):
    """Name of the table whose rows a list shows, from the name of their schema: RmaLine, or RmaLinePart of what may be left out."""
    answer = description.resolve(description.paths[path]["get"]["responses"]["200"])
    page = description.resolve(answer["content"]["application/json"]["schema"])
    words = re.findall("[A-Z][a-z]*", page["properties"]["items"]["items"]["$ref"].rpartition("/")[2].removesuffix("Part"))
    name = "_".join(words).lower().removeprefix(f"{service}_")
    return TABLES.get(name, name)


def nullable_of(description, path):
    """Fields that a list shows as nullable, and those that it offers [empty] on."""
    shown = {name for name, schema in description.row(path).items() if "null" in types_of(description.resolve(schema))}
    return shown | {name for name, operator, _ in description.filters(path) if operator == "empty"}


def descriptions(stack):
    """What each service says of itself, (service, description); the gateway's own paths are those that no other has."""
    said = {service: Client(stack.address(service)).get("/openapi.json").json() for service in stack.services}
    others = {path for service in said.keys() - {"gateway"} for path in said[service]["paths"]}
    said["gateway"]["paths"] = {path: item for path, item in said["gateway"]["paths"].items() if path not in others}
    return [(service, Description(document)) for service, document in said.items()]


def test_what_a_row_always_has_is_never_null(stack, database):
    wrong = {}
    for service, description in descriptions(stack):
        rows = database.execute(COLUMNS, [f"{service}_data"]).fetchall()
        tables = {row["table"] for row in rows}
        filled = {f"{row['table']}.{row['column']}" for row in rows if row["filled"]}
        for path in description.lists():
            table = table_of(description, service, path)
            assert table in tables | VIEWS, f"{path}: which table has its rows?"
            names = {name for name in nullable_of(description, path) if f"{table}.{name}" in filled - OTHERWISE.keys()}
            if names:
                wrong[path] = sorted(names)
    assert not wrong, f"always have a value, and are not NEVER_NULL: {wrong}"
