"""Rows by the ten thousand and the million, straight into the tables of a service: for what lists must stand. Here those of
calls; many_goods.py has those of inventory.

Every column that a list filters by has values: some that most rows have, some that few have.
"""

COUNTS = {"customer": 1000, "site": 2000, "contact": 2000, "asset": 1000, "call": 20000, "activity": 20000, "charge": 20000}


def key(kind, number):
    """SQL: the id of row `number` of a table; kind is a hexadecimal digit, one a table."""
    return f"('{kind}0000000-0000-7000-8000-' || lpad(to_hex({number}), 12, '0'))::uuid"


CUSTOMER, SITE, CONTACT, ASSET, CALL, ACTIVITY, CHARGE = "a", "b", "c", "d", "e", "f", "9"
TECHNICIAN, ARTICLE = "8", "7"


def choice(words, number):
    """SQL: one of the words, in turn."""
    listed = ", ".join(f"'{word}'" for word in words.split())
    return f"(array[{listed}])[1 + mod({number}, {len(words.split())})]"


FILLS = {
    "customer": f"""
        insert into calls_data.customer (tenant_id, id, code, kind, person, name, vat_number, tax_code, address, phones, credit,
            erp_account, territory, tags, external_ref, active, created_at, updated_at)
        select %(tenant)s, {key(CUSTOMER, 'n')}, 'K' || lpad(n::text, 7, '0'), case when mod(n, 10) = 0 then 'prospect' else
            'acquired' end, false, 'Customer ' || n, 'IT' || lpad(n::text, 11, '0'), case when mod(n, 3) = 0 then 'T' || n end,
            jsonb_build_object('city', 'City ' || mod(n, 200), 'province', 'P' || mod(n, 50), 'country',
            case when mod(n, 50) = 0 then 'FR' else 'IT' end), jsonb_build_array(jsonb_build_object('e164', '+39' || n)),
            case when mod(n, 100) = 0 then 'blocked' else 'ok' end, 'E' || n, case when mod(n, 4) = 0 then 'T' || mod(n, 40) end,
            case when mod(n, 50) = 0 then array['vip'] end, 'many-' || n, mod(n, 20) <> 0, o.at, o.at
        from generate_series(1, %(customer)s) n, lateral (select timestamptz '2016-01-01' + n * interval '1 hour' as at) o;
        insert into calls_data.reach (tenant_id, kind, value, owner, owner_id, customer_id)
        select tenant_id, 'phone', phones -> 0 ->> 'e164', 'customer', id, id from calls_data.customer
        where tenant_id = %(tenant)s and external_ref like 'many-%%'""",
    "site": f"""
        insert into calls_data.site (tenant_id, id, customer_id, code, name, address, territory, external_ref, active, created_at,
            updated_at)
        select %(tenant)s, {key(SITE, 'n')}, {key(CUSTOMER, '1 + mod(n, %(customer)s)')}, 'S' || n, 'Site ' || n,
            jsonb_build_object('city', 'City ' || mod(n, 200), 'province', 'P' || mod(n, 50)),
            case when mod(n, 4) = 0 then 'T' || mod(n, 40) end, 'many-' || n, mod(n, 20) <> 0, o.at, o.at
        from generate_series(1, %(site)s) n, lateral (select timestamptz '2016-01-01' + n * interval '1 hour' as at) o""",
    "contact": f"""
        insert into calls_data.contact (tenant_id, id, customer_id, site_id, last_name, external_ref, active, created_at, updated_at)
        select %(tenant)s, {key(CONTACT, 'n')}, {key(CUSTOMER, '1 + mod(n, %(customer)s)')},
            case when mod(n, 2) = 0 then {key(SITE, '1 + mod(n, %(site)s)')} end, 'Bianchi ' || n, 'many-' || n,
            mod(n, 20) <> 0, o.at, o.at
        from generate_series(1, %(contact)s) n, lateral (select timestamptz '2016-01-01' + n * interval '1 hour' as at) o""",
    "asset": f"""
        insert into calls_data.asset (tenant_id, id, article_code, serial, stub)
        select %(tenant)s, {key(ASSET, 'n')}, 'EXCAVATOR', 'SERIAL-' || n, true from generate_series(1, %(asset)s) n""",
    "call": f"""
        insert into calls_data.call (tenant_id, id, number, series, year, type_code, channel, state, opened_at, received_by,
            customer_id, site_id, contact_id, bill_to_id, article_id, subject, priority, fault_code, cause_code, resolution_code,
            assignee_id, tags, job_code, parent_id, substate_code, match, suspension, next_due_at, resolved_at, closed_at,
            external_ref, created_at, updated_at)
        select %(tenant)s, {key(CALL, 'n')}, (2016 + n * 10 / %(call)s) || '/L/' || lpad(n::text, 7, '0'), 'L' || mod(n, 3),
            2016 + n * 10 / %(call)s, {choice('intervention help maintenance installation', 'n')},
            {choice('phone email portal web field device', 'n')}, s.state, o.at, 'user-' || mod(n, 50),
            {key(CUSTOMER, '1 + mod(n, %(customer)s)')}, case when mod(n, 2) = 0 then {key(SITE, '1 + mod(n, %(site)s)')} end,
            case when mod(n, 20) = 0 then {key(CONTACT, '1 + mod(n, %(contact)s)')} end,
            case when mod(n, 100) = 7 then {key(CUSTOMER, '1 + mod(n / 100, 50)')} end,
            case when mod(n, 10) = 0 then {key(ARTICLE, 'mod(n, 300)')} end,
            {choice('bucket engine hydraulic cooling track', 'n')} || ' ' ||
            {choice('leaks stops hose fan tension', 'n')} || ' ' || n,
            {choice('low normal high critical', 'n')}, case when mod(n, 7) = 0 then 'F' || mod(n, 20) end,
            case when mod(n, 11) = 0 then 'C' || mod(n, 20) end, case when mod(n, 5) = 0 then 'R' || mod(n, 20) end,
            case when mod(n, 3) = 0 then {key(TECHNICIAN, 'mod(n, 40)')} end, case when mod(n, 50) = 0 then array['vip'] end,
            case when mod(n, 9) = 0 then 'J' || mod(n, 500) end, case when mod(n, 1000) = 1 then {key(CALL, '1 + n / 10')} end,
            case when mod(n, 100) = 0 then 'waiting' end,
            case when mod(n, 500) = 0 then jsonb_build_object('status', {choice('candidates none', 'n / 500')}) end,
            case when s.state = 'suspended' then jsonb_build_object('reason', {choice('parts customer', 'n / 500')}) end,
            case when mod(n, 100) = 0 then timestamptz '2025-11-01' + n * interval '10 seconds' else 'infinity' end,
            case when s.state = 'closed' then o.at + interval '1 day' end,
            case when s.state = 'closed' then o.at + interval '2 days' end, 'many-' || n, o.at, o.at
        from generate_series(1, %(call)s) n,
            lateral (select timestamptz '2016-01-01' + n * (interval '3650 days' / %(call)s) as at) o,
            lateral (select case when mod(n, 100) = 0 then {choice('received open assigned in_progress suspended', 'n / 100')}
                else 'closed' end as state) s""",
    "call_asset": f"""
        insert into calls_data.call_asset (tenant_id, call_id, asset_id, main, position)
        select %(tenant)s, {key(CALL, 'n')}, {key(ASSET, '1 + mod(n / 2, %(asset)s)')}, true, 1
        from generate_series(1, %(call)s, 2) n""",
    "activity": f"""
        insert into calls_data.activity (tenant_id, id, call_id, customer_id, type_code, status, subject, visibility, site_id,
            asset_id, contact_id, planned_start, planned_end, done_at, external_ref, created_at, updated_at)
        select %(tenant)s, {key(ACTIVITY, 'n')}, case when mod(n, 10) <> 0 then {key(CALL, '1 + mod(n, %(call)s)')} end,
            {key(CUSTOMER, '1 + mod(n, %(customer)s)')}, {choice('phone visit repair test', 'n')},
            case when mod(n, 100) = 0 then 'todo' else 'done' end, {choice('bucket engine hydraulic', 'n')} || ' ' || n,
            case when mod(n, 20) = 0 then 'public' else 'internal' end,
            case when mod(n, 2) = 0 then {key(SITE, '1 + mod(n, %(site)s)')} end,
            case when mod(n, 30) = 0 then {key(ASSET, '1 + mod(n, %(asset)s)')} end,
            case when mod(n, 40) = 0 then {key(CONTACT, '1 + mod(n, %(contact)s)')} end,
            case when mod(n, 4) = 0 then o.at end, case when mod(n, 4) = 0 then o.at + interval '1 hour' end,
            case when mod(n, 100) <> 0 then o.at + interval '2 hours' end, 'many-' || n, o.at, o.at
        from generate_series(1, %(activity)s) n,
            lateral (select timestamptz '2016-01-01' + n * (interval '3650 days' / %(activity)s) as at) o""",
    "activity_participant": f"""
        insert into calls_data.activity_participant (tenant_id, activity_id, technician_id, role, status, position)
        select %(tenant)s, {key(ACTIVITY, 'n')}, {key(TECHNICIAN, 'mod(n, 40)')}, 'lead',
            case when mod(n, 100) = 0 then 'planned' else 'done' end, 1 from generate_series(1, %(activity)s, 2) n""",
    "charge": f"""
        insert into calls_data.charge (tenant_id, id, call_id, activity_id, kind, article_id, quantity, price, treatment, pricing,
            technician_id, work_date, job_code, status, external_ref, created_at, updated_at)
        select %(tenant)s, {key(CHARGE, 'n')}, {key(CALL, '1 + mod(n, %(call)s)')},
            case when mod(n, 2) = 0 then {key(ACTIVITY, '1 + mod(n, %(activity)s)')} end, {choice('labour travel part other', 'n')},
            case when mod(n, 10) = 0 then {key(ARTICLE, 'mod(n, 300)')} end, 1, 10,
            case when mod(n, 100) = 0 then 'warranty' else 'billable' end, case when mod(n, 100) = 1 then 'pending' else 'none' end,
            case when mod(n, 3) = 0 then {key(TECHNICIAN, 'mod(n, 40)')} end, o.at::date,
            case when mod(n, 9) = 0 then 'J' || mod(n, 500) end, case when mod(n, 100) = 2 then 'locked' else 'open' end,
            'many-' || n, o.at, o.at
        from generate_series(1, %(charge)s) n,
            lateral (select timestamptz '2016-01-01' + n * (interval '3650 days' / %(charge)s) as at) o""",
}


