-- name: meter_rows
select m.id, m.version, m.asset_id, jsonb_build_object('serial', a.serial, 'article_code', r.code, 'status', a.status) as asset,
	m.code, m.label, m.unit, m.decimals, m.rolls_over_at::text as rolls_over_at,
	meter_average(m.id, m.last_at, m.last_total)::text as average_per_day,
	case when m.last_at is not null then jsonb_build_object('value', m.last_value::text, 'at', base.ts(m.last_at), 'total',
		m.last_total::text) end as last, m.external_ref, m.active, base.ts(m.created_at) as created_at,
	base.ts(m.updated_at) as updated_at
from meter m left join asset a on a.id = m.asset_id left join article r on r.id = a.article_id

-- name: meter_guard
-- Of a meter that was read, neither decimals nor the end of its range become less.
select base.must(m.last_at is null or coalesce(($2::jsonb ->> 'decimals')::int >= m.decimals, true), 'conflict',
		'It was read with more decimals.', '/decimals', 'fixed'),
	base.must(m.last_at is null or not $2::jsonb ? 'rolls_over_at' or $2::jsonb ->> 'rolls_over_at' is null
		or ($2::jsonb ->> 'rolls_over_at')::numeric > m.last_value, 'conflict', 'It was read above that.', '/rolls_over_at', 'range')
from meter m where m.id = $1::uuid

-- name: meter_reading_rows
select r.id, r.version, r.meter_id, jsonb_build_object('code', m.code, 'label', m.label, 'unit', m.unit) as meter, r.asset_id,
	r.value::text as value, base.ts(r.at) as at, r.source, r.reset, r.total::text as total, r.work_report_id, r.by_subject as by,
	r.by_name, r.external_ref, base.ts(r.created_at) as created_at, base.ts(r.updated_at) as updated_at
from meter_reading r left join meter m on m.id = r.meter_id

-- name: meter_readings_lock
-- Takes the assets of the meters that bodies name, in the order of their ids.
with locked as (
	select a.id from asset a where a.id in (select m.asset_id from base.bodies($1) e join meter m
		on m.id = (e.body ->> 'meter_id')::uuid) order by a.id for no key update
)
update asset a set revision = a.revision + 1 from locked l where a.id = l.id

-- name: meter_reading_create
select meter_readings_take($1)

-- name: meter_reading_forget
-- Only the newest goes: the others are what those after them were counted from. In the portal one takes back what one has read.
with forgotten as (
	delete from asset_timeline t where t.source_id = $1::uuid
), newest as (
	select r.meter_id, base.must(base.sight() <> 'portal' or r.by_subject = base.actor(), 'forbidden',
		'In the portal you remove only readings of your own.'),
		base.must(not exists (select from meter_reading o where o.meter_id = r.meter_id and o.at > r.at), 'conflict',
		'Only the newest reading of a meter can be removed.') from meter_reading r where r.id = $1::uuid
)
select meter_last(n.meter_id, $1::uuid), base.touch('meter.changed', array[n.meter_id]) from newest n
