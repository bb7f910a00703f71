-- What is made from a call's part charges (source.h): reservations and issues; those that differ from their charge by now.

-- That something is made from a charge, as movement_post and its like are told.
create or replace function inventory.source_of_charge(charge uuid) returns jsonb language plpgsql stable as $$
begin
	return (select jsonb_build_object('source', jsonb_build_object('kind', 'call', 'id', h.call_id, 'line_id', h.id, 'line_version',
			h.line_version))
		from inventory.charge h where h.id = charge);
end $$;

-- How much of an article a charge asks for; null when it is of another by now.
create or replace function inventory.charge_pieces(charge uuid, of_article uuid) returns numeric language plpgsql stable as $$
begin
	return (select p.quantity
		from inventory.charge h, inventory.article_pieces(h.article_id, coalesce(h.planned_quantity, h.quantity)) p
		where h.id = charge and p.article_id = of_article);
end $$;

-- How much of an article is promised, or was issued, for a charge.
create or replace function inventory.charge_promised(charge uuid, of_article uuid) returns numeric language plpgsql stable as $$
begin
	return (select coalesce(sum(case s.made when 'reservation' then r.quantity - r.released when 'movement' then -m.quantity end), 0)
		from inventory.source s left join inventory.reservation r on r.id = s.id and s.made = 'reservation'
			left join inventory.movement m on m.id = s.id and s.made = 'movement' and m.reservation_id is null
		where s.line_id = charge and of_article in (r.article_id, m.article_id));
end $$;

-- How much of an article was used by a charge: what comes back of it.
create or replace function inventory.charge_used(charge uuid, of_article uuid) returns numeric language plpgsql stable as $$
begin
	return (select p.quantity from inventory.charge h, inventory.article_pieces(h.article_id,
			case when h.quantity > 0 then h.quantity else h.planned_quantity end) p
		where h.id = charge and p.article_id = of_article);
end $$;

-- The pieces of an article that a charge names by serial and that were not issued to it.
create or replace function inventory.charge_serials(charge uuid, of_article uuid) returns text[] language plpgsql stable as $$
begin
	return array(select n.serial from inventory.charge h, unnest(h.serials) with ordinality n(serial, place)
		where h.id = charge and not exists (select from inventory.serial e where e.article_id = of_article
			and e.serial_key = base.fold(n.serial) and e.warehouse_id is null) order by n.place);
end $$;

-- The part charges of a call that a request names, or all of them, with their pointers in it: of those that something can be made
-- from. Raises where one is not of it.
create or replace function inventory.charges_of_call(b jsonb) returns table (id uuid, place bigint, pointer text) language plpgsql stable as $$
declare
	named jsonb := case when jsonb_typeof(b -> 'charge_ids') = 'array' then b -> 'charge_ids' end;
begin
	perform base.must(exists (select from inventory.call c where c.id = (b ->> 'call_id')::uuid and (base.sight() <> 'technician'
		or c.id in (select o.call_id from inventory.own_call o))), 'unknown-reference', 'There is no such call (yet).', '/call_id', 'reference');
	return query select h.id, n.place, n.pointer from (
		select o.value::uuid as id, o.ordinality as place, '/charge_ids/' || (o.ordinality - 1) as pointer
		from jsonb_array_elements_text(coalesce(named, '[]')) with ordinality o(value, ordinality)
		union all
		select a.id, row_number() over (order by a.added_at, a.id), '' from inventory.charge a
		where named is null and a.call_id = (b ->> 'call_id')::uuid and a.active and a.kind = 'part' and a.article_id is not null
			and a.rma_line_id is null
	) n left join inventory.charge h on h.id = n.id and h.call_id = (b ->> 'call_id')::uuid and h.active and h.kind = 'part'
		and h.article_id is not null and h.rma_line_id is null, base.must(h.id is not null, 'unknown-reference',
		'The call has no such charge of a part (yet).', n.pointer, 'reference');
end $$;

-- Promises what these charges ask for and is not promised to them yet, so that it may be asked again. Returns all that is
-- promised to them. The caller has taken the articles.
create or replace function inventory.reservations_of_call(b jsonb) returns uuid[] language plpgsql as $$
declare
	line record;
	missing numeric;
	known record;
	made boolean := false;
