-- A value as the index spells it: terms of a slot, compared byte by byte, are in the order of their values. Numbers have 18
-- digits before the point and 6 behind; negative ones are what is left of 10^18, and come first. Texts are folded, and
-- cut where an index can hold no more.
create or replace function {service}.free_term(slot int, type text, value text) returns text language sql immutable parallel safe as $$
	select lpad(slot::text, 2, '0') || ':' || case type
		when 'number' then case when value::numeric < 0
			then 'n' || lpad((1000000000000000000000000 + value::numeric * 1000000)::numeric(24)::text, 24, '0')
			else 'p' || lpad((value::numeric * 1000000)::numeric(24)::text, 24, '0') end
		when 'text' then left(base.fold(normalize(value)), 500)
		else value end
$$;

-- What the terms of texts begin with that begin with this: its last blanks count.
create or replace function {service}.free_prefix(slot int, value text) returns text language sql immutable parallel safe as $$
	select lpad(slot::text, 2, '0') || ':' || left(lower(ltrim(normalize(value))), 500)
$$;

-- What a copy keeps of the values of a row when it is told of them. Those of an inactive field are hidden, in events as
-- well: what the copy knows of them it keeps, unless they are of a person.
create or replace function {service}_data.free_kept(owner text, row_id uuid, told jsonb) returns jsonb language plpgsql as $$
declare
	hidden jsonb;
begin
	execute format('select jsonb_object_agg(e.key, e.value) from {service}_data.%I o, jsonb_each(o.x) e '
		'join {service}_data.%I f on f.tenant_id = $1 and f.slot::text = e.key and not f.active and not f.personal '
		'where o.tenant_id = $1 and o.id = $2', owner, owner || '_free_field')
		into hidden using current_setting('app.tenant')::uuid, row_id;
	return coalesce(hidden, '{}') || coalesce(nullif(told, 'null'), '{}');
end $$;

-- Keeps the copy of a definition. $2 the definition, $3 its revision, $4 whether it is still there. One that comes again
-- under another id (it was removed and made anew, and the news overtook each other) takes the slot over.
create or replace function {service}_data.free_field_keep(owner text, id uuid, told jsonb, revision bigint, there boolean) returns void
language plpgsql as $$
declare
	tenant uuid := current_setting('app.tenant')::uuid;
begin
	execute format('delete from {service}_data.%I f where f.tenant_id = $1 and f.slot = ($3 ->> ''slot'')::int and f.id <> $2 and $4',
		owner || '_free_field') using tenant, id, told, there;
	if not there then
		execute format('delete from {service}_data.%I f where f.tenant_id = $1 and f.id = $2', owner || '_free_field')
			using tenant, id;
		return;
	end if;
	execute format('insert into {service}_data.%1$I (tenant_id, id, slot, label, type, choices, max_length, decimals, required, '
		'personal, help, position, external_ref, active, version, revision) '
		'select $1, $2, b.slot, b.label, b.type, b.choices, b.max_length, b.decimals, b.required, b.personal, b.help, '
		'b.position, b.external_ref, b.active, b.version, $4 from jsonb_populate_record(null::{service}_data.%1$I, $3) b '
		'on conflict (tenant_id, id) do update set label = excluded.label, type = excluded.type, choices = excluded.choices, '
		'max_length = excluded.max_length, decimals = excluded.decimals, required = excluded.required, '
		'personal = excluded.personal, help = excluded.help, position = excluded.position, '
		'external_ref = excluded.external_ref, active = excluded.active, version = excluded.version, '
		'revision = excluded.revision where %1$I.revision < excluded.revision', owner || '_free_field')
		using tenant, id, told, revision;
end $$;
