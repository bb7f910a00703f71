-- Returns that are made from a call: what they take of it, what differs since, and copying it again (source.h).

-- What a return takes of its call.
create or replace function inventory.rma_source(of_call uuid) returns jsonb language plpgsql stable as $$
begin
	return (select jsonb_build_object('kind', 'call', 'id', c.id, 'taken', jsonb_build_object('customer_id', c.customer_id, 'site_id', c.site_id,
			'job_code', c.job_code))
		from inventory.call c where c.id = of_call);
end $$;

-- Lines of a return, of charges: kits taken apart, pieces with serials one by one. An asset of the article that a charge
-- names is what that charge replaced: one line, of the asset.
create or replace function inventory.rma_lines_of_call(of_call uuid, machines uuid[], charges uuid[]) returns jsonb language plpgsql stable as $$
begin
	return (with used as (
			select h.id, h.line_version, h.job_code, n.place, r.id as article_id, p.quantity, r.tracking, h.serials
			from unnest(charges) with ordinality n(id, place) join inventory.charge h on h.id = n.id,
				inventory.article_pieces(h.article_id, 1) k join inventory.article r on r.id = k.article_id,
				inventory.charge_used(h.id, r.id) p(quantity)
		), machine as (
			select a.id, a.article_id, a.serial, n.place from unnest(machines) with ordinality n(id, place)
				join inventory.asset a on a.id = n.id
		), line as (
			select 1 as part, m.place, 0 as piece, m.article_id, m.serial, 1::numeric as quantity, m.id as asset_id, u.id as charge_id,
				u.line_version, u.job_code
			from machine m left join lateral (select o.* from used o where o.article_id = m.article_id order by o.place limit 1) u on true
			union all
			select 2, u.place, coalesce(s.piece, 0), u.article_id, s.serial, case when s.serial is null then u.quantity else 1 end, null, u.id,
				u.line_version, u.job_code
			from used u left join unnest(case when u.tracking = 'serial' then u.serials end) with ordinality s(serial, piece) on true
			where not exists (select from machine m where m.article_id = u.article_id)
		)
		select jsonb_agg(jsonb_build_object('article_id', l.article_id, 'serial', l.serial, 'quantity', l.quantity, 'asset_id', l.asset_id,
			'job_code', l.job_code, 'declared_fault', c.subject, 'source', jsonb_build_object('kind', 'call', 'id', of_call, 'line_id',
				l.charge_id, 'line_version', l.line_version)) order by l.part, l.place, l.piece)
		from line l join inventory.call c on c.id = of_call);
end $$;

-- The body of a return that is made from a call. b: call_id, kind, asset_ids and charge_ids; without either it is of the
-- machines that the call is about.
create or replace function inventory.rma_of_call(b jsonb) returns jsonb language plpgsql stable as $$
declare
	call inventory.call;
	machines uuid[] := array(select jsonb_array_elements_text(case when jsonb_typeof(b -> 'asset_ids') = 'array' then b -> 'asset_ids'
		else '[]' end));
	charges uuid[] := array(select jsonb_array_elements_text(case when jsonb_typeof(b -> 'charge_ids') = 'array' then b -> 'charge_ids'
		else '[]' end));
	twice record;
	lines jsonb;
