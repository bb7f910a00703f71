-- The tenant's own vocabulary: call types, substates, codes, tags, activity types, series.
create table calls_data.call_type (
	tenant_id uuid not null,
	id uuid not null,
	code text not null,
	label text not null,
	series_code text,
	default_priority text,
	procedure_id uuid,
	required_at_open text[],
	required_at_resolve text[],
	sla_policy_code text,
	quick boolean not null,
	external_ref text,
	active boolean not null,
	version int not null default 1,
	revision bigint not null default 1,
	created_at timestamptz(3) not null default base.clock(),
	updated_at timestamptz(3) not null default base.clock(),
	primary key (tenant_id, id),
	constraint call_type__code__unique unique (tenant_id, code),
	constraint call_type__external_ref__unique unique (tenant_id, external_ref)
);
select calls_data.expose('call_type');

create table calls_data.substate (
	tenant_id uuid not null,
	id uuid not null,
	code text not null,
	label text not null,
	state text not null,
	"default" boolean not null,
	position int not null,
	external_ref text,
	active boolean not null,
	version int not null default 1,
	revision bigint not null default 1,
	created_at timestamptz(3) not null default base.clock(),
	updated_at timestamptz(3) not null default base.clock(),
	primary key (tenant_id, id),
	constraint substate__code__unique unique (tenant_id, code),
	constraint substate__external_ref__unique unique (tenant_id, external_ref)
);
create unique index substate__default__unique on calls_data.substate (tenant_id, state) where "default";
create index substate__position on calls_data.substate (tenant_id, position, id);
select calls_data.expose('substate');

create table calls_data.call_code (
	tenant_id uuid not null,
	id uuid not null,
	kind text not null,
	code text not null,
	label text not null,
	parent_id uuid,
	article_category_code text,
	external_ref text,
	active boolean not null,
	version int not null default 1,
	revision bigint not null default 1,
	created_at timestamptz(3) not null default base.clock(),
	updated_at timestamptz(3) not null default base.clock(),
	search tsvector generated always as (base.search_vector(coalesce(label, '') || ' ' || coalesce(code, ''))) stored,
	primary key (tenant_id, id),
	constraint call_code__code__unique unique (tenant_id, kind, code),
	constraint call_code__external_ref__unique unique (tenant_id, external_ref),
	constraint call_code__parent_id__reference foreign key (tenant_id, parent_id) references calls_data.call_code (tenant_id, id)
);
create index call_code__code on calls_data.call_code (tenant_id, code, id);
create index call_code__search on calls_data.call_code using gin (tenant_id, search);
select calls_data.expose('call_code');

create table calls_data.tag (
	tenant_id uuid not null,
	id uuid not null,
	code text not null,
	label text not null,
	colour text,
	external_ref text,
	active boolean not null,
	version int not null default 1,
	revision bigint not null default 1,
	created_at timestamptz(3) not null default base.clock(),
	updated_at timestamptz(3) not null default base.clock(),
	primary key (tenant_id, id),
	constraint tag__code__unique unique (tenant_id, code),
	constraint tag__external_ref__unique unique (tenant_id, external_ref)
);
select calls_data.expose('tag');

create table calls_data.activity_type (
	tenant_id uuid not null,
	id uuid not null,
	code text not null,
	label text not null,
	kind text not null,
	plannable boolean not null,
	default_minutes int,
	billable boolean not null,
	labour_article_id uuid,
	travel_article_id uuid,
	counts_as_response boolean not null,
	procedure_id uuid,
	needs_report boolean not null,
	external_ref text,
	active boolean not null,
	version int not null default 1,
	revision bigint not null default 1,
	created_at timestamptz(3) not null default base.clock(),
	updated_at timestamptz(3) not null default base.clock(),
	primary key (tenant_id, id),
	constraint activity_type__code__unique unique (tenant_id, code),
	constraint activity_type__external_ref__unique unique (tenant_id, external_ref)
);
select calls_data.expose('activity_type');

