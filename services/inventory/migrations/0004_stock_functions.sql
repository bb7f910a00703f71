-- How stock changes. Whoever calls these has taken the article's row first (stock_lock), so that what happens to one
-- article happens in turn; several articles are taken in the order of their ids. Every row written is touched for its
-- event, and the caller adds the change records behind (stock_add_records).

-- The row of an article in a warehouse, made where there is none.
create function inventory.stock_row(of_article uuid, in_warehouse uuid, whose text default 'own') returns inventory.stock
language plpgsql as $$
declare
	known inventory.stock;
begin
	insert into inventory.stock (id, article_id, warehouse_id, owner, sellable)
	select base.uuid_new(), of_article, w.id, whose, w.available and whose = 'own' from inventory.warehouse w where w.id = in_warehouse
	on conflict (tenant_id, article_id, warehouse_id, owner) do nothing;
	select s.* into strict known from inventory.stock s where s.article_id = of_article and s.warehouse_id = in_warehouse
		and s.owner = whose;
	return known;
end $$;
grant execute on function inventory.stock_row(uuid, uuid, text) to inventory;

-- Goods that come in, or a promise taken back, go to those who wait, first come first served; the last may get a part. Goods
-- that were sent for one of them go to that one first (`favoured`), with the pieces that it names.
create function inventory.stock_fill(of_article uuid, in_warehouse uuid, favoured uuid default null) returns void
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
grant execute on function inventory.stock_fill(uuid, uuid, uuid) to inventory;

-- Parts a reservation: `rest` of what is open becomes a reservation of its own, in the same state. Returns its id.
create function inventory.reservation_split(divided uuid, rest numeric) returns uuid language plpgsql as $$
declare
	made uuid := base.uuid_new();
begin
	insert into inventory.reservation (id, article_id, warehouse_id, kit_id, quantity, status, activity_id, call_id, charge_id,
		rma_line_id, needed_at, expires_at, job_code, split_from, place)
	select made, r.article_id, r.warehouse_id, r.kit_id, rest, r.status, r.activity_id, r.call_id, r.charge_id, r.rma_line_id,
		r.needed_at, r.expires_at, r.job_code, r.id, r.place
	from inventory.reservation r where r.id = divided;
	perform inventory.source_split(divided, made);
	update inventory.reservation r set quantity = r.quantity - rest, version = r.version + 1, updated_at = base.clock()
	where r.id = divided;
	perform base.touch('reservation.' || case when r.status = 'waiting' then 'waiting' else 'made' end, array[made])
	from inventory.reservation r where r.id = made;
	return made;
end $$;
grant execute on function inventory.reservation_split(uuid, numeric) to inventory;

-- What a piece is that lies in a warehouse of a kind.
create function inventory.serial_state(warehouse_kind text) returns text language sql immutable as $$
	select case warehouse_kind when 'transit' then 'in_transit' when 'repair' then 'in_repair' when 'supplier' then 'in_repair'
		when 'scrap' then 'scrapped' else 'in_stock' end
$$;
grant execute on function inventory.serial_state(text) to inventory;

-- The serials of a movement: each piece leaves the place where it is, or comes to the one where it goes.
create function inventory.serials_move(of_article uuid, moved text[], arrives boolean, place uuid, place_kind text, whose text,
	kind text, reserved_by uuid, pointer text) returns void language plpgsql as $$
declare
	one record;
	known record;
	arrived text := inventory.serial_state(place_kind);
begin
	for one in select btrim(u.serial) as serial, serials_move.pointer || (u.position - 1) as pointer
		from unnest(moved) with ordinality u(serial, position) loop
		perform base.must(one.serial <> '', 'invalid', 'must not be empty', one.pointer, 'length');
		select s.* into known from inventory.serial s where s.article_id = of_article and s.serial_key = base.fold(one.serial);
		if arrives then
			if found and known.warehouse_id is not null then
				perform base.fail('conflict', format('Serial %s is in a warehouse already.', one.serial), one.pointer, 'place');
			end if;
			insert into inventory.serial (id, article_id, serial, state, owner, warehouse_id)
			values (base.uuid_new(), of_article, one.serial, arrived, whose, case when arrived <> 'scrapped' then place end)
			on conflict (tenant_id, article_id, serial_key) do update set state = excluded.state, owner = excluded.owner,
				warehouse_id = excluded.warehouse_id, reservation_id = null, version = serial.version + 1, updated_at = base.clock();
		else
			if not found or known.warehouse_id is distinct from place or known.owner <> whose then
				perform base.fail('conflict', format('Serial %s is not in this warehouse.', one.serial), one.pointer, 'place');
			end if;
			if known.reservation_id is distinct from reserved_by and known.reservation_id is not null then
				perform base.fail('conflict', format('Serial %s is reserved for something else.', one.serial), one.pointer,
					'reserved');
			end if;
			if kind = 'reversal' then
				delete from inventory.serial s where s.id = known.id; -- it never came
			else
				update inventory.serial s set state = case when kind in ('scrap', 'adjustment') then 'scrapped' else 'at_customer' end,
					warehouse_id = null, reservation_id = null, version = s.version + 1, updated_at = base.clock()
				where s.id = known.id;
			end if;
		end if;
	end loop;
