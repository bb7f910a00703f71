-- name: session_lock_of_new
select base.must(work_lock(a.call_id, a.customer_id), 'not-found', 'There is no such activity.'),
	activity_own_check(w.id)
from (select ($2::jsonb ->> 'activity_id')::uuid as id) w left join activity a on a.id = w.id

-- name: session_lock
select base.must(work_lock(a.call_id, a.customer_id), 'not-found', 'There is no such session.'),
	activity_own_check(s.activity_id)
from (select $1::uuid as id) w left join activity_session s on s.id = w.id left join activity a on a.id = s.activity_id

-- name: session_guard
select base.must(a.status <> 'cancelled', 'conflict', 'A cancelled activity takes no sessions.'),
	base.must(s.started_at <= base.clock() + interval '5 minutes', 'invalid', 'must not be more than 5 minutes ahead',
		'/started_at', 'range'),
	base.must(s.ended_at is null or s.ended_at <= base.clock() + interval '5 minutes', 'invalid',
		'must not be more than 5 minutes ahead', '/ended_at', 'range')
from activity_session s join activity a on a.id = s.activity_id where s.id = $1::uuid

-- name: session_overlap
-- A technician can't be at two works at once; it is warned of, not refused: clocks of devices differ.
-- What ended was no longer than a week, so those of a few days are read, and those that go on.
select base.warn('session-overlap', format('Overlaps a session of this technician that began at %s.', base.ts(o.started_at)),
	'/started_at')
from (select o.started_at from activity_session s cross join lateral (
		select e.id, e.started_at from activity_session e where e.technician_id = s.technician_id and e.ended_at > s.started_at
			and e.started_at > s.started_at - interval '168 hours' and e.started_at < coalesce(s.ended_at, 'infinity')
		union all select g.id, g.started_at from activity_session g where g.technician_id = s.technician_id and g.ended_at is null
			and g.started_at < coalesce(s.ended_at, 'infinity')) o
	where s.id = $1::uuid and o.id <> s.id
	order by o.started_at, o.id limit 5) o

-- name: session_counted
-- The minutes of its activity follow a session, and when it goes.
select minutes_count(s.activity_id, null) from activity_session s where s.id = $1::uuid

-- name: session_uncounted
select minutes_count(s.activity_id, s.id) from activity_session s where s.id = $1::uuid

-- name: session_told
-- The activity changes with each of its sessions.
with changed as (
	update activity a set version = a.version + 1, updated_at = base.clock() from activity_session s
	where s.id = $1::uuid and a.id = s.activity_id returning a.id
)
select base.touch('activity.changed', array_agg(c.id)) from changed c

-- name: session_starts_call
-- A new one only: what is changed of an old one starts nothing.
select call_start(s.activity_id, null) from activity_session s where s.id = $1::uuid and s.version = 1

-- name: sessions_end
-- Who is done works no longer. $1 the activity, $2 the body with done_at. Those that ended are touched.
with ended as (
	update activity_session s set ended_at = ($2::jsonb ->> 'done_at')::timestamptz, version = s.version + 1,
		updated_at = base.clock()
	where s.activity_id = $1::uuid and s.ended_at is null and s.started_at < ($2::jsonb ->> 'done_at')::timestamptz
	returning s.id
)
select base.touch('activity_session.changed', array_agg(e.id)) from ended e
