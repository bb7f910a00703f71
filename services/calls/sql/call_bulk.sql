-- name: call_import_guard
-- What a line names otherwise than by id is there, and in use unless the line is history.
select base.must(coalesce(w.customer_code = u.code, w.customer_code is null), 'unknown-reference',
		'There is no customer with this code.', '/customer_code', 'reference'),
	base.must(coalesce(w.customer_ref = u.external_ref, w.customer_ref is null), 'unknown-reference',
		'There is no customer with this external_ref.', '/customer_external_ref', 'reference'),
	base.must(coalesce(w.site_code = t.code, w.site_code is null), 'unknown-reference', 'The customer has no such site.', '/site_code',
		'reference'),
	base.must(coalesce(w.site_ref = t.external_ref, w.site_ref is null), 'unknown-reference', 'The customer has no such site.',
		'/site_external_ref', 'reference'),
	base.must(u.active or c.closed_at is not null or coalesce(w.customer_code, w.customer_ref) is null, 'unknown-reference',
		'There is no such customer in use.', case when w.customer_code is null then '/customer_external_ref' else '/customer_code' end,
		'reference'),
	base.must(t.active or c.closed_at is not null or coalesce(w.site_code, w.site_ref) is null, 'unknown-reference',
		'The customer has no such site in use.', case when w.site_code is null then '/site_external_ref' else '/site_code' end,
		'reference'),
	base.must((c.state = 'closed') = (c.closed_at is not null), 'invalid', 'a closed call, and only it, has closed_at',
		'/closed_at', 'required'),
	base.must(c.closed_at is null or (c.opened_at <= c.resolved_at and c.resolved_at <= c.closed_at
		and c.closed_at <= base.clock()), 'invalid', 'opened, resolved and closed must follow each other, in the past',
		'/closed_at', 'range')
from base.bodies($1) e join call c on c.id = e.id left join customer u on u.id = c.customer_id left join site t on t.id = c.site_id,
	lateral (select e.body ->> 'customer_code' as customer_code, e.body ->> 'customer_external_ref' as customer_ref,
		e.body ->> 'site_code' as site_code, e.body ->> 'site_external_ref' as site_ref) w

-- name: call_import_transitions
insert into transition (resource, subject_id, action, from_state, to_state, at)
select 'call', c.id, s.action, s.from_state, s.to_state, s.at
from call c, lateral (values ('resolve', 'open', 'resolved', c.resolved_at), ('close', 'resolved', 'closed', c.closed_at))
	s (action, from_state, to_state, at)
where c.id = any($1::uuid[]) and c.state = 'closed'

-- name: call_import_activities_guard
-- Each nested line says where it stands (`at`): its faults are pointed at there.
select base.must(y.code is not null, 'unknown-reference', 'There is no such activity type in use.', (e.body ->> 'at') || '/type_code',
		'reference'),
	base.must(w.done_at <= base.clock() + interval '5 minutes', 'invalid', 'must not be more than 5 minutes ahead',
		(e.body ->> 'at') || '/done_at', 'range'),
	base.must(coalesce((e.body ->> 'started_at')::timestamptz <= w.done_at, true), 'invalid', 'is out of order with another field',
		(e.body ->> 'at') || '/started_at', 'order'),
	base.must(t.place is null, 'invalid', 'takes part already', format('%s/participants/%s/technician_id', e.body ->> 'at', t.place - 1),
		'unique')
from base.bodies($1) e left join activity_type y on y.code = e.body ->> 'type_code' and y.active,
	lateral (select (e.body ->> 'done_at')::timestamptz as done_at) w,
	lateral (select min(n.place) as place from (select p.place, row_number() over (partition by (p.value ->> 'technician_id')::uuid
			order by p.place) as times
		from jsonb_array_elements(case when jsonb_typeof(e.body -> 'participants') = 'array' then e.body -> 'participants' else '[]' end)
			with ordinality p (value, place)) n where n.times > 1) t

-- name: call_import_activity
insert into activity (id, call_id, customer_id, type_code, status, subject, notes, result, visibility, site_id, started_at,
	done_at, work_minutes, travel_minutes, pause_minutes, kilometres, external_ref)
select b.id, c.id, c.customer_id, b.type_code, b.status, coalesce(b.subject, c.subject), b.notes, b.result, 'internal', c.site_id,
	b.started_at, b.done_at, b.work_minutes, b.travel_minutes, b.pause_minutes, b.kilometres, b.external_ref
from jsonb_populate_recordset(null::activity, $1::jsonb) b join call c on c.id = b.call_id

-- name: call_import_charge
insert into charge (id, call_id, kind, article_id, description, uom, quantity, price, cost, treatment, work_date, job_code, external_ref)
select b.id, c.id, b.kind, article_named(null, e.body ->> 'article_code', (e.body ->> 'at') || '/article_code'), b.description, b.uom, b.quantity, b.price, b.cost, b.treatment, b.work_date,
	c.job_code, b.external_ref
from base.bodies($1) e, jsonb_populate_record(null::charge, e.body) b join call c on c.id = b.call_id