end $$;
grant execute on function inventory.serials_move(uuid, text[], boolean, uuid, text, text, text, uuid, text) to inventory;

-- Takes the articles whose stock a request will change, in the order of their ids, before anything is read of them.
create function inventory.stock_lock(articles uuid[]) returns void language plpgsql as $$
begin
	with locked as (
		select a.id from inventory.article a where a.id = any (articles) order by a.id for no key update
	)
	update inventory.article a set revision = a.revision + 1 from locked l where a.id = l.id;
end $$;
grant execute on function inventory.stock_lock(uuid[]) to inventory;

-- What goods that come in or go out are worth, kept by article: `quantity` is signed; `given_cost` is that of one piece,
-- `given_value` the whole, where it is known (transfers, reversals). Goods that went out before any came in (where the
-- policy lets stock go below zero) did so at the standard cost; what they really cost is told by a movement of value alone.
create function inventory.value_move(of_article uuid, quantity numeric, given_cost numeric, given_value numeric, happened timestamptz,
	in_warehouse uuid, out unit_cost numeric, out worth numeric) language plpgsql as $$
declare
	known record;
	covered numeric;
	correction numeric;
	corrected uuid;
begin
	insert into inventory.article_value (article_id) values (of_article) on conflict (tenant_id, article_id) do nothing;
	select v.quantity, v.value, coalesce(a.standard_cost, 0) as standard into known
	from inventory.article_value v join inventory.article a on a.id = v.article_id where v.article_id = of_article;
	if quantity >= 0 then
		unit_cost := coalesce(given_cost, round(given_value / nullif(quantity, 0), 4),
			case when known.quantity > 0 then round(known.value / known.quantity, 4) end, known.standard);
		worth := coalesce(given_value, round(quantity * unit_cost, 4));
		if known.quantity < 0 and quantity > 0 then
			covered := least(quantity, -known.quantity);
			correction := round(covered * (known.value / known.quantity - unit_cost), 4);
			if correction <> 0 then
				corrected := base.uuid_new();
				insert into inventory.movement (id, kind, article_id, warehouse_id, owner, quantity, value, reason_code, at,
					by_subject, by_name)
				values (corrected, 'adjustment', of_article, in_warehouse, 'own', 0, correction, 'cost', happened, base.actor(),
					nullif(current_setting('app.actor_name', true), ''));
				perform base.touch('movement.posted', array[corrected]);
				update inventory.article_value v set value = v.value + correction where v.article_id = of_article;
			end if;
		end if;
	else
		unit_cost := coalesce(given_cost, case when known.quantity > 0 then round(known.value / known.quantity, 4) end,
			known.standard);
		-- The last piece takes with it what rounding has left.
		worth := coalesce(given_value, case when known.quantity = -quantity then -known.value
			when known.quantity > 0 and given_cost is null then round(quantity * known.value / known.quantity, 4)
			else round(quantity * unit_cost, 4) end);
	end if;
	update inventory.article_value v set quantity = v.quantity + value_move.quantity, value = v.value + worth
	where v.article_id = of_article;
end $$;
grant execute on function inventory.value_move(uuid, numeric, numeric, numeric, timestamptz, uuid) to inventory;

-- Tells whether the available quantity came down to less than the minimum just now, and looks what should be ordered.
create function inventory.stock_minimum(place uuid, before numeric) returns void language plpgsql as $$
begin
	if exists (select from inventory.stock s join inventory.reorder_level l on l.article_id = s.article_id
		and l.warehouse_id = s.warehouse_id and l.active
		where s.id = place and s.owner = 'own' and before >= l.minimum and s.available < l.minimum) then
		perform base.touch('stock.below_minimum', array[place]);
	end if;
	perform inventory.reorder_look(s.article_id, s.warehouse_id) from inventory.stock s where s.id = place and s.owner = 'own';
