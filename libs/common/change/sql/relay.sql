-- Taking the change log to Kafka, as the role SERVICE_worker.

-- name: relay_elect
-- $1 service. Locks are per database, hence the name within.
select pg_try_advisory_lock(hashtextextended('aftercare.relay.' || $1, 0))

-- name: relay_plans
-- The statements below join a few thousand ids with tables by their keys; nothing else is ever right, however old the
-- statistics of a queue that turns over this fast.
select set_config('enable_hashjoin', 'off', false), set_config('enable_mergejoin', 'off', false),
	set_config('enable_seqscan', 'off', false)

-- name: relay_claim
-- $1 changes, $2 bytes at most. What waits, whenever it was committed: an identity is drawn before its commit, so
-- a lower one may appear after a higher one was sent. One change is taken however long it is.
select n.id, n.tenant_id, n.aggregate_id, n.resource_id, n.type, n.revision, n.data, n.changed, n.traceparent,
	base.ts(n.at), n.at, n.age
from (
	select c.id, c.tenant_id, c.aggregate_id, c.resource_id, c.type, c.revision, c.data,
		array_to_json(c.changed) as changed, c.traceparent, c.at,
		(extract(epoch from base.clock() - c.at) * 1000)::bigint as age,
		sum(octet_length(c.data::text)) over (order by c.id) - octet_length(c.data::text) as bytes_before
	from (select w.id, w.at from change_waiting w order by w.id limit $1::int) w
	join change c on c.id = w.id and c.at = w.at
) n
where n.bytes_before < $2::bigint
order by n.id

-- name: relay_stamp
-- $1 ids in order, $2 their times. The numbers are taken and used in one transaction, so they have no gaps; should
-- another relay have sent one of them meanwhile, all of it is undone.
with counted as (
	update relay_state set last_seq = last_seq + cardinality($1::bigint[])
	returning last_seq - cardinality($1::bigint[]) as before
), taken as (
	delete from change_waiting w using unnest($1::bigint[]) as sent(id) where w.id = sent.id returning 1
), stamped as (
	insert into change_sent (seq, id, at)
	select counted.before + sent.place, sent.id, sent.at
	from counted, unnest($1::bigint[], $2::timestamptz[]) with ordinality as sent(id, at, place)
)
select base.must((select count(*) from taken) = cardinality($1::bigint[]), 'conflict', 'another relay was here')

-- name: relay_waiting
-- $1 counts no further than this.
select count(*) from (select from change_waiting w limit $1::int) waiting
