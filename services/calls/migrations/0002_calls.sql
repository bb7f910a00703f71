-- The tenant's own vocabulary: call types, substates, codes, tags, activity types, series.
select calls_data.store_table('call_type', $$
	code text not null,
	label text not null,
	series_code text,
	default_priority text,
	procedure_id uuid,
	required_at_open text[],
	required_at_resolve text[],
	sla_policy_code text,
	quick boolean not null
$$);

select calls_data.store_table('substate', $$
	code text not null,
	label text not null,
	state text not null,
	"default" boolean not null,
	position int not null
$$);
create unique index substate__default__unique on calls_data.substate (tenant_id, state) where "default";
create index substate__position on calls_data.substate (tenant_id, position, id);

select calls_data.store_table('call_code', $$
	kind text not null,
	code text not null,
	label text not null,
	parent_id uuid,
	article_category_code text,
	search tsvector generated always as (base.search_vector(coalesce(label, '') || ' ' || coalesce(code, ''))) stored,
	constraint call_code__parent_id__reference foreign key (tenant_id, parent_id) references calls_data.call_code (tenant_id, id)
$$, code_within => 'kind');
create index call_code__code on calls_data.call_code (tenant_id, code, id);
create index call_code__search on calls_data.call_code using gin (tenant_id, search);

select calls_data.store_table('tag', $$
	code text not null,
	label text not null,
	colour text
$$);

select calls_data.store_table('activity_type', $$
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
	needs_report boolean not null
$$);

-- Copies of what other services own; stubs are made when a call names a serial nobody told us of.
select calls_data.copy_table('asset', $$
	article_id   uuid,
	article_code text,
	serial       text not null,
	serial_key   text generated always as (base.fold(serial)) stored,
	customer_id  uuid,
	site_id      uuid,
	description  text,
	warranties   jsonb,
	x            jsonb not null default '{}',
	stub         boolean not null
$$);
select calls_data.free_fields('asset', copied => true);
grant insert, update, delete on calls.asset to calls;
create index asset__serial on calls_data.asset (tenant_id, serial_key);
create index asset__site on calls_data.asset (tenant_id, site_id) where site_id is not null;
create index asset__customer on calls_data.asset (tenant_id, customer_id) where customer_id is not null;
create unique index asset__stub on calls_data.asset (tenant_id, coalesce(article_code, ''), serial_key) where stub;

-- Whether machines of several articles have a serial.
create function calls.serial_shared(named text) returns boolean language plpgsql stable as $$
begin
	return (select count(*) > 1 from calls.asset a where a.serial_key = base.fold(named) and a.active);
end $$;
grant execute on function calls.serial_shared(text) to calls;

select calls_data.copy_table('article', $$
	code        text not null,
	kind        text,
	description text,
	uom         text,
	list_price  numeric(14, 4),
	vat_code    text,
	multiplier  numeric(10, 3) not null,
	billing_article_id uuid
$$);
create index article__code on calls_data.article (tenant_id, code);

-- The article that a line names, by its id, its code, or both; refused, at that field, where a line must not name it: not
-- known here, out of use, or with a multiplier of price and quantity other than 1, which nothing here can count with.
create function calls.article_named(named uuid, coded text, at text default null) returns uuid language plpgsql stable as $$
declare
	pointer text := case when at is not null then at when named is null then '/article_code' else '/article_id' end;
	known record;
begin
	if named is null and coded is null then
		return null;
	end if;
	if named is null then
		select a.id, a.code, a.active, a.multiplier into known from calls.article a where a.code = coded
		order by a.active desc limit 1;
	else
		select a.id, a.code, a.active, a.multiplier into known from calls.article a where a.id = named;
	end if;
	if not found or known.code <> coalesce(coded, known.code) then
		perform base.fail('unknown-reference', 'There is no such article (yet).', pointer, 'reference');
	end if;
	if known.multiplier <> 1 then
		perform base.fail('article-multiplier', format('Article %s counts %s pieces a price unit: multipliers other than 1 '
			'are not supported.', known.code, known.multiplier), pointer, 'multiplier');
	end if;
	if not known.active then
		perform base.fail('unknown-reference', format('Article %s is no longer in use.', known.code), pointer, 'reference');
	end if;
	return known.id;
