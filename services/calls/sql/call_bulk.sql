-- name: call_import_guard
select base.must(not (e.body ? 'customer_code') or c.customer_id is not null, 'unknown-reference',
		'There is no customer with this code.', '/customer_code', 'reference'),
	base.must((c.state = 'closed') = (c.closed_at is not null), 'invalid', 'a closed call, and only it, has closed_at',
		'/closed_at', 'required'),
	base.must(c.closed_at is null or (c.opened_at <= c.resolved_at and c.resolved_at <= c.closed_at
		and c.closed_at <= base.clock()), 'invalid', 'opened, resolved and closed must follow each other, in the past',
		'/closed_at', 'range')
from base.bodies($1) e join call c on c.id = e.id

-- name: call_import_transitions
insert into transition (resource, subject_id, action, from_state, to_state, at)
select 'call', c.id, s.action, s.from_state, s.to_state, s.at
from call c, lateral (values ('resolve', 'open', 'resolved', c.resolved_at), ('close', 'resolved', 'closed', c.closed_at))
	s (action, from_state, to_state, at)
where c.id = any($1::uuid[]) and c.state = 'closed'

-- name: call_import_activity
insert into activity (id, call_id, customer_id, type_code, status, subject, notes, result, visibility, site_id, started_at,
	done_at, work_minutes, travel_minutes, pause_minutes, kilometres, external_ref)
select b.id, c.id, c.customer_id, b.type_code, b.status, coalesce(b.subject, c.subject), b.notes, b.result, 'internal', c.site_id,
	b.started_at, b.done_at, b.work_minutes, b.travel_minutes, b.pause_minutes, b.kilometres, b.external_ref
from jsonb_populate_recordset(null::activity, $1::jsonb) b join call c on c.id = b.call_id

-- name: call_import_charge
insert into charge (id, call_id, kind, article_id, description, uom, quantity, price, cost, treatment, work_date, job_code, external_ref)
select b.id, c.id, b.kind, article_named(null, e.body ->> 'article_code'), b.description, b.uom, b.quantity, b.price, b.cost, b.treatment, b.work_date,
	c.job_code, b.external_ref
from base.bodies($1) e, jsonb_populate_record(null::charge, e.body) b join call c on c.id = b.call_id