FEW_VALUES = 12


class Rows:
    """What fills the tables of a service; bound are columns, as "table.column", whose value others of the row follow."""

    def __init__(self, service, fills, counts, bound=()):
        self.service, self.fills, self.counts, self.bound = service, fills, counts, bound

    def table(self, name):
        return f"{self.service}_data.{name}"


WORK = Rows("calls", FILLS, COUNTS)

# What finds customers by their free values, from the values themselves: for rows written past the trigger that keeps it.
CUSTOMER_TERMS = """
    insert into calls_data.customer_free_term (tenant_id, owner_id, slot, term)
    select c.tenant_id, c.id, f.slot, calls.free_term(f.slot, f.type, e.value) from calls_data.customer c, jsonb_each_text(c.x) e
        join calls_data.customer_free_field f on f.tenant_id = %(tenant)s and f.slot::text = e.key
    where c.tenant_id = %(tenant)s"""


def fill(stack, tenant, tables=None, of=WORK, **counts):
    """Fills the tables (all unless named) of a tenant that has none of these rows yet.

    Without secondary indexes, which are made again when the rows are there, and without looking up what foreign keys
    name: a million calls take a minute or two. Then PostgreSQL learns what is there.
    """
    values = {"tenant": tenant.id, **of.counts, **counts}
    with stack.connect() as database:
        database.execute("set session_replication_role = replica")
        database.execute("set maintenance_work_mem = '1GB'")
        for name in tables or of.fills:
            table = of.table(name)
            indexes = secondary_indexes(database, table) if values.get(name, 0) > 100_000 else []
            for index in indexes:
                database.execute(f"drop index {index['name']}")
            for sql in of.fills[name].split(";"):
                database.execute(sql, values)
            for index in indexes:
                database.execute(index["made"])
            database.execute(f"vacuum (analyze) {table}")