end $$;
grant execute on function calls.article_named(uuid, text, text) to calls;

select calls_data.copy_table('technician', $$
	code    text,
	name    text not null,
	subject text
$$);

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
create index call__tags on calls_data.call using gin (tenant_id, tags);
create index call__search on calls_data.call using gin (tenant_id, search);

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

-- The net amount is quantity × price less the discounts, rounded once, at the end, half away from zero: a credit mirrors
-- its charge to the cent. Null without a price.
select calls_data.store_table('charge', $$
	call_id            uuid not null,
	activity_id        uuid,
	kind               text not null,
	article_id         uuid,
	kit_id             uuid,
	description        text,
	uom                text,
	planned_quantity   numeric(12, 3),
	quantity           numeric(12, 3) not null,
	price              numeric(14, 4),
	cost               numeric(14, 4),
	discounts          numeric(5, 2)[],
	net_amount         numeric(24, 2) generated always as (round(base.discounted(quantity * price, discounts), 2)) stored,
	vat_code           text,
	treatment          text, -- null only until charge_treatment, in the same pipeline
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
	constraint charge__call_id__reference foreign key (tenant_id, call_id) references calls_data.call (tenant_id, id),
	constraint charge__activity_id__reference foreign key (tenant_id, activity_id) references calls_data.activity (tenant_id, id)
$$, master_data => false, root => false);
create index charge__created_at on calls_data.charge (tenant_id, created_at, id);
select calls_data.filter_indexes('charge', 'created_at', '{call_id, kind, treatment, pricing, status}',
	'{activity_id, article_id, kit_id, technician_id, work_date, job_code}');

select calls_data.store_table('saved_filter', $$
	name       text not null,
	resource   text not null,
	query      text not null,
	shared     boolean not null,
	owner      text not null,
	constraint saved_filter__name__unique unique (tenant_id, owner, resource, name)
$$, master_data => false);
create index saved_filter__name on calls_data.saved_filter (tenant_id, name, id);

-- Looks up what the warranties of a call's main asset cover on the day of its opening: of labour, parts, travel; null when the
-- asset or its warranties are not known.
create function calls.warranty_find(of_call uuid) returns void language plpgsql as $$
begin
	update calls.call c set warranty_covers = f.covers
	from (select o.id, (
			select case when a.warranties is not null then array(
				select distinct v from jsonb_array_elements(a.warranties) w, jsonb_array_elements_text(w -> 'covers') v
				where (o.opened_at at time zone (select t.time_zone from calls.tenant t))::date
					between (w ->> 'from')::date and (w ->> 'until')::date order by v) end
			from calls.call_asset k join calls.asset a on a.id = k.asset_id where k.call_id = o.id and k.main) as covers
		from calls.call o where o.id = of_call) f
	where c.id = f.id and c.warranty_covers is distinct from f.covers;
end $$;
-- Whether the warranty of a call covers a kind of charge.
create function calls.warranty_covers(of_call uuid, kind text) returns boolean language plpgsql stable as $$
begin
	return (select coalesce(case c.warranty when 'in' then w.part is not null
			when 'partial' then c.warranty_covers @> array[w.part] end, false)
		from calls.call c, (select case when kind = 'labour' then 'labour' when kind = 'part' then 'parts'
			when kind in ('travel', 'kilometres', 'call_out') then 'travel' end as part) w
		where c.id = of_call);
end $$;
-- What becomes of a charge that does not say.
create function calls.charge_treatment(of_call uuid, kind text) returns text language sql stable as $$
	select case when calls.warranty_covers(of_call, kind) then 'warranty' else 'billable' end
