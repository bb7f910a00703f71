"""Rows of the inventory service by the ten thousand, as many.py has those of calls: many.fill(stack, tenant, of=GOODS)."""
from .many import CUSTOMER, SITE, TECHNICIAN, Rows, choice, key

COUNTS = {"warehouse": 20, **dict.fromkeys(["article", "stock", "serial", "asset", "movement", "reservation", "rma", "rma_line",
                                            "transport_document", "transfer", "count", "meter_reading"], 20000)}
ARTICLE, WAREHOUSE, STOCK, SERIAL, ASSET, MOVEMENT, RESERVATION, CALL, ACTIVITY = "1", "2", "3", "4", "d", "5", "6", "e", "f"
RMA, RMA_LINE, DOCUMENT, TRANSFER, COUNT, METER, READING = "0", "7", "8", "9", "a", "b", "c"  # of tables that name no others of these
AT = "lateral (select timestamptz '2016-01-01' + n * (interval '3650 days' / %({table})s) as at) o"


def some(every, value):
    """SQL: the value in one row of so many, else null."""
    return f"case when mod(n, {every}) = 0 then {value} end"


def one_of(kind, table):
    """SQL: the id of a row of the table."""
    return key(kind, f"1 + mod(n, %({table})s)")


FILLS = {
    "article": f"""
        insert into inventory_data.article (tenant_id, id, code, kind, description, uom, decimals, tracking, category_code, stocked,
            price_quantity_multiplier, becomes_asset, barcodes, suppliers, origin, external_ref, active, created_at, updated_at)
        select %(tenant)s, {key(ARTICLE, 'n')}, 'A-' || lpad(n::text, 7, '0'), {choice('part part part service', 'n')},
            {choice('bucket engine hydraulic cooling track', 'n')} || ' ' || n, 'pcs', 0,
            case when mod(n, 20) = 0 then 'serial' else 'none' end, {some(4, "'G' || mod(n, 40)")}, mod(n, 50) <> 0, 1,
            mod(n, 100) = 0, {some(2, "array['80' || n]")},
            {some(3, "jsonb_build_array(jsonb_build_object('code', 'S' || n))")}, case when mod(n, 100) = 0 then 'erp' else 'local' end,
            'many-' || n, mod(n, 50) <> 0, o.at, o.at
        from generate_series(1, %(article)s) n, {AT.format(table='article')}""",
    "warehouse": f"""
        insert into inventory_data.warehouse (tenant_id, id, code, name, kind, technician_id, external_ref, active)
        select %(tenant)s, {key(WAREHOUSE, 'n')}, 'W' || n, 'Warehouse ' || n, case when mod(n, 2) = 0 then 'van' else 'stock' end,
            {some(2, key(TECHNICIAN, 'n'))}, 'many-' || n, true
        from generate_series(1, %(warehouse)s) n""",
    "stock": f"""
        insert into inventory_data.stock (tenant_id, id, article_id, warehouse_id, owner, sellable, on_hand, reserved, last_moved_at,
            created_at, updated_at)
        select %(tenant)s, {key(STOCK, 'n')}, {one_of(ARTICLE, 'article')}, {one_of(WAREHOUSE, 'warehouse')},
            case when mod(n, 100) = 0 then 'customer' else 'own' end, mod(n, 100) <> 0, 10 + mod(n, 90), 0, o.at, o.at, o.at
        from generate_series(1, %(stock)s) n, {AT.format(table='stock')}""",
    "serial": f"""
        insert into inventory_data.serial (tenant_id, id, article_id, serial, state, owner, warehouse_id, asset_id, reservation_id,
            created_at, updated_at)
        select %(tenant)s, {key(SERIAL, 'n')}, {one_of(ARTICLE, 'article')}, 'SN-' || n,
            case when mod(n, 50) = 0 then 'reserved' when mod(n, 3) = 0 then 'in_stock' else 'at_customer' end, 'own',
            case when mod(n, 50) = 0 or mod(n, 3) = 0 then {one_of(WAREHOUSE, 'warehouse')} end, {some(7, key(ASSET, 'n'))},
            {some(50, key(RESERVATION, 'n'))}, o.at, o.at
        from generate_series(1, %(serial)s) n, {AT.format(table='serial')}""",
    "asset": f"""
        insert into inventory_data.asset (tenant_id, id, article_id, serial, status, customer_id, owner_customer_id, site_id, parent_id,
            installed_on, warranties, tags, description, external_ref, created_at, updated_at)
        select %(tenant)s, {key(ASSET, 'n')}, {one_of(ARTICLE, 'article')}, 'AS-' || n,
            case when mod(n, 50) = 0 then 'in_repair' else 'installed' end, {key(CUSTOMER, '1 + mod(n, 1000)')},
            {some(9, key(CUSTOMER, '1 + mod(n, 50)'))}, {some(2, key(SITE, '1 + mod(n, 2000)'))}, {some(5, key(ASSET, '1 + n / 5'))},
            o.at::date, {some(4, "jsonb_build_array(jsonb_build_object('from', o.at::date, 'until', o.at::date + 730))")},
            {some(50, "array['vip']")}, {choice('bucket engine hydraulic', 'n')} || ' ' || n, 'many-' || n, o.at, o.at
        from generate_series(1, %(asset)s) n, {AT.format(table='asset')}""",
    "movement": f"""
        insert into inventory_data.movement (tenant_id, id, kind, article_id, warehouse_id, owner, quantity, value, serials,
            reservation_id, call_id, activity_id, charge_id, asset_id, document_kind, document_id, document_number, job_code, at,
            recorded_at, external_ref)
        select %(tenant)s, {key(MOVEMENT, 'n')}, {choice('receipt issue return transfer_out transfer_in', 'n')},
            {one_of(ARTICLE, 'article')}, {one_of(WAREHOUSE, 'warehouse')}, case when mod(n, 100) = 0 then 'customer' else 'own' end, 1, 1,
            {some(20, "array['SN-' || n]")}, {some(10, key(RESERVATION, 'n'))}, {some(3, key(CALL, 'n / 2'))},
            {some(3, key(ACTIVITY, 'n / 2'))}, {some(6, key('9', 'n'))}, {some(20, key(ASSET, 'n'))}, {some(30, "'ddt'")},
            {some(30, key('8', 'n / 90'))}, {some(30, "'2020/' || n / 90")}, {some(9, "'J' || mod(n, 500)")}, o.at, o.at, 'many-' || n
        from generate_series(1, %(movement)s) n, {AT.format(table='movement')}""",
    "reservation": f"""
        insert into inventory_data.reservation (tenant_id, id, article_id, warehouse_id, kit_id, quantity, issued, status, activity_id,
            call_id, charge_id, needed_at, expires_at, external_ref, created_at, updated_at)
        select %(tenant)s, {key(RESERVATION, 'n')}, {one_of(ARTICLE, 'article')}, {one_of(WAREHOUSE, 'warehouse')},
            {some(40, one_of(ARTICLE, 'article'))}, 1, case when mod(n, 50) = 0 then 0 else 1 end,
            case when mod(n, 50) = 0 then 'reserved' else 'fulfilled' end, {key(ACTIVITY, 'n / 3')}, {some(2, key(CALL, 'n / 3'))},
            {some(4, key('9', 'n'))}, {some(5, 'o.at')}, {some(25, 'o.at')}, 'many-' || n, o.at, o.at
        from generate_series(1, %(reservation)s) n, {AT.format(table='reservation')}""",
    "rma": f"""
        insert into inventory_data.rma (tenant_id, id, number, kind, state, customer_id, site_id, call_id, supplier_ref, parent_line_id,
            reason, external_ref, created_at, updated_at)
        select %(tenant)s, {key(RMA, 'n')}, '2020/RMA/' || lpad(n::text, 6, '0'),
            case when mod(n, 100) = 1 then {choice('supplier_repair advance_replacement', 'n / 100')} else 'customer_repair' end,
            case when mod(n, 50) = 0 then {choice('open cancelled', 'n / 50')} else 'closed' end, {key(CUSTOMER, '1 + mod(n, 1000)')},
            {some(2, key(SITE, '1 + mod(n, 2000)'))}, {some(3, key(CALL, 'n / 2'))}, {some(50, "'F' || n")},
            {some(50, key(RMA_LINE, 'n'))}, {choice('bucket engine hydraulic', 'n')} || ' ' || n, 'many-' || n, o.at, o.at
        from generate_series(1, %(rma)s) n, {AT.format(table='rma')}""",
    "rma_line": f"""
        insert into inventory_data.rma_line (tenant_id, id, rma_id, article_id, serial, quantity, asset_id, state, outcome, warehouse_id,
            unannounced, offer_id, loaned_asset_id, due_back_on, external_ref, created_at, updated_at)
        select %(tenant)s, {key(RMA_LINE, 'n')}, {key(RMA, 'n')}, {one_of(ARTICLE, 'article')}, 'SN-' || n, 1,
            {some(2, key(ASSET, 'n'))}, case when mod(n, 50) = 0 then {choice('requested authorised received', 'n / 50')} else 'closed' end,
            case when mod(n, 50) = 1 then 'credited' when mod(n, 50) > 1 then 'repaired' end, {some(50, one_of(WAREHOUSE, 'warehouse'))},
            mod(n, 100) = 0, {some(40, key('f', 'n'))}, {some(60, key(ASSET, 'n + 1'))}, {some(30, 'o.at::date')}, 'many-' || n, o.at, o.at
        from generate_series(1, %(rma_line)s) n, {AT.format(table='rma_line')}""",
    "transport_document": f"""
        insert into inventory_data.transport_document (tenant_id, id, number, direction, state, reason, party, their_number,
            document_date, warehouse_id, external_ref, created_at, updated_at)
        select %(tenant)s, {key(DOCUMENT, 'n')}, case when mod(n, 50) > 1 then '2020/DDT/' || lpad(n::text, 6, '0') end,
            case when mod(n, 50) = 1 then 'in' else 'out' end, case when mod(n, 50) = 0 then 'draft' else 'issued' end,
            case when mod(n, 100) = 2 then 'loan' else 'repaired' end,
            jsonb_build_object('customer_id', {key(CUSTOMER, '1 + mod(n, 1000)')}), case when mod(n, 50) = 1 then 'T' || n end,
            case when mod(n, 50) > 0 then o.at::date end, {one_of(WAREHOUSE, 'warehouse')}, 'many-' || n, o.at, o.at
        from generate_series(1, %(transport_document)s) n, {AT.format(table='transport_document')}""",
    "transfer": f"""
        insert into inventory_data.transfer (tenant_id, id, number, from_warehouse_id, to_warehouse_id, state, needed_at, external_ref,
            created_at, updated_at)
        select %(tenant)s, {key(TRANSFER, 'n')}, '2020/TR/' || lpad(n::text, 6, '0'), {one_of(WAREHOUSE, 'warehouse')},
            {key(WAREHOUSE, '1 + mod(n + 1, %(warehouse)s)')},
            case when mod(n, 50) = 0 then {choice('draft shipped cancelled', 'n / 50')} else 'received' end, {some(5, 'o.at')},
            'many-' || n, o.at, o.at
        from generate_series(1, %(transfer)s) n, {AT.format(table='transfer')}""",
    "count": f"""
        insert into inventory_data.count (tenant_id, id, number, warehouse_id, state, blind, posted_at, external_ref, created_at, updated_at)
        select %(tenant)s, {key(COUNT, 'n')}, '2020/INV/' || lpad(n::text, 6, '0'), {one_of(WAREHOUSE, 'warehouse')},
            case when mod(n, 50) = 0 then {choice('draft counting', 'n / 50')} else 'posted' end, false,
            case when mod(n, 50) > 0 then o.at end, 'many-' || n, o.at, o.at
        from generate_series(1, %(count)s) n, {AT.format(table='count')}""",
    "meter_reading": f"""
        insert into inventory_data.meter_reading (tenant_id, id, meter_id, asset_id, value, at, source, reset, total, work_report_id,
            external_ref, created_at, updated_at)
        select %(tenant)s, {key(READING, 'n')}, {key(METER, '1 + mod(n, 500)')}, {key(ASSET, '1 + mod(n, 500)')}, n, o.at,
            case when mod(n, 50) = 0 then 'device' else 'manual' end, mod(n, 100) = 0, n, {some(20, key('f', 'n'))}, 'many-' || n, o.at, o.at
        from generate_series(1, %(meter_reading)s) n, {AT.format(table='meter_reading')}""",
}

GOODS = Rows("inventory", FILLS, COUNTS, bound={
    "warehouse.kind", "warehouse.technician_id", "serial.state", "serial.warehouse_id", "serial.reservation_id",
    "transfer.from_warehouse_id", "transfer.to_warehouse_id"})