-- Copies of what other services own, fed by their events; stubs are made when a call names a serial nobody told us of.
-- No foreign keys: topics have no order among them.
create table calls_data.asset (
	tenant_id    uuid not null,
	id           uuid not null,
	article_id   uuid,
	article_code text,
	serial       text not null,
	serial_key   text generated always as (base.fold(serial)) stored,
	customer_id  uuid,
	site_id      uuid,
	description  text,
	stub         boolean not null,
	active       boolean not null default true,
	revision     bigint not null default 0,
	primary key (tenant_id, id)
);
create index asset__serial on calls_data.asset (tenant_id, serial_key);
create index asset__customer on calls_data.asset (tenant_id, customer_id) where customer_id is not null;
create unique index asset__stub on calls_data.asset (tenant_id, coalesce(article_code, ''), serial_key) where stub;
select calls_data.expose('asset');
select calls_data.expose_worker('asset', 'select, insert, update');

create table calls_data.technician (
	tenant_id uuid not null,
	id        uuid not null,
	code      text,
	name      text not null,
	subject   text,
	active    boolean not null,
	revision  bigint not null default 0,
	primary key (tenant_id, id)
);
select calls_data.expose('technician', 'select');
select calls_data.expose_worker('technician', 'select, insert, update');

create table calls_data.call (
	tenant_id      uuid not null,
	id             uuid not null,
	number         text collate "C" not null, -- so that a prefix is a range of its index
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
	external_ref   text,
	version        int not null default 1,
	revision       bigint not null default 1,
	created_at     timestamptz(3) not null default base.clock(),
	updated_at     timestamptz(3) not null default base.clock(),
	search         tsvector generated always as (base.search_vector(coalesce(subject, '') || ' ' || coalesce(description, '') || ' '
		|| coalesce(resolution, '') || ' ' || coalesce(caller ->> 'name', '') || ' ' || coalesce(number, ''))) stored,
	primary key (tenant_id, id),
	constraint call__number__unique unique (tenant_id, number),
	constraint call__external_ref__unique unique (tenant_id, external_ref),
	constraint call__customer_id__reference foreign key (tenant_id, customer_id) references calls_data.customer (tenant_id, id),
	constraint call__site_id__reference foreign key (tenant_id, site_id) references calls_data.site (tenant_id, id),
	constraint call__contact_id__reference foreign key (tenant_id, contact_id) references calls_data.contact (tenant_id, id),
	constraint call__bill_to_id__reference foreign key (tenant_id, bill_to_id) references calls_data.customer (tenant_id, id),
	constraint call__parent_id__reference foreign key (tenant_id, parent_id) references calls_data.call (tenant_id, id),
	constraint call__type_code__reference foreign key (tenant_id, type_code) references calls_data.call_type (tenant_id, code),
	constraint call__requested_until__order check (requested_until >= requested_from)
);
-- Each declared filter and sort has its index, with the default sort behind it, so that a page of 50 among a million is
-- one index read. Columns that are mostly null have partial ones.
create index call__opened_at on calls_data.call (tenant_id, opened_at, id);
create index call__created_at on calls_data.call (tenant_id, created_at, id);
create index call__updated_at on calls_data.call (tenant_id, updated_at, id);
create index call__next_due_at on calls_data.call (tenant_id, next_due_at, id);
create index call__state_due on calls_data.call (tenant_id, state, next_due_at, id);
create index call__priority on calls_data.call (tenant_id, priority_rank, id);
do $$
declare
	always text[] := array['state', 'type_code', 'channel', 'priority', 'customer_id', 'received_by', 'series', 'year'];
	seldom text[] := array['substate_code', 'site_id', 'contact_id', 'bill_to_id', 'article_id', 'fault_code', 'cause_code',
		'resolution_code', 'assignee_id', 'job_code', 'parent_id', 'suspension_reason', 'match_status'];
	name text;
