-- What a supplier has of ours for repair leaves his warehouse by its return only, goes back to the warehouse that the document which is
-- voided took it from, and travels on none that names another piece.

-- How many of ours are with a supplier for repair; no piece of these is to be among `pieces`.
create function inventory.rma_held(of_article uuid, place uuid, pieces text[], pointer text) returns numeric language plpgsql as $$
begin
	perform base.fail('conflict', format('Serial %s is with the supplier for repair: receive it, or close its line.', e.serial),
		rma_held.pointer || (u.position - 1), 'reference')
	from unnest(pieces) with ordinality u(serial, position) join inventory.serial e on e.article_id = of_article
		and e.serial_key = base.fold(u.serial)
	where e.warehouse_id = place and e.rma_line_id is not null and e.owner = 'own';
	return (select coalesce(sum(l.quantity), 0) from inventory.rma_line l join inventory.rma r on r.id = l.rma_id
		where l.article_id = of_article and l.warehouse_id = place and l.state = 'authorised' and r.kind = 'supplier_repair'
			and r.parent_line_id is null);
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
	if quantity < 0 and place.kind = 'supplier' and whose = 'own' and moves <> 'rma_out'
		and (moves <> 'scrap' or m -> 'document' ->> 'kind' is distinct from 'rma') then
		free := free - inventory.rma_held(article.id, place.id, pieces, line || '/serials/');
	end if;
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

-- A return's line goes on with the document: it comes in, or goes back; our own leaves for its supplier. What went to a supplier by
-- itself, or was replaced, did so already.
create or replace function inventory.transport_rma(head inventory.transport_document, line inventory.transport_document_line, b jsonb)
returns boolean language plpgsql as $$
declare
	known inventory.rma_line;
	action text;
	event text;
begin
	select l.* into known from inventory.rma_line l where l.id = line.rma_line_id;
	perform base.must(known.article_id = line.article_id and known.quantity = line.quantity, 'conflict',
		'The line of the return is of another article or quantity.', b ->> 'line' || '/quantity', 'reference'),
		base.must(coalesce(known.serial_key = base.fold(line.serials[1]), true), 'conflict',
			format('The line is of %s: this is another piece.', known.serial), b ->> 'line' || '/serials/0', 'reference');
	if head.direction = 'in' and known.state in ('requested', 'authorised') then
		perform inventory.rma_line_receive(known.id, b || jsonb_build_object('warehouse_id', head.warehouse_id));
		action := 'receive';
		event := 'received';
	elsif head.direction = 'out' and known.state = 'ready' and inventory.rma_line_here(known.id) then
		perform inventory.rma_line_return(known.id, b);
		action := 'return';
		event := 'returned';
	elsif head.direction = 'out' and known.of_supplier and known.state = 'authorised' and known.warehouse_id is null then
		perform inventory.rma_line_ship(known.id, b || jsonb_build_object('warehouse_id', head.warehouse_id));
		action := 'send';
		event := 'sent';
	elsif head.direction = 'out' and (known.of_supplier and known.warehouse_id is not null or known.replacement is not null)
		or known.state in ('received', 'returned') then
		return false;
	else
		perform base.fail('conflict', format('The line of the return is %s: it does not go on with this document.', known.state),
			b ->> 'line' || '/rma_line_id', 'state');
	end if;
	update inventory.rma_line l set version = l.version + 1, updated_at = base.clock() where l.id = known.id;
	perform inventory.rma_line_log(known.id, action, known.state, l.state, b) from inventory.rma_line l where l.id = known.id;
	perform base.touch('rma_line.' || event, array[known.id]);
	return true;
end $$;

-- Takes one of them back: what came in is with whom it came from, what went back is with us, and so is our own that left for a
-- supplier.
create or replace function inventory.transport_unreturn(head inventory.transport_document, line uuid, b jsonb) returns void
language plpgsql as $$
declare
	known inventory.rma_line;
	ours boolean := inventory.rma_own(line);
	there uuid;
begin
	select l.* into strict known from inventory.rma_line l where l.id = line;
	perform base.must(known.state = case when head.direction = 'in' then 'received' when ours then 'authorised' else 'returned' end,
		'conflict', format('The line of the return is %s already.', known.state), b ->> 'line', 'state');
	if head.direction = 'out' and ours then
		there := head.warehouse_id;
	elsif head.direction = 'out' then
		select m.warehouse_id into there from inventory.movement m where m.rma_line_id = line and m.kind = 'rma_out'
		order by m.sequence desc limit 1;
	end if;
	if head.direction = 'out' and ours then
		perform inventory.rma_move(line, 'rma_out', known.warehouse_id, b), inventory.rma_move(line, 'rma_in', there, b),
			inventory.rma_own_home(line, b);
		update inventory.rma_line l set warehouse_id = null where l.id = line;
	elsif head.direction = 'out' then
		perform inventory.rma_move(line, 'rma_in', there, b), inventory.rma_asset(line, 'in_repair', b);
		update inventory.rma_line l set state = 'ready', disposal = null, returned_quantity = 0, returned_at = null, warehouse_id = there
		where l.id = line;
	else
		perform inventory.rma_move(line, 'rma_out', known.warehouse_id, b);
		if known.of_supplier then
			there := inventory.rma_warehouse('supplier');
			perform inventory.rma_move(line, 'rma_in', there, b),
				case when ours then inventory.rma_asset(line, 'in_repair', b) else inventory.transport_unreturn_parent(line, there, b) end;
		else
			perform inventory.rma_asset(line, 'installed', b);
		end if;
		update inventory.rma_line l set state = 'authorised', received_quantity = 0, received_at = null, warehouse_id = there,
			missing = case l.missing when 'credited' then 'charged' end
		where l.id = line;
		insert into inventory.timer (kind, subject, due_at)
		select 'rma_line.overdue', line::text, (known.due_back_on + 1)::timestamp at time zone (select t.time_zone from inventory.tenant t)
		where known.due_back_on >= inventory.today()
		on conflict (tenant_id, kind, subject) do nothing;
	end if;
	update inventory.rma_line l set version = l.version + 1, updated_at = base.clock() where l.id = line;
	perform inventory.rma_line_log(line, 'void', known.state, l.state, b) from inventory.rma_line l where l.id = line;
	perform base.touch('rma_line.changed', array[line]);
end $$;

grant execute on function inventory.rma_held(uuid, uuid, text[], text) to inventory;
