-- Keeps what a row is made from: {kind, id, line_id, line_version, taken}; again when it was realigned. Null: from nothing.
create or replace function {service}.source_keep(made text, made_id uuid, source jsonb) returns void language plpgsql as $$
begin
	insert into {service}.source (id, made, kind, source_id, line_id, line_version, taken)
	select made_id, made, source ->> 'kind', (source ->> 'id')::uuid, (source ->> 'line_id')::uuid, (source ->> 'line_version')::int,
		source -> 'taken'
	where jsonb_typeof(source) = 'object'
	on conflict (tenant_id, id) do update set line_version = excluded.line_version, taken = excluded.taken,
		taken_at = excluded.taken_at, changed_at = null;
end $$;

-- A row that is divided: the rest was made from the same.
create or replace function {service}.source_split(divided uuid, rest uuid) returns void language plpgsql as $$
begin
	insert into {service}.source (id, made, kind, source_id, line_id, line_version, taken, taken_at, changed_at)
	select rest, s.made, s.kind, s.source_id, s.line_id, s.line_version, s.taken, s.taken_at, s.changed_at
	from {service}.source s where s.id = divided;
end $$;

-- What a row was made from, as the API shows it.
create or replace function {service}.source_of(made_id uuid) returns jsonb language plpgsql stable as $$
begin
	return (select jsonb_build_object('kind', s.kind, 'id', s.source_id, 'line_id', s.line_id, 'line_version', s.line_version, 'taken_at',
			base.ts(s.taken_at), 'source_changed_at', base.ts(s.changed_at))
		from {service}.source s where s.id = made_id);
end $$;

-- Lines as they are now, their versions and whether each is still there: sets the timers that will mark what was made from them
-- as they were before. What marks takes the roots of all that first, so it is no part of applying the events.
create or replace function {service}.sources_due(lines uuid[], versions int[], there boolean[]) returns void language plpgsql as $$
begin
	insert into {service}.timer (kind, subject, due_at)
	select distinct 'source.changed', n.line::text, base.clock()
	from unnest(lines, versions, there) n(line, version, there) join {service}.source s on s.line_id = n.line
	where s.changed_at is null and (s.line_version < n.version or not n.there)
	order by 2
	on conflict (tenant_id, kind, subject) do nothing;
end $$;

-- Marks what was made of a line that is another by now, touches it for its event and tells which rows it is.
create or replace function {service}.source_mark(line uuid, version int, there boolean) returns table (made text, id uuid) language sql as $$
	with marked as (
		update {service}.source s set changed_at = base.clock()
		where s.line_id = line and s.changed_at is null and (s.line_version < version or not there)
		returning s.made, s.id
	)
	select m.made, m.id from marked m, base.touch(m.made || '.source_changed', array[m.id])
$$;

-- For the answer to the request that made something of a line.
create or replace function {service}.source_warn() returns void language sql as $$
	select base.warn('not-realigned', 'Made from what its source is now: later changes of one do not follow in the other.')
$$;