begin
	foreach name in array always loop
		execute format('create index %I on calls_data.call (tenant_id, %I, opened_at, id)', 'call__by_' || name, name);
	end loop;
	foreach name in array seldom loop
		execute format('create index %I on calls_data.call (tenant_id, %I, opened_at, id) where %I is not null',
			'call__by_' || name, name, name);
	end loop;
end $$;
create index call__resolved_at on calls_data.call (tenant_id, resolved_at) where resolved_at is not null;
create index call__closed_at on calls_data.call (tenant_id, closed_at) where closed_at is not null;
create index call__suspended_until on calls_data.call (tenant_id, suspended_until) where suspended_until is not null;
create index call__unassigned on calls_data.call (tenant_id, opened_at, id) where assignee_id is null
	and state in ('open', 'suspended');
create index call__tags on calls_data.call using gin (tenant_id, tags);
create index call__search on calls_data.call using gin (tenant_id, search);
select calls_data.expose('call');
select calls_data.expose_worker('call', 'select');

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
select calls_data.expose_worker('call_asset', 'select');

create table calls_data.activity (
	tenant_id       uuid not null,
	id              uuid not null,
	call_id         uuid,
	customer_id     uuid,
	type_code       text not null,
	status          text not null,
	subject         text,
	notes           text,
	visibility      text not null,
	site_id         uuid,
	asset_id        uuid,
	contact_id      uuid,
	priority        text,
	planned_start   timestamptz(3),
	planned_end     timestamptz(3),
	planned_minutes int,
	started_at      timestamptz(3),
	done_at         timestamptz(3),
	work_minutes    int,
	travel_minutes  int,
	pause_minutes   int,
	minutes_source  text not null default 'typed',
	kilometres      numeric(8, 1),
	device_at       timestamptz(3),
	planned_order   timestamptz(3) not null generated always as (coalesce(planned_start, 'infinity')) stored,
	done_order      timestamptz(3) not null generated always as (coalesce(done_at, '-infinity')) stored,
	recorded_at     timestamptz(3) not null default base.clock(),
	cancel_reason   text,
	result          text,
	external_ref    text,
	version         int not null default 1,
	created_at      timestamptz(3) not null default base.clock(),
	updated_at      timestamptz(3) not null default base.clock(),
	search          tsvector generated always as (base.search_vector(coalesce(subject, '') || ' ' || coalesce(notes, '') || ' '
		|| coalesce(result, ''))) stored,
	primary key (tenant_id, id),
	constraint activity__external_ref__unique unique (tenant_id, external_ref),
	constraint activity__call_id__reference foreign key (tenant_id, call_id) references calls_data.call (tenant_id, id),
	constraint activity__customer_id__reference foreign key (tenant_id, customer_id) references calls_data.customer (tenant_id, id),
	constraint activity__site_id__reference foreign key (tenant_id, site_id) references calls_data.site (tenant_id, id),
	constraint activity__contact_id__reference foreign key (tenant_id, contact_id) references calls_data.contact (tenant_id, id),
	constraint activity__type_code__reference foreign key (tenant_id, type_code) references calls_data.activity_type (tenant_id, code),
	constraint activity__call_id__required check (call_id is not null or customer_id is not null),
	constraint activity__done_at__required check (status <> 'done' or done_at is not null),
	constraint activity__planned_end__order check (planned_end >= planned_start),
	constraint activity__started_at__order check (started_at <= done_at)
);
create index activity__created_at on calls_data.activity (tenant_id, created_at, id);
create index activity__planned_order on calls_data.activity (tenant_id, planned_order, id);
create index activity__done_order on calls_data.activity (tenant_id, done_order, id);
create index activity__planned_start on calls_data.activity (tenant_id, planned_start, id) where planned_start is not null;
create index activity__planned_end on calls_data.activity (tenant_id, planned_end, id) where planned_end is not null;
create index activity__done_at on calls_data.activity (tenant_id, done_at, id) where done_at is not null;
create index activity__updated_at on calls_data.activity (tenant_id, updated_at, id);
do $$
declare
	always text[] := array['type_code', 'status', 'customer_id', 'visibility'];
	seldom text[] := array['call_id', 'site_id', 'asset_id', 'contact_id'];
	name text;
