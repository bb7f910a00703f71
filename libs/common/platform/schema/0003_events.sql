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
create index dead_letter__failed_at on {service}_data.dead_letter (tenant_id, failed_at, id);
create index dead_letter__old on {service}_data.dead_letter (failed_at);
select {service}_data.expose('dead_letter', 'select');
select {service}_data.expose_worker('dead_letter', 'select, insert, update, delete');

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

-- Jobs that replay the present state as events: the resource at work and the last id of it that was sent.
create table {service}_data.snapshot (
	tenant_id    uuid not null,
	id           uuid not null,
	resources    text[],
	state        text not null default 'running',
	resource     text,
	after_id     uuid,
	done         bigint not null default 0,
	error        text,
	requested_by text default base.actor(),
	finished_at  timestamptz(3),
	version      int not null default 1,
	revision     bigint not null default 1,
	created_at   timestamptz(3) not null default base.clock(),
	updated_at   timestamptz(3) not null default base.clock(),
	primary key (tenant_id, id)
);
create index snapshot__created_at on {service}_data.snapshot (tenant_id, created_at, id);
create index snapshot__running on {service}_data.snapshot (created_at) where state = 'running';
select {service}_data.expose('snapshot');
select {service}_data.expose_worker('snapshot', 'select, update');
