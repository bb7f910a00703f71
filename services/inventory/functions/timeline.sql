-- All that happened to an asset, in one order. What follows from events of calls is done by as few statements for many of them as
-- for one: most follow nothing, and a statement costs its start whatever it finds.

-- A line of an asset, or its new time.
create or replace function inventory.timeline_put(asset uuid, what text, source uuid, happened timestamptz) returns void
language plpgsql as $$
begin
	insert into inventory.asset_timeline (asset_id, kind, source_id, at)
	select a.id, what, source, happened from inventory.asset a where a.id = asset
	on conflict (tenant_id, asset_id, kind, source_id) do update set at = excluded.at where asset_timeline.at <> excluded.at;
end $$;

-- A passage of that day: when it was recorded, if that was the day, else its beginning.
create or replace function inventory.timeline_day(day date, recorded timestamptz) returns timestamptz language plpgsql stable as $$
begin
	return (select case when (recorded at time zone t.time_zone)::date = day then recorded
		else day::timestamp at time zone t.time_zone end from inventory.tenant t);
end $$;

-- Activities are about their own machine, or else about the main one of their call; they happened when they were done. Rows that
-- events are about are looked up one by one, each behind a fence (offset). Of an array of ids PostgreSQL believes, while a table is
-- small, that reading all rows of the tenant is as quick, and keeps that plan until statistics come: the first import then read each
-- call for each other.
create or replace function inventory.timeline_activities(activities uuid[]) returns void language plpgsql as $$
begin
	with known as materialized (
		select y.id, y.done_at, case when y.status = 'done' and y.active then coalesce(y.asset_id,
			(select w.asset_id from inventory.call_assets(y.call_id) w where w.main)) end as machine
		from unnest(activities) k(id) cross join lateral (select r.* from inventory.activity r where r.id = k.id offset 0) y
	), gone as (
		delete from inventory.asset_timeline t using known k where t.source_id = k.id and t.asset_id is distinct from k.machine
	)
	insert into inventory.asset_timeline (asset_id, kind, source_id, at)
	select a.id, 'activity', k.id, k.done_at
	from known k cross join lateral (select r.id from inventory.asset r where r.id = k.machine offset 0) a
	order by k.id
	on conflict (tenant_id, source_id, asset_id, kind) do update set at = excluded.at where asset_timeline.at <> excluded.at;
end $$;

-- Calls are about all of their machines; activities that name none follow them.
create or replace function inventory.timeline_calls(calls uuid[]) returns void language plpgsql as $$
begin
	with gone as (
		delete from inventory.asset_timeline t where t.source_id = any (calls)
			and not exists (select from inventory.call_assets(t.source_id) w where w.asset_id = t.asset_id)
	)
	insert into inventory.asset_timeline (asset_id, kind, source_id, at)
	select distinct a.id, 'call', c.id, c.opened_at
	from unnest(calls) k(id)
		cross join lateral (select r.id, r.opened_at from inventory.call r
			where r.id = k.id and r.active and r.opened_at is not null offset 0) c
		cross join lateral (select r.asset_id from inventory.call_assets(c.id) r offset 0) w
		cross join lateral (select r.id from inventory.asset r where r.id = w.asset_id offset 0) a
	order by c.id, a.id
	on conflict (tenant_id, source_id, asset_id, kind) do update set at = excluded.at where asset_timeline.at <> excluded.at;
	perform inventory.timeline_activities(array_agg(y.id)) from unnest(calls) k(id) cross join lateral (
		select r.id from inventory.activity r where r.call_id = k.id and r.asset_id is null and r.status = 'done' offset 0) y
	having count(*) > 0;
end $$;
