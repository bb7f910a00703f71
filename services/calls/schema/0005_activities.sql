-- Activities: what is planned and done, who takes part, and the time spent on it.
select calls_data.store_table('activity', $$
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
	search          tsvector generated always as (base.search_vector(coalesce(subject, '') || ' ' || coalesce(notes, '') || ' '
		|| coalesce(result, ''))) stored,
	constraint activity__call_id__reference foreign key (tenant_id, call_id) references calls_data.call (tenant_id, id),
	constraint activity__customer_id__reference foreign key (tenant_id, customer_id) references calls_data.customer (tenant_id, id),
	constraint activity__site_id__reference foreign key (tenant_id, site_id) references calls_data.site (tenant_id, id),
	constraint activity__contact_id__reference foreign key (tenant_id, contact_id) references calls_data.contact (tenant_id, id),
	constraint activity__type_code__reference foreign key (tenant_id, type_code) references calls_data.activity_type (tenant_id, code),
	constraint activity__call_id__required check (call_id is not null or customer_id is not null),
	constraint activity__done_at__required check (status <> 'done' or done_at is not null),
	constraint activity__planned_end__order check (planned_end >= planned_start),
	constraint activity__started_at__order check (started_at <= done_at)
$$, master_data => false, root => false);
create index activity__created_at on calls_data.activity (tenant_id, created_at, id);
create index activity__planned_order on calls_data.activity (tenant_id, planned_order, id);
create index activity__done_order on calls_data.activity (tenant_id, done_order, id);
create index activity__planned_start on calls_data.activity (tenant_id, planned_start, id) where planned_start is not null;
create index activity__planned_end on calls_data.activity (tenant_id, planned_end, id) where planned_end is not null;
create index activity__done_at on calls_data.activity (tenant_id, done_at, id) where done_at is not null;
create index activity__undone on calls_data.activity (tenant_id, created_at, id) where done_at is null;
create index activity__updated_at on calls_data.activity (tenant_id, updated_at, id);
select calls_data.filter_indexes('activity', 'created_at', '{type_code, status, customer_id, visibility}',
	'{call_id, site_id, asset_id, contact_id}');
create index activity__search on calls_data.activity using gin (tenant_id, search);

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

select calls_data.store_table('activity_session', $$
	activity_id       uuid not null,
	technician_id     uuid not null,
	kind              text not null,
	started_at        timestamptz(3) not null,
	ended_at          timestamptz(3),
	device_started_at timestamptz(3),
	device_ended_at   timestamptz(3),
	position          jsonb,
	constraint activity_session__activity_id__reference foreign key (tenant_id, activity_id)
		references calls_data.activity (tenant_id, id),
	constraint activity_session__ended_at__order check (ended_at >= started_at),
	constraint activity_session__ended_at__length check (ended_at <= started_at + interval '168 hours'),
	constraint activity_session__position__range check ((position ->> 'lat')::numeric between -90 and 90
		and (position ->> 'lon')::numeric between -180 and 180),
	constraint activity_session__device_ended_at__order check (device_ended_at >= device_started_at)
$$, master_data => false, root => false);
create index activity_session__activity on calls_data.activity_session (tenant_id, activity_id, started_at);
create index activity_session__technician on calls_data.activity_session (tenant_id, technician_id, started_at);
create index activity_session__started_at on calls_data.activity_session (tenant_id, started_at, id);
create index activity_session__open on calls_data.activity_session (tenant_id, technician_id) where ended_at is null;
