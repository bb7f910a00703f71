-- Calls, their machines, and whose they once were.
select calls_data.store_table('call', $$
	number         text not null,
	series         text not null,
	year           int not null,
	type_code      text not null,
	channel        text not null,
	state          text not null,
	substate_code  text,
	opened_at      timestamptz(3) not null,
	received_by    text,
	received_by_name text,
	customer_id    uuid,
	site_id        uuid,
	contact_id     uuid,
	caller         jsonb,
	bill_to_id     uuid,
	customer_reference text,
	requested_from timestamptz(3),
	requested_until timestamptz(3),
	article_id     uuid,
	subject        text not null,
	description    text,
	priority       text not null,
	priority_rank  smallint generated always as (case priority when 'critical' then 1 when 'high' then 2 when 'normal' then 3
		else 4 end) stored,
	fault_code     text,
	cause_code     text,
	resolution_code text,
	resolution     text,
	cancel_reason  text,
	assignee_id    uuid,
	assignee_name  text,
	tags           text[],
	job_code       text,
	parent_id      uuid,
	follow_up_of   uuid,
	match          jsonb,
	match_status   text generated always as (match ->> 'status') stored,
	suspension     jsonb,
	suspension_reason text generated always as (suspension ->> 'reason') stored,
	suspended_until timestamptz(3),
	reopen_count   int not null default 0,
	next_due_at    timestamptz(3) not null default 'infinity',
	resolved_at    timestamptz(3),
	closed_at      timestamptz(3),
	cancelled_at   timestamptz(3),
	lines_changed_at timestamptz(3),
	imported       boolean not null default false,
	warranty_covers text[], -- of its main asset when it was opened; null: nobody knows
	warranty_override jsonb,
	warranty       text not null generated always as (coalesce(warranty_override ->> 'value', case
		when warranty_covers is null then 'unknown' when warranty_covers = '{}' then 'out'
		when warranty_covers @> '{labour,parts,travel}' then 'in' else 'partial' end)) stored,
	search         tsvector generated always as (base.search_vector(coalesce(subject, '') || ' ' || coalesce(description, '') || ' '
		|| coalesce(resolution, '') || ' ' || coalesce(caller ->> 'name', '') || ' ' || coalesce(number, ''))) stored,
	constraint call__number__unique unique (tenant_id, number),
	constraint call__customer_id__reference foreign key (tenant_id, customer_id) references calls_data.customer (tenant_id, id),
	constraint call__site_id__reference foreign key (tenant_id, site_id) references calls_data.site (tenant_id, id),
	constraint call__contact_id__reference foreign key (tenant_id, contact_id) references calls_data.contact (tenant_id, id),
	constraint call__bill_to_id__reference foreign key (tenant_id, bill_to_id) references calls_data.customer (tenant_id, id),
	constraint call__parent_id__reference foreign key (tenant_id, parent_id) references calls_data.call (tenant_id, id),
	constraint call__type_code__reference foreign key (tenant_id, type_code) references calls_data.call_type (tenant_id, code),
	constraint call__requested_until__order check (requested_until >= requested_from)
$$, master_data => false);
-- Each declared filter and sort has its index, with the default sort behind it, so that a page of 50 among a million is
-- one index read. Columns that are mostly null have partial ones.
create index call__opened_at on calls_data.call (tenant_id, opened_at, id);
create index call__created_at on calls_data.call (tenant_id, created_at, id);
create index call__number_order on calls_data.call (tenant_id, calls.number_key(number), id);
create index call__updated_at on calls_data.call (tenant_id, updated_at, id);
create index call__next_due_at on calls_data.call (tenant_id, next_due_at, id);
create index call__due on calls_data.call (tenant_id, nullif(next_due_at, 'infinity'))
	where nullif(next_due_at, 'infinity') is not null;
create index call__state_due on calls_data.call (tenant_id, state, next_due_at, id);
create index call__priority on calls_data.call (tenant_id, priority_rank, id);
select calls_data.filter_indexes('call', 'opened_at',
	'{state, type_code, channel, priority, customer_id, received_by, series, year, warranty}',
	'{substate_code, site_id, contact_id, bill_to_id, article_id, fault_code, cause_code, resolution_code, assignee_id, job_code,
	parent_id, suspension_reason, match_status}');
create index call__resolved_at on calls_data.call (tenant_id, resolved_at) where resolved_at is not null;
create index call__closed_at on calls_data.call (tenant_id, closed_at) where closed_at is not null;
create index call__suspended_until on calls_data.call (tenant_id, suspended_until) where suspended_until is not null;
create index call__unassigned on calls_data.call (tenant_id, opened_at, id) where assignee_id is null
	and state in ('open', 'suspended');
-- Calls at work: of a million, those that have not ended are few.
create index call__unresolved on calls_data.call (tenant_id, opened_at, id) where resolved_at is null;
create index call__unclosed on calls_data.call (tenant_id, opened_at, id) where closed_at is null;
create index call__words on calls_data.call using gin (tenant_id, search, tags, number gin_trgm_ops);

-- The machines of a call: one main, others more.
create table calls_data.call_asset (
	tenant_id uuid not null,
	call_id   uuid not null,
	asset_id  uuid not null,
	main      boolean not null,
	position  int not null,
	primary key (tenant_id, call_id, asset_id),
	constraint call_asset__assets__reference foreign key (tenant_id, call_id) references calls_data.call (tenant_id, id)
		on delete cascade
);
create unique index call_asset__main__unique on calls_data.call_asset (tenant_id, call_id) where main;
create index call_asset__asset on calls_data.call_asset (tenant_id, asset_id, call_id);
select calls_data.expose('call_asset');

-- Whose a call was before it was another's.
create table calls_data.call_once (
	tenant_id   uuid not null,
	call_id     uuid not null,
	customer_id uuid not null,
	primary key (tenant_id, customer_id, call_id),
	constraint call_once__call_id__reference foreign key (tenant_id, call_id) references calls_data.call (tenant_id, id) on delete cascade
);
select calls_data.expose('call_once', 'select, insert');
