-- The row of a reservation, and the timer of its end.
create or replace function inventory.reservation_insert(made uuid, b jsonb, begins text, wanted numeric, pieces text[], of uuid) returns void
language plpgsql as $$
begin
	insert into inventory.reservation (id, article_id, warehouse_id, kit_id, quantity, status, activity_id, call_id, charge_id,
		rma_line_id, serials, needed_at, expires_at, job_code, split_from, external_ref)
	select made, (b ->> 'article_id')::uuid, (b ->> 'warehouse_id')::uuid, (b ->> 'kit_id')::uuid, wanted, begins,
		(b ->> 'activity_id')::uuid, coalesce((select y.call_id from inventory.activity y where y.id = (b ->> 'activity_id')::uuid),
			(b ->> 'call_id')::uuid), (b ->> 'charge_id')::uuid, (b ->> 'rma_line_id')::uuid, pieces,
		(b ->> 'needed_at')::timestamptz, (b ->> 'expires_at')::timestamptz, inventory.job_of(b), of,
		case when of is null then b ->> 'external_ref' end;
	if b ? 'source' then
		perform inventory.source_keep('reservation', made, b -> 'source');
	end if;
	insert into inventory.timer (kind, subject, due_at) select 'reservation.expire', made::text, (b ->> 'expires_at')::timestamptz
	where b ->> 'expires_at' is not null;
	perform base.touch('reservation.' || case begins when 'waiting' then 'waiting' else 'made' end, array[made]);
end $$;

-- Holds the named pieces for a reservation.
create or replace function inventory.serials_reserve(holder uuid, of_article uuid, in_warehouse uuid, pieces text[]) returns void
language plpgsql as $$
declare
	one record;
begin
	for one in select u.serial, '/serials/' || (u.position - 1) as pointer from unnest(pieces) with ordinality u(serial, position) loop
		update inventory.serial s set state = 'reserved', reservation_id = holder, version = s.version + 1, updated_at = base.clock()
		where s.article_id = of_article and s.serial_key = base.fold(one.serial) and s.warehouse_id = in_warehouse
			and s.state = 'in_stock' and s.owner = 'own';
		if not found then
			perform base.fail('conflict', format('Serial %s is not free in this warehouse.', one.serial), one.pointer, 'place');
		end if;
	end loop;
end $$;

-- Promises goods to an activity and returns the reservations made: one, or with `partial` one for what is there and one
-- that waits for the rest. b: article_id, warehouse_id, quantity, activity_id, partial, serials and what else a reservation
-- keeps; `made` is the id of the first, `line` the pointer that those of a refusal go on from. The article is no kit.
create or replace function inventory.reservation_make(made uuid, b jsonb) returns uuid[] language plpgsql as $$
declare
	wanted numeric := (b ->> 'quantity')::numeric;
	line text := coalesce(b ->> 'line', '');
	pointer text := line || '/quantity';
	pieces text[] := case when jsonb_typeof(b -> 'serials') = 'array' then array(select jsonb_array_elements_text(b -> 'serials')) end;
	article record;
	place record;
	known inventory.stock;
	part numeric;
	ids uuid[] := '{}';
begin
	perform inventory.article_check((b ->> 'article_id')::uuid, line || '/article_id'); -- of a kit this is a component
	select a.id, a.code, a.uom, a.decimals, a.stocked, a.kind, a.tracking into article from inventory.article a
	where a.id = (b ->> 'article_id')::uuid;
	if not article.stocked or article.kind = 'service' then
		perform base.fail('invalid', format('article %s is not kept in stock', article.code), line || '/article_id', 'stocked');
	end if;
	if wanted <> round(wanted, article.decimals) then
		perform base.fail('invalid', format('article %s is counted with %s decimals', article.code, article.decimals), pointer,
			'decimals');
	end if;
	select w.id, w.code, w.available, w.active into place from inventory.warehouse w where w.id = (b ->> 'warehouse_id')::uuid;
	if not found or not place.active then
		perform base.fail('unknown-reference', 'There is no such warehouse in use.', line || '/warehouse_id', 'reference');
	end if;
	if not place.available then
		perform base.fail('invalid', format('goods in %s are not available', place.code), line || '/warehouse_id', 'kind');
	end if;
	known := inventory.stock_row(article.id, place.id);
	part := greatest(least(wanted, known.available), 0);
	if part < wanted and not coalesce((b ->> 'partial')::boolean, false) then
		perform base.fail('insufficient-stock', format('Of %s, %s %s are available in %s; %s were asked for.', article.code,
			trim_scale(greatest(known.available, 0)), article.uom, place.code, trim_scale(wanted)), pointer, 'available');
	end if;
	if coalesce(cardinality(pieces), 0) > part then
		perform base.fail('invalid', 'more serials than pieces that can be reserved', '/serials', 'serials');
	end if;
	if part > 0 then
		ids := array[made];
		perform inventory.reservation_insert(made, b, 'reserved', part, pieces, null);
	end if;
	if part < wanted then
		ids := ids || case when part > 0 then base.uuid_new() else made end;
		perform inventory.reservation_insert(ids[cardinality(ids)], b, 'waiting', wanted - part, null, case when part > 0 then made end);
	end if;
	update inventory.stock s set reserved = s.reserved + part, waiting = s.waiting + wanted - part, version = s.version + 1,
		updated_at = base.clock()
	where s.id = known.id;
	perform base.touch('stock.changed', array[known.id]);
	if part > 0 then
		perform inventory.serials_reserve(made, article.id, place.id, pieces);
	end if;
	perform inventory.stock_minimum(known.id, known.available);
	return ids;