end $$;
grant execute on function inventory.stock_minimum(uuid, numeric) to inventory;

-- Posts one movement and returns its id. m: the fields of a movement; quantity is positive and its sign comes from the
-- kind, save for adjustment and reversal, which bring their own; `value` is its whole value where that is known;
-- `line` is the JSON pointer that those of a refusal go on from, of a movement that is a line of a document.
create function inventory.movement_post(m jsonb) returns uuid language plpgsql as $$
declare
	posted uuid := coalesce((m ->> 'id')::uuid, base.uuid_new());
	whose text := coalesce(m ->> 'owner', 'own');
	moves text := m ->> 'kind';
	pieces text[] := case when jsonb_typeof(m -> 'serials') = 'array' then array(select jsonb_array_elements_text(m -> 'serials')) end;
	given numeric := (m ->> 'quantity')::numeric;
	quantity numeric := case when moves in ('issue', 'transfer_out', 'rma_out', 'scrap') then -given else given end;
	happened timestamptz(3) := coalesce((m ->> 'at')::timestamptz, base.clock());
	line text := coalesce(m ->> 'line', '');
	pointer text := line || '/quantity';
	article record;
	place record;
	known inventory.stock;
	promised record;
	consumed numeric := 0;
	free numeric;
	cost numeric;
	worth numeric := 0;
	arrived numeric;
