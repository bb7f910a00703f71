-- What follows from events of calls, by as few statements for many of them as for one: most follow nothing, and a statement costs
-- its start whatever it finds.

-- Activities are about their own machine, or else about the main one of their call; they happened when they were done.
create function inventory.timeline_activities(activities uuid[]) returns void language plpgsql as $$
begin
	with known as materialized (
		select y.id, y.done_at, case when y.status = 'done' and y.active then coalesce(y.asset_id,
			(select w.asset_id from inventory.call_assets(y.call_id) w where w.main)) end as machine
		from inventory.activity y where y.id = any (activities)
	), gone as (
		delete from inventory.asset_timeline t using known k where t.source_id = k.id and t.asset_id is distinct from k.machine
	)
	insert into inventory.asset_timeline (asset_id, kind, source_id, at)
	select a.id, 'activity', k.id, k.done_at from known k join inventory.asset a on a.id = k.machine
	order by k.id
	on conflict (tenant_id, source_id, asset_id, kind) do update set at = excluded.at where asset_timeline.at <> excluded.at;
end $$;

create function inventory.timeline_calls(calls uuid[]) returns void language plpgsql as $$
begin
	with gone as (
		delete from inventory.asset_timeline t where t.source_id = any (calls)
			and not exists (select from inventory.call_assets(t.source_id) w where w.asset_id = t.asset_id)
	)
	insert into inventory.asset_timeline (asset_id, kind, source_id, at)
	select distinct a.id, 'call', c.id, c.opened_at
	from inventory.call c, inventory.call_assets(c.id) w join inventory.asset a on a.id = w.asset_id
	where c.id = any (calls) and c.active and c.opened_at is not null
	order by c.id, a.id
	on conflict (tenant_id, source_id, asset_id, kind) do update set at = excluded.at where asset_timeline.at <> excluded.at;
	perform inventory.timeline_activities(array_agg(y.id)) from inventory.activity y
	where y.call_id = any (calls) and y.asset_id is null and y.status = 'done' having count(*) > 0;
end $$;

-- Those activities to which nothing is promised any more, and why: they or their call is cancelled, or, where the policy says so,
-- they are done. work_id: whose turn it is to promise (promise_turn).
create function inventory.promises_end(activities uuid[]) returns table (id uuid, work_id uuid, why text) language plpgsql stable as $$
begin
	return query select y.id, coalesce(y.call_id, y.id), case when y.status = 'cancelled' then 'activity cancelled'
			when c.state = 'cancelled' then 'call cancelled' else 'activity done' end
		from inventory.activity y left join inventory.call c on c.id = y.call_id
		where y.id = any (activities) and (y.status = 'cancelled' or c.state = 'cancelled'
			or (y.status = 'done' and (select inventory.setting('release_at_done', 'false')::boolean)));
end $$;

-- Calls that changed, or whose charges did.
create function inventory.rmas_due(calls uuid[]) returns void language plpgsql as $$
begin
	insert into inventory.timer (kind, subject, due_at)
	select 'source.changed', n.id::text, base.clock()
	from (select distinct s.source_id as id from inventory.source s where s.source_id = any (calls) and s.made = 'rma'
		and s.changed_at is null) n
	where exists (select from inventory.rmas_behind(n.id))
	order by n.id
	on conflict (tenant_id, kind, subject) do nothing;
end $$;

grant execute on function inventory.timeline_activities(uuid[]), inventory.timeline_calls(uuid[]), inventory.promises_end(uuid[]),
	inventory.rmas_due(uuid[]) to inventory;
drop function inventory.timeline_call(uuid), inventory.timeline_activity(uuid), inventory.promise_end(uuid), inventory.rmas_due(uuid);
