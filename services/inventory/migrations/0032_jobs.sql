-- What moves and what is promised carries the code of its most specific job, and says what it is for where that is a return.

-- The job of a movement or a reservation: its own, that of its charge, of its line of a return, of its call. What names none of them
-- looks for nothing.
create function inventory.job_of(b jsonb) returns text language plpgsql stable as $$
begin
	if b ->> 'job_code' is not null or coalesce(b ->> 'charge_id', b ->> 'rma_line_id', b ->> 'activity_id', b ->> 'call_id') is null then
		return b ->> 'job_code';
	end if;
	return coalesce((select h.job_code from inventory.charge h where h.id = (b ->> 'charge_id')::uuid),
		(select coalesce(l.job_code, r.job_code) from inventory.rma_line l join inventory.rma r on r.id = l.rma_id
			where l.id = (b ->> 'rma_line_id')::uuid),
		(select c.job_code from inventory.call c where c.id = coalesce((b ->> 'call_id')::uuid,
			(select y.call_id from inventory.activity y where y.id = (b ->> 'activity_id')::uuid),
			(select h.call_id from inventory.charge h where h.id = (b ->> 'charge_id')::uuid),
			(select r.call_id from inventory.rma_line l join inventory.rma r on r.id = l.rma_id
				where l.id = (b ->> 'rma_line_id')::uuid))));
end $$;

-- The machine that a line of a return is of.
create function inventory.asset_of_return(line uuid) returns uuid language plpgsql stable as $$
begin
	return case when line is not null then (select l.asset_id from inventory.rma_line l where l.id = line) end;
end $$;

-- Fails unless there is such a line of a return and something may still be done for it.
create function inventory.rma_line_open(line uuid) returns void language plpgsql stable as $$
declare
	known text;
begin
	select l.state into known from inventory.rma_line l where l.id = line;
	perform base.must(known is not null, 'unknown-reference', 'There is no such line of a return.', '/rma_line_id', 'reference'),
		base.must(known not in ('closed', 'cancelled'), 'conflict', format('The line is %s.', known), '/rma_line_id', 'state');
end $$;

-- Posts one movement and returns its id. m: the fields of a movement; quantity is positive and its sign comes from the
-- kind, save for adjustment and reversal, which bring their own; `value` is its whole value where that is known;
-- `line` is the JSON pointer that those of a refusal go on from, of a movement that is a line of a document; whoever writes
-- its change record himself says so by `told`.
create or replace function inventory.movement_post(m jsonb) returns uuid language plpgsql as $$
declare
	posted uuid := coalesce((m ->> 'id')::uuid, base.uuid_new());
	whose text := coalesce(m ->> 'owner', 'own');
	moves text := m ->> 'kind';
	pieces text[];
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
	machine uuid;
	job text := m ->> 'job_code';
	moved record;
begin
	if jsonb_typeof(m -> 'serials') = 'array' then
		pieces := array(select jsonb_array_elements_text(m -> 'serials'));
	end if;
	select a.id, a.code, a.decimals, a.tracking, a.stocked, a.kind, a.uom, a.usable into article from inventory.article a
	where a.id = (m ->> 'article_id')::uuid;
	-- What a document or a promise named may have gone out of use since: its goods go on all the same.
	if article.usable is not true and moves <> 'reversal' and m -> 'document' ->> 'id' is null and m ->> 'reservation_id' is null then
		perform inventory.article_check((m ->> 'article_id')::uuid, line || '/article_id');
	end if;
	if (not article.stocked and whose = 'own') or article.kind in ('service', 'kit') then
		perform base.fail('invalid', format('article %s has no stock', article.code), line || '/article_id', 'stocked');
	end if;
	select w.id, w.code, w.kind, w.valued, w.available, w.active, l.id as level_id into place
	from inventory.warehouse w left join inventory.reorder_level l on l.article_id = article.id and l.warehouse_id = w.id and l.active
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
		select r.id, r.open, r.status, r.job_code into promised from inventory.reservation r where r.id = (m ->> 'reservation_id')::uuid
			and r.article_id = article.id and r.warehouse_id = place.id;
		if not found or promised.status <> 'reserved' or promised.open < -quantity then
			perform base.fail('conflict', format('The reservation holds %s of it, %s were asked for.',
				coalesce(case when promised.status = 'reserved' then promised.open end, 0), -quantity), pointer, 'range');
		end if;
		consumed := -quantity;
		job := coalesce(job, promised.job_code);
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
		moved := inventory.value_move(article.id, quantity, (m ->> 'unit_cost')::numeric, (m ->> 'value')::numeric, happened, place.id);
		cost := moved.unit_cost;
		worth := moved.worth;
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
	machine := (m ->> 'asset_id')::uuid;
	if machine is null and moves = 'issue' then
		machine := coalesce(inventory.asset_of_return((m ->> 'rma_line_id')::uuid),
			inventory.asset_of_work((m ->> 'activity_id')::uuid, (m ->> 'call_id')::uuid));
	end if;
	insert into inventory.movement (id, kind, article_id, warehouse_id, owner, quantity, unit_cost, value, price, ordered, serials,
		reason_code, reservation_id, call_id, activity_id, charge_id, asset_id, rma_line_id, document_kind, document_id,
		document_number, job_code, cost_centre, at, by_subject, by_name, reversal_of, external_ref)
	values (posted, moves, article.id, place.id, whose, quantity, cost, worth, (m ->> 'price')::numeric, arrived, pieces,
		m ->> 'reason_code', (m ->> 'reservation_id')::uuid, (m ->> 'call_id')::uuid, (m ->> 'activity_id')::uuid,
		(m ->> 'charge_id')::uuid, machine, (m ->> 'rma_line_id')::uuid, m -> 'document' ->> 'kind', (m -> 'document' ->> 'id')::uuid,
		m -> 'document' ->> 'number', coalesce(job, inventory.job_of(m)), m ->> 'cost_centre', happened,
		base.actor(), nullif(current_setting('app.actor_name', true), ''), (m ->> 'reversal_of')::uuid, m ->> 'external_ref');
	perform base.touch('stock.changed', array[known.id]);
	if m -> 'told' is null then
		perform base.touch('movement.posted', array[posted]);
	end if;
	if place.level_id is not null then
		perform inventory.stock_minimum(known.id, known.available);
	end if;
	if moves = 'reversal' then
		perform inventory.source_split((m ->> 'reversal_of')::uuid, posted);
	elsif m ->> 'charge_id' is not null then
		perform inventory.source_keep('movement', posted, inventory.source_of_charge((m ->> 'charge_id')::uuid) -> 'source');
	end if;
	if machine is not null then
		perform inventory.timeline_put(machine, 'movement', posted, happened);
	end if;
	if pieces is not null then
		perform inventory.asset_follow(posted);
	end if;
	if quantity > 0 and place.available and whose = 'own' then
		perform inventory.stock_fill(article.id, place.id, (m ->> 'reservation_id')::uuid);
	end if;
	return posted;
end $$;

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

grant execute on function inventory.job_of(jsonb), inventory.asset_of_return(uuid), inventory.rma_line_open(uuid) to inventory;
