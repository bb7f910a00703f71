-- name: settings_begin
-- The first change makes the head of a tenant's settings; its id is the tenant's.
insert into setting_head (id) values ($1::uuid) on conflict (tenant_id) do nothing

-- name: settings_store
-- $1 tenant, $2 body: null puts the default back.
with gone as (
	delete from setting s using jsonb_each($2::jsonb) e where s.key = e.key and e.value = 'null'::jsonb
)
insert into setting (key, value) select e.key, e.value from jsonb_each($2::jsonb) e where e.value <> 'null'::jsonb
on conflict (tenant_id, key) do update set value = excluded.value

-- name: series_rows
select n.id, n.kind, n.series, n.year, n.last from (
	select md5(s.kind || '/' || s.series || '/' || s.year)::uuid as id, s.kind, s.series, s.year, s.last,
		s.kind || '/' || s.series || '/' || lpad(s.year::text, 4, '0') as sorted
	from counter s) n

-- name: audit_rows
-- A change by its number, spelt as a UUID because every id is one.
select a.id, a.at, a.actor, a.actor_name, a.type, a.resource, a.resource_id, a.root, a.root_id, a.revision,
	(select jsonb_agg(jsonb_build_object('field', f.name, 'before', a.before -> f.name, 'after', a.after -> f.name))
		from unnest(a.changed) f(name)) as changes, a.request_id
from (
	select lpad(to_hex(c.id), 32, '0')::uuid as id, c.at as happened_at, base.ts(c.at) as at, c.actor, c.actor_name,
		c.type, c.resource, c.resource_id, c.aggregate as root, c.aggregate_id as root_id, c.revision, c.changed,
		c.request_id, c.data as after, (select p.data from change p where p.resource_id = c.resource_id and p.id < c.id
			and c.changed is not null order by p.id desc nulls last limit 1) as before
	from change c) a

-- name: dead_letter_rows
select d.id, d.topic, d.kafka_partition as "partition", d.kafka_offset as "offset", d.key, d.headers ->> 'ce_type' as type,
	d.headers, d.value, d.error, base.ts(d.failed_at) as failed_at, base.ts(d.replayed_at) as replayed_at
from dead_letter d
