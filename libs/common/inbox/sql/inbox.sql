-- Applying the events of other services, as the role SERVICE_worker.

-- name: inbox_begin
-- $1 tenant, $2 traceparent: what the handler's statements, and changes they record, belong to.
select set_config('app.tenant', $1, true), set_config('app.trace', coalesce($2, ''), true)

-- name: inbox_take
-- $1 sources, $2 events, $3 subjects, $4 revisions: each of another subject. Ends the pipeline as a replay when one was applied
-- before, or a higher revision of its subject was: events of one subject may come over several topics, in any order.
with given as (
	select e.source, e.event_id, e.subject, e.revision
	from unnest($1::text[], $2::text[], $3::text[], $4::bigint[]) e(source, event_id, subject, revision)
), fresh as (
	insert into inbox (source, event_id) select g.source, g.event_id from given g order by g.source, g.event_id
	on conflict (source, event_id) do nothing returning 1
), newest as (
	insert into inbox_revision (source, subject, revision) select g.source, g.subject, g.revision from given g
	order by g.source, g.subject
	on conflict (source, subject) do update set revision = excluded.revision
	where inbox_revision.revision < excluded.revision returning 1
)
select base.must((select count(*) from fresh) = (select count(*) from given)
	and (select count(*) from newest) = (select count(*) from given), 'replay', 'applied before')

-- name: inbox_known
-- $1 sources, $2 events, $3 subjects, $4 revisions. The places of those that inbox_take would end as replays.
select e.place from unnest($1::text[], $2::text[], $3::text[], $4::bigint[])
	with ordinality e(source, event_id, subject, revision, place)
where exists (select from inbox i where i.source = e.source and i.event_id = e.event_id)
	or exists (select from inbox_revision r where r.source = e.source and r.subject = e.subject and r.revision >= e.revision)

-- name: dead_letter_keep
-- $1 id, $2 tenant, $3 topic, $4 partition, $5 offset, $6 key, $7 headers, $8 value, $9 error
insert into dead_letter (id, tenant_id, topic, kafka_partition, kafka_offset, key, headers, value, error)
values ($1::uuid, $2::uuid, $3, $4::int, $5::bigint, $6, $7::jsonb, $8, $9)
on conflict (topic, kafka_partition, kafka_offset) do nothing

-- name: dead_letter_path
-- $1 service: the tables come before the views of the same names, which this role can't use.
select set_config('search_path', $1 || '_data, ' || $1 || ', base', true)

-- name: dead_letter_waiting
-- $1 tenant or null, $2 id or null, $3 at most
select d.id, d.topic, d.key, d.headers, d.value from dead_letter d
where d.replayed_at is null and d.tenant_id is not distinct from coalesce($1::uuid, d.tenant_id)
	and d.id = coalesce($2::uuid, d.id)
order by d.topic, d.kafka_partition, d.kafka_offset limit $3::int

-- name: dead_letter_replayed
-- $1 ids
update dead_letter d set replayed_at = base.clock() where d.id = any ($1::uuid[])
