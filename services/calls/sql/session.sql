-- name: session_rows
select s.id, s.version, s.activity_id, s.technician_id, s.kind, base.ts(s.started_at) as started_at,
	base.ts(s.ended_at) as ended_at, base.ts(s.device_started_at) as device_started_at,
	base.ts(s.device_ended_at) as device_ended_at, s.position, s.external_ref, base.ts(s.created_at) as created_at,
	base.ts(s.updated_at) as updated_at
from activity_session s

-- name: session_lock_of_new
with own as (select a.call_id, a.customer_id from activity a where a.id = ($2::jsonb ->> 'activity_id')::uuid
), of_call as (
	update call c set revision = c.revision + 1 where c.id = (select o.call_id from own o) returning 1
), of_customer as (
	update customer u set revision = u.revision + 1 where u.id = (select o.customer_id from own o where o.call_id is null)
		returning 1
)
select base.must(exists (select from of_call) or exists (select from of_customer), 'not-found', 'There is no such activity.')

-- name: session_lock
with own as (select a.call_id, a.customer_id from activity a join activity_session s on s.activity_id = a.id
	where s.id = $1::uuid
), of_call as (
	update call c set revision = c.revision + 1 where c.id = (select o.call_id from own o) returning 1
), of_customer as (
	update customer u set revision = u.revision + 1 where u.id = (select o.customer_id from own o where o.call_id is null)
		returning 1
)
select base.must(exists (select from of_call) or exists (select from of_customer), 'not-found', 'There is no such session.')

-- name: session_minutes
-- The minutes of an activity are the sum of its sessions, unless somebody typed them.
update activity a set work_minutes = t.work, travel_minutes = t.travel, pause_minutes = t.pause, minutes_source = 'sessions',
	started_at = t.first, version = a.version + 1, updated_at = base.clock()
from (select s.activity_id, min(s.started_at) as first,
		sum(extract(epoch from s.ended_at - s.started_at) / 60) filter (where s.kind = 'work')::int as work,
		sum(extract(epoch from s.ended_at - s.started_at) / 60) filter (where s.kind = 'travel')::int as travel,
		sum(extract(epoch from s.ended_at - s.started_at) / 60) filter (where s.kind = 'pause')::int as pause
	from activity_session s where s.activity_id = (select o.activity_id from activity_session o where o.id = $1::uuid)
	group by s.activity_id) t
where a.id = t.activity_id and (a.minutes_source = 'sessions'
	or (a.work_minutes is null and a.travel_minutes is null and a.pause_minutes is null))
