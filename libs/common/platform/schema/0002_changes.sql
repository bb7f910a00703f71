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
-- The audit is the change log: by time, by thing, by person, by request.
create index change__at on {service}_data.change (tenant_id, at, id);
create index change__thing on {service}_data.change (tenant_id, resource, at, id);
create index change__root on {service}_data.change (tenant_id, aggregate_id, at, id);
create index change__actor on {service}_data.change (tenant_id, actor, at, id);
create index change__request on {service}_data.change (tenant_id, request_id) where request_id is not null;
-- No row is ever lost for want of a partition; change_partitions() keeps the months ahead ready.
create table {service}_data.change_default partition of {service}_data.change default;
select {service}_data.expose('change', 'select, insert');
select {service}_data.expose_worker('change', 'select, insert');

-- What waits for the relay: a queue that is mostly empty, whatever the log is. Whoever writes the log fills it.
create table {service}_data.change_waiting (
	id bigint primary key,
	at timestamptz(3) not null
) with (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000, autovacuum_vacuum_cost_delay = 0);
select {service}_data.expose_worker('change_waiting', 'select, delete');

-- What Kafka has: numbered by the relay, without gaps. What is old its tidying removes (tidy.h).
create table {service}_data.change_sent (
	seq     bigint primary key,
	id      bigint not null,
	at      timestamptz(3) not null,
	sent_at timestamptz(3) not null default base.clock()
);
select {service}_data.expose_worker('change_sent', 'select, insert, delete');

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
	told        json, -- of a POST that made no single row: what its answer needs to be given again
	primary key (tenant_id, key)
);
create index idempotency__created_at on {service}_data.idempotency (created_at);
select {service}_data.expose('idempotency', 'select, insert');
select {service}_data.expose_worker('idempotency', 'select, delete');
