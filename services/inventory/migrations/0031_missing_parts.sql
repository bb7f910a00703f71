-- What did not come back is charged by the call of its return: the charges of a line, and that these changed.
select inventory_data.add_columns('charge', 'add column rma_line_id uuid');
create index charge__rma_line on inventory_data.charge (tenant_id, rma_line_id) where rma_line_id is not null;

create function inventory.charges_of_missing(line uuid) returns jsonb language plpgsql stable as $$
begin
	return (select jsonb_agg(jsonb_build_object('id', h.id, 'call_id', h.call_id, 'quantity', h.quantity::text, 'status', h.status)
			order by h.added_at, h.id)
		from inventory.charge h where h.rma_line_id = line and h.active);
end $$;

-- Sets the timers that tell of it.
create function inventory.missing_due(lines uuid[]) returns void language plpgsql as $$
begin
	insert into inventory.timer (kind, subject, due_at)
	select distinct 'rma_line.missing', n.id::text, base.clock() from unnest(lines) n(id) order by 2
	on conflict (tenant_id, kind, subject) do nothing;
end $$;
grant execute on function inventory.charges_of_missing(uuid), inventory.missing_due(uuid[]) to inventory;

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
