-- Stock is the sum of its ledger: at a past date, and compared with what is kept of it.

-- What is kept and is not what movements, reservations and transfers add up to; of some articles, or of all.
create or replace function inventory.stock_differences(wanted uuid[]) returns table (article_id uuid, warehouse_id uuid, owner text, field text,
	kept numeric, told numeric) language sql stable parallel safe as $$
	with moved as materialized ( -- the ledger is read once
		select m.article_id, m.warehouse_id, m.owner, sum(m.quantity) as on_hand, sum(m.value) as value, sum(m.ordered) as arrived
		from inventory.movement m
		where wanted is null or m.article_id = any (wanted) group by m.article_id, m.warehouse_id, m.owner
	), promised as (
		select r.article_id, r.warehouse_id, 'own' as owner, sum(r.open) filter (where r.status = 'reserved') as reserved,
			sum(r.open) filter (where r.status = 'waiting') as waiting
		from inventory.reservation r where r.status in ('reserved', 'waiting') and (wanted is null or r.article_id = any (wanted))
		group by r.article_id, r.warehouse_id
	), coming as (
		select l.article_id, t.to_warehouse_id as warehouse_id, 'own' as owner, sum(l.missing) as in_transit
		from inventory.transfer_line l join inventory.transfer t on t.id = l.transfer_id
		where l.missing > 0 and (wanted is null or l.article_id = any (wanted)) group by l.article_id, t.to_warehouse_id
	), ordered as (
		select g.article_id, g.warehouse_id, 'own' as owner, sum(g.quantity) as on_order from inventory.reorder_suggestion g
		where g.erp_order is not null and (wanted is null or g.article_id = any (wanted)) group by g.article_id, g.warehouse_id
	), worth as (
		select m.article_id, sum(m.on_hand) as quantity, sum(m.value) as value from moved m
			join inventory.warehouse w on w.id = m.warehouse_id
		where m.owner = 'own' and w.valued group by m.article_id
	)
	select article_id, warehouse_id, owner, f.field, f.kept, f.told
	from (select s.article_id, s.warehouse_id, s.owner, s.on_hand, s.reserved, s.waiting, s.in_transit, s.on_order from
			inventory.stock s
			where wanted is null or s.article_id = any (wanted)) s full join moved m using (article_id, warehouse_id, owner)
		full join promised p using (article_id, warehouse_id, owner) full join coming c using (article_id, warehouse_id, owner)
		full join ordered o using (article_id, warehouse_id, owner),
		lateral (values ('on_hand', coalesce(s.on_hand, 0), coalesce(m.on_hand, 0)), ('reserved', coalesce(s.reserved, 0),
			coalesce(p.reserved, 0)), ('waiting', coalesce(s.waiting, 0), coalesce(p.waiting, 0)), ('in_transit',
			coalesce(s.in_transit, 0), coalesce(c.in_transit, 0)), ('on_order', coalesce(s.on_order, 0),
			coalesce(o.on_order, 0) - coalesce(m.arrived, 0))) f(field, kept, told)
	where f.kept <> f.told
	union all
	select article_id, null, 'own', f.field, f.kept, f.told
	from (select v.article_id, v.quantity, v.value from inventory.article_value v where wanted is null or v.article_id = any (wanted)) v
		full join worth w using (article_id),
		lateral (values ('quantity', coalesce(v.quantity, 0), coalesce(w.quantity, 0)), ('value', coalesce(v.value, 0),
			coalesce(w.value, 0))) f(field, kept, told)
	where f.kept <> f.told
$$;

-- Where each piece is by its last movement, which is nowhere when that took it away; what a reversal took away never came.
create or replace function inventory.serials_told(wanted uuid[]) returns table (article_id uuid, serial text, serial_key text, owner text,
	warehouse_id uuid, state text) language sql stable parallel safe as $$
	select l.article_id, l.serial, l.serial_key, l.owner, case when l.quantity > 0 and w.kind <> 'scrap' then w.id end,
		case when l.quantity < 0 then case when l.kind in ('scrap', 'adjustment') then 'scrapped' else 'at_customer' end
			else inventory.serial_state(w.kind) end
	from (select distinct on (m.article_id, base.fold(u.serial)) m.article_id, btrim(u.serial) as serial,
				base.fold(u.serial) as serial_key, m.owner, m.quantity, m.kind, m.warehouse_id
			from inventory.article a join inventory.movement m on m.article_id = a.id, unnest(m.serials) u(serial)
			where a.tracking = 'serial' and (wanted is null or a.id = any (wanted))
			order by m.article_id, base.fold(u.serial), m.sequence desc) l
		join inventory.warehouse w on w.id = l.warehouse_id
	where l.kind <> 'reversal' or l.quantity > 0