begin
	select c.* into call from inventory.call c where c.id = (b ->> 'call_id')::uuid;
	if not found then
		perform base.fail('unknown-reference', 'There is no such call (yet).', '/call_id', 'reference');
	end if;
	if call.customer_id is null then
		perform base.fail('conflict', 'Nothing comes back by a call without customer.', '/call_id', 'customer');
	end if;
	select n.pointer into twice from (select '/asset_ids/' || (o.place - 1) as pointer, row_number() over (partition by o.id order by o.place) as time
		from unnest(machines) with ordinality o(id, place) union all select '/charge_ids/' || (o.place - 1), row_number() over (partition by o.id
		order by o.place) from unnest(charges) with ordinality o(id, place)) n where n.time > 1 limit 1;
	if found then
		perform base.fail('invalid', 'is given twice', twice.pointer, 'unique');
	end if;
	perform base.must(a.id is not null, 'unknown-reference', 'The customer of the call has no such asset.', '/asset_ids/' || (n.place - 1),
		'reference')
	from unnest(machines) with ordinality n(id, place) left join inventory.asset a on a.id = n.id and a.customer_id = call.customer_id;
	perform base.must(h.id is not null, 'unknown-reference', 'The call has no such charge of a part (yet).', pointer, 'reference'),
		base.must(h.quantity > 0 or h.planned_quantity > 0, 'conflict', 'The charge is of nothing that could come back.', pointer, 'range'),
		inventory.article_check(h.article_id, pointer),
		base.must(not exists (select from inventory.article_pieces(h.article_id, 1) p join inventory.article r on r.id = p.article_id
			where r.tracking = 'serial' and coalesce(h.serials, '{}') = '{}' and not exists (select from inventory.asset a
				where a.id = any (machines) and a.article_id = r.id)), 'invalid',
			'the charge names no serial: name the piece that comes back among asset_ids', pointer, 'serials')
	from (select o.id, '/charge_ids/' || (o.place - 1) as pointer from unnest(charges) with ordinality o(id, place)) n
		left join inventory.charge h on h.id = n.id and h.call_id = call.id and h.active and h.kind = 'part' and h.article_id is not null;
	if machines = '{}' and charges = '{}' then
		machines := array(select a.id from jsonb_array_elements(call.assets) with ordinality n(value, place)
			join inventory.asset a on a.id = (n.value ->> 'asset_id')::uuid and a.customer_id = call.customer_id order by n.place);
	end if;
	lines := inventory.rma_lines_of_call(call.id, machines, charges);
	if lines is null then
		perform base.fail('invalid', 'the call names no machine of its customer: name assets or charges', '/asset_ids', 'required');
	end if;
	return jsonb_build_object('customer_id', call.customer_id, 'site_id', call.site_id, 'job_code', call.job_code, 'reason', call.subject)
		|| jsonb_strip_nulls(b - 'asset_ids' - 'charge_ids') || jsonb_build_object('lines', lines, 'source', inventory.rma_source(call.id));
end $$;

-- New lines, with what they were made from; touches them.
create or replace function inventory.rma_lines_add(to_rma uuid, lines jsonb) returns void language plpgsql as $$
declare
	one jsonb;
	place text;
	made uuid;
	line inventory.rma_line;
begin
	for one, place in select i.value, '/lines/' || (i.ordinality - 1)
		from jsonb_array_elements(case when jsonb_typeof(lines) = 'array' then lines else '[]' end)
		with ordinality i order by i.ordinality loop
		made := base.uuid_new();
		line := jsonb_populate_record(null::inventory.rma_line, one);
		insert into inventory.rma_line (id, rma_id, article_id, serial, quantity, of_supplier, asset_id, fault_code, declared_fault,
			accessories, job_code)
		select made, r.id, line.article_id, btrim(line.serial), coalesce(line.quantity, 1), r.kind = 'supplier_repair',
			line.asset_id, line.fault_code, line.declared_fault, line.accessories, line.job_code
		from inventory.rma r where r.id = to_rma;
		perform inventory.source_keep('rma_line', made, one -> 'source'), inventory.rma_line_settle(made, place),
			inventory.rma_line_log(made, 'create', null, 'requested', null), base.touch('rma_line.created', array[made]);
	end loop;
end $$;

-- The part charges of a call since a return was made from it, of which it has nothing.
create or replace function inventory.rma_added(of_rma uuid) returns setof inventory.charge language sql stable as $$
	select h.* from inventory.source s join inventory.charge h on h.call_id = s.source_id
	where s.id = of_rma and h.active and h.kind = 'part' and h.article_id is not null and h.added_at > s.taken_at
		and not exists (select from inventory.rma_line l join inventory.source o on o.id = l.id
			where l.rma_id = of_rma and o.line_id = h.id)
$$;