$$;
grant execute on function calls.warranty_find(uuid), calls.warranty_covers(uuid, text), calls.charge_treatment(uuid, text) to calls;

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

-- Takes the root of an activity: its call, or the customer when it belongs to none. False when there is neither.
create function calls.work_lock(of_call uuid, of_customer uuid) returns boolean language plpgsql as $$
begin
	if of_call is not null then
		update calls.call c set revision = c.revision + 1 where c.id = of_call;
	else
		update calls.customer u set revision = u.revision + 1 where u.id = of_customer;
	end if;
	return found;
end $$;
grant execute on function calls.work_lock(uuid, uuid) to calls;

-- The minutes of an activity are the sum of its sessions (but one that goes), unless somebody typed them.
create function calls.minutes_count(of uuid, but uuid) returns void language plpgsql as $$
begin
	update calls.activity a set work_minutes = t.work, travel_minutes = t.travel, pause_minutes = t.pause,
		started_at = coalesce(t.first, a.started_at)
	from (select min(s.started_at) as first,
			round(sum(extract(epoch from s.ended_at - s.started_at) / 60) filter (where s.kind = 'work'))::int as work,
			round(sum(extract(epoch from s.ended_at - s.started_at) / 60) filter (where s.kind = 'travel'))::int as travel,
			round(sum(extract(epoch from s.ended_at - s.started_at) / 60) filter (where s.kind = 'pause'))::int as pause
		from calls.activity_session s where s.activity_id = of and s.id is distinct from but) t
	where a.id = of and a.minutes_source = 'sessions'
		and (t.first is not null or num_nonnulls(a.work_minutes, a.travel_minutes, a.pause_minutes) > 0);
end $$;
grant execute on function calls.minutes_count(uuid, uuid) to calls;

-- The first session of an activity, or a visit done, starts its call when that is open or assigned; from open, who worked
-- becomes responsible. The call is touched.
create function calls.call_start(by_activity uuid, visit_done_at timestamptz) returns void language plpgsql as $$
declare
	begun uuid[];
begin
	with known as (
		select c.id, c.state, coalesce(f.started_at, a.started_at, visit_done_at) as at,
			coalesce(f.technician_id, (select p.technician_id from calls.activity_participant p where p.activity_id = a.id
				order by p.role desc, p.position limit 1)) as technician_id
		from calls.activity a join calls.call c on c.id = a.call_id join calls.activity_type y on y.code = a.type_code
			left join lateral (select s.started_at, s.technician_id from calls.activity_session s where s.activity_id = a.id
				order by s.started_at, s.id limit 1) f on true
		where a.id = by_activity and c.state in ('open', 'assigned')
			and (f.started_at is not null or (y.kind = 'visit' and visit_done_at is not null))
	), started as (
		update calls.call c set state = 'in_progress', version = c.version + 1, updated_at = base.clock(),
			assignee_id = coalesce(c.assignee_id, k.technician_id),
			assignee_name = case when c.assignee_id is not null then c.assignee_name
				else (select m.name from calls.technician m where m.id = k.technician_id) end,
			substate_code = (select b.code from calls.substate b where b.state = 'in_progress' and b."default" and b.active)
		from known k where c.id = k.id
		returning c.id, k.state as from_state, greatest(c.opened_at, least(k.at, base.clock()),
			(select max(m.at) from calls.transition m where m.resource = 'call' and m.subject_id = c.id)) as at, c.substate_code
	), noted as (
		insert into calls.transition (resource, subject_id, action, from_state, to_state, at, substate_code)
		select 'call', s.id, 'start', s.from_state, 'in_progress', s.at, s.substate_code from started s
	)
	select array_agg(s.id) into begun from started s;
	perform base.touch('call.started', begun);
end $$;
grant execute on function calls.call_start(uuid, timestamptz) to calls;
