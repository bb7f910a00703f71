"""Ten million movements of the catalogue's parts, straight into the ledger, and the stock that is their sum."""
from catalogue import ARTICLES, WAREHOUSES, sql_of
from stack import STACK

EACH = 10  # pieces that come in with each movement of a part

# The ledger's indexes but for those of its constraints: built at the end, which takes a tenth of the time.
INDEXES = """
    select i.indexrelid::regclass::text as name, pg_get_indexdef(i.indexrelid) as made from pg_index i
    where i.indrelid = 'inventory_data.movement'::regclass and not exists (
        select from pg_constraint c where c.conindid = i.indexrelid)"""

# Each part in one warehouse, as in the catalogue. Triggers and references are for what clients write.
FILL = f"""
    set session_replication_role = replica;
    insert into inventory_data.movement (tenant_id, id, kind, article_id, warehouse_id, owner, quantity, unit_cost, value, at,
        by_subject)
    select %(tenant)s, {sql_of('5', 'n')}::uuid, 'receipt', {sql_of('7', f'mod(n, {ARTICLES})')}::uuid,
        {sql_of('6', f'mod(mod(n, {ARTICLES}), {WAREHOUSES})')}::uuid, 'own', {EACH}, 2.5, {EACH} * 2.5,
        timestamptz '2020-01-01' + n * interval '10 seconds', 'bench'
    from generate_series(1, %(count)s) n;
    with moved as (
        select article_id, warehouse_id, sum(quantity) as quantity, sum(value) as value from inventory_data.movement
        where tenant_id = %(tenant)s group by article_id, warehouse_id
    ), stocked as (
        insert into inventory_data.stock (tenant_id, id, article_id, warehouse_id, owner, sellable, on_hand)
        select %(tenant)s, base.uuid_new(), article_id, warehouse_id, 'own', true, quantity from moved
    )
    insert into inventory_data.article_value (tenant_id, article_id, quantity, value)
    select %(tenant)s, article_id, sum(quantity), sum(value) from moved group by article_id;
    set session_replication_role = default"""


def fill(tenant, count):
    with STACK.connect() as database:
        indexes = database.execute(INDEXES).fetchall()
        for index in indexes:
            database.execute(f"drop index {index['name']}")
        for statement in (FILL % {"tenant": f"'{tenant.id}'", "count": count}).split(";"):
            database.execute(statement)
        for index in indexes:
            database.execute(index["made"])
        for table in ("movement", "stock", "article_value", "article"):
            database.execute(f"vacuum analyze inventory_data.{table}")