-- What differs of a line that a charge is the source of, by field; nothing of one whose charge is gone.
create or replace function inventory.rma_line_differs(of_line uuid) returns table (place int, field text, here text, source text)
language sql stable as $$
	select v.place, v.field, v.here, v.source
	from inventory.rma_line l join inventory.source s on s.id = l.id join inventory.charge h on h.id = s.line_id and h.active,
		lateral (select inventory.charge_used(h.id, l.article_id) as wanted, (select sum(o.quantity) from inventory.rma_line o
			join inventory.source p on p.id = o.id where o.rma_id = l.rma_id and o.article_id = l.article_id and p.line_id = h.id
				and o.state <> 'cancelled') as taken) w,
		lateral (values
			(1, 'article_id', l.article_id::text, h.article_id::text, w.wanted is not null),
			(2, 'quantity', trim_scale(w.taken)::text, trim_scale(w.wanted)::text, w.wanted is null or w.wanted = w.taken),
			(3, 'job_code', l.job_code, h.job_code, h.job_code is not distinct from l.job_code)
		) v (place, field, here, source, same)
	where l.id = of_line and not v.same
$$;

-- What a return and its lines say and what the call says now, where they differ.
create or replace function inventory.rma_source_diff(of_rma uuid) returns jsonb language plpgsql stable as $$
begin
	return (with head as (
			select v.place, v.field, v.here, v.source
			from inventory.rma r join inventory.source s on s.id = r.id join inventory.call c on c.id = s.source_id, lateral (values
				(1, 'customer_id', r.customer_id::text, c.customer_id::text),
				(2, 'site_id', r.site_id::text, c.site_id::text),
				(3, 'job_code', r.job_code, c.job_code)
			) v (place, field, here, source)
			where r.id = of_rma and v.here is distinct from v.source
		), line as (
			select l.id, s.line_id, s.line_version as taken_version, h.line_version as version, l.created_at as at,
				case when h.active is not true then 'removed' when d.changes is not null then 'changed' else 'same' end as state,
				coalesce(d.changes, '[]') as changes
			from inventory.rma_line l join inventory.source s on s.id = l.id and s.line_id is not null
				left join inventory.charge h on h.id = s.line_id
				left join lateral (select jsonb_agg(to_jsonb(f) - 'place' order by f.place) as changes from inventory.rma_line_differs(l.id) f)
					d on true
			where l.rma_id = of_rma and l.state <> 'cancelled'
			union all
			select null, h.id, null, h.line_version, h.added_at, 'added', '[]' from inventory.rma_added(of_rma) h
		)
		select jsonb_build_object('state', case when not exists (select from inventory.source s where s.id = of_rma) then 'none'
				when exists (select from head) or exists (select from line l where l.state <> 'same') then 'changed' else 'same' end,
			'changes', (select coalesce(jsonb_agg(to_jsonb(h) - 'place' order by h.place), '[]') from head h),
			'lines', (select coalesce(jsonb_agg(to_jsonb(l) - 'at' order by l.at, l.id), '[]') from line l)));
end $$;

-- Copies what the call says now: its site and job, lines of charges that were added, changed or removed, as far as their
-- goods are not here yet.
create or replace function inventory.rma_realign(given uuid) returns void language plpgsql as $$
declare
	head inventory.rma;
	call inventory.call;
	line record;
	rest numeric;
begin
	select r.* into strict head from inventory.rma r where r.id = given;
	select c.* into call from inventory.source s join inventory.call c on c.id = s.source_id where s.id = given;
	if not found then
		perform base.fail('conflict', 'It was not made from a call.');
	end if;
	if call.customer_id is distinct from head.customer_id then
		perform base.fail('conflict', 'The call is of another customer now: cancel this, and make another return.');
	end if;
	update inventory.rma r set site_id = call.site_id, job_code = call.job_code where r.id = given;
	for line in select l.*, s.line_id, h.id is not null as there, h.job_code as job, inventory.charge_used(h.id, l.article_id) as wanted,
			coalesce((select sum(o.quantity) from inventory.rma_line o join inventory.source p on p.id = o.id where o.rma_id = given
				and o.id <> l.id and o.article_id = l.article_id and p.line_id = s.line_id and o.state <> 'cancelled'), 0) as beside
		from inventory.rma_line l join inventory.source s on s.id = l.id and s.line_id is not null
			left join inventory.charge h on h.id = s.line_id and h.active
		where l.rma_id = given and l.state in ('requested', 'authorised') and l.replacement is null order by l.created_at, l.id loop
		rest := case when line.serial is not null then least(line.wanted, 1) else line.wanted - line.beside end;
		if coalesce(rest, 0) <= 0 then
			update inventory.rma_line l set state = 'cancelled', version = l.version + 1, updated_at = base.clock() where l.id = line.id;
			perform inventory.rma_line_log(line.id, 'cancel', line.state, 'cancelled', '{"reason": "realigned"}'),
				base.touch('rma_line.cancelled', array[line.id]);
		else
			update inventory.rma_line l set quantity = rest, job_code = line.job, version = l.version + 1, updated_at = base.clock()
			where l.id = line.id;
			perform inventory.source_keep('rma_line', line.id, inventory.source_of_charge(line.line_id) -> 'source'),
				base.touch('rma_line.changed', array[line.id]);
		end if;
	end loop;
	perform inventory.rma_lines_add(given, inventory.rma_lines_of_call(call.id, '{}', array(select a.id from inventory.rma_added(given) a
			order by a.added_at, a.id))),
		inventory.source_keep('rma', given, inventory.rma_source(call.id)), inventory.rma_end(given);
	perform base.warn('received', format('Lines whose goods are here stay as they are: %s differ.', count(*)))
	from inventory.rma_line l where l.rma_id = given and l.state not in ('cancelled', 'closed')
		and exists (select from inventory.rma_line_differs(l.id)) having count(*) > 0;
