-- Every passage of a row from state to state, when it happened and when it was recorded. The first line of a row is its
-- creation: it comes from no state.
create table {service}_data.transition (
	tenant_id     uuid not null,
	id            uuid not null default gen_random_uuid(),
	sequence      bigint generated always as identity,
	resource      text not null,
	subject_id    uuid not null,
	action        text not null,
	from_state    text,
	to_state      text not null,
	at            timestamptz(3) not null,
	recorded_at   timestamptz(3) not null default base.clock(),
	by_subject    text default base.actor(),
	by_name       text default nullif(current_setting('app.actor_name', true), ''),
	reason        text,
	note          text,
	substate_code text,
	request_id    text default nullif(current_setting('app.request', true), ''),
	primary key (tenant_id, id)
);
create index transition__subject on {service}_data.transition (tenant_id, resource, subject_id, sequence, id);
select {service}_data.expose('transition', 'select, insert');
