-- The write path of stock again, with fewer statements: what holds the article's row is what others wait for. A statement costs
-- its start whatever it finds, so that what is seldom (a new row of stock, a level, a machine) is asked for before it is
-- written, and what one statement knows no other looks for.

-- Takes one article; fails when there is none.
create function inventory.article_take(taken uuid) returns void language plpgsql as $$
begin
	update inventory.article a set revision = a.revision + 1 where a.id = taken;
	if not found then
		perform base.fail('unknown-reference', 'There is no such article.', '/article_id', 'reference');
	end if;
end $$;
grant execute on function inventory.article_take(uuid) to inventory;

-- Takes the articles whose stock a request will change, in the order of their ids, before anything is read of them.
create or replace function inventory.stock_lock(articles uuid[]) returns void language plpgsql as $$
begin
	if cardinality(articles) = 1 then
		update inventory.article a set revision = a.revision + 1 where a.id = articles[1];
		return;
	end if;
	with locked as (
		select a.id from inventory.article a where a.id = any (articles) order by a.id for no key update
	)
	update inventory.article a set revision = a.revision + 1 from locked l where a.id = l.id;
end $$;

-- The row of an article in a warehouse, made where there is none.
create or replace function inventory.stock_row(of_article uuid, in_warehouse uuid, whose text default 'own') returns inventory.stock
language plpgsql as $$
declare
	known inventory.stock;
begin
	select s.* into known from inventory.stock s where s.article_id = of_article and s.warehouse_id = in_warehouse and s.owner = whose;
	if not found then
		insert into inventory.stock (id, article_id, warehouse_id, owner, sellable)
		select base.uuid_new(), of_article, w.id, whose, w.available and whose = 'own' from inventory.warehouse w
		where w.id = in_warehouse
		on conflict (tenant_id, article_id, warehouse_id, owner) do nothing;
		select s.* into strict known from inventory.stock s where s.article_id = of_article and s.warehouse_id = in_warehouse
			and s.owner = whose;
	end if;
	return known;
end $$;

-- Tells whether the available quantity came down to less than the minimum just now, and looks what should be ordered.
create or replace function inventory.stock_minimum(place uuid, before numeric) returns void language plpgsql as $$
declare
	known record;
begin
	select s.article_id, s.warehouse_id, s.available, l.minimum into known
	from inventory.stock s join inventory.reorder_level l on l.article_id = s.article_id and l.warehouse_id = s.warehouse_id and l.active
	where s.id = place and s.owner = 'own';
	if not found then
		return;
	end if;
	if before >= known.minimum and known.available < known.minimum then
		perform base.touch('stock.below_minimum', array[place]);
	end if;
	perform inventory.reorder_look(known.article_id, known.warehouse_id);
end $$;

-- What goods that come in or go out are worth, kept by article: `quantity` is signed; `given_cost` is that of one piece,
-- `given_value` the whole, where it is known (transfers, reversals). Goods that went out before any came in (where the
-- policy lets stock go below zero) did so at the standard cost; what they really cost is told by a movement of value alone.
create or replace function inventory.value_move(of_article uuid, quantity numeric, given_cost numeric, given_value numeric, happened timestamptz,
	in_warehouse uuid, out unit_cost numeric, out worth numeric) language plpgsql as $$
declare
	known record;
	covered numeric;
	correction numeric;
	corrected uuid;
begin
	select coalesce(v.quantity, 0) as quantity, v.value, coalesce(a.standard_cost, 0) as standard into known
	from inventory.article a left join inventory.article_value v on v.article_id = a.id where a.id = of_article;
	if known.value is null then
		insert into inventory.article_value (article_id) values (of_article);
		known.value := 0;
	end if;
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
	machine := coalesce((m ->> 'asset_id')::uuid, case when moves = 'issue' then inventory.asset_of_work((m ->> 'activity_id')::uuid,
		(m ->> 'call_id')::uuid) end);
	insert into inventory.movement (id, kind, article_id, warehouse_id, owner, quantity, unit_cost, value, price, ordered, serials,
		reason_code, reservation_id, call_id, activity_id, charge_id, asset_id, rma_line_id, document_kind, document_id,
		document_number, job_code, cost_centre, at, by_subject, by_name, reversal_of, external_ref)
	values (posted, moves, article.id, place.id, whose, quantity, cost, worth, (m ->> 'price')::numeric, arrived, pieces,
		m ->> 'reason_code', (m ->> 'reservation_id')::uuid, (m ->> 'call_id')::uuid, (m ->> 'activity_id')::uuid,
		(m ->> 'charge_id')::uuid, machine, (m ->> 'rma_line_id')::uuid, m -> 'document' ->> 'kind', (m -> 'document' ->> 'id')::uuid,
		m -> 'document' ->> 'number', m ->> 'job_code', m ->> 'cost_centre', happened,
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

-- What a movement by hand may say: a technician moves the goods of his own van only. Whether it names something is asked
-- apart from whether that is there: a condition that reads a table is a statement, also where the rest of it decides.
create function inventory.movement_check(b jsonb) returns void language plpgsql as $$
begin
	if base.sight() = 'technician' then
		perform from inventory.warehouse w where w.id = (b ->> 'warehouse_id')::uuid and w.technician_id = base.technician();
		if not found then
			perform base.fail('forbidden', 'A technician moves the goods of his own van only.', '/warehouse_id', 'forbidden');
		end if;
	end if;
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
end $$;
grant execute on function inventory.movement_check(jsonb) to inventory;
