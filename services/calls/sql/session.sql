-- name: session_create
insert into activity_session (id, activity_id, technician_id, kind, started_at, ended_at, device_started_at, device_ended_at,
	position, external_ref)
select $1::uuid, b.activity_id, b.technician_id, b.kind, b.started_at, b.ended_at, b.device_started_at, b.device_ended_at,
	b.position, b.external_ref
from jsonb_populate_record(null::activity_session, $2::jsonb) b

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

-- name: session_activity_guard
-- The session is one of the activity in the path. $1 the session, $2 the activity.
select base.must(exists (select from activity_session s where s.id = $1::uuid and s.activity_id = $2::uuid), 'not-found',
	'There is no such session.')

-- name: session_guard
select base.must(a.status <> 'cancelled', 'conflict', 'A cancelled activity takes no sessions.'),
	base.must(s.started_at <= base.clock() + interval '5 minutes', 'invalid', 'must not be more than 5 minutes ahead',
		'/started_at', 'range'),
	base.must(s.ended_at is null or s.ended_at <= base.clock() + interval '5 minutes', 'invalid',
		'must not be more than 5 minutes ahead', '/ended_at', 'range')
from activity_session s join activity a on a.id = s.activity_id where s.id = $1::uuid

-- name: session_overlap
-- A technician can't be at two works at once; it is warned of, not refused: clocks of devices differ.
select base.warn('session-overlap', format('Overlaps a session of this technician that began at %s.', base.ts(o.started_at)),
	'/started_at')
from (select o.started_at from activity_session s join activity_session o on o.technician_id = s.technician_id and o.id <> s.id
	where s.id = $1::uuid and (o.started_at > s.started_at - interval '168 hours' or o.ended_at is null)
		and o.started_at < coalesce(s.ended_at, 'infinity') and coalesce(o.ended_at, 'infinity') > s.started_at
	order by o.started_at, o.id limit 5) o

-- name: sessions_end
-- Who is done works no longer. $1 the activity, $2 the body with done_at. Those that ended are touched.
with ended as (
	update activity_session s set ended_at = ($2::jsonb ->> 'done_at')::timestamptz, version = s.version + 1,
		updated_at = base.clock()
	where s.activity_id = $1::uuid and s.ended_at is null and s.started_at < ($2::jsonb ->> 'done_at')::timestamptz
	returning s.id
)
select base.touch('activity_session.changed', array_agg(e.id)) from ended e
