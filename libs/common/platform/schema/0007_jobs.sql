-- What is too large for one request: uploads in parts, jobs that work in the background, what they leave.

-- Bytes in pieces: of an upload while it comes in, of the job that works on it, of a job's result. They change hands by
-- their owner's id, without being copied.
create table {service}_data.part (
	tenant_id uuid not null,
	owner_id  uuid not null,
	number    int not null,
	size      int not null,
	sha256    text not null,
	bytes     bytea not null,
	primary key (tenant_id, owner_id, number)
);
alter table {service}_data.part alter column bytes set storage external; -- compressing costs more than it saves
select {service}_data.expose('part');
select {service}_data.expose_worker('part', 'select, delete');

create table {service}_data.upload (
	tenant_id    uuid not null,
	id           uuid not null,
	"for"        text not null,
	file_name    text not null,
	media_type   text not null,
	size         bigint not null,
	sha256       text,
	part_size    int not null,
	parts        int not null,
	state        text not null default 'open',
	lines        bigint,
	requested_by text not null default base.actor(),
	expires_at   timestamptz(3) not null,
	version      int not null default 1,
	created_at   timestamptz(3) not null default base.clock(),
	updated_at   timestamptz(3) not null default base.clock(),
	primary key (tenant_id, id)
);
create index upload__created_at on {service}_data.upload (tenant_id, created_at, id);
select {service}_data.expose('upload');
select {service}_data.expose_worker('upload', 'select, delete');

-- A job is free to be taken from due_at on: at once when new, behind the others when it was worked on for a while, when
-- its claim runs out after its worker died, later when it failed. `claim` is the worker's: who holds another one
-- changes nothing. `place` is where it stands, and moves in the transaction of the work it stands behind.
create table {service}_data.job (
	tenant_id     uuid not null,
	id            uuid not null,
	kind          text not null,
	collection    text not null,
	title         text,
	state         text not null default 'queued',
	done          bigint not null default 0,
	total         bigint,
	errors        bigint not null default 0,
	errors_cut    boolean not null default false,
	outcome       jsonb,
	detail        text,
	result        jsonb,
	parameters    jsonb not null,
	caller        jsonb not null,
	place         jsonb,
	due_at        timestamptz(3) not null default base.clock(),
	claim         uuid,
	attempts      int not null default 0,
	requested_by  text not null default base.actor(),
	requested_name text default nullif(current_setting('app.actor_name', true), ''),
	started_at    timestamptz(3),
	finished_at   timestamptz(3),
	expires_at    timestamptz(3),
	version       int not null default 1,
	created_at    timestamptz(3) not null default base.clock(),
	updated_at    timestamptz(3) not null default base.clock(),
	primary key (tenant_id, id)
);
create index job__created_at on {service}_data.job (tenant_id, created_at, id);
create index job__due_at on {service}_data.job (due_at) where state in ('queued', 'running');
select {service}_data.expose('job');
select {service}_data.expose_worker('job', 'select, update, delete');

create table {service}_data.job_error (
	tenant_id uuid not null,
	id        uuid not null default gen_random_uuid(),
	job_id    uuid not null,
	line      bigint not null,
	pointer   text,
	code      text not null,
	detail    text,
	primary key (tenant_id, id),
	foreign key (tenant_id, job_id) references {service}_data.job on delete cascade
);
create index job_error__line on {service}_data.job_error (tenant_id, job_id, line, id);
select {service}_data.expose('job_error', 'select, insert');
