-- name: activity_rows
select a.id, a.version, a.call_id, case when c.id is not null then jsonb_build_object('number', c.number) end as call, a.customer_id,
	case when u.id is not null then jsonb_build_object('code', u.code, 'name', u.name) end as customer, a.type_code, a.status,
	a.subject, a.notes, a.visibility, a.site_id,
	case when t.id is not null then jsonb_build_object('code', t.code, 'name', t.name) end as site, a.asset_id,
	case when x.id is not null then jsonb_build_object('serial', x.serial, 'article_code', x.article_code) end as asset,
	a.contact_id, a.priority, base.ts(a.planned_start) as planned_start,
	base.ts(a.planned_end) as planned_end, a.planned_minutes, false as booked, base.ts(a.started_at) as started_at,
	base.ts(a.done_at) as done_at, a.work_minutes, a.travel_minutes, a.pause_minutes, a.minutes_source,
	a.kilometres::text as kilometres, base.ts(a.device_at) as device_at, base.ts(a.recorded_at) as recorded_at,
	(select coalesce(jsonb_agg(jsonb_build_object('technician_id', p.technician_id, 'name', p.name, 'role', p.role,
		'status', p.status) order by p.position, p.technician_id), '[]'::jsonb)
		from activity_participant p where p.activity_id = a.id) as participants, a.cancel_reason, a.result, a.external_ref,
	base.ts(a.created_at) as created_at, base.ts(a.updated_at) as updated_at
from activity a left join call c on c.id = a.call_id left join customer u on u.id = a.customer_id
	left join site t on t.id = a.site_id left join asset x on x.id = a.asset_id

-- name: activity_lock_of_new
-- Takes the call, or the customer when it belongs to none.
with of_call as (
	update call c set revision = c.revision + 1 where c.id = ($2::jsonb ->> 'call_id')::uuid returning c.state
), of_customer as (
	update customer u set revision = u.revision + 1 where $2::jsonb ->> 'call_id' is null
		and u.id = ($2::jsonb ->> 'customer_id')::uuid returning 1
)
select base.must($2::jsonb ->> 'call_id' is null or exists (select from of_call), 'unknown-reference',
		'There is no such call.', '/call_id', 'reference'),
	base.must($2::jsonb ->> 'call_id' is not null or exists (select from of_customer), 'unknown-reference',
		'There is no such customer.', '/customer_id', 'reference'),
	base.must(not exists (select from of_call o where o.state in ('closed', 'cancelled')), 'conflict',
		'A closed or cancelled call takes no more activities.')

-- name: activity_lock
select base.must(work_lock(a.call_id, a.customer_id), 'not-found', 'There is no such activity.'),
	activity_own_check(w.id)
from (select $1::uuid as id) w left join activity a on a.id = w.id

-- name: activity_type_guard
select base.must(not ($2::jsonb ? 'type_code') or exists (select from activity_type y
		where y.code = $2::jsonb ->> 'type_code' and y.active), 'unknown-reference', 'There is no such activity type in use.',
		'/type_code', 'reference'),
	base.must(coalesce($2::jsonb ->> 'status', 'done') = 'done' or coalesce((select y.plannable from activity_type y
		where y.code = $2::jsonb ->> 'type_code'), true), 'invalid', 'this type can only be recorded as done', '/status',
		'plannable')

-- name: activity_own_guard
-- A technician enters work of his own calls and of the triage queue, or of customers he works for. Checked before there
-- is a row: taking part in it would make any call his own.
select base.must(base.sight() <> 'technician' or exists (select from activity a where a.id = $1::uuid)
		or $2::jsonb ->> 'call_id' is null or exists (select from own_call o where o.call_id = ($2::jsonb ->> 'call_id')::uuid)
		or exists (select from call c where c.id = ($2::jsonb ->> 'call_id')::uuid and c.state = 'received'),
		'unknown-reference', 'There is no such call.', '/call_id', 'reference'),
	base.must(base.sight() <> 'technician' or exists (select from activity a where a.id = $1::uuid)
		or $2::jsonb ->> 'call_id' is not null
		or exists (select from own_work w where w.customer_id = ($2::jsonb ->> 'customer_id')::uuid),
		'unknown-reference', 'There is no such customer.', '/customer_id', 'reference')

-- name: activity_editable_guard
-- Creation passes: there is no row yet.
select base.must(not exists (select from activity a where a.id = $1::uuid and a.status = 'cancelled'), 'conflict',
	'A cancelled activity is not changed.')

-- name: activity_of_call
-- An activity of a call is the call's customer's; entered without a site of its own it happens at the call's.
update activity a set customer_id = c.customer_id,
	site_id = case when $2::jsonb ? 'site_id' or a.version > 1 then a.site_id else c.site_id end
from call c where a.id = $1::uuid and c.id = a.call_id

-- name: activity_length
-- What is planned without a length takes as long as its type does.
update activity a set planned_minutes = y.default_minutes from activity_type y
where a.id = $1::uuid and a.version = 1 and a.status = 'todo' and a.planned_minutes is null and a.planned_end is null
	and y.code = a.type_code and y.default_minutes is not null and not $2::jsonb ? 'planned_minutes'