begin
	foreach name in array always loop
		execute format('create index %I on calls_data.activity (tenant_id, %I, created_at, id)', 'activity__by_' || name, name);
	end loop;
	foreach name in array seldom loop
		execute format('create index %I on calls_data.activity (tenant_id, %I, created_at, id) where %I is not null',
			'activity__by_' || name, name, name);
	end loop;
end $$;
create index activity__search on calls_data.activity using gin (tenant_id, search);
select calls_data.expose('activity');
select calls_data.expose_worker('activity', 'select');

create table calls_data.activity_participant (
	tenant_id     uuid not null,
	activity_id   uuid not null,
	technician_id uuid not null,
	name          text,
	role          text not null,
	status        text not null,
	position      int not null,
	primary key (tenant_id, activity_id, technician_id),
	constraint activity_participant__participants__reference foreign key (tenant_id, activity_id)
		references calls_data.activity (tenant_id, id) on delete cascade
);
create index activity_participant__technician on calls_data.activity_participant (tenant_id, technician_id, activity_id);
create index activity_participant__status on calls_data.activity_participant (tenant_id, status, activity_id);
select calls_data.expose('activity_participant');
select calls_data.expose_worker('activity_participant', 'select');

create table calls_data.activity_session (
	tenant_id         uuid not null,
	id                uuid not null,
	activity_id       uuid not null,
	technician_id     uuid not null,
	kind              text not null,
	started_at        timestamptz(3) not null,
	ended_at          timestamptz(3),
	device_started_at timestamptz(3),
	device_ended_at   timestamptz(3),
	position          jsonb,
	external_ref      text,
	version           int not null default 1,
	created_at        timestamptz(3) not null default base.clock(),
	updated_at        timestamptz(3) not null default base.clock(),
	primary key (tenant_id, id),
	constraint activity_session__activity_id__reference foreign key (tenant_id, activity_id)
		references calls_data.activity (tenant_id, id),
	constraint activity_session__external_ref__unique unique (tenant_id, external_ref),
	constraint activity_session__ended_at__order check (ended_at >= started_at),
	constraint activity_session__ended_at__length check (ended_at <= started_at + interval '168 hours'),
	constraint activity_session__device_ended_at__order check (device_ended_at >= device_started_at)
);
create index activity_session__activity on calls_data.activity_session (tenant_id, activity_id, started_at);
create index activity_session__technician on calls_data.activity_session (tenant_id, technician_id, started_at);
create index activity_session__started_at on calls_data.activity_session (tenant_id, started_at, id);
create index activity_session__open on calls_data.activity_session (tenant_id, technician_id) where ended_at is null;
select calls_data.expose('activity_session');

-- quantity × price less the discounts in cascade (10 and 5: by 0.90, then by 0.95), rounded once, at the end, half away
-- from zero: a credit mirrors its charge to the cent. Null without a price.
create function calls.net_amount(quantity numeric, price numeric, discounts numeric[]) returns numeric
language plpgsql immutable parallel safe as $$
declare
	amount numeric := quantity * price;
	discount numeric;
begin
	foreach discount in array coalesce(discounts, '{}') loop
		amount := amount * (100 - discount) * 0.01;
	end loop;
	return round(amount, 2);
end $$;
grant execute on function calls.net_amount(numeric, numeric, numeric[]) to calls;