begin
	for line in select h.*, n.pointer, p.article_id as piece, p.quantity as wanted
		from inventory.charges_of_call(b) n join inventory.charge h on h.id = n.id,
			inventory.article_pieces(h.article_id, coalesce(h.planned_quantity, h.quantity)) p order by n.place, p.article_id loop
		missing := line.wanted - inventory.charge_promised(line.id, line.piece);
		continue when missing <= 0;
		select coalesce(line.activity_id, (b ->> 'activity_id')::uuid) as activity_id, coalesce((b ->> 'warehouse_id')::uuid, line.warehouse_id,
			inventory.warehouse_default()) as warehouse_id into known;
		perform base.must(known.activity_id is not null, 'invalid', 'is required: a charge names none', '/activity_id', 'required'),
			base.must(known.warehouse_id is not null, 'invalid', 'is required: a charge names none', '/warehouse_id', 'required'),
			base.must(exists (select from inventory.activity y where y.id = known.activity_id and y.call_id = line.call_id
				and y.status <> 'cancelled'), 'unknown-reference', 'The call has no such activity to be done (yet).', '/activity_id', 'reference'),
			inventory.promise_check(known.activity_id);
		perform inventory.reservation_make(base.uuid_new(), jsonb_build_object('article_id', line.piece, 'kit_id',
			case when line.piece <> line.article_id then line.article_id end, 'warehouse_id', known.warehouse_id, 'quantity', missing,
			'partial', b -> 'partial', 'activity_id', known.activity_id, 'charge_id', line.id, 'job_code', line.job_code, 'line', line.pointer)
			|| inventory.source_of_charge(line.id));
		made := true;
	end loop;
	perform inventory.source_warn() where made;
	return array(select r.id from inventory.charges_of_call(b) n join inventory.source s on s.line_id = n.id
		join inventory.reservation r on r.id = s.id where s.made = 'reservation' order by n.place, r.place);
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

-- Issues what these charges used and was not issued to them yet: what is reserved for them first. Returns all that was. The
-- caller has taken the articles.
create or replace function inventory.movements_of_call(b jsonb) returns uuid[] language plpgsql as $$
declare
	line record;
	promised record;
	missing numeric;
	place uuid;
	made boolean := false;
begin
	perform base.must((b ->> 'at')::timestamptz <= base.clock() + interval '5 minutes', 'invalid', 'must not be more than 5 minutes ahead',
		'/at', 'range') where b ->> 'at' is not null;
	for line in select h as charge, n.pointer, p.article_id as piece, p.quantity as wanted
		from inventory.charges_of_call(b) n join inventory.charge h on h.id = n.id, inventory.article_pieces(h.article_id, h.quantity) p
		order by n.place, p.article_id loop
		missing := line.wanted + coalesce((select sum(m.quantity) from inventory.source s join inventory.movement m on m.id = s.id
			where s.line_id = (line.charge).id and m.article_id = line.piece), 0);
		for promised in select r.id, r.open, r.warehouse_id from inventory.source s join inventory.reservation r on r.id = s.id
			where s.line_id = (line.charge).id and r.article_id = line.piece and r.status = 'reserved' order by r.place loop
			exit when missing <= 0;
			perform inventory.charge_issue(line.charge, line.piece, least(promised.open, missing), promised.warehouse_id, promised.id,
				b || jsonb_build_object('line', line.pointer));
			missing := missing - promised.open;
			made := true;
		end loop;
		continue when missing <= 0;
		made := true;
		place := coalesce((b ->> 'warehouse_id')::uuid, (line.charge).warehouse_id, inventory.warehouse_default());
		perform base.must(place is not null, 'invalid', 'is required: a charge names none', '/warehouse_id', 'required');
		perform inventory.charge_issue(line.charge, line.piece, missing, place, null, b || jsonb_build_object('line', line.pointer));
	end loop;
	perform inventory.source_warn() where made;
	return array(select m.id from inventory.charges_of_call(b) n join inventory.source s on s.line_id = n.id
		join inventory.movement m on m.id = s.id where s.made = 'movement' order by n.place, m.sequence);
end $$;

-- What a reservation says and what its charge says now, where they differ.
create or replace function inventory.reservation_source_diff(made inventory.reservation) returns jsonb language plpgsql stable as $$
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
create or replace function inventory.reservation_realign(given uuid) returns void language plpgsql as $$
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

-- What did not come back is charged by the call of its return: the charges of a line.
create or replace function inventory.charges_of_missing(line uuid) returns jsonb language plpgsql stable as $$
begin
	return (select jsonb_agg(jsonb_build_object('id', h.id, 'call_id', h.call_id, 'quantity', h.quantity::text, 'status', h.status)
			order by h.added_at, h.id)
		from inventory.charge h where h.rma_line_id = line and h.active);
end $$;

-- That these changed: sets the timers that tell of it.
create or replace function inventory.missing_due(lines uuid[]) returns void language plpgsql as $$
begin
	insert into inventory.timer (kind, subject, due_at)
	select distinct 'rma_line.missing', n.id::text, base.clock() from unnest(lines) n(id) order by 2
	on conflict (tenant_id, kind, subject) do nothing;
end $$;
