-- Transfers: our own goods on their way from one warehouse to another, over a warehouse of the kind transit.
select inventory_data.store_table('transfer', $$
	number            text not null,
	from_warehouse_id uuid not null,
	to_warehouse_id   uuid not null,
	state             text not null default 'draft',
	needed_at         timestamptz(3),
	notes             text,
	requested_by      text default base.actor(),
	requested_by_name text default nullif(current_setting('app.actor_name', true), ''),
	shipped_at        timestamptz(3),
	received_at       timestamptz(3),
	transport_document_id uuid,
	constraint transfer__number__unique unique (tenant_id, number),
	constraint transfer__from_warehouse_id__reference foreign key (tenant_id, from_warehouse_id)
		references inventory_data.warehouse (tenant_id, id),
	constraint transfer__to_warehouse_id__reference foreign key (tenant_id, to_warehouse_id)
		references inventory_data.warehouse (tenant_id, id),
	constraint transfer__to_warehouse_id__conflict check (to_warehouse_id <> from_warehouse_id)
$$, master_data => false);
create index transfer__created_at on inventory_data.transfer (tenant_id, created_at, id);
create index transfer__needed_at on inventory_data.transfer (tenant_id, needed_at) where needed_at is not null;
select inventory_data.filter_indexes('transfer', 'created_at', array['state', 'from_warehouse_id', 'to_warehouse_id']);

-- `received` arrived at last; `settled` never did: it was given back or is lost. The rest of what was shipped is missing.
create table inventory_data.transfer_line (
	tenant_id        uuid not null,
	transfer_id      uuid not null,
	position         int not null,
	article_id       uuid not null,
	quantity         numeric(12, 3) not null,
	serials          text[],
	reservation_id   uuid,
	shipped          numeric(12, 3) not null default 0,
	received         numeric(12, 3) not null default 0,
	received_serials text[] not null default '{}',
	settled          numeric(12, 3) not null default 0,
	missing          numeric(12, 3) not null generated always as (shipped - received - settled) stored,
	primary key (tenant_id, transfer_id, position),
	constraint transfer_line__transfer_id__reference foreign key (tenant_id, transfer_id)
		references inventory_data.transfer (tenant_id, id),
	constraint transfer_line__article_id__reference foreign key (tenant_id, article_id)
		references inventory_data.article (tenant_id, id),
	constraint transfer_line__received__range check (received >= 0 and settled >= 0 and received + settled <= shipped)
);
create index transfer_line__article on inventory_data.transfer_line (tenant_id, article_id);
create index transfer_line__missing on inventory_data.transfer_line (tenant_id, transfer_id) where missing > 0;
select inventory_data.expose('transfer_line');

-- Carries own goods from one warehouse to another at what they are worth. m: a movement without its kind and warehouse.
create function inventory.stock_carry(m jsonb, from_warehouse uuid, to_warehouse uuid) returns void language plpgsql as $$
declare
	gone uuid := inventory.movement_post((m - 'reservation_id') || jsonb_build_object('kind', 'transfer_out', 'warehouse_id',
		from_warehouse));
	worth numeric;
begin
	select -v.value into worth from inventory.movement v join inventory.warehouse w on w.id = v.warehouse_id
	where v.id = gone and w.valued;
	perform inventory.movement_post(m || jsonb_build_object('kind', 'transfer_in', 'warehouse_id', to_warehouse, 'value', worth));
end $$;

-- How much more, or less, of an article is on its way to a warehouse.
create function inventory.stock_expect(of_article uuid, in_warehouse uuid, amount numeric) returns void language plpgsql as $$
declare
	place uuid := (inventory.stock_row(of_article, in_warehouse)).id;
begin
	update inventory.stock s set in_transit = s.in_transit + amount, version = s.version + 1, updated_at = base.clock()
	where s.id = place;
	perform base.touch('stock.changed', array[place]);
end $$;

-- The tenant's warehouse of goods on their way; made when there is none yet.
create function inventory.transit_warehouse() returns uuid language plpgsql as $$
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

-- Goods that are promised follow those that are sent for them: `amount` of the reservation, which holds goods in the one
-- warehouse, waits in the other from now on. One that waits there already stays as it is.
create function inventory.reservation_follow(moved uuid, amount numeric, of_article uuid, from_warehouse uuid, to_warehouse uuid,
	pointer text) returns void language plpgsql as $$
declare
	known record;
	there uuid;