end $$;

-- Returns that are not marked yet, made from a call that says otherwise now: itself, or by lines of it.
create or replace function inventory.rmas_behind(of_call uuid) returns setof uuid language sql stable as $$
	select s.id from inventory.source s join inventory.rma r on r.id = s.id and r.state = 'open'
	where s.source_id = of_call and s.made = 'rma' and s.changed_at is null
		and (s.taken is distinct from inventory.rma_source(of_call) -> 'taken'
			or exists (select from inventory.rma_line l join inventory.source o on o.id = l.id
				where l.rma_id = s.id and o.changed_at > s.taken_at)
			or exists (select from inventory.rma_added(s.id)))
$$;

-- Calls that changed, or whose charges did.
create or replace function inventory.rmas_due(calls uuid[]) returns void language plpgsql as $$
begin
	insert into inventory.timer (kind, subject, due_at)
	select 'source.changed', n.id::text, base.clock()
	from (select distinct s.source_id as id from inventory.source s where s.source_id = any (calls) and s.made = 'rma'
		and s.changed_at is null) n
	where exists (select from inventory.rmas_behind(n.id))
	order by n.id
	on conflict (tenant_id, kind, subject) do nothing;
end $$;

-- A charge, or a call, that changed: takes the returns, then the articles, of what was made from it.
create or replace function inventory.sources_lock(changed uuid) returns void language plpgsql as $$
begin
	with locked as (
		select r.id from inventory.rma r where r.id in (select s.id from inventory.source s where s.made = 'rma'
			and s.source_id = coalesce((select h.call_id from inventory.charge h where h.id = changed), changed))
		order by r.id desc for no key update
	)
	update inventory.rma r set revision = r.revision + 1 from locked l where r.id = l.id;
	perform inventory.stock_lock(array_agg(distinct coalesce(r.article_id, m.article_id)))
	from inventory.source s left join inventory.reservation r on r.id = s.id and s.made = 'reservation'
		left join inventory.movement m on m.id = s.id and s.made = 'movement'
	where s.line_id = changed;
end $$;

-- Marks what was made from it and says otherwise, and tells of it.
create or replace function inventory.sources_mark(changed uuid) returns void language plpgsql as $$
declare
	head uuid;
begin
	with marked as (
		select m.made, m.id from inventory.charge h, inventory.source_mark(h.id, h.line_version, h.active) m where h.id = changed
	), reservations as (
		update inventory.reservation r set version = r.version + 1, updated_at = base.clock() from marked m where r.id = m.id
	)
	update inventory.rma_line l set version = l.version + 1, updated_at = base.clock() from marked m where l.id = m.id;
	for head in select inventory.rmas_behind(coalesce((select h.call_id from inventory.charge h where h.id = changed), changed)) loop
		update inventory.source s set changed_at = base.clock() where s.id = head;
		update inventory.rma r set version = r.version + 1, updated_at = base.clock() where r.id = head;
		perform base.touch('rma.source_changed', array[head]);
	end loop;
end $$;
