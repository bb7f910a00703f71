-- Acting on due timers, as the role SERVICE_worker.

-- name: timer_due
-- $1 kinds, $2 at most
select t.id, t.tenant_id, t.kind, t.subject, t.attempts, t.due_at from timer t
where t.due_at <= base.clock() and t.kind = any ($1::text[])
order by t.due_at limit $2::int

-- name: timer_begin
-- $1 tenant, $2 id, $3 service. The lock, not the row's, keeps other replicas off meanwhile: the row is locked last,
-- after the root.
select set_config('app.tenant', $1, true),
	base.must(pg_try_advisory_xact_lock(hashtextextended('aftercare.timer.' || $3 || '.' || $2, 0)), 'replay',
		'another replica is at it')

-- name: timer_still_due
-- $1 id, $2 due. Another replica may have acted on it before we had the lock.
select base.must(exists (select from timer t where t.id = $1::bigint and t.due_at = $2::timestamptz), 'replay',
	'no longer due')

-- name: timer_done
-- $1 id, $2 due. Undoes everything when somebody is removing or moving the timer meanwhile. That it is gone already is
-- fine: what was done has removed it.
with done as (
	delete from timer t where t.id = $1::bigint and t.due_at = $2::timestamptz returning 1
)
select base.must(exists (select from done) or not exists (select from timer t where t.id = $1::bigint), 'replay',
	'no longer due')

-- name: timer_failed
-- $1 id, $2 due, $3 milliseconds until the next attempt
update timer t set attempts = t.attempts + 1,
	due_at = base.clock() + $3::int * interval '1 millisecond'
where t.id = $1::bigint and t.due_at = $2::timestamptz
