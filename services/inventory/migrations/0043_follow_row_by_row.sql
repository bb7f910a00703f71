-- Rows that events are about are looked up one by one, each behind a fence (offset). Of an array of ids PostgreSQL believes, while a
-- table is small, that reading all rows of the tenant is as quick, and keeps that plan until statistics come: the first import
-- then read each call for each other.
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

create or replace function inventory.promises_end(activities uuid[]) returns table (id uuid, work_id uuid, why text)
language plpgsql stable as $$
begin
	return query select y.id, coalesce(y.call_id, y.id), case when y.status = 'cancelled' then 'activity cancelled'
			when y.call_state = 'cancelled' then 'call cancelled' else 'activity done' end
		from unnest(activities) k(id) cross join lateral (select r.id, r.call_id, r.status, (select c.state from inventory.call c
			where c.id = r.call_id) as call_state from inventory.activity r where r.id = k.id offset 0) y
		where y.status = 'cancelled' or y.call_state = 'cancelled'
			or (y.status = 'done' and (select inventory.setting('release_at_done', 'false')::boolean));
end $$;