begin
	select a.id, a.code, a.decimals, a.tracking, a.stocked, a.kind, a.uom into article from inventory.article a
	where a.id = (m ->> 'article_id')::uuid;
	-- What a document or a promise named may have gone out of use since: its goods go on all the same.
	if moves <> 'reversal' and m -> 'document' ->> 'id' is null and m ->> 'reservation_id' is null then
		perform inventory.article_check((m ->> 'article_id')::uuid, line || '/article_id');
	end if;
	if (not article.stocked and whose = 'own') or article.kind in ('service', 'kit') then
		perform base.fail('invalid', format('article %s has no stock', article.code), line || '/article_id', 'stocked');
	end if;
	select w.id, w.code, w.kind, w.valued, w.available, w.active into place from inventory.warehouse w
	where w.id = (m ->> 'warehouse_id')::uuid;
	if not found or (quantity > 0 and not place.active) then
		perform base.fail('unknown-reference', 'There is no such warehouse in use.', line || '/warehouse_id', 'reference');
	end if;
	if given <> round(given, article.decimals) then
		perform base.fail('invalid', format('article %s is counted with %s decimals', article.code, article.decimals), pointer,
			'decimals');
	end if;
	if article.tracking = 'serial' and coalesce(cardinality(pieces), 0) <> abs(quantity) then
		perform base.fail('invalid', format('article %s needs a serial for each piece: %s of %s given', article.code,
			coalesce(cardinality(pieces), 0), abs(quantity)), line || '/serials', 'serials');
	end if;
	if article.tracking <> 'serial' and pieces is not null and pieces <> '{}' then
		perform base.fail('invalid', format('article %s is not tracked by serial', article.code), line || '/serials', 'serials');
	end if;
	if m ->> 'reservation_id' is not null and quantity < 0 then
		select r.id, r.open, r.status into promised from inventory.reservation r where r.id = (m ->> 'reservation_id')::uuid
			and r.article_id = article.id and r.warehouse_id = place.id;
		if not found or promised.status <> 'reserved' or promised.open < -quantity then
			perform base.fail('conflict', format('The reservation holds %s of it, %s were asked for.',
				coalesce(case when promised.status = 'reserved' then promised.open end, 0), -quantity), pointer, 'range');
		end if;
		consumed := -quantity;
	end if;
	known := inventory.stock_row(article.id, place.id, whose);
	free := known.on_hand - known.reserved + consumed;
	-- Below zero only where the policy says so, and never by eating what is promised to somebody.
	if quantity < 0 and free + quantity < 0 and not (whose = 'own' and place.available and known.reserved - consumed = 0
		and inventory.setting('stock_below_zero', 'false')::boolean) then
		perform base.fail('insufficient-stock', format('Of %s, %s %s are available in %s; %s were asked for.', article.code,
			trim_scale(greatest(free, 0)), article.uom, place.code, trim_scale(-quantity)), pointer, 'available');
	end if;
	if pieces is not null then
		perform inventory.serials_move(article.id, pieces, quantity > 0, place.id, place.kind, whose, moves,
			(m ->> 'reservation_id')::uuid, line || '/serials/');
	end if;
	if whose = 'own' and place.valued then
		select v.unit_cost, v.worth into cost, worth from inventory.value_move(article.id, quantity,
			(m ->> 'unit_cost')::numeric, (m ->> 'value')::numeric, happened, place.id) v;
	elsif whose = 'own' then
		cost := coalesce((m ->> 'unit_cost')::numeric, inventory.average_cost(article.id));
	end if;
	-- What comes in by a receipt was on order, if anything was.
	arrived := case when moves = 'receipt' then nullif(least(known.on_order, quantity), 0) end;
	update inventory.stock s set on_hand = s.on_hand + quantity, reserved = s.reserved - consumed,
		on_order = s.on_order - coalesce(arrived, 0),
		last_moved_at = greatest(s.last_moved_at, happened), version = s.version + 1, updated_at = base.clock()
	where s.id = known.id;
	if consumed > 0 then
		update inventory.reservation r set issued = r.issued + consumed,
			status = case when r.open = consumed then 'fulfilled' else r.status end, version = r.version + 1,
			updated_at = base.clock()
		where r.id = promised.id;
		perform base.touch('reservation.issued', array[promised.id]);
	end if;
	insert into inventory.movement (id, kind, article_id, warehouse_id, owner, quantity, unit_cost, value, price, ordered, serials,
		reason_code, reservation_id, call_id, activity_id, charge_id, asset_id, rma_line_id, document_kind, document_id,
		document_number, job_code, cost_centre, at, by_subject, by_name, reversal_of, external_ref)
	values (posted, moves, article.id, place.id, whose, quantity, cost, worth, (m ->> 'price')::numeric, arrived, pieces,
		m ->> 'reason_code', (m ->> 'reservation_id')::uuid, (m ->> 'call_id')::uuid, (m ->> 'activity_id')::uuid,
		(m ->> 'charge_id')::uuid, coalesce((m ->> 'asset_id')::uuid, case when moves = 'issue' then inventory.asset_of_work(
			(m ->> 'activity_id')::uuid, (m ->> 'call_id')::uuid) end), (m ->> 'rma_line_id')::uuid, m -> 'document' ->> 'kind',
		(m -> 'document' ->> 'id')::uuid, m -> 'document' ->> 'number', m ->> 'job_code', m ->> 'cost_centre', happened,
		base.actor(), nullif(current_setting('app.actor_name', true), ''), (m ->> 'reversal_of')::uuid, m ->> 'external_ref');
	perform base.touch('movement.posted', array[posted]), base.touch('stock.changed', array[known.id]),
		inventory.stock_minimum(known.id, known.available);
	if moves = 'reversal' then
		perform inventory.source_split((m ->> 'reversal_of')::uuid, posted);
	elsif m ->> 'charge_id' is not null then
		perform inventory.source_keep('movement', posted, inventory.source_of_charge((m ->> 'charge_id')::uuid) -> 'source');
	end if;
	perform inventory.timeline_put(w.asset_id, 'movement', posted, happened) from inventory.movement w
	where w.id = posted and w.asset_id is not null;
	if pieces is not null then
		perform inventory.asset_follow(posted);
	end if;
	if quantity > 0 and place.available and whose = 'own' then
		perform inventory.stock_fill(article.id, place.id, (m ->> 'reservation_id')::uuid);
	end if;
	return posted;
end $$;
grant execute on function inventory.movement_post(jsonb) to inventory;

-- The same with the other sign, at the same cost. What a reservation was issued by it is not promised again.
create function inventory.movement_undo(undone uuid, made uuid, b jsonb) returns uuid language plpgsql as $$
begin
	return (select inventory.movement_post(jsonb_build_object('id', made, 'kind', 'reversal', 'article_id', m.article_id,
		'warehouse_id', m.warehouse_id, 'owner', m.owner, 'quantity', -m.quantity, 'unit_cost', m.unit_cost, 'value', -m.value, 'price', m.price,
		'serials', to_jsonb(m.serials), 'reason_code', b ->> 'reason', 'call_id', m.call_id, 'activity_id', m.activity_id,
		'charge_id', m.charge_id, 'asset_id', m.asset_id, 'rma_line_id', m.rma_line_id, 'job_code', m.job_code, 'cost_centre',
		m.cost_centre, 'at', coalesce(b ->> 'at', base.ts(base.clock())), 'reversal_of', m.id, 'line', b -> 'line',
		'document', jsonb_build_object('kind', m.document_kind, 'id', m.document_id, 'number', m.document_number)))
		from inventory.movement m where m.id = undone);
