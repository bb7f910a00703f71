-- Returns and their lines: what they say, and how a line is divided. The state is the line's; the head is open while one of them is.

-- The next number of a return.
create or replace function inventory.rma_number() returns text language sql as $$
	select inventory.number_make('rma', inventory.setting('rma_series', '"RMA"') #>> '{}', inventory.year_of(base.clock()))
$$;

-- The line is of goods of ours that a supplier repairs.
create or replace function inventory.rma_own(of_line uuid) returns boolean language plpgsql stable as $$
begin
	return (select l.of_supplier and r.parent_line_id is null from inventory.rma_line l join inventory.rma r on r.id = l.rma_id
		where l.id = of_line);
end $$;

-- The machine that a line of a return is of.
create or replace function inventory.asset_of_return(line uuid) returns uuid language plpgsql stable as $$
begin
	return case when line is not null then (select l.asset_id from inventory.rma_line l where l.id = line) end;
end $$;

-- Fails unless there is such a line of a return and something may still be done for it.
create or replace function inventory.rma_line_open(line uuid) returns void language plpgsql stable as $$
declare
	known text;
begin
	select l.state into known from inventory.rma_line l where l.id = line;
	perform base.must(known is not null, 'unknown-reference', 'There is no such line of a return.', '/rma_line_id', 'reference'),
		base.must(known not in ('closed', 'cancelled'), 'conflict', format('The line is %s.', known), '/rma_line_id', 'state');
end $$;

-- A new line: its asset, where the piece is a known one, and that one's warranty. `line` is where the body has it. What a supplier is
-- to repair for us is stock of ours.
create or replace function inventory.rma_line_settle(made uuid, line text default '') returns void language plpgsql as $$
begin
	update inventory.rma_line l set asset_id = a.id, warranty = case when l.warranty <> 'unknown' then l.warranty
		else inventory.warranty_on(a.warranties, inventory.today()) end
	from inventory.rma_line n left join inventory.asset a on a.id = n.asset_id
		or (n.asset_id is null and a.article_id = n.article_id and a.serial_key = n.serial_key
			and (base.sight() <> 'portal' or a.customer_id = base.customer()))
	where n.id = made and l.id = n.id;
	perform base.must(base.sight() <> 'portal' or a.customer_id = base.customer(), 'unknown-reference', 'There is no such asset.',
			line || '/asset_id', 'reference'),
		case when a.customer_id <> h.customer_id then base.warn('asset-customer', format('Asset %s is of another customer.', a.serial),
			line || '/asset_id') end
	from inventory.rma_line l join inventory.rma h on h.id = l.rma_id join inventory.asset a on a.id = l.asset_id where l.id = made;
	perform base.must(l.asset_id is null or (a.article_id = l.article_id and a.serial_key is not distinct from
		coalesce(l.serial_key, a.serial_key)), 'invalid', 'is another piece than this one', line || '/asset_id', 'reference'),
		base.must(l.quantity = round(l.quantity, r.decimals), 'invalid', format('article %s is counted with %s decimals', r.code,
			r.decimals), line || '/quantity', 'decimals'),
		base.must(r.tracking <> 'serial' or l.serial is not null, 'invalid', format('article %s is tracked by serial: a line is one piece',
			r.code), line || '/serial', 'required'),
		base.must(not l.of_supplier or r.stocked and r.kind not in ('service', 'kit'), 'invalid',
			format('article %s is not kept in stock', r.code), line || '/article_id', 'stocked'),
		base.must(not l.of_supplier or a.id is null or a.owner_customer_id is null and (a.customer_id is null or a.status = 'on_loan'),
			'invalid', 'is a customer''s: what is his is sent on from the line of his return',
			line || case when l.serial is null then '/asset_id' else '/serial' end, 'customer')
	from inventory.rma_line l join inventory.article r on r.id = l.article_id left join inventory.asset a on a.id = l.asset_id
	where l.id = made;
end $$;

-- A line of its log for a passage that came with another's.
create or replace function inventory.rma_line_log(passed uuid, action text, before text, became text, b jsonb) returns void
language plpgsql as $$
begin
	insert into inventory.transition (resource, subject_id, action, from_state, to_state, at, reason)
	values ('rma_line', passed, action, before, became, coalesce((b ->> 'at')::timestamptz, base.clock()), b ->> 'reason');
end $$;

-- A step on a part of the quantity: the rest of the line becomes a line of its own, in the state in which it is.
create or replace function inventory.rma_line_split(divided uuid, wanted numeric) returns void language plpgsql as $$
declare
	known inventory.rma_line;
	rest inventory.rma_line;
begin
	select l.* into strict known from inventory.rma_line l where l.id = divided;
	if wanted is null or wanted = known.quantity then
		return;
	end if;
	if wanted > known.quantity then
		perform base.fail('conflict', format('The line is of %s, %s were asked for.', trim_scale(known.quantity), trim_scale(wanted)),
			'/quantity', 'range');
	end if;
	rest := known;
	rest.id := base.uuid_new();
	rest.quantity := known.quantity - wanted;
	rest.received_quantity := greatest(known.received_quantity - wanted, 0);
	rest.supplier_cost := null;
	rest.split_from := divided;
	rest.external_ref := null;
	insert into inventory.rma_line (id, rma_id, article_id, quantity, of_supplier, asset_id, fault_code, declared_fault, accessories,
		condition, warranty, state, diagnosis, cause_code, repair_notes, outcome, disposal, warehouse_id, received_quantity, unannounced,
		split_from, offer_id, child_rma_id, replacement, due_back_on, missing, received_at, job_code)
	select rest.id, rest.rma_id, rest.article_id, rest.quantity, rest.of_supplier, rest.asset_id, rest.fault_code, rest.declared_fault,
		rest.accessories, rest.condition, rest.warranty, rest.state, rest.diagnosis, rest.cause_code, rest.repair_notes, rest.outcome,
		rest.disposal, rest.warehouse_id, rest.received_quantity, rest.unannounced, rest.split_from, rest.offer_id, rest.child_rma_id,
		rest.replacement, rest.due_back_on, rest.missing, rest.received_at, rest.job_code;
	update inventory.rma_line l set quantity = wanted, received_quantity = least(l.received_quantity, wanted) where l.id = divided;
	perform inventory.source_split(divided, rest.id), inventory.rma_line_log(rest.id, 'split', known.state, known.state, null),
		base.touch('rma_line.created', array[rest.id]);
end $$;

-- Takes what a step may touch, behind the line's head: the return it is a part of, the articles, the asset.
create or replace function inventory.rma_line_lock(locked uuid, article uuid) returns void language plpgsql as $$
begin
	update inventory.rma p set revision = p.revision + 1 from inventory.rma_line l join inventory.rma r on r.id = l.rma_id
		join inventory.rma_line o on o.id = r.parent_line_id
	where l.id = locked and p.id = o.rma_id;
	perform inventory.stock_lock(array[l.article_id, article]) from inventory.rma_line l where l.id = locked;
	perform inventory.asset_lock(l.asset_id) from inventory.rma_line l where l.id = locked and l.asset_id is not null;
end $$;

-- The goods of the line are with us: received, neither gone back nor disposed of.
create or replace function inventory.rma_line_here(of_line uuid) returns boolean language plpgsql stable as $$
begin
	return (select l.received_quantity > 0 and l.returned_quantity = 0 and l.disposal is null and l.warehouse_id is not null
		from inventory.rma_line l where l.id = of_line);
end $$;

-- The head ends with its last line.
create or replace function inventory.rma_end(head uuid) returns void language plpgsql as $$
declare
	ends text;
begin
	select case when bool_and(l.state = 'cancelled') then 'cancelled' when bool_and(l.state in ('closed', 'cancelled')) then 'closed' end
	into ends from inventory.rma_line l where l.rma_id = head;
	if ends is not null then
		update inventory.rma r set state = ends, version = r.version + 1, updated_at = base.clock() where r.id = head and r.state = 'open';
		perform base.touch('rma.' || ends, array[head]) where found;
	end if;
end $$;

-- Lines that wait for what they replaced wait until that day; one that is over already is told of at once.
create or replace function inventory.rma_due_back(head uuid, day date) returns void language plpgsql as $$
declare
	moved uuid[];
begin
	with changed as (
		update inventory.rma_line l set due_back_on = day, version = l.version + 1, updated_at = base.clock()
		where l.rma_id = head and l.state = 'authorised' and l.due_back_on is distinct from day and l.due_back_on is not null
			and l.missing is null returning l.id
	)
	select array_agg(c.id) into moved from changed c;
	insert into inventory.timer (kind, subject, due_at)
	select 'rma_line.overdue', m.id::text, (day + 1)::timestamp at time zone (select t.time_zone from inventory.tenant t)
	from unnest(moved) m(id)
	on conflict (tenant_id, kind, subject) do update set due_at = excluded.due_at, attempts = 0;
	perform base.touch('rma_line.changed', moved) where moved is not null;
end $$;