begin
	select r.* into known from inventory.reservation r where r.id = moved and r.article_id = of_article;
	if known.status = 'waiting' and known.warehouse_id = to_warehouse then
		return;
	end if;
	if known.status is distinct from 'reserved' or known.warehouse_id <> from_warehouse or amount > known.open
		or (known.serials is not null and amount < known.open) then
		perform base.fail('conflict', 'The reservation neither waits where the goods go nor holds them where they are.', pointer,
			'reservation');
	end if;
	if amount < known.open then
		perform inventory.reservation_split(moved, known.open - amount);
	end if;
	update inventory.serial s set state = 'in_stock', reservation_id = null, version = s.version + 1, updated_at = base.clock()
	where s.reservation_id = moved;
	there := (inventory.stock_row(of_article, to_warehouse)).id;
	update inventory.stock s set reserved = s.reserved - amount, version = s.version + 1, updated_at = base.clock()
	where s.article_id = of_article and s.warehouse_id = from_warehouse and s.owner = 'own';
	update inventory.stock s set waiting = s.waiting + amount, version = s.version + 1, updated_at = base.clock() where s.id = there;
	update inventory.reservation r set warehouse_id = to_warehouse, status = 'waiting', version = r.version + 1,
		updated_at = base.clock()
	where r.id = moved;
	perform base.touch('reservation.waiting', array[moved]), base.touch('stock.changed', array[there]);
end $$;

-- What all movements of a line say alike.
create function inventory.transfer_movement(sent inventory.transfer, line inventory.transfer_line, amount numeric, pieces text[],
	b jsonb, pointer text) returns jsonb language sql stable as $$
	select jsonb_build_object('article_id', line.article_id, 'quantity', amount, 'serials', to_jsonb(nullif(pieces, '{}')),
		'reservation_id', line.reservation_id, 'at', b -> 'at', 'line', pointer, 'reason_code', b -> 'reason',
		'document', jsonb_build_object('kind', 'transfer', 'id', sent.id, 'number', sent.number))
$$;

-- Sends the goods off; `over_counter`: they are there at once.
create function inventory.transfer_ship(sent_id uuid, over_counter boolean, b jsonb) returns void language plpgsql as $$
declare
	sent inventory.transfer;
	line inventory.transfer_line;
	pointer text;
	gone jsonb;
begin
	select t.* into strict sent from inventory.transfer t where t.id = sent_id;
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
	update inventory.transfer t set state = case when over_counter then 'received' else 'shipped' end,
		shipped_at = coalesce((b ->> 'at')::timestamptz, base.clock()),
		received_at = case when over_counter then coalesce((b ->> 'at')::timestamptz, base.clock()) end
	where t.id = sent_id;
end $$;

-- What arrived: b.lines (position, quantity, serials), or all that is missing. A shortfall stays in transit, and is told.
create function inventory.transfer_receive(sent_id uuid, b jsonb) returns void language plpgsql as $$
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
		perform inventory.stock_carry(inventory.transfer_movement(sent, line, part, pieces, b, one.pointer),
				inventory.transit_warehouse(), sent.to_warehouse_id),
			inventory.stock_expect(line.article_id, sent.to_warehouse_id, -part);
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

-- Serials of the first list that the second does not have, compared without case.
create function inventory.pieces_without(pieces text[], others text[]) returns text[] language plpgsql immutable as $$
begin
	return (select coalesce(array_agg(p.serial order by p.position), '{}') from unnest(pieces) with ordinality p(serial, position)
		where not exists (select from unnest(others) o(serial) where base.fold(o.serial) = base.fold(p.serial)));
end $$;

-- What is missing was given back to where it came from, or it is lost.
create function inventory.transfer_settle(sent_id uuid, outcome text, b jsonb) returns void language plpgsql as $$
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
end $$;

grant execute on function inventory.stock_carry(jsonb, uuid, uuid), inventory.stock_expect(uuid, uuid, numeric),
	inventory.transit_warehouse(), inventory.reservation_follow(uuid, numeric, uuid, uuid, uuid, text),
	inventory.transfer_movement(inventory.transfer, inventory.transfer_line, numeric, text[], jsonb, text),
	inventory.pieces_without(text[], text[]), inventory.transfer_ship(uuid, boolean, jsonb),
	inventory.transfer_receive(uuid, jsonb), inventory.transfer_settle(uuid, text, jsonb) to inventory;