end $$;

-- Goods that come in, or a promise taken back, go to those who wait, first come first served; the last may get a part. Goods
-- that were sent for one of them go to that one first (`favoured`), with the pieces that it names.
create or replace function inventory.stock_fill(of_article uuid, in_warehouse uuid, favoured uuid default null) returns void
language plpgsql as $$
declare
	place record;
	next record;
	part numeric;
begin
	for next in select r.id, r.open, r.serials from inventory.reservation r where r.article_id = of_article
		and r.warehouse_id = in_warehouse and r.status = 'waiting' order by r.id is distinct from favoured, r.place loop
		select s.id, s.available into place from inventory.stock s where s.article_id = of_article
			and s.warehouse_id = in_warehouse and s.owner = 'own';
		exit when not found or place.available <= 0;
		part := least(next.open, place.available);
		if part < next.open then
			-- The part that is there becomes this reservation; the rest goes on waiting, in its place.
			perform inventory.reservation_split(next.id, next.open - part);
		end if;
		update inventory.reservation r set status = 'reserved', version = r.version + 1, updated_at = base.clock()
		where r.id = next.id;
		update inventory.stock s set reserved = s.reserved + part, waiting = s.waiting - part, version = s.version + 1,
			updated_at = base.clock() where s.id = place.id;
		perform inventory.serials_reserve(next.id, of_article, in_warehouse, next.serials) where part = next.open;
		perform base.touch('reservation.filled', array[next.id]), base.touch('stock.changed', array[place.id]);
	end loop;
end $$;

-- Parts a reservation: `rest` of what is open becomes a reservation of its own, in the same state, which ends when the other
-- does. Returns its id.
create or replace function inventory.reservation_split(divided uuid, rest numeric) returns uuid language plpgsql as $$
declare
	made uuid := base.uuid_new();
begin
	insert into inventory.reservation (id, article_id, warehouse_id, kit_id, quantity, status, activity_id, call_id, charge_id,
		rma_line_id, needed_at, expires_at, job_code, split_from, place)
	select made, r.article_id, r.warehouse_id, r.kit_id, rest, r.status, r.activity_id, r.call_id, r.charge_id, r.rma_line_id,
		r.needed_at, r.expires_at, r.job_code, r.id, r.place
	from inventory.reservation r where r.id = divided;
	insert into inventory.timer (kind, subject, due_at) select 'reservation.expire', made::text, r.expires_at
	from inventory.reservation r where r.id = made and r.expires_at is not null;
	perform inventory.source_split(divided, made);
	update inventory.reservation r set quantity = r.quantity - rest, version = r.version + 1, updated_at = base.clock()
	where r.id = divided;
	perform base.touch('reservation.' || case when r.status = 'waiting' then 'waiting' else 'made' end, array[made])
	from inventory.reservation r where r.id = made;
	return made;
end $$;

-- Gives back what is promised: `amount`, or all that is open. `ends` is what the reservation becomes when nothing is left
-- of it and nothing of it was issued.
create or replace function inventory.reservation_release(given uuid, amount numeric, reason text, ends text) returns void language plpgsql as $$
declare
	known record;
	part numeric;
	place uuid;
