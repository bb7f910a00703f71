-- What administration needs: settings in SQL, the audit read by its filters, snapshots.

-- A policy of the tenant, or its default where he set none. Key and default are those of the program's table.
create function {service}.setting(wanted text, fallback jsonb) returns jsonb language plpgsql stable as $$
declare
	known jsonb;
begin
	select s.value into known from {service}.setting s where s.key = wanted;
	return coalesce(known, fallback);
end $$;
grant execute on function {service}.setting(text, jsonb) to {service};

-- The audit is the change log: by time, by thing, by person, by request.
create index change__at on {service}_data.change (tenant_id, at, id);
create index change__thing on {service}_data.change (tenant_id, resource, at, id);
create index change__root on {service}_data.change (tenant_id, aggregate_id, at, id);
create index change__actor on {service}_data.change (tenant_id, actor, at, id);
create index change__request on {service}_data.change (tenant_id, request_id) where request_id is not null;

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

create index dead_letter__failed_at on {service}_data.dead_letter (tenant_id, failed_at, id);
