-- What should be ordered follows what transfers bring and no longer bring, and promises that move to another warehouse.

-- Looks what a transfer changes for the warehouse where it goes; where it comes from its movements look themselves.
create function inventory.transfer_look(sent_id uuid) returns void language plpgsql as $$
begin
	perform inventory.reorder_look(n.article_id, n.to_warehouse_id)
	from (select distinct l.article_id, t.to_warehouse_id from inventory.transfer t join inventory.transfer_line l
		on l.transfer_id = t.id where t.id = sent_id order by l.article_id) n;
end $$;
grant execute on function inventory.transfer_look(uuid) to inventory;

-- Sends the goods off; `over_counter`: they are there at once. It is no draft any more before they move, so that nobody counts them
-- twice as coming.
create or replace function inventory.transfer_ship(sent_id uuid, over_counter boolean, b jsonb) returns void language plpgsql as $$
declare
	sent inventory.transfer;
	line inventory.transfer_line;
	pointer text;
	gone jsonb;
begin
	select t.* into strict sent from inventory.transfer t where t.id = sent_id;
	update inventory.transfer t set state = case when over_counter then 'received' else 'shipped' end,
		shipped_at = coalesce((b ->> 'at')::timestamptz, base.clock()),
		received_at = case when over_counter then coalesce((b ->> 'at')::timestamptz, base.clock()) end
	where t.id = sent_id;
	for line in select l.* from inventory.transfer_line l where l.transfer_id = sent_id order by l.position loop
		pointer := '/lines/' || (line.position - 1);
		if line.reservation_id is not null then
			perform inventory.reservation_follow(line.reservation_id, line.quantity, line.article_id, sent.from_warehouse_id,
				sent.to_warehouse_id, pointer || '/reservation_id');
		end if;
		gone := inventory.transfer_movement(sent, line, line.quantity, line.serials, b, pointer);
		if over_counter then
			perform inventory.stock_carry(gone, sent.from_warehouse_id, sent.to_warehouse_id);
		else
			perform inventory.stock_carry(gone - 'reservation_id', sent.from_warehouse_id, inventory.transit_warehouse()),
				inventory.stock_expect(line.article_id, sent.to_warehouse_id, line.quantity);
		end if;
		update inventory.transfer_line l set shipped = l.quantity, received = case when over_counter then l.quantity else 0 end,
			received_serials = case when over_counter then coalesce(l.serials, '{}') else '{}' end
		where l.transfer_id = sent_id and l.position = line.position;
	end loop;
	perform inventory.transfer_look(sent_id);
end $$;

-- What arrived: b.lines (position, quantity, serials), or all that is missing. A shortfall stays in transit, and is told.
create or replace function inventory.transfer_receive(sent_id uuid, b jsonb) returns void language plpgsql as $$
declare
	given jsonb := nullif(b -> 'lines', 'null');
	sent inventory.transfer;
	one record;
	line inventory.transfer_line;
	pieces text[];
	part numeric;
	short numeric;
begin
	select t.* into strict sent from inventory.transfer t where t.id = sent_id;
	perform base.must((select count(*) from inventory.transfer_line l where l.transfer_id = sent_id and l.position = g.position) = 1
			and g.times = 1, 'invalid', format('the transfer has no line %s, or it is named twice', g.position),
			'/lines/' || (g.index - 1) || '/position', 'reference')
	from (select (e.value ->> 'position')::int as position, e.ordinality as index,
			count(*) over (partition by e.value ->> 'position') as times
		from jsonb_array_elements(given) with ordinality e) g;
	for one in select l.position, e.value as said, '/lines/' || coalesce(e.ordinality, l.position) - 1 as pointer
		from inventory.transfer_line l left join jsonb_array_elements(given) with ordinality e
			on (e.value ->> 'position')::int = l.position
		where l.transfer_id = sent_id and l.missing > 0 and (given is null or e.value is not null) order by l.position loop
		select l.* into line from inventory.transfer_line l where l.transfer_id = sent_id and l.position = one.position;
		part := coalesce((one.said ->> 'quantity')::numeric, line.missing);
		continue when part = 0;
		if part > line.missing then
			perform base.fail('conflict', format('%s are missing of this line, %s were to be received.', trim_scale(line.missing),
				trim_scale(part)), one.pointer || '/quantity', 'range');
		end if;
		pieces := coalesce(array(select jsonb_array_elements_text(nullif(one.said -> 'serials', 'null'))), '{}');
		if pieces = '{}' and part = line.missing then
			pieces := inventory.pieces_without(line.serials, line.received_serials);
		end if;
		if inventory.pieces_without(pieces, line.serials) <> '{}' then
			perform base.fail('conflict', 'Not all of these serials were shipped in this line.', one.pointer || '/serials', 'place');
		end if;
		perform inventory.stock_expect(line.article_id, sent.to_warehouse_id, -part),
			inventory.stock_carry(inventory.transfer_movement(sent, line, part, pieces, b, one.pointer),
				inventory.transit_warehouse(), sent.to_warehouse_id);
		update inventory.transfer_line l set received = l.received + part, received_serials = l.received_serials || pieces
		where l.transfer_id = sent_id and l.position = line.position;
	end loop;
	update inventory.transfer t set state = 'received', received_at = coalesce((b ->> 'at')::timestamptz, base.clock())
	where t.id = sent_id;
	select sum(l.missing) into short from inventory.transfer_line l where l.transfer_id = sent_id;
	if short > 0 then
		perform base.warn('shortfall', format('%s pieces did not arrive: they stay in transit until they are received or settled.',
			trim_scale(short)), '/lines');
	end if;
