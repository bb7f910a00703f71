-- The tenant's warehouse of goods on their way; made when there is none yet.
create or replace function inventory.transit_warehouse() returns uuid language plpgsql as $$
declare
	known uuid;
begin
	select w.id into known from inventory.warehouse w where w.kind = 'transit' and w.active order by w.code limit 1;
	if found then
		return known;
	end if;
	insert into inventory.warehouse (id, code, name, kind, active) values (base.uuid_new(), 'TRANSIT', 'Transit', 'transit', true)
	on conflict (tenant_id, code) do nothing returning id into known;
	if known is not null then
		perform base.touch('warehouse.created', array[known]);
		return known;
	end if;
	select w.id into known from inventory.warehouse w where w.code = 'TRANSIT' and w.kind = 'transit' and w.active;
	if not found then
		perform base.fail('conflict', 'There is no warehouse of the kind transit in use: make one.');
	end if;
	return known;
end $$;

-- What all movements of a line say alike.
create or replace function inventory.transfer_movement(sent inventory.transfer, line inventory.transfer_line, amount numeric, pieces text[],
	b jsonb, pointer text) returns jsonb language sql stable as $$
	select jsonb_build_object('article_id', line.article_id, 'quantity', amount, 'serials', to_jsonb(nullif(pieces, '{}')),
		'reservation_id', line.reservation_id, 'at', b -> 'at', 'line', pointer, 'reason_code', b -> 'reason',
		'document', jsonb_build_object('kind', 'transfer', 'id', sent.id, 'number', sent.number))
$$;

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

-- Looks what a transfer changes for the warehouse where it goes; where it comes from its movements look themselves.
create or replace function inventory.transfer_look(sent_id uuid) returns void language plpgsql as $$
begin
	perform inventory.reorder_look(n.article_id, n.to_warehouse_id)
	from (select distinct l.article_id, t.to_warehouse_id from inventory.transfer t join inventory.transfer_line l
		on l.transfer_id = t.id where t.id = sent_id order by l.article_id) n;
end $$;
