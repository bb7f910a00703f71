-- What every service has beside its own tables: the change log, idempotency, the inbox, timers, number series,
-- settings, copies of tenants. {service} is the service's name. Base tables live in {service}_data, which the runtime
-- role can't enter; it works on the views of {service}, each limited to the tenant of the pipeline.

-- Makes the tenant's view of a base table and grants it to the runtime role. Statements don't show the planner which
-- tenant they are for; told that tenant_id has one value, it plans for the largest (its share is the most common value's),
-- not for the average: what is right for a million rows is never wrong for a hundred.
create function {service}_data.expose(name text, rights text default 'select, insert, update, delete')
returns void language plpgsql as $$
begin
	execute format('alter table {service}_data.%I enable row level security', name);
	execute format('create view {service}.%1$I as select * from {service}_data.%1$I '
		'where tenant_id = (select current_setting(''app.tenant'')::uuid) with cascaded check option', name);
	execute format('alter view {service}.%I alter column tenant_id set default current_setting(''app.tenant'')::uuid', name);
	execute format('alter table {service}_data.%I alter column tenant_id set (n_distinct = 1)', name);
	execute format('grant %s on {service}.%I to {service}', rights, name);
end $$;

-- Gives the worker role (relay, timers, inbox, snapshots) cross-tenant rights on a base table.
create function {service}_data.expose_worker(name text, rights text)
returns void language plpgsql as $$
begin
	execute format('alter table {service}_data.%I enable row level security', name);
	execute format('create policy worker on {service}_data.%I to {service}_worker using (true) with check (true)', name);
	execute format('grant %s on {service}_data.%I to {service}_worker', rights, name);
end $$;

-- The table of a resource that stores, and its view. `columns` are its own, with their constraints, named
-- TABLE__FIELD__RULE; beside them it gets what every row has: key, external_ref, version and times; of master data
-- `active`; of the root of an aggregate `revision`. A column `code` is unique, within `code_within` when that is given.
create function {service}_data.store_table(name text, columns text, master_data boolean default true, root boolean default true,
	code_within text default null)
returns void language plpgsql as $$
begin
	execute format('create table {service}_data.%I (tenant_id uuid not null, id uuid not null, %s, external_ref text, %s %s '
		'version int not null default 1, created_at timestamptz(3) not null default base.clock(), '
		'updated_at timestamptz(3) not null default base.clock(), primary key (tenant_id, id), '
		'constraint %I unique (tenant_id, external_ref))', name, columns,
		case when master_data then 'active boolean not null,' end,
		case when root then 'revision bigint not null default 1,' end, name || '__external_ref__unique');
	if exists (select from pg_attribute a where a.attrelid = format('{service}_data.%I', name)::regclass and a.attname = 'code') then
		execute format('alter table {service}_data.%I add constraint %I unique (tenant_id, %s code)', name,
			name || '__code__unique', code_within || ',');
	end if;
	perform {service}_data.expose(name);
end $$;

-- The table of a copy of what another service owns, fed by its events (copy.h). No foreign keys: topics have no order
-- among them. Requests only read it, unless they are granted more.
create function {service}_data.copy_table(name text, columns text) returns void language plpgsql as $$
begin
	execute format('create table {service}_data.%I (tenant_id uuid not null, id uuid not null, %s, '
		'active boolean not null default true, revision bigint not null default 0, primary key (tenant_id, id))', name, columns);
	perform {service}_data.expose(name, 'select');
	perform {service}_data.expose_worker(name, 'select, insert, update');
end $$;

-- Indexes for the filters of a list, with its sort behind each, so that a page is one index read. Columns that are
-- seldom filled have partial ones.
create function {service}_data.filter_indexes(name text, sort_column text, always text[], seldom text[] default '{}')
returns void language plpgsql as $$
declare
	filtered text;
begin
	foreach filtered in array always loop
		execute format('create index %I on {service}_data.%I (tenant_id, %I, %I, id)', name || '__by_' || filtered, name, filtered,
			sort_column);
	end loop;
	foreach filtered in array seldom loop
		execute format('create index %I on {service}_data.%I (tenant_id, %I, %I, id) where %I is not null',
			name || '__by_' || filtered, name, filtered, sort_column, filtered);
	end loop;
end $$;

-- The log of changes: events, audit, sync and snapshots are read from it. `id` is drawn after the root's lock, so that
-- within an aggregate it is in order. Rows are never touched again: a stamp on them would be a second row, and an entry
-- in each of their indexes.
create table {service}_data.change (
	id           bigint generated always as identity,
	tenant_id    uuid not null,
	aggregate    text not null,
	aggregate_id uuid not null,
	resource     text not null,
	resource_id  uuid not null,
	type         text not null,
	revision     bigint not null,
	data         json not null,
	changed      text[],
	actor        text,
	actor_name   text,
	request_id   text,
	traceparent  text,
	audience     jsonb,
	at           timestamptz(3) not null default base.clock(),
	primary key (id, at)
) partition by range (at);
-- The last record of a row. Nulls are named, though there are none, so that only this index has that order: for a row without
-- a record, in a month just begun, PostgreSQL would rather walk the whole log backwards by its primary key.
create index change__resource on {service}_data.change (tenant_id, resource_id, id desc nulls last);
-- No row is ever lost for want of a partition; change_partitions() keeps the months ahead ready.
create table {service}_data.change_default partition of {service}_data.change default;

create function {service}_data.change_partitions(months_ahead int) returns int
language plpgsql security definer set search_path = pg_catalog as $$
declare
	month date;
	name text;
	made int := 0;
begin
	for i in 0..months_ahead loop
		month := (date_trunc('month', base.clock() at time zone 'UTC') + make_interval(months => i))::date;
		name := 'change_' || to_char(month, 'YYYY_MM');
		if to_regclass('{service}_data.' || name) is null then
			if exists (select from {service}_data.change_default d
				where d.at >= month::timestamp at time zone 'UTC'
				and d.at < (month + interval '1 month') at time zone 'UTC') then
				continue; -- rows are already in the default partition: leave that month there
			end if;
			execute format('create table {service}_data.%I partition of {service}_data.change for values from (%L) to (%L)',
				name, month::timestamp at time zone 'UTC', (month + interval '1 month') at time zone 'UTC');
			execute format('alter table {service}_data.%I enable row level security', name);
			execute format('alter table {service}_data.%I alter column tenant_id set (n_distinct = 1)', name); -- see expose
			made := made + 1;
		end if;
	end loop;
	return made;
end $$;
select {service}_data.change_partitions(2);
grant execute on function {service}_data.change_partitions(int) to {service}_worker;
select {service}_data.expose('change', 'select, insert');
select {service}_data.expose_worker('change', 'select, insert');

-- What waits for the relay: a queue that is mostly empty, whatever the log is. Whoever writes the log fills it.
create table {service}_data.change_waiting (
	id bigint primary key,
	at timestamptz(3) not null
) with (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000, autovacuum_vacuum_cost_delay = 0);
select {service}_data.expose_worker('change_waiting', 'select, delete');

create function {service}_data.change_wait() returns trigger
language plpgsql security definer set search_path = pg_catalog as $$
begin
	insert into {service}_data.change_waiting (id, at) select w.id, w.at from written w;
	return null;
end $$;
create trigger wait after insert on {service}_data.change referencing new table as written
	for each statement execute function {service}_data.change_wait();

-- What Kafka has: numbered by the relay, without gaps.
create table {service}_data.change_sent (
	seq     bigint primary key,
	id      bigint not null,
	at      timestamptz(3) not null,
	sent_at timestamptz(3) not null default base.clock()
);
select {service}_data.expose_worker('change_sent', 'select, insert');

create table {service}_data.relay_state (
	one      boolean primary key default true check (one),
	last_seq bigint not null default 0
);
insert into {service}_data.relay_state default values;
select {service}_data.expose_worker('relay_state', 'select, update');

-- Retries: the answer of a POST is the change it made, or, of rows that have no changes, the row as it is when it is asked
-- for again; kept as long as a client may retry.
create table {service}_data.idempotency (
	tenant_id   uuid not null,
	key         text not null,
	hash        text not null,
	status      int not null,
	location    text,
	resource    text not null,
	change_id   bigint,
	row_id      uuid,
	warnings    json,
	created_at  timestamptz(3) not null default base.clock(),
	primary key (tenant_id, key)
);
create index idempotency__created_at on {service}_data.idempotency (created_at);
select {service}_data.expose('idempotency', 'select, insert');
select {service}_data.expose_worker('idempotency', 'select, delete');

-- The first statement of a write: fails when the same key is at work now, was used for something else, or is done
-- (then the stored answer goes out again).
create function {service}.claim(claimed_key text, claimed_hash text) returns void language plpgsql as $$
declare
	known text;
begin
	if claimed_key is null then
		return;
	end if;
	if not pg_try_advisory_xact_lock(hashtextextended(current_setting('app.tenant') || claimed_key, 0)) then
		perform base.fail('still-running', 'A request with this Idempotency-Key is still running.');
	end if;
	select i.hash into known from {service}.idempotency i where i.key = claimed_key;
	if not found then
		return;
	end if;
	if known <> claimed_hash then
		perform base.fail('idempotency-key-reused', 'This Idempotency-Key came with another request.');
	end if;
	perform base.fail('replay', 'replay');
end $$;
grant execute on function {service}.claim(text, text) to {service};

-- Events of others that were applied, so that a duplicate changes nothing, and the highest revision known of each subject.
create table {service}_data.inbox (
	source      text not null,
	event_id    text not null,
	received_at timestamptz(3) not null default base.clock(),
	primary key (source, event_id)
);
create index inbox__received_at on {service}_data.inbox (received_at);
create table {service}_data.inbox_revision (
	source   text not null,
	subject  text not null,
	revision bigint not null,
	primary key (source, subject)
);
select {service}_data.expose_worker('inbox', 'select, insert, delete');
select {service}_data.expose_worker('inbox_revision', 'select, insert, update');

-- What can't be applied, kept beside the dead letter topic for reading and replay.
create table {service}_data.dead_letter (
	id          uuid primary key,
	tenant_id   uuid,
	topic       text not null,
	kafka_partition int not null,
	kafka_offset    bigint not null,
	key         text,
	headers     jsonb not null,
	value       text,
	error       text not null,
	failed_at   timestamptz(3) not null default base.clock(),
	replayed_at timestamptz(3),
	unique (topic, kafka_partition, kafka_offset)
);
select {service}_data.expose('dead_letter', 'select');
select {service}_data.expose_worker('dead_letter', 'select, insert, update');

create table {service}_data.timer (
	id        bigint generated always as identity primary key,
	tenant_id uuid not null,
	kind      text not null,
	subject   text not null,
	due_at    timestamptz(3) not null,
	attempts  int not null default 0,
	unique (tenant_id, kind, subject)
);
create index timer__due_at on {service}_data.timer (due_at);
select {service}_data.expose('timer');
select {service}_data.expose_worker('timer', 'select, insert, update, delete');

-- Copies of tenants, fed by the gateway's tenant.changed.
create table {service}_data.tenant (
	tenant_id  uuid primary key,
	code       text not null,
	name       text not null,
	time_zone  text not null,
	currency   text not null,
	language   text not null,
	country    text not null,
	active     boolean not null,
	revision   bigint not null
);
select {service}_data.expose('tenant', 'select');
select {service}_data.expose_worker('tenant', 'select, insert, update');

-- Number series: the counter is taken by the last statement before the change record.
create table {service}_data.counter (
	tenant_id uuid not null,
	kind      text not null,
	series    text not null,
	year      int not null,
	last      bigint not null,
	primary key (tenant_id, kind, series, year)
);
select {service}_data.expose('counter', 'select, insert, update');

-- Takes the next number of a series: 1, 2, 3 … within its year, without gaps, because it is undone with its pipeline.
create function {service}.number_take(taken_kind text, taken_series text, taken_year int) returns bigint
language plpgsql as $$
declare
	taken bigint;
begin
	insert into {service}.counter as c (kind, series, year, last) values (taken_kind, taken_series, taken_year, 1)
	on conflict (tenant_id, kind, series, year) do update set last = c.last + 1
	returning c.last into taken;
	return taken;
end $$;
grant execute on function {service}.number_take(text, text, int) to {service};

-- A number with at least six digits.
create function {service}.number_text(number bigint) returns text language sql immutable as $$
	select lpad(number::text, greatest(6, length(number::text)), '0')
$$;

-- The next number of a series as people write it, year/series/progressive; and the year of an instant in the tenant's zone.
create function {service}.number_make(taken_kind text, taken_series text, taken_year int) returns text language sql as $$
	select taken_year || '/' || taken_series || '/' || {service}.number_text({service}.number_take(taken_kind, taken_series, taken_year))
$$;
create function {service}.year_of(at timestamptz) returns int language plpgsql stable as $$
begin
	return extract(year from at at time zone (select t.time_zone from {service}.tenant t))::int;
end $$;
grant execute on function {service}.number_text(bigint), {service}.number_make(text, text, int), {service}.year_of(timestamptz) to {service};

-- Settings (policies): what differs from its default. Keys, types and bounds are the program's table.
create table {service}_data.setting (
	tenant_id  uuid not null,
	key        text not null,
	value      jsonb not null,
	primary key (tenant_id, key)
);
create table {service}_data.setting_head (
	tenant_id  uuid primary key,
	id         uuid not null,
	version    int not null default 1,
	revision   bigint not null default 1,
	updated_at timestamptz(3) not null default base.clock()
);
select {service}_data.expose('setting');
select {service}_data.expose('setting_head', 'select, insert, update');
