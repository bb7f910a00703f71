-- What one service makes from the lines of another, on purpose not realigned (source.h). Who made it keeps what each row
-- was made from; who owns those lines keeps what was made of them.

-- A row of this service (`made` is its resource) and the line, or the whole document, that it was made from, as that was
-- then: the version of the line; of a document, whose version rises for much else, what was `taken` of it. `changed_at` says
-- that it is another by now.
create table {service}_data.source (
	tenant_id    uuid not null,
	id           uuid not null,
	made         text not null,
	kind         text not null,
	source_id    uuid not null,
	line_id      uuid,
	line_version int,
	taken        jsonb,
	taken_at     timestamptz(3) not null default base.clock(),
	changed_at   timestamptz(3),
	primary key (tenant_id, id)
);
create index source__line on {service}_data.source (tenant_id, line_id) where line_id is not null;
create index source__source on {service}_data.source (tenant_id, source_id, made);
select {service}_data.expose('source', 'select, insert, update');

-- Keeps what a row is made from: {kind, id, line_id, line_version, taken}; again when it was realigned. Null: from nothing.
create function {service}.source_keep(made text, made_id uuid, source jsonb) returns void language plpgsql as $$
begin
	insert into {service}.source (id, made, kind, source_id, line_id, line_version, taken)
	select made_id, made, source ->> 'kind', (source ->> 'id')::uuid, (source ->> 'line_id')::uuid, (source ->> 'line_version')::int,
		source -> 'taken'
	where jsonb_typeof(source) = 'object'
	on conflict (tenant_id, id) do update set line_version = excluded.line_version, taken = excluded.taken,
		taken_at = excluded.taken_at, changed_at = null;
end $$;

-- A row that is divided: the rest was made from the same.
create function {service}.source_split(divided uuid, rest uuid) returns void language plpgsql as $$
begin
	insert into {service}.source (id, made, kind, source_id, line_id, line_version, taken, taken_at, changed_at)
	select rest, s.made, s.kind, s.source_id, s.line_id, s.line_version, s.taken, s.taken_at, s.changed_at
	from {service}.source s where s.id = divided;
end $$;

-- What a row was made from, as the API shows it.
create function {service}.source_of(made_id uuid) returns jsonb language plpgsql stable as $$
begin
	return (select jsonb_build_object('kind', s.kind, 'id', s.source_id, 'line_id', s.line_id, 'line_version', s.line_version, 'taken_at',
			base.ts(s.taken_at), 'source_changed_at', base.ts(s.changed_at))
		from {service}.source s where s.id = made_id);
end $$;

-- A line as it is now, its version and whether it is still there: sets the timer that will mark what was made from it as it
-- was before. What marks takes the roots of all that first, so it is no part of applying the event.
create function {service}.source_due(line uuid, version int, there boolean) returns void language plpgsql as $$
begin
	insert into {service}.timer (kind, subject, due_at)
	select 'source.changed', line::text, base.clock()
	where exists (select from {service}.source s where s.line_id = line and s.changed_at is null
		and (s.line_version < version or not there))
	on conflict (tenant_id, kind, subject) do nothing;
end $$;

-- Marks it, touches it for its event and tells which rows it is.
create function {service}.source_mark(line uuid, version int, there boolean) returns table (made text, id uuid) language sql as $$
	with marked as (
		update {service}.source s set changed_at = base.clock()
		where s.line_id = line and s.changed_at is null and (s.line_version < version or not there)
		returning s.made, s.id
	)
	select m.made, m.id from marked m, base.touch(m.made || '.source_changed', array[m.id])
$$;

-- For the answer to the request that made something of a line.
create function {service}.source_warn() returns void language sql as $$
	select base.warn('not-realigned', 'Made from what its source is now: later changes of one do not follow in the other.')
$$;
grant execute on function {service}.source_keep(text, uuid, jsonb), {service}.source_split(uuid, uuid), {service}.source_of(uuid), {service}.source_warn(),
	{service}.source_due(uuid, int, boolean), {service}.source_mark(uuid, int, boolean) to {service};

-- What others made of a document of this service (`source_id`) and of its lines, fed by their events (derived.h). `told` is
-- what was last told of it, so that an event that changes nothing of that tells nothing.
select {service}_data.copy_table('derived', $$
	made         text not null,
	source_id    uuid not null,
	line_id      uuid,
	line_version int,
	taken_at     timestamptz(3) not null,
	head_id      uuid,
	number       text,
	state        text,
	open         boolean not null,
	article_id   uuid,
	article_code text,
	quantity     numeric(16, 3),
	issued       numeric(16, 3),
	open_quantity numeric(16, 3),
	serials      text[],
	version      int not null,
	updated_at   timestamptz(3) not null,
	told         jsonb,
	changed_at   timestamptz(3)
$$);
create index derived__source on {service}_data.derived (tenant_id, source_id, taken_at, id);
create index derived__line on {service}_data.derived (tenant_id, line_id, taken_at, id) where line_id is not null;
create index derived__taken_at on {service}_data.derived (tenant_id, taken_at, id);
create index derived__open on {service}_data.derived (tenant_id, source_id) where open and head_id is null;
grant update on {service}.derived to {service};

-- After an event of such a row: whether it tells anything new. No row when not; else whose it is, and whether it came to be
-- open or ceased to be.
create function {service}.derived_tell(made_id uuid) returns table (source_id uuid, line_id uuid, opened boolean) language sql as $$
	update {service}.derived v set told = n.shown,
		changed_at = case when n.told is not null or v.version > 1 then v.updated_at else v.changed_at end
	from (select o.id, o.told, jsonb_build_object('state', o.state, 'open', o.open, 'quantity', o.quantity, 'issued', o.issued,
		'open_quantity', o.open_quantity, 'serials', to_jsonb(o.serials)) as shown from {service}.derived o where o.id = made_id) n
	where v.id = n.id and n.told is distinct from n.shown
	returning v.source_id, v.line_id, (n.told ->> 'open')::boolean is distinct from v.open
$$;
grant execute on function {service}.derived_tell(uuid) to {service};

-- What was made of a line, for the row that shows it: the oldest first, the latest hundred. Asked for by line_id.
create view {service}.derived_of_line as
select v.line_id, jsonb_agg(jsonb_build_object('id', v.id, 'kind', v.made, 'head_id', v.head_id, 'number', v.number, 'state', v.state,
		'quantity', v.quantity::text, 'issued', v.issued::text, 'open', v.open_quantity::text, 'serials', to_jsonb(v.serials), 'line_version', v.line_version,
		'taken_at', base.ts(v.taken_at), 'destination_changed_at', base.ts(v.changed_at)) order by v.taken_at, v.id) as made,
	coalesce(sum(v.open_quantity) filter (where v.state = 'reserved'), 0)::numeric(16, 3) as reserved,
	coalesce(sum(v.open_quantity) filter (where v.state = 'waiting'), 0)::numeric(16, 3) as waiting,
	coalesce(-sum(v.quantity) filter (where v.made = 'movement'), 0)::numeric(16, 3) as issued
from {service}.derived v where v.line_id is not null
group by v.line_id;
grant select on {service}.derived_of_line to {service};