def oppose(stack, tenant, other, of=WORK):
    """Gives another tenant the same rows, but that columns of few values have, in turn, those that fewer of the first one's have.

    What PostgreSQL knows of a table is of all tenants: it then speaks against the one that is asked for.
    """
    values = {"tenant": tenant.id, "other": other.id}
    with stack.connect() as database:
        database.execute("set session_replication_role = replica")
        for name in of.fills:
            table = of.table(name)
            columns = columns_of(database, table)
            few = columns_of_few(database, table, tenant, [column for column in columns if f"{name}.{column}" not in of.bound])
            sets = [f", {set_of(column)} as materialized ({values_by_rows(column)})" for column in few]
            shown = {column: seldom(column) if column in few else f"r.{column}" for column in columns}
            database.execute(
                f"with r as (select *, row_number() over () as nth from {table} where tenant_id = %(tenant)s){''.join(sets)} "
                f"insert into {table} (tenant_id, {', '.join(shown)}) select %(other)s, {', '.join(shown.values())} from r", values)
            database.execute(f"vacuum (analyze) {table}")


def set_of(column):
    return "values_of_" + column.strip('"')


def values_by_rows(column):
    """SQL: the values of a column, the one that most rows have at place 0, and how many others there are."""
    return (f"select {column} as value, row_number() over (order by count(*) desc, {column}) - 1 as place, "
            f"count(*) over () - 1 as others from r group by 1")


def seldom(column):
    """SQL: of its values all but the one that most rows have, in turn; or that, when there is no other."""
    return (f"(select v.value from {set_of(column)} v where v.place = case when v.others > 0 then 1 + mod(r.nth, v.others) "
            f"else 0 end)")


def columns_of(database, table):
    """The columns that can be written, but for the tenant."""
    rows = database.execute(
        "select quote_ident(a.attname) as name from pg_attribute a where a.attrelid = %s::regclass and a.attnum > 0 and not "
        "a.attisdropped and a.attgenerated = '' and a.attidentity = '' and a.attname <> 'tenant_id' order by a.attnum", [table])
    return [row["name"] for row in rows]


def columns_of_few(database, table, tenant, columns):
    """Those of the columns in which a tenant's rows have few values, told by the rows themselves: statistics are of all tenants."""
    counted = database.execute(f"select jsonb_build_array({', '.join(f'count(distinct {column})' for column in columns)}) as counts "
                               f"from {table} where tenant_id = %s", [tenant.id]).fetchone()["counts"]
    return {column for column, count in zip(columns, counted) if 1 <= count <= FEW_VALUES}


def secondary_indexes(database, table):
    return database.execute(
        "select i.indexrelid::regclass::text as name, pg_get_indexdef(i.indexrelid) as made from pg_index i where i.indrelid = "
        "%s::regclass and not exists (select from pg_constraint c where c.conindid = i.indexrelid)",
        [table],
    ).fetchall()
