-- Free fields: what a tenant adds to customers, assets and so on, in up to 99 slots. The values are the column x of the
-- owner's table, {"12": "Milano"}: that is to show. OWNER_free_term is to find: a row for each value, its slot and a
-- sortable spelling in one text, so that equality, prefix and range are one range of one index on one column, whose
-- statistics say how many there are. Triggers keep it, so that it is right whoever writes.

-- Which slots hold values, as '01.05.12'. Rows share few such patterns, which an index tells, so that those lacking a slot
-- are found without looking at the others.
create function {service}.free_filled(x jsonb) returns text language plpgsql immutable parallel safe as $$
begin
	return (select coalesce(string_agg(lpad(k.slot, 2, '0'), '.' order by lpad(k.slot, 2, '0')), '') from jsonb_object_keys(x) k(slot));
end $$;

-- Gives a table free fields. It has a column x jsonb not null default '{}'. `copied`: it is a copy of what another service
-- owns, and so are the definitions.
create function {service}_data.free_fields(owner text, copied boolean default false) returns void language plpgsql as $make$
declare
	every text := $sql$
create table {service}_data.{owner}_free_field (
	tenant_id    uuid not null,
	id           uuid not null,
	slot         smallint not null,
	label        text not null,
	type         text not null,
	choices      jsonb,
	max_length   int,
	decimals     int,
	required     boolean not null,
	personal     boolean not null,
	help         text,
	position     int not null,
	external_ref text,
	active       boolean not null,
	version      int not null default 1,
	revision     bigint not null default 1,
	created_at   timestamptz(3) not null default base.clock(),
	updated_at   timestamptz(3) not null default base.clock(),
	primary key (tenant_id, id),
	constraint {owner}_free_field__slot__unique unique (tenant_id, slot),
	constraint {owner}_free_field__external_ref__unique unique (tenant_id, external_ref)
);
create index {owner}_free_field__position on {service}_data.{owner}_free_field (tenant_id, position, id);

create table {service}_data.{owner}_free_term (
	tenant_id uuid not null,
	owner_id  uuid not null,
	slot      smallint not null,
	term      text collate "C" not null,
	primary key (tenant_id, owner_id, slot)
);
create index {owner}_free_term__term on {service}_data.{owner}_free_term (tenant_id, term, owner_id);
alter table {service}_data.{owner}_free_term alter column term set statistics 1000;
select {service}_data.expose('{owner}_free_term', 'select');

alter table {service}_data.{owner} add constraint {owner}__x__object check (jsonb_typeof(x) = 'object');
create index {owner}__filled on {service}_data.{owner} (tenant_id, {service}.free_filled(x));
alter index {service}_data.{owner}__filled alter column 2 set statistics 1000;

-- Keeps the terms of a row. The lock is shared with all that write values; who changes what they are takes it alone.
create function {service}_data.{owner}_free_index() returns trigger
language plpgsql security definer set search_path = pg_catalog as $body$
begin
	if tg_op = 'DELETE' then
		delete from {service}_data.{owner}_free_term t where t.tenant_id = old.tenant_id and t.owner_id = old.id;
		return null;
	end if;
	perform pg_advisory_xact_lock_shared(hashtext('{service}.{owner}.x'), hashtext(new.tenant_id::text));
	if tg_op = 'UPDATE' then
		delete from {service}_data.{owner}_free_term t
		where t.tenant_id = new.tenant_id and t.owner_id = new.id and not new.x ? t.slot::text;
	end if;
	insert into {service}_data.{owner}_free_term (tenant_id, owner_id, slot, term)
	select new.tenant_id, new.id, f.slot, {service}.free_term(f.slot, f.type, e.value)
	from jsonb_each_text(new.x) e
		join {service}_data.{owner}_free_field f on f.tenant_id = new.tenant_id and f.slot::text = e.key
	where e.value is not null and (tg_op = 'INSERT' or old.x -> e.key is distinct from new.x -> e.key)
	on conflict (tenant_id, owner_id, slot) do update set term = excluded.term;
	return null;
end $body$;
create trigger free_insert after insert on {service}_data.{owner} for each row
	when (new.x <> '{}') execute function {service}_data.{owner}_free_index();
create trigger free_update after update of x on {service}_data.{owner} for each row
	when (new.x <> old.x) execute function {service}_data.{owner}_free_index();
create trigger free_delete after delete on {service}_data.{owner} for each row
	when (old.x <> '{}') execute function {service}_data.{owner}_free_index();

-- The patterns of rows without a value in the slot, by skipping through the index from one to the next; null when there
-- are too many patterns: then so many rows lack values that they are found by trying.
create function {service}.{owner}_free_lacking(slot int) returns text[] language plpgsql stable as $body$
declare
	wanted text := lpad(slot::text, 2, '0');
	pattern text;
	lacking text[] := '{}';
begin
	select {service}.free_filled(o.x) into pattern from {service}.{owner} o order by 1 limit 1;
	for tries in 1..2000 loop
		if pattern is null then
			return lacking;
		end if;
		if not wanted = any (string_to_array(pattern, '.')) then
			lacking := lacking || pattern;
		end if;
		select {service}.free_filled(o.x) into pattern from {service}.{owner} o
		where {service}.free_filled(o.x) > pattern order by 1 limit 1;
	end loop;
	return null;
