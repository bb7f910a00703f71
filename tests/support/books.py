"""What must hold of stock whatever happened: statements of SQL that find the rows of a tenant where it does not."""

BOOKS = {
    "on hand is the sum of movements, by article, warehouse and owner": """
        select s.article_id, s.warehouse_id, s.owner, s.on_hand, m.quantity
        from (select article_id, warehouse_id, owner, on_hand from inventory_data.stock where tenant_id = %(tenant)s) s
        full join (select article_id, warehouse_id, owner, sum(quantity) as quantity from inventory_data.movement
            where tenant_id = %(tenant)s group by 1, 2, 3) m using (article_id, warehouse_id, owner)
        where coalesce(s.on_hand, 0) <> coalesce(m.quantity, 0)""",
    "pieces with a serial are as many as are on hand": """
        select s.article_id, s.warehouse_id, s.owner, s.on_hand, count(e.id)
        from inventory_data.stock s join inventory_data.article a on a.tenant_id = s.tenant_id and a.id = s.article_id
            left join inventory_data.serial e on e.tenant_id = s.tenant_id and e.article_id = s.article_id
                and e.warehouse_id = s.warehouse_id and e.owner = s.owner
        where s.tenant_id = %(tenant)s and a.tracking = 'serial' group by 1, 2, 3, 4 having s.on_hand <> count(e.id)""",
    "a serial is where its movements say, and there alone": """
        select e.article_id, e.serial, e.warehouse_id, m.places
        from (select article_id, serial, array_agg(warehouse_id) filter (where times <> 0) as places,
                bool_and(times in (0, 1)) as sound
            from (select m.article_id, u.serial, m.warehouse_id, sum(sign(m.quantity)) as times
                from inventory_data.movement m, unnest(m.serials) u(serial) where m.tenant_id = %(tenant)s group by 1, 2, 3) t
            group by 1, 2) m
        full join (select article_id, serial, warehouse_id from inventory_data.serial where tenant_id = %(tenant)s) e
            using (article_id, serial)
        where m.sound is not true or coalesce(cardinality(m.places), 0) > 1 or m.places[1] is distinct from e.warehouse_id""",
    "what is reserved and waited for is what is open of reservations": """
        select s.article_id, s.warehouse_id, s.reserved, s.waiting, r.reserved, r.waiting
        from (select article_id, warehouse_id, reserved, waiting from inventory_data.stock
            where tenant_id = %(tenant)s and owner = 'own') s
        full join (select article_id, warehouse_id, sum(open) filter (where status = 'reserved') as reserved,
            sum(open) filter (where status = 'waiting') as waiting from inventory_data.reservation
            where tenant_id = %(tenant)s group by 1, 2) r using (article_id, warehouse_id)
        where coalesce(s.reserved, 0) <> coalesce(r.reserved, 0) or coalesce(s.waiting, 0) <> coalesce(r.waiting, 0)""",
    "no more is reserved than is on hand, and what is available is never below zero": """
        select article_id, warehouse_id, owner, on_hand, reserved, available from inventory_data.stock
        where tenant_id = %(tenant)s and (reserved > on_hand or available < 0 or on_hand < 0)""",
    "nobody waits for what is available": """
        select article_id, warehouse_id, available, waiting from inventory_data.stock
        where tenant_id = %(tenant)s and available > 0 and waiting > 0""",
    "a reservation is issued, released and open": """
        select r.id, r.quantity, r.issued, r.released, r.open, m.quantity
        from inventory_data.reservation r left join (select reservation_id, -sum(quantity) as quantity from inventory_data.movement
            where tenant_id = %(tenant)s and kind = 'issue' group by 1) m on m.reservation_id = r.id
        where r.tenant_id = %(tenant)s and (r.quantity <> r.issued + r.released + r.open or r.issued <> coalesce(m.quantity, 0))""",
    "a piece that is reserved is so by an open reservation of its place": """
        select e.serial, e.warehouse_id, r.id, r.status from inventory_data.serial e
            left join inventory_data.reservation r on r.tenant_id = e.tenant_id and r.id = e.reservation_id
        where e.tenant_id = %(tenant)s and e.state = 'reserved'
            and (r.status is distinct from 'reserved' or r.warehouse_id <> e.warehouse_id)""",
    "quantity and value of an article are the sums of its movements": """
        select article_id, v.quantity, v.value, m.quantity, m.value
        from (select article_id, quantity, value from inventory_data.article_value where tenant_id = %(tenant)s) v
        full join (select m.article_id, sum(m.quantity) as quantity, sum(m.value) as value from inventory_data.movement m
                join inventory_data.warehouse w on w.tenant_id = m.tenant_id and w.id = m.warehouse_id
            where m.tenant_id = %(tenant)s and m.owner = 'own' and w.valued group by 1) m using (article_id)
        where coalesce(v.quantity, 0) <> coalesce(m.quantity, 0) or coalesce(v.value, 0) <> coalesce(m.value, 0)""",
    "what is on its way to a warehouse is what was shipped there and neither came nor was settled": """
        select s.article_id, s.warehouse_id, s.in_transit, t.missing
        from (select article_id, warehouse_id, in_transit from inventory_data.stock
            where tenant_id = %(tenant)s and owner = 'own') s
        full join (select l.article_id, t.to_warehouse_id as warehouse_id, sum(l.missing) as missing
            from inventory_data.transfer t join inventory_data.transfer_line l on l.tenant_id = t.tenant_id and l.transfer_id = t.id
            where t.tenant_id = %(tenant)s and t.state in ('shipped', 'received') group by 1, 2) t using (article_id, warehouse_id)
        where coalesce(s.in_transit, 0) <> coalesce(t.missing, 0)""",
}


def check_books(database, tenant):
    wrong = {}
    for rule, sql in BOOKS.items():
        rows = database.execute(sql, {"tenant": tenant.id}).fetchall()
        if rows:
            wrong[rule] = rows[:5]
    assert not wrong, wrong
