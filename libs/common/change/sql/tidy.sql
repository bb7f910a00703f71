-- What the one relay of a service keeps in order besides, as the role SERVICE_worker.

-- name: tidy_partitions
select change_partitions(2)

-- name: tidy_inbox
-- $1 days, $2 rows at most; how many there were.
with gone as (
	delete from inbox i using (
		select o.source, o.event_id from inbox o
		where o.received_at < base.clock() - $1::int * interval '1 day' order by o.received_at limit $2::int
	) old
	where i.source = old.source and i.event_id = old.event_id returning 1
)
select count(*) from gone

-- name: tidy_idempotency
-- $1 days, $2 rows at most; how many there were.
with gone as (
	delete from idempotency i using (
		select o.tenant_id, o.key from idempotency o
		where o.created_at < base.clock() - $1::int * interval '1 day' order by o.created_at limit $2::int
	) old
	where i.tenant_id = old.tenant_id and i.key = old.key returning 1
)
select count(*) from gone

-- name: tidy_sent
-- $1 days, $2 rows at most; how many there were. Numbers rise with time.
with gone as (
	delete from change_sent s using (select o.seq, o.sent_at from change_sent o order by o.seq limit $2::int) old
	where s.seq = old.seq and old.sent_at < base.clock() - $1::int * interval '1 day' returning 1
)
select count(*) from gone

-- name: tidy_dead_letters
-- $1 days, $2 rows at most; how many there were.
with gone as (
	delete from dead_letter d using (
		select o.id from dead_letter o
		where o.failed_at < base.clock() - $1::int * interval '1 day' order by o.failed_at limit $2::int
	) old
	where d.id = old.id returning 1
)
select count(*) from gone
