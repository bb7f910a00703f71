-- A movement of a component says of which kit it is, as the promise of one does.
select inventory_data.add_columns('movement', 'add column kit_id uuid');
select inventory_data.filter_indexes('movement', 'at', '{}', '{kit_id}');

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
	kit uuid := (m ->> 'kit_id')::uuid;
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
		select r.id, r.open, r.status, r.job_code, r.kit_id into promised from inventory.reservation r where r.id = (m ->> 'reservation_id')::uuid
			and r.article_id = article.id and r.warehouse_id = place.id;
		if not found or promised.status <> 'reserved' or promised.open < -quantity then
			perform base.fail('conflict', format('The reservation holds %s of it, %s were asked for.',
				coalesce(case when promised.status = 'reserved' then promised.open end, 0), -quantity), pointer, 'range');
		end if;
		consumed := -quantity;
		job := coalesce(job, promised.job_code);
		kit := coalesce(kit, promised.kit_id);
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
		document_number, job_code, cost_centre, at, by_subject, by_name, reversal_of, external_ref, kit_id)
	values (posted, moves, article.id, place.id, whose, quantity, cost, worth, (m ->> 'price')::numeric, arrived, pieces,
		m ->> 'reason_code', (m ->> 'reservation_id')::uuid, (m ->> 'call_id')::uuid, (m ->> 'activity_id')::uuid,
		(m ->> 'charge_id')::uuid, machine, (m ->> 'rma_line_id')::uuid, m -> 'document' ->> 'kind', (m -> 'document' ->> 'id')::uuid,
		m -> 'document' ->> 'number', coalesce(job, inventory.job_of(m)), m ->> 'cost_centre', happened,
		base.actor(), nullif(current_setting('app.actor_name', true), ''), (m ->> 'reversal_of')::uuid, m ->> 'external_ref', kit);
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

-- The same with the other sign, at the same cost. What a reservation was issued by it is not promised again.
create or replace function inventory.movement_undo(undone uuid, made uuid, b jsonb) returns uuid language plpgsql as $$
begin
	return (select inventory.movement_post(jsonb_build_object('id', made, 'kind', 'reversal', 'article_id', m.article_id,
		'warehouse_id', m.warehouse_id, 'owner', m.owner, 'quantity', -m.quantity, 'unit_cost', m.unit_cost, 'value', -m.value, 'price', m.price,
		'serials', to_jsonb(m.serials), 'reason_code', b ->> 'reason', 'call_id', m.call_id, 'activity_id', m.activity_id,
		'charge_id', m.charge_id, 'asset_id', m.asset_id, 'rma_line_id', m.rma_line_id, 'job_code', m.job_code, 'cost_centre',
		m.cost_centre, 'at', coalesce(b ->> 'at', base.ts(base.clock())), 'reversal_of', m.id, 'line', b -> 'line', 'kit_id', m.kit_id,
		'document', jsonb_build_object('kind', m.document_kind, 'id', m.document_id, 'number', m.document_number)))
		from inventory.movement m where m.id = undone);
end $$;

-- Posts an issue: of a kit one for each of its components, among which the serials are shared out. m and what becomes of it are
-- those of movement_post; the first has its id and its key, and is told by who said so.
create or replace function inventory.movement_issue(m jsonb) returns uuid[] language plpgsql as $$
declare
	line text := coalesce(m ->> 'line', '');
	given text[];
	named text[] := '{}';
	part record;
	of_part text[];
	says jsonb := (m - 'serials') || jsonb_build_object('kit_id', m -> 'article_id');
	posted uuid[] := '{}';
begin
	perform from inventory.article a where a.id = (m ->> 'article_id')::uuid and a.kind = 'kit';
	if not found then
		return array[inventory.movement_post(m)];
	end if;
	if m -> 'document' ->> 'id' is null then
		perform inventory.article_check((m ->> 'article_id')::uuid, line || '/article_id');
	end if;
	if m ->> 'price' is not null then
		perform base.fail('invalid', 'a kit goes out as its components: it has no price of its own', line || '/price', 'kit');
	end if;
	given := array(select jsonb_array_elements_text(nullif(m -> 'serials', 'null')));
	for part in select p.article_id, p.quantity, a.tracking from inventory.article_pieces((m ->> 'article_id')::uuid,
		(m ->> 'quantity')::numeric) p join inventory.article a on a.id = p.article_id order by p.article_id
	loop
		of_part := case part.tracking when 'serial' then array(select g.serial from unnest(given) g(serial) join inventory.serial e
			on e.article_id = part.article_id and e.serial_key = base.fold(g.serial)) end;
		named := named || of_part;
		posted := posted || inventory.movement_post(says || jsonb_build_object('article_id', part.article_id, 'quantity',
			part.quantity, 'serials', of_part));
		says := says - array['id', 'external_ref', 'told'];
	end loop;
	if inventory.pieces_without(given, named) <> '{}' then
		perform base.fail('invalid', 'not all of these are pieces of what the kit is made of', line || '/serials', 'serials');
	end if;
	return posted;
end $$;

-- Issues `wanted` to a charge, from a reservation or without, with the serials that the charge names.
create or replace function inventory.charge_issue(line inventory.charge, piece uuid, wanted numeric, place uuid, reservation uuid, b jsonb)
returns void language plpgsql as $$
begin
	perform inventory.van_check(place, '/warehouse_id'),
		inventory.movement_post(jsonb_build_object('kind', 'issue', 'article_id', piece, 'warehouse_id', place, 'quantity', wanted,
			'serials', (select to_jsonb((coalesce(nullif(r.serials, '{}'), inventory.charge_serials(line.id, piece)))[:wanted::int])
				from (select 1) one left join inventory.reservation r on r.id = reservation where (select a.tracking
					from inventory.article a where a.id = piece) = 'serial'),
			'at', b -> 'at', 'reservation_id', reservation, 'call_id', line.call_id, 'activity_id', line.activity_id, 'charge_id', line.id,
			'job_code', line.job_code, 'kit_id', nullif(line.article_id, piece), 'line', b ->> 'line'));
end $$;