-- name: activity_place_guard
-- Site and contact are of its customer.
select base.must(a.site_id is null or exists (select from site t where t.id = a.site_id and t.customer_id = a.customer_id),
		'unknown-reference', 'The customer has no such site.', '/site_id', 'reference'),
	base.must(a.contact_id is null or exists (select from contact k where k.id = a.contact_id
		and k.customer_id = a.customer_id), 'unknown-reference', 'The customer has no such contact.', '/contact_id', 'reference')
from activity a where a.id = $1::uuid

-- name: activity_minutes_source
-- Minutes that somebody typed stay; when all are taken back, the sessions count again.
update activity a set minutes_source = case when num_nonnulls(a.work_minutes, a.travel_minutes, a.pause_minutes) > 0
	then 'typed' else 'sessions' end
where a.id = $1::uuid and (a.version = 1 or $2::jsonb ?| array['work_minutes', 'travel_minutes', 'pause_minutes'])

-- name: activity_minutes
select minutes_count($1::uuid, null)

-- name: activity_participants_forget
delete from activity_participant p where p.activity_id = $1::uuid and $2::jsonb ? 'participants'

-- name: activity_participants
-- The first leads, unless somebody is said to. Who was there has done his part when the activity is done.
insert into activity_participant (activity_id, technician_id, name, role, status, position)
select $1::uuid, i.technician_id, (select m.name from technician m where m.id = i.technician_id),
	coalesce(i.role, case when i.position = 1 and not i.led then 'lead' else 'helper' end),
	case when a.status = 'done' and i.status in ('planned', 'accepted') then 'done' else i.status end, i.position
from activity a, (select (e.value ->> 'technician_id')::uuid as technician_id, e.value ->> 'role' as role,
		coalesce(e.value ->> 'status', 'planned') as status, e.ordinality as position,
		exists (select from jsonb_array_elements($2::jsonb -> 'participants') o where o.value ->> 'role' = 'lead') as led
	from jsonb_array_elements(case when jsonb_typeof($2::jsonb -> 'participants') = 'array'
		then $2::jsonb -> 'participants' else '[]' end) with ordinality e) i
where a.id = $1::uuid

-- name: activity_done
update activity a set status = 'done', done_at = ($2::jsonb ->> 'done_at')::timestamptz,
	work_minutes = coalesce(($2::jsonb ->> 'work_minutes')::int, a.work_minutes),
	travel_minutes = coalesce(($2::jsonb ->> 'travel_minutes')::int, a.travel_minutes),
	pause_minutes = coalesce(($2::jsonb ->> 'pause_minutes')::int, a.pause_minutes),
	started_at = coalesce(($2::jsonb ->> 'started_at')::timestamptz, a.started_at),
	kilometres = coalesce(($2::jsonb ->> 'kilometres')::numeric, a.kilometres),
	result = coalesce($2::jsonb ->> 'result', a.result), device_at = coalesce(($2::jsonb ->> 'device_at')::timestamptz, a.device_at)
where a.id = $1::uuid

-- name: activity_done_guard
select base.must(a.done_at <= base.clock() + interval '5 minutes', 'invalid', 'must not be more than 5 minutes ahead',
		'/done_at', 'range')
from activity a where a.id = $1::uuid and a.status = 'done'

-- name: activity_participants_done
update activity_participant p set status = 'done' where p.activity_id = $1::uuid and p.status in ('planned', 'accepted')

-- name: activity_undo_guard
-- It would be to do again, which neither its type nor an ended call allows.
select base.must(c.id is null or c.state not in ('closed', 'cancelled'), 'conflict',
		'A closed or cancelled call has nothing to do: reopen it first.'),
	base.must(y.plannable, 'conflict', 'This type can only be recorded as done.')
from activity a join activity_type y on y.code = a.type_code left join call c on c.id = a.call_id where a.id = $1::uuid

-- name: activity_undo_done
update activity a set status = 'todo', done_at = null where a.id = $1::uuid

-- name: activity_participants_undone
update activity_participant p set status = 'planned' where p.activity_id = $1::uuid and p.status = 'done'

-- name: activity_cancel
update activity a set status = 'cancelled', cancel_reason = $2::jsonb ->> 'reason' where a.id = $1::uuid

-- name: activity_add_participant
insert into activity_participant (activity_id, technician_id, name, role, status, position)
select a.id, ($2::jsonb ->> 'technician_id')::uuid,
	(select m.name from technician m where m.id = ($2::jsonb ->> 'technician_id')::uuid),
	coalesce($2::jsonb ->> 'role', 'helper'), case a.status when 'done' then 'done' else 'planned' end,
	coalesce((select max(p.position) from activity_participant p where p.activity_id = a.id), 0) + 1
from activity a where a.id = $1::uuid
on conflict (tenant_id, activity_id, technician_id) do update set role = excluded.role

-- name: activity_set_participant
with changed as (update activity_participant p set status = $2::jsonb ->> 'status'
	where p.activity_id = $1::uuid and p.technician_id = ($2::jsonb ->> 'technician_id')::uuid returning 1)
select base.must(exists (select from changed), 'unknown-reference', 'This technician does not take part.', '/technician_id',
	'reference')

-- name: call_start_by_work
select call_start($1::uuid, ($2::jsonb ->> 'done_at')::timestamptz)