end $body$;
grant execute on function {service}.{owner}_free_lacking(int) to {service};
	$sql$;
	-- What the definitions are guarded by where they are owned.
	owned text := $sql$
select {service}_data.expose('{owner}_free_field');

-- Before a row is written whose body names slots: they are still defined as they were when the program checked the
-- values, which x_revisions tells, and no value will miss that must be there. $1 the row, none at creation.
create function {service}.{owner}_free_guard(changed uuid, body jsonb) returns void language plpgsql as $body$
declare
	missing int;
begin
	if not body ? 'x_revisions' then
		return;
	end if;
	perform pg_advisory_xact_lock_shared(hashtext('{service}.{owner}.x'),
		hashtext(current_setting('app.tenant')::uuid::text));
	perform base.must(not exists (select from jsonb_each_text(body -> 'x_revisions') r
			left join {service}.{owner}_free_field f on f.slot::text = r.key
			where f.revision is distinct from r.value::bigint), 'busy', 'A free field was changed meanwhile: try again.');
	select min(f.slot) into missing from {service}.{owner} o, {service}.{owner}_free_field f
	where o.id = changed and f.required and f.active
		and not base.merge_patch(o.x, body -> 'x') ? f.slot::text;
	if missing is not null then
		perform base.fail('invalid', 'is required', '/x/' || missing, 'required');
	end if;
end $body$;
grant execute on function {service}.{owner}_free_guard(uuid, jsonb) to {service};

-- A type changes, and a definition goes, only while there are no values; a choice that is used stays.
create function {service}_data.{owner}_free_field_guard() returns trigger
language plpgsql security definer set search_path = pg_catalog as $body$
declare
	two_digits text := lpad(old.slot::text, 2, '0');
	used text;
begin
	perform pg_advisory_xact_lock(hashtext('{service}.{owner}.x'), hashtext(old.tenant_id::text));
	if tg_op = 'DELETE' or new.type <> old.type then
		perform base.must(not exists (select from {service}_data.{owner}_free_term t where t.tenant_id = old.tenant_id
				and t.term >= two_digits || ':' and t.term < two_digits || ';'), 'field-has-values',
			'This field holds values: remove them first, or make it inactive.',
			case tg_op when 'UPDATE' then '/type' end, 'has-values');
	end if;
	if tg_op = 'DELETE' then
		return old;
	end if;
	select c.value ->> 'code' into used from jsonb_array_elements(coalesce(old.choices, '[]')) c
	where not exists (select from jsonb_array_elements(coalesce(new.choices, '[]')) n where n.value -> 'code' = c.value -> 'code')
		and exists (select from {service}_data.{owner}_free_term t where t.tenant_id = old.tenant_id
			and t.term = two_digits || ':' || (c.value ->> 'code')) limit 1;
	if used is not null then
		perform base.fail('field-has-values', format('The choice %s is used: it can only be made inactive.', used), '/choices',
			'has-values');
	end if;
	return new;
end $body$;
create trigger guard_change before update on {service}_data.{owner}_free_field for each row
	when (new.type <> old.type or new.choices is distinct from old.choices)
	execute function {service}_data.{owner}_free_field_guard();
create trigger guard_removal before delete on {service}_data.{owner}_free_field for each row
	execute function {service}_data.{owner}_free_field_guard();

-- Values that are shown again were told to nobody meanwhile: a snapshot tells them.
create function {service}_data.{owner}_free_field_shown() returns trigger
language plpgsql security definer set search_path = pg_catalog as $body$
begin
	insert into {service}_data.snapshot (tenant_id, id, resources)
	select new.tenant_id, gen_random_uuid(), array['{owner}']
	where exists (select from {service}_data.{owner}_free_term t where t.tenant_id = new.tenant_id
		and t.term >= lpad(new.slot::text, 2, '0') || ':' and t.term < lpad(new.slot::text, 2, '0') || ';');
	return null;
end $body$;
create trigger shown after update on {service}_data.{owner}_free_field for each row
	when (new.active and not old.active) execute function {service}_data.{owner}_free_field_shown();
	$sql$;
	-- Topics have no order among them: a definition may come after values.
	kept text := $sql$
select {service}_data.expose('{owner}_free_field', 'select');
select {service}_data.expose_worker('{owner}_free_field', 'select, insert, update, delete');

create function {service}_data.{owner}_free_reindex() returns trigger
language plpgsql security definer set search_path = pg_catalog as $body$
begin
	perform pg_advisory_xact_lock(hashtext('{service}.{owner}.x'), hashtext(new.tenant_id::text));
	insert into {service}_data.{owner}_free_term (tenant_id, owner_id, slot, term)
	select o.tenant_id, o.id, new.slot, {service}.free_term(new.slot, new.type, o.x ->> new.slot::text)
	from {service}_data.{owner} o where o.tenant_id = new.tenant_id and o.x ? new.slot::text
	on conflict (tenant_id, owner_id, slot) do update set term = excluded.term;
	return null;
end $body$;
create trigger reindex_new after insert on {service}_data.{owner}_free_field for each row
	execute function {service}_data.{owner}_free_reindex();
create trigger reindex_changed after update on {service}_data.{owner}_free_field for each row
	when (new.type <> old.type) execute function {service}_data.{owner}_free_reindex();
	$sql$;
begin
	execute replace(every || case when copied then kept else owned end, '{owner}', owner);
end $make$;