$$;

-- Pieces that are kept in another warehouse than their movements tell, or as somebody else's.
create or replace function inventory.serial_differences(wanted uuid[]) returns table (article_id uuid, warehouse_id uuid, owner text, serial text,
	kept numeric, told numeric) language sql stable parallel safe as $$
	select article_id, warehouse_id, owner, coalesce(s.serial, t.serial), num_nonnulls(s.serial)::numeric, num_nonnulls(t.serial)::numeric
	from (select s.article_id, s.serial_key, s.warehouse_id, s.owner, s.serial from inventory.serial s
			where s.warehouse_id is not null and (wanted is null or s.article_id = any (wanted))) s
		full join (select t.article_id, t.serial_key, t.warehouse_id, t.owner, t.serial from inventory.serials_told(wanted) t
			where t.warehouse_id is not null) t using (article_id, serial_key, warehouse_id, owner)
	where num_nonnulls(s.serial, t.serial) = 1
$$;

-- Puts a piece where its movements tell; one that never came is forgotten. A promise of it went with the wrong place.
create or replace function inventory.serial_settle(of_article uuid, piece text) returns void language plpgsql as $$
begin
	insert into inventory.serial (id, article_id, serial, state, owner, warehouse_id)
	select base.uuid_new(), t.article_id, t.serial, t.state, t.owner, t.warehouse_id from inventory.serials_told(array[of_article]) t
	where t.serial_key = base.fold(piece)
	on conflict (tenant_id, article_id, serial_key) do update set state = excluded.state, owner = excluded.owner,
		warehouse_id = excluded.warehouse_id, reservation_id = null, version = serial.version + 1, updated_at = base.clock();
	if not found then
		delete from inventory.serial s where s.article_id = of_article and s.serial_key = base.fold(piece);
	end if;
end $$;

-- The articles that differ in anything. PostgreSQL adds up on several cores what a query returns, but not what an expression asks.
create or replace function inventory.stock_suspects() returns setof uuid language plpgsql stable as $$
begin
	return query select d.article_id from inventory.stock_differences(null) d
		union select d.article_id from inventory.serial_differences(null) d;
end $$;

-- Compares, and with `repair` puts right what differs. Work goes on meanwhile: only articles that differ are taken, and these
-- compared anew before anything is written.
create or replace function inventory.stock_rebuild(repair boolean) returns setof jsonb language plpgsql as $$
declare
	suspects uuid[] := array(select inventory.stock_suspects());
	one record;
	place uuid;
begin
	perform inventory.stock_lock(suspects);
	for one in select d.* from inventory.stock_differences(suspects) d order by d.article_id, d.warehouse_id, d.owner, d.field loop
		return next jsonb_build_object('article_id', one.article_id, 'warehouse_id', one.warehouse_id, 'owner', one.owner, 'field',
			one.field, 'kept', one.kept::text, 'ledger', one.told::text);
		continue when not repair;
		if one.warehouse_id is null then
			insert into inventory.article_value (article_id) values (one.article_id) on conflict (tenant_id, article_id) do nothing;
			update inventory.article_value v set quantity = case one.field when 'quantity' then one.told else v.quantity end,
				value = case one.field when 'value' then one.told else v.value end
			where v.article_id = one.article_id;
			continue;
		end if;
		place := (inventory.stock_row(one.article_id, one.warehouse_id, one.owner)).id;
		update inventory.stock s set on_hand = case one.field when 'on_hand' then one.told else s.on_hand end,
			reserved = case one.field when 'reserved' then one.told else s.reserved end,
			waiting = case one.field when 'waiting' then one.told else s.waiting end,
			in_transit = case one.field when 'in_transit' then one.told else s.in_transit end,
			on_order = case one.field when 'on_order' then one.told else s.on_order end, version = s.version + 1,
			updated_at = base.clock()
		where s.id = place;
		perform base.touch('stock.changed', array[place]);
	end loop;
	for one in select d.* from inventory.serial_differences(suspects) d order by d.article_id, d.serial, d.told loop
		return next jsonb_build_object('article_id', one.article_id, 'warehouse_id', one.warehouse_id, 'owner', one.owner, 'field',
			'serial', 'serial', one.serial, 'kept', one.kept::text, 'ledger', one.told::text);
		perform inventory.serial_settle(one.article_id, one.serial) where repair;
	end loop;
end $$;