end $$;
grant execute on function inventory.movement_undo(uuid, uuid, jsonb) to inventory;

-- Promises goods to an activity and returns the reservations made: one, or with `partial` one for what is there and one
-- that waits for the rest. b: article_id, warehouse_id, quantity, activity_id, partial, serials and what else a reservation
-- keeps; `made` is the id of the first, `line` the pointer that those of a refusal go on from. The article is no kit.
create function inventory.reservation_make(made uuid, b jsonb) returns uuid[] language plpgsql as $$
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
		perform base.fail('invalid', format('article %s has no stock', article.code), line || '/article_id', 'stocked');
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

-- The row of a reservation, and the timer of its end.
create function inventory.reservation_insert(made uuid, b jsonb, begins text, wanted numeric, pieces text[], of uuid) returns void
language plpgsql as $$
begin
	insert into inventory.reservation (id, article_id, warehouse_id, kit_id, quantity, status, activity_id, call_id, charge_id,
		rma_line_id, serials, needed_at, expires_at, job_code, split_from, external_ref)
	select made, (b ->> 'article_id')::uuid, (b ->> 'warehouse_id')::uuid, (b ->> 'kit_id')::uuid, wanted, begins,
		(b ->> 'activity_id')::uuid, coalesce((select y.call_id from inventory.activity y where y.id = (b ->> 'activity_id')::uuid),
			(b ->> 'call_id')::uuid), (b ->> 'charge_id')::uuid, (b ->> 'rma_line_id')::uuid, pieces,
		(b ->> 'needed_at')::timestamptz, (b ->> 'expires_at')::timestamptz, b ->> 'job_code', of,
		case when of is null then b ->> 'external_ref' end;
	if b ? 'source' then
		perform inventory.source_keep('reservation', made, b -> 'source');
	end if;
	insert into inventory.timer (kind, subject, due_at) select 'reservation.expire', made::text, (b ->> 'expires_at')::timestamptz
	where b ->> 'expires_at' is not null;
	perform base.touch('reservation.' || case begins when 'waiting' then 'waiting' else 'made' end, array[made]);
end $$;

-- Holds the named pieces for a reservation.
create function inventory.serials_reserve(holder uuid, of_article uuid, in_warehouse uuid, pieces text[]) returns void
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

-- Gives back what is promised: `amount`, or all that is open. `ends` is what the reservation becomes when nothing is left
-- of it and nothing of it was issued.
create function inventory.reservation_release(given uuid, amount numeric, reason text, ends text) returns void language plpgsql as $$
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

-- Why nothing is promised to an activity any more: it or its call is cancelled, or, where the policy says so, it is done.
create function inventory.promise_end(of_activity uuid) returns text language plpgsql stable as $$
begin
	return (select case when y.status = 'cancelled' then 'activity cancelled' when c.state = 'cancelled' then 'call cancelled'
			when y.status = 'done' and inventory.setting('release_at_done', 'false')::boolean then 'activity done' end
		from inventory.activity y left join inventory.call c on c.id = y.call_id where y.id = of_activity);
end $$;
grant execute on function inventory.promise_end(uuid) to inventory;

-- Promises the same from another warehouse: what is there at least must be what is open.
create function inventory.reservation_move(moved uuid, in_warehouse uuid) returns void language plpgsql as $$
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
end $$;

-- What is made from a call's charges (source.h): reservations, issues, lines of returns.
create function inventory.source_of_charge(charge uuid) returns jsonb language plpgsql stable as $$
begin
	return (select jsonb_build_object('source', jsonb_build_object('kind', 'call', 'id', h.call_id, 'line_id', h.id, 'line_version',
			h.line_version))
		from inventory.charge h where h.id = charge);
end $$;

-- How much of an article a charge asks for; null when it is of another by now.
create function inventory.charge_pieces(charge uuid, of_article uuid) returns numeric language plpgsql stable as $$
begin
	return (select p.quantity
		from inventory.charge h, inventory.article_pieces(h.article_id, coalesce(h.planned_quantity, h.quantity)) p
		where h.id = charge and p.article_id = of_article);
end $$;

-- How much of an article is promised, or was issued, for a charge.
create function inventory.charge_promised(charge uuid, of_article uuid) returns numeric language plpgsql stable as $$
begin
	return (select coalesce(sum(case s.made when 'reservation' then r.quantity - r.released when 'movement' then -m.quantity end), 0)
		from inventory.source s left join inventory.reservation r on r.id = s.id and s.made = 'reservation'
			left join inventory.movement m on m.id = s.id and s.made = 'movement' and m.reservation_id is null
		where s.line_id = charge and of_article in (r.article_id, m.article_id));