end $$;

-- What is missing was given back to where it came from, or it is lost.
create or replace function inventory.transfer_settle(sent_id uuid, outcome text, b jsonb) returns void language plpgsql as $$
declare
	sent inventory.transfer;
	line inventory.transfer_line;
	transit uuid := inventory.transit_warehouse();
	gone jsonb;
begin
	select t.* into strict sent from inventory.transfer t where t.id = sent_id;
	for line in select l.* from inventory.transfer_line l where l.transfer_id = sent_id and l.missing > 0 order by l.position loop
		gone := inventory.transfer_movement(sent, line, line.missing, inventory.pieces_without(line.serials, line.received_serials),
			b, '/lines/' || (line.position - 1)) - 'reservation_id';
		if outcome = 'returned' then
			perform inventory.stock_carry(gone, transit, sent.from_warehouse_id);
		else
			perform inventory.movement_post(gone || jsonb_build_object('kind', 'adjustment', 'warehouse_id', transit, 'quantity',
				-line.missing));
		end if;
		perform inventory.stock_expect(line.article_id, sent.to_warehouse_id, -line.missing);
		update inventory.transfer_line l set settled = l.settled + l.missing
		where l.transfer_id = sent_id and l.position = line.position;
	end loop;
	perform inventory.transfer_look(sent_id);
end $$;

-- Promises the same from another warehouse: what is there at least must be what is open.
create or replace function inventory.reservation_move(moved uuid, in_warehouse uuid) returns void language plpgsql as $$
declare
	known record;
	place record;
	there inventory.stock;
begin
	select r.*, a.code, a.uom into strict known from inventory.reservation r join inventory.article a on a.id = r.article_id
	where r.id = moved;
	select w.id, w.code, w.available, w.active into place from inventory.warehouse w where w.id = in_warehouse;
	if not found or not place.active or not place.available then
		perform base.fail('unknown-reference', 'There is no such warehouse whose goods are available.', '/warehouse_id', 'reference');
	end if;
	if known.serials is not null and known.status = 'reserved' then
		perform base.fail('conflict', 'The reservation names pieces by serial, and they are where they are: release it instead.',
			'/warehouse_id', 'serials');
	end if;
	if place.id = known.warehouse_id then
		return;
	end if;
	there := inventory.stock_row(known.article_id, place.id);
	if there.available < known.open then
		perform base.fail('insufficient-stock', format('Of %s, %s %s are available in %s; %s are open.', known.code,
			trim_scale(greatest(there.available, 0)), known.uom, place.code, trim_scale(known.open)), '/warehouse_id', 'available');
	end if;
	update inventory.stock s set reserved = s.reserved - case known.status when 'reserved' then known.open else 0 end,
		waiting = s.waiting - case known.status when 'waiting' then known.open else 0 end, version = s.version + 1,
		updated_at = base.clock()
	where s.article_id = known.article_id and s.warehouse_id = known.warehouse_id and s.owner = 'own';
	update inventory.stock s set reserved = s.reserved + known.open, version = s.version + 1, updated_at = base.clock()
	where s.id = there.id;
	update inventory.reservation r set warehouse_id = in_warehouse, status = 'reserved', version = r.version + 1,
		updated_at = base.clock()
	where r.id = moved;
	perform base.touch('stock.changed', (select array_agg(s.id) from inventory.stock s where s.article_id = known.article_id
		and s.warehouse_id in (known.warehouse_id, in_warehouse) and s.owner = 'own'));
	if known.status = 'reserved' then
		perform inventory.stock_fill(known.article_id, known.warehouse_id);
	end if;
	perform inventory.stock_minimum(there.id, there.available), inventory.reorder_look(known.article_id, known.warehouse_id);
end $$;