create table calls_data.charge (
	tenant_id          uuid not null,
	id                 uuid not null,
	call_id            uuid not null,
	activity_id        uuid,
	kind               text not null,
	article_id         uuid,
	description        text,
	uom                text,
	planned_quantity   numeric(12, 3),
	quantity           numeric(12, 3) not null,
	price              numeric(14, 4),
	cost               numeric(14, 4),
	discounts          numeric(5, 2)[],
	net_amount         numeric(24, 2) generated always as (calls.net_amount(quantity, price, discounts)) stored,
	vat_code           text,
	treatment          text not null,
	treatment_reason   text,
	approved_at        timestamptz(3),
	approved_by        text,
	approval_note      text,
	price_source       text not null default 'manual',
	pricing            text not null default 'none',
	billing_article_id uuid,
	warehouse_id       uuid,
	serials            text[],
	technician_id      uuid,
	work_date          date,
	job_code           text,
	status             text not null default 'open',
	external_ref       text,
	version            int not null default 1,
	created_at         timestamptz(3) not null default base.clock(),
	updated_at         timestamptz(3) not null default base.clock(),
	primary key (tenant_id, id),
	constraint charge__external_ref__unique unique (tenant_id, external_ref),
	constraint charge__call_id__reference foreign key (tenant_id, call_id) references calls_data.call (tenant_id, id),
	constraint charge__activity_id__reference foreign key (tenant_id, activity_id) references calls_data.activity (tenant_id, id)
);
create index charge__created_at on calls_data.charge (tenant_id, created_at, id);
create index charge__call on calls_data.charge (tenant_id, call_id, created_at, id);
create index charge__kind on calls_data.charge (tenant_id, kind, created_at, id);
create index charge__treatment on calls_data.charge (tenant_id, treatment, created_at, id);
create index charge__pricing on calls_data.charge (tenant_id, pricing, created_at, id);
create index charge__status on calls_data.charge (tenant_id, status, created_at, id);
create index charge__activity on calls_data.charge (tenant_id, activity_id, created_at, id) where activity_id is not null;
create index charge__article on calls_data.charge (tenant_id, article_id, created_at, id) where article_id is not null;
create index charge__technician on calls_data.charge (tenant_id, technician_id, created_at, id) where technician_id is not null;
create index charge__work_date on calls_data.charge (tenant_id, work_date, created_at, id) where work_date is not null;
create index charge__job on calls_data.charge (tenant_id, job_code, created_at, id) where job_code is not null;
select calls_data.expose('charge');
select calls_data.expose_worker('charge', 'select');

create table calls_data.saved_filter (
	tenant_id  uuid not null,
	id         uuid not null,
	name       text not null,
	resource   text not null,
	query      text not null,
	shared     boolean not null,
	owner      text not null,
	external_ref text,
	version    int not null default 1,
	revision   bigint not null default 1,
	created_at timestamptz(3) not null default base.clock(),
	updated_at timestamptz(3) not null default base.clock(),
	primary key (tenant_id, id),
	constraint saved_filter__name__unique unique (tenant_id, owner, resource, name)
);
create index saved_filter__name on calls_data.saved_filter (tenant_id, name, id);
select calls_data.expose('saved_filter');

-- A technician's own work: calls he is responsible for or takes part in, while they live and 30 days after their end.
create view calls.own_call as
select c.id as call_id, c.customer_id from calls.call c
where (c.assignee_id = (select base.technician()) or c.id in (select a.call_id from calls.activity a
		join calls.activity_participant p on p.activity_id = a.id where p.technician_id = (select base.technician())))
	and coalesce(c.closed_at, c.cancelled_at, 'infinity') > base.clock() - interval '30 days';
grant select on calls.own_call to calls;

-- And the customers it is done for, also by activities that belong to no call.
create view calls.own_work as
select o.customer_id from calls.own_call o where o.customer_id is not null
union
select a.customer_id from calls.activity a join calls.activity_participant p on p.activity_id = a.id
where p.technician_id = (select base.technician()) and a.customer_id is not null and a.call_id is null;
grant select on calls.own_work to calls;
