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
	missing      text, -- of a line of a return: what did not come back is charged, or is credited again
	job_code     text,
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
