-- Movements, the ledger that stock is the sum of. A kit has no stock: one that is issued, by hand or on a transport document, goes
-- out as its components.

-- The job of a movement or a reservation is the most specific one: its own, that of its charge, of its line of a return, of its call.
-- What names none of them looks for nothing.
create or replace function inventory.job_of(b jsonb) returns text language plpgsql stable as $$
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

-- Whatever a technician moves by hand, he moves in his own van: by a movement, by reversing one, or by taking a machine away.
create or replace function inventory.van_check(place uuid, pointer text) returns void language plpgsql as $$
begin
	if base.sight() = 'technician' then
		perform from inventory.warehouse w where w.id = place and w.technician_id = base.technician();
		if not found then
			perform base.fail('forbidden', 'A technician moves the goods of his own van only.', pointer, 'forbidden');
		end if;
	end if;
end $$;

-- What a movement by hand may say. Whether it names something is asked apart from whether that is there: a condition that reads a
-- table is a statement, also where the rest of it decides.
create or replace function inventory.movement_check(b jsonb) returns void language plpgsql as $$
begin
	perform inventory.van_check((b ->> 'warehouse_id')::uuid, '/warehouse_id');
	if b ->> 'owner' = 'customer' and b ->> 'kind' <> 'opening' then
		perform base.fail('invalid', 'goods of customers come and go by RMA', '/owner', 'choice');
	end if;
	if (b ->> 'at')::timestamptz > base.clock() + interval '5 minutes' then
		perform base.fail('invalid', 'must not be more than 5 minutes ahead', '/at', 'range');
	end if;
	if b ->> 'reservation_id' is not null then
		perform from inventory.reservation r where r.id = (b ->> 'reservation_id')::uuid;
		if not found then
			perform base.fail('unknown-reference', 'There is no such reservation.', '/reservation_id', 'reference');
		end if;
	end if;
	if b ->> 'call_id' is not null then
		perform from inventory.call c where c.id = (b ->> 'call_id')::uuid;
		if not found then
			perform base.fail('unknown-reference', 'There is no such call (yet).', '/call_id', 'reference');
		end if;
	end if;
	if b ->> 'activity_id' is not null then
		perform from inventory.activity y where y.id = (b ->> 'activity_id')::uuid;
		if not found then
			perform base.fail('unknown-reference', 'There is no such activity (yet).', '/activity_id', 'reference');
		end if;
	end if;
	if b ->> 'charge_id' is not null then
		perform from inventory.charge h where h.id = (b ->> 'charge_id')::uuid and h.call_id = coalesce((b ->> 'call_id')::uuid, h.call_id);
		if not found then
			perform base.fail('unknown-reference', 'There is no such charge (yet), or it is of another call.', '/charge_id', 'reference');
		end if;
	end if;
	if b ->> 'asset_id' is not null then
		perform from inventory.asset a where a.id = (b ->> 'asset_id')::uuid;
		if not found then
			perform base.fail('unknown-reference', 'There is no such asset.', '/asset_id', 'reference');
		end if;
	end if;
end $$;

-- Takes the article that a movement is to be of; of a kit that is issued, what it is made of, too.
create or replace function inventory.movement_take(b jsonb) returns void language plpgsql as $$
declare
	taken uuid := (b ->> 'article_id')::uuid;
begin
	update inventory.article a set revision = a.revision + 1 where a.id = taken and (a.kind <> 'kit' or b ->> 'kind' <> 'issue');
	if found then
		return;
	end if;
	perform inventory.articles_take(array[taken]);
	perform from inventory.article a where a.id = taken;
	if not found then
		perform base.fail('unknown-reference', 'There is no such article.', '/article_id', 'reference');
	end if;
end $$;

-- Posts one movement and returns its id. m: the fields of a movement; quantity is positive and its sign comes from the
-- kind, save for adjustment and reversal, which bring their own; `value` is its whole value where that is known;
-- `line` is the JSON pointer that those of a refusal go on from, of a movement that is a line of a document; `pointers` are those of
-- its `quantity` and its one `serial`, where the body has them by another name; whoever writes its change record himself says so by
-- `told`.
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
	pointer text := coalesce(m -> 'pointers' ->> 'quantity', line || '/quantity');
	of_pieces text := coalesce(m -> 'pointers' ->> 'serial', line || '/serials/');
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
		perform base.fail('invalid', format('article %s is not kept in stock', article.code), line || '/article_id', 'stocked');
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
			coalesce(cardinality(pieces), 0), abs(quantity)), rtrim(of_pieces, '/'), 'serials');
	end if;
	if article.tracking <> 'serial' and pieces is not null and pieces <> '{}' then
		perform base.fail('invalid', format('article %s is not tracked by serial', article.code), rtrim(of_pieces, '/'), 'serials');
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
	if quantity < 0 and place.kind = 'supplier' and whose = 'own' and moves <> 'rma_out'
		and (moves <> 'scrap' or m -> 'document' ->> 'kind' is distinct from 'rma') then
		free := free - inventory.rma_held(article.id, place.id, pieces, of_pieces);
	end if;
	-- Below zero only where the policy says so, and never by eating what is promised to somebody.
	if quantity < 0 and free + quantity < 0 and not (whose = 'own' and place.available and known.reserved - consumed = 0
		and inventory.setting('stock_below_zero', 'false')::boolean) then
		perform base.fail('insufficient-stock', format('Of %s, %s %s are available in %s; %s were asked for.', article.code,
			trim_scale(greatest(free, 0)), article.uom, place.code, trim_scale(-quantity)), pointer, 'available');
	end if;
	if pieces is not null then
		perform inventory.serials_move(article.id, pieces, quantity > 0, place.id, place.kind, whose, moves,
			(m ->> 'reservation_id')::uuid, of_pieces);
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

-- A movement by hand. Who issues a kit is told of what came beside the one that is answered.
create or replace function inventory.movement_make(made uuid, b jsonb) returns void language plpgsql as $$
declare
	m jsonb := b || jsonb_build_object('id', made, 'told', true);
	posted uuid[];
begin
	perform inventory.movement_check(b);
	if b ->> 'kind' <> 'issue' then
		perform inventory.movement_post(m);
		return;
	end if;
	posted := inventory.movement_issue(m);
	if cardinality(posted) > 1 then
		perform base.warn('more-movements', format('It became %s movements: %s.', cardinality(posted), array_to_string(posted, ', ')));
	end if;
end $$;