begin
	select r.* into strict known from inventory.reservation r where r.id = given;
	part := coalesce(amount, known.open);
	if part > known.open then
		perform base.fail('conflict', format('%s are open, %s were to be released.', trim_scale(known.open), trim_scale(part)),
			'/quantity', 'range');
	end if;
	update inventory.reservation r set released = r.released + part, release_reason = coalesce(reason, r.release_reason),
		status = case when part < r.open then r.status when r.issued > 0 then 'fulfilled' else ends end, version = r.version + 1,
		updated_at = base.clock()
	where r.id = given;
	update inventory.stock s set reserved = s.reserved - case known.status when 'reserved' then part else 0 end,
		waiting = s.waiting - case known.status when 'waiting' then part else 0 end, version = s.version + 1, updated_at = base.clock()
	where s.article_id = known.article_id and s.warehouse_id = known.warehouse_id and s.owner = 'own' returning s.id into place;
	if part = known.open then
		update inventory.serial s set state = 'in_stock', reservation_id = null, version = s.version + 1, updated_at = base.clock()
		where s.reservation_id = given;
		delete from inventory.timer m where m.kind = 'reservation.expire' and m.subject = given::text;
	end if;
	perform base.touch('reservation.' || ends, array[given]), base.touch('stock.changed', array[place]),
		inventory.reorder_look(known.article_id, known.warehouse_id);
	if known.status = 'reserved' then
		perform inventory.stock_fill(known.article_id, known.warehouse_id);
	end if;
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

-- Goods that are promised follow those that are sent for them: `amount` of the reservation, which holds goods in the one
-- warehouse, waits in the other from now on. One that waits there already stays as it is.
create or replace function inventory.reservation_follow(moved uuid, amount numeric, of_article uuid, from_warehouse uuid, to_warehouse uuid,
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

-- What is promised of goods that are not there: the newest promises wait again, until `amount` is free. Those that name one
-- of the pieces come first.
create or replace function inventory.reservations_yield(of_article uuid, in_warehouse uuid, amount numeric, pieces text[]) returns void
language plpgsql as $$
declare
	next record;
	part numeric;
	place uuid;
begin
	for next in select r.id, r.open, r.serials from inventory.reservation r where r.article_id = of_article
		and r.warehouse_id = in_warehouse and r.status = 'reserved'
		order by cardinality(inventory.pieces_without(pieces, r.serials)) = cardinality(pieces), r.place desc loop
		exit when amount <= 0 and inventory.pieces_without(pieces, next.serials) = pieces;
		part := case when next.serials is null then least(next.open, amount) else next.open end;
		if part < next.open then
			perform inventory.reservation_split(next.id, next.open - part);
		end if;
		update inventory.serial s set state = 'in_stock', reservation_id = null, version = s.version + 1, updated_at = base.clock()
		where s.reservation_id = next.id;
		update inventory.reservation r set status = 'waiting', serials = null, version = r.version + 1, updated_at = base.clock()
		where r.id = next.id;
		update inventory.stock s set reserved = s.reserved - part, waiting = s.waiting + part, version = s.version + 1,
			updated_at = base.clock()
		where s.article_id = of_article and s.warehouse_id = in_warehouse and s.owner = 'own' returning s.id into place;
		perform base.touch('reservation.waiting', array[next.id]), base.touch('stock.changed', array[place]);
		amount := amount - part;
	end loop;
end $$;

-- Where what a done activity has not used is released, nothing more is promised to it: it would be held for nobody, for its end was
-- told already.
create or replace function inventory.promise_check(of_activity uuid) returns void language plpgsql stable as $$
begin
	perform base.must(y.status is distinct from 'done' or not inventory.setting('release_at_done', 'false')::boolean, 'conflict',
		'The activity is done, and release_at_done says that nothing stays promised to it.', '/activity_id', 'done')
	from inventory.activity y where y.id = of_activity;
end $$;

-- Those activities to which nothing is promised any more, and why: they or their call is cancelled, or, where the policy says so,
-- they are done. work_id: whose turn it is to promise (promise_turn). Looked up one by one, as timeline_activities says.
create or replace function inventory.promises_end(activities uuid[]) returns table (id uuid, work_id uuid, why text)
language plpgsql stable as $$
begin
	return query select y.id, coalesce(y.call_id, y.id), case when y.status = 'cancelled' then 'activity cancelled'
			when y.call_state = 'cancelled' then 'call cancelled' else 'activity done' end
		from unnest(activities) k(id) cross join lateral (select r.id, r.call_id, r.status, (select c.state from inventory.call c
			where c.id = r.call_id) as call_state from inventory.activity r where r.id = k.id offset 0) y
		where y.status = 'cancelled' or y.call_state = 'cancelled'
			or (y.status = 'done' and (select inventory.setting('release_at_done', 'false')::boolean));
end $$;
