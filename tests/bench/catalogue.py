"""Ten thousand parts in twenty warehouses, each part in one of them, and the work of some customers that takes them; with ids
that SQL and Lua can work out from a number."""
from stack import STACK
from support.stack import wait_for

ARTICLES, WAREHOUSES, ACTIVITIES = 10_000, 20, 500
ON_HAND = 1_000_000
LINES = 1000  # of a bulk

# Reserves a random part for a random activity, and issues what was reserved as soon as its id has come; 16 connections take turns.
LUA = """
local made, n = {{}}, 0
local headers = {{["Content-Type"] = "application/json", ["Authorization"] = "Bearer {token}"}}
local body = '{{"article_id":"70000000-0000-7000-8000-%012x","warehouse_id":"60000000-0000-7000-8000-%012x",' ..
  '"activity_id":"50000000-0000-7000-8000-%012x","quantity":"1"}}'
request = function()
  local id = table.remove(made)
  if id then return wrk.format("POST", "/v1/reservations/" .. id .. "/actions/issue", headers, "{{}}") end
  local part = math.random(0, {articles} - 1)
  return wrk.format("POST", "/v1/reservations", headers, string.format(body, part, part % {warehouses}, math.random(0, {activities} - 1)))
end
response = function(status, _, answer)
  if status == 201 then made[#made + 1] = answer:match('"id": ?"([^"]+)"') end
end
"""


def made_id(prefix, number):
    return f"{prefix}0000000-0000-7000-8000-{number:012x}"


def article_id(number):
    return made_id("7", number)


def warehouse_id(number):
    return made_id("6", number % WAREHOUSES)


def call_id(number):
    return made_id("4", number)


def activity_id(number):
    return made_id("5", number)


def sql_of(prefix, number):
    """SQL: the id of a part or a warehouse, or of another thing, by an expression."""
    return f"('{prefix}0000000-0000-7000-8000-' || lpad(to_hex(({number})::bigint), 12, '0'))"


# A part that no other client of pgbench takes at the same time, and its warehouse.
PART = f"((:n::bigint % {ARTICLES} * 7919 + :client_id * 613) % {ARTICLES})"
ARTICLE_SQL = sql_of("7", PART)
WAREHOUSE_SQL = sql_of("6", f"{PART} % {WAREHOUSES}")
ACTIVITY_SQL = sql_of("5", f":id::bigint % {ACTIVITIES}")


def bulk(api, path, rows):
    for start in range(0, len(rows), LINES):
        failed = [line for line in api.ndjson(f"{path}/bulk", rows[start : start + LINES]) if line["result"] == "failed"]
        if failed:
            raise RuntimeError(f"{path}: {failed[0]}")


def articles_fill(tenant, articles=ARTICLES):
    for number in range(WAREHOUSES):
        tenant.warehouse(id=warehouse_id(number))
    bulk(tenant.admin, "/v1/articles", [
        {"id": article_id(number), "code": f"P{number:05}", "kind": "part", "description": f"Part {number}", "uom": "pcs", "stocked": True}
        for number in range(articles)])


def activities_fill(tenant):
    """A call each, as inventory knows them."""
    customer, visit = tenant.customer(), tenant.vocabulary("/v1/activity-types", "visit", kind="visit", plannable=True)
    bulk(tenant.admin, "/v1/calls", [{"id": call_id(number), "customer_id": customer["id"], "subject": f"Call {number}"}
                                     for number in range(ACTIVITIES)])
    bulk(tenant.admin, "/v1/activities", [{"id": activity_id(number), "call_id": call_id(number), "type_code": visit["code"],
                                           "subject": "Repair"} for number in range(ACTIVITIES)])
    copies = ("select (select count(*) from inventory_data.activity where tenant_id = %(tenant)s) as activities,"
              " (select count(*) from inventory_data.call where tenant_id = %(tenant)s) as calls")
    with STACK.connect() as database:
        wait_for("all of it in inventory", lambda: {*database.execute(copies, {"tenant": tenant.id}).fetchone().values()} == {ACTIVITIES}, 60)


def fill(tenant, articles=ARTICLES):
    """Makes them, each part with ON_HAND pieces; returns the body of a reservation of part 0."""
    articles_fill(tenant, articles)
    bulk(tenant.admin, "/v1/movements", [
        {"kind": "receipt", "article_id": article_id(number), "warehouse_id": warehouse_id(number), "quantity": str(ON_HAND)}
        for number in range(articles)])
    activities_fill(tenant)
    return {"article_id": article_id(0), "warehouse_id": warehouse_id(0), "activity_id": activity_id(0), "quantity": "1"}
