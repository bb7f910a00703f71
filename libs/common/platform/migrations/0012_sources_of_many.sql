-- Lines as they are now, their versions and whether each is still there: sets the timers that will mark what was made from them
-- as they were before. What marks takes the roots of all that first, so it is no part of applying the events.
create function {service}.sources_due(lines uuid[], versions int[], there boolean[]) returns void language plpgsql as $$
begin
	insert into {service}.timer (kind, subject, due_at)
	select distinct 'source.changed', n.line::text, base.clock()
	from unnest(lines, versions, there) n(line, version, there) join {service}.source s on s.line_id = n.line
	where s.changed_at is null and (s.line_version < n.version or not n.there)
	order by 2
	on conflict (tenant_id, kind, subject) do nothing;
end $$;
grant execute on function {service}.sources_due(uuid[], int[], boolean[]) to {service};
drop function {service}.source_due(uuid, int, boolean);

-- After events of such rows: those that tell anything new, whose they are, and whether they came to be open or ceased to be.
create function {service}.derived_tell(made_ids uuid[]) returns table (source_id uuid, line_id uuid, opened boolean)
language plpgsql as $$
begin
	return query update {service}.derived v set told = n.shown,
			changed_at = case when n.told is not null or v.version > 1 then v.updated_at else v.changed_at end
		from (select o.id, o.told, jsonb_build_object('state', o.state, 'open', o.open, 'quantity', o.quantity, 'issued', o.issued,
				'open_quantity', o.open_quantity, 'serials', to_jsonb(o.serials)) as shown
			from {service}.derived o where o.id = any (made_ids)) n
		where v.id = n.id and n.told is distinct from n.shown
		returning v.source_id, v.line_id, (n.told ->> 'open')::boolean is distinct from v.open;
end $$;
grant execute on function {service}.derived_tell(uuid[]) to {service};
drop function {service}.derived_tell(uuid);