end $$;

create function inventory.reservation_source_diff(made inventory.reservation) returns jsonb language plpgsql stable as $$
begin
	return (select jsonb_build_object('line_id', s.line_id, 'taken_version', s.line_version, 'version', h.line_version,
			'state', case when s.line_id is null then 'none' when h.id is null or not h.active then 'removed'
				when count(d.field) > 0 then 'changed' else 'same' end,
			'changes', coalesce(jsonb_agg(jsonb_build_object('field', d.field, 'here', d.here, 'source', d.source) order by d.place)
				filter (where d.field is not null), '[]'))
		from (select 1) one
		left join inventory.source s on s.id = made.id
		left join inventory.charge h on h.id = s.line_id
		left join lateral (
			select v.place, v.field, v.here, v.source
			from (select inventory.charge_pieces(h.id, made.article_id) as wanted) w, lateral (values
				(1, 'article_id', coalesce(made.kit_id, made.article_id)::text, h.article_id::text, w.wanted is not null),
				(2, 'quantity', trim_scale(inventory.charge_promised(h.id, made.article_id))::text, trim_scale(w.wanted)::text,
					w.wanted is null or w.wanted = inventory.charge_promised(h.id, made.article_id)),
				(3, 'warehouse_id', made.warehouse_id::text, h.warehouse_id::text, coalesce(h.warehouse_id = made.warehouse_id, true)),
				(4, 'job_code', made.job_code, h.job_code, coalesce(h.job_code = made.job_code, h.job_code is null))
			) v (place, field, here, source, same)
			where h.active and not v.same
		) d on true
		group by s.line_id, s.line_version, h.id, h.active, h.line_version);
end $$;

-- Promises what the charge asks for now: more, less, or from another warehouse.
create function inventory.reservation_realign(given uuid) returns void language plpgsql as $$
declare
	known inventory.reservation;
	line inventory.charge;
	wanted numeric;
	missing numeric;
begin
	select r.* into strict known from inventory.reservation r where r.id = given;
	if not exists (select from inventory.source s where s.id = given and s.line_id is not null) then
		perform base.fail('conflict', 'It was not made from a line of a call.');
	end if;
	select h.* into line from inventory.source s join inventory.charge h on h.id = s.line_id where s.id = given;
	if not found or not line.active then
		perform base.fail('conflict', 'The line it was made from is gone: release it.');
	end if;
	wanted := inventory.charge_pieces(line.id, known.article_id);
	if wanted is null then
		perform base.fail('conflict', 'The line is of another article now: release this, and reserve that.');
	end if;
	if line.warehouse_id <> known.warehouse_id then
		perform inventory.reservation_move(given, line.warehouse_id);
		known.warehouse_id := line.warehouse_id;
	end if;
	missing := wanted - inventory.charge_promised(line.id, known.article_id);
	if missing < 0 then
		perform inventory.reservation_release(given, least(-missing, known.open), 'realigned', 'released');
	elsif missing > 0 then
		perform inventory.reservation_make(base.uuid_new(), jsonb_build_object('article_id', known.article_id, 'warehouse_id',
			known.warehouse_id, 'kit_id', known.kit_id, 'quantity', missing, 'partial', true, 'activity_id', known.activity_id,
			'charge_id', line.id, 'needed_at', known.needed_at, 'expires_at', known.expires_at, 'job_code', line.job_code)
			|| inventory.source_of_charge(line.id));
	end if;
	update inventory.reservation r set job_code = coalesce(line.job_code, r.job_code) where r.id = given;
	perform inventory.source_keep('reservation', given, inventory.source_of_charge(line.id) -> 'source');
end $$;

grant execute on function inventory.source_of_charge(uuid), inventory.charge_pieces(uuid, uuid),
	inventory.charge_promised(uuid, uuid), inventory.reservation_source_diff(inventory.reservation), inventory.reservation_realign(uuid) to inventory;
grant execute on function inventory.reservation_make(uuid, jsonb), inventory.reservation_insert(uuid, jsonb, text, numeric, text[], uuid),
	inventory.serials_reserve(uuid, uuid, uuid, text[]), inventory.reservation_release(uuid, numeric, text, text),
	inventory.reservation_move(uuid, uuid) to inventory;
