-- What follows from assets of inventory: a stub that a call made of the same machine, before its service spoke, gives way to it
-- (stubs_of). $1 the assets.

-- name: asset_calls_lock
with locked as (
	update call c set revision = c.revision + 1, version = c.version + 1, updated_at = base.clock()
	where c.id in (select w.call_id from stubs_of($1::uuid[]) s join call_asset w on w.asset_id = s.id) returning c.id
)
select base.touch('call.changed', array_agg(l.id)) from locked l

-- name: asset_calls_move
update call_asset w set asset_id = s.asset_id from stubs_of($1::uuid[]) s
where w.asset_id = s.id and not exists (select from call_asset o where o.call_id = w.call_id and o.asset_id = s.asset_id)

-- name: asset_calls_forget
-- Of calls that named both.
delete from call_asset w using stubs_of($1::uuid[]) s where w.asset_id = s.id

-- name: asset_calls_warranty
-- Of live calls that had its stub, and so knew no warranty. What is changed later does not change calls.
select warranties_find(array(select c.id from call c
where c.id = any(coalesce(nullif(current_setting('app.touched.call.changed', true), ''), '{}')::uuid[])
	and c.warranty_covers is null and c.state not in ('closed', 'cancelled')
	and exists (select from call_asset w where w.call_id = c.id and w.asset_id = any ($1::uuid[]))))

-- name: asset_activities_lock
update call c set revision = c.revision + 1
where c.id in (select y.call_id from stubs_of($1::uuid[]) s join activity y on y.asset_id = s.id)

-- name: asset_activities_move
with moved as (
	update activity y set asset_id = s.asset_id, version = y.version + 1, updated_at = base.clock()
	from stubs_of($1::uuid[]) s where y.asset_id = s.id returning y.id
)
select base.touch('activity.changed', array_agg(m.id)) from moved m

-- name: asset_stub_forget
delete from asset a using stubs_of($1::uuid[]) s where a.id = s.id

-- name: derived_lock
-- $1 what inventory made of calls.
select from call c where c.id in (select v.source_id from derived v where v.id = any ($1::uuid[])) order by c.id for no key update

-- name: derived_told
-- The charge tells of it; the call of what has no charge, and when there is more or less that is open. Where nothing shows, the
-- revision stays: each has its event.
with told as materialized (select t.source_id, t.line_id, t.opened from derived_tell($1::uuid[]) t),
raised as (update call c set revision = c.revision + 1 where c.id in (select t.source_id from told t))
select base.touch('charge.derived_changed', array_agg(distinct t.line_id)) from told t where t.line_id is not null
having count(*) > 0
union all
select base.touch('call.derived_changed', array_agg(distinct t.source_id)) from told t where t.line_id is null or t.opened
having count(*) > 0

-- name: missing_charge
select missing_charge($1::uuid[])

-- name: missing_forget
-- Charges that missing_charge took back, behind the records of that.
delete from charge h using source s
where s.line_id = any ($1::uuid[]) and s.made = 'charge' and s.taken ->> 'missing' = 'removed' and h.id = s.id
