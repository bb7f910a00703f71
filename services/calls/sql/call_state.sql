-- Statements of the transition table. All take: $1 id, $2 body, $3 action, $5 may act long back, $6 may assign others.

-- name: call_relabel
-- In a new state a call gets the state's default label.
update call c set substate_code = (select b.code from substate b where b.state = c.state and b."default" and b.active)
where c.id = $1::uuid and c.state <> current_setting('app.from_state', true)

-- name: call_open
update call c set state = case when $2::jsonb ->> 'technician_id' is not null then 'assigned' else 'open' end,
	customer_id = coalesce(($2::jsonb ->> 'customer_id')::uuid, c.customer_id),
	site_id = coalesce(($2::jsonb ->> 'site_id')::uuid, c.site_id),
	contact_id = coalesce(($2::jsonb ->> 'contact_id')::uuid, c.contact_id),
	type_code = coalesce($2::jsonb ->> 'type_code', c.type_code), priority = coalesce($2::jsonb ->> 'priority', c.priority),
	assignee_id = coalesce(($2::jsonb ->> 'technician_id')::uuid, c.assignee_id),
	assignee_name = (select m.name from technician m where m.id = coalesce(($2::jsonb ->> 'technician_id')::uuid, c.assignee_id))
where c.id = $1::uuid

-- name: call_open_warranty
-- As it is on the day of opening, whatever was known when it was entered.
select warranties_find(array[$1::uuid])

-- name: call_open_guard
select base.must(c.customer_id is not null, 'invalid', 'an open call needs a customer', '/customer_id', 'required')
from call c where c.id = $1::uuid

-- name: call_assign_guard
-- Without the right to assign others, one may take an unassigned call for oneself.
select base.must($6::boolean or (($2::jsonb ->> 'technician_id')::uuid = base.technician()
	and setting('technician_may_take', 'true')::boolean
	and (c.assignee_id is null or c.assignee_id = base.technician())), 'forbidden',
	'Without calls:assign one may only take an unassigned call for oneself.')
from call c where c.id = $1::uuid

-- name: call_assign
update call c set state = case when c.state = 'open' then 'assigned' else c.state end,
	assignee_id = ($2::jsonb ->> 'technician_id')::uuid,
	assignee_name = (select m.name from technician m where m.id = ($2::jsonb ->> 'technician_id')::uuid)
where c.id = $1::uuid

-- name: call_unassign
update call c set state = 'open', assignee_id = null, assignee_name = null where c.id = $1::uuid

-- name: call_start
update call c set state = 'in_progress', assignee_id = coalesce(c.assignee_id, base.technician()),
	assignee_name = case when c.assignee_id is null and base.technician() is not null
		then (select m.name from technician m where m.id = base.technician()) else c.assignee_name end
where c.id = $1::uuid

-- name: call_suspend_guard
select base.must(c.state <> 'suspended' or c.suspension ->> 'reason' <> $2::jsonb ->> 'reason', 'transition-refused',
		'The call is suspended for this reason already.'),
	base.must(($2::jsonb ->> 'until') is null or ($2::jsonb ->> 'until')::timestamptz
		> coalesce(($2::jsonb ->> 'at')::timestamptz, base.clock()), 'invalid', 'must be later than the suspension', '/until', 'range')
from call c where c.id = $1::uuid

-- name: call_suspend
update call c set suspension = jsonb_build_object('reason', $2::jsonb ->> 'reason',
		'until', base.ts(($2::jsonb ->> 'until')::timestamptz), 'note', $2::jsonb ->> 'note',
		'from_state', case when c.state = 'suspended' then c.suspension ->> 'from_state' else c.state end,
		'since', base.ts(coalesce(($2::jsonb ->> 'at')::timestamptz, base.clock()))),
	suspended_until = ($2::jsonb ->> 'until')::timestamptz, state = 'suspended'
where c.id = $1::uuid

-- name: call_suspend_timer
-- `until` resumes by itself. Asked behind a fence (offset) and as a value: an index of all that are suspended until some time
-- would be taken for the call's own.
insert into timer (kind, subject, due_at)
select 'call.resume', $1::uuid::text, n.suspended_until
from (select c.suspended_until from call c where c.id = $1::uuid offset 0) n where n.suspended_until is not null
on conflict (tenant_id, kind, subject) do update set due_at = excluded.due_at, attempts = 0

-- name: call_timer_forget
delete from timer m where m.kind = 'call.resume' and m.subject = $1
	and (select case c.state when 'suspended' then c.suspended_until end from call c where c.id = $1::uuid) is null

-- name: call_resume
update call c set state = c.suspension ->> 'from_state', suspension = null, suspended_until = null where c.id = $1::uuid

-- name: call_resolve
update call c set state = 'resolved', resolution_code = coalesce($2::jsonb ->> 'resolution_code', c.resolution_code),
	resolution = coalesce($2::jsonb ->> 'resolution', c.resolution),
	fault_code = coalesce($2::jsonb ->> 'fault_code', c.fault_code),
	cause_code = coalesce($2::jsonb ->> 'cause_code', c.cause_code), suspension = null, suspended_until = null,
	resolved_at = coalesce(($2::jsonb ->> 'at')::timestamptz, base.clock())
where c.id = $1::uuid

-- name: call_resolve_guard
select base.must(c.resolution is not null or c.resolution_code is not null, 'invalid',
		'a resolution, as text or code, is required', '/resolution', 'required'),
	base.must((y.required_at_resolve @> array['fault']) is not true or c.fault_code is not null, 'invalid',
		'this type of call requires a fault code', '/fault_code', 'required'),
	base.must((y.required_at_resolve @> array['cause']) is not true or c.cause_code is not null, 'invalid',
		'this type of call requires a cause code', '/cause_code', 'required'),
	base.must((y.required_at_resolve @> array['resolution']) is not true or c.resolution_code is not null, 'invalid',
		'this type of call requires a resolution code', '/resolution_code', 'required')
from call c left join call_type y on y.code = c.type_code where c.id = $1::uuid

-- name: call_close_timer
-- A resolved call closes by itself (policy).
insert into timer (kind, subject, due_at)
select 'call.close', c.id::text, c.resolved_at + make_interval(days => n.days)
from call c, (select setting('close_after_days', '0')::int as days) n where c.id = $1::uuid and n.days > 0
on conflict (tenant_id, kind, subject) do update set due_at = excluded.due_at, attempts = 0

-- name: call_close_timer_forget
delete from timer m where m.kind = 'call.close' and m.subject = $1

-- name: call_close_due
-- Takes the call; gone when it is not resolved any more, or something of it is to do.
with locked as (select c.id, c.state from call c where c.id = $1::uuid for no key update)
select base.must((select l.state = 'resolved' and not exists (select from activity a where a.call_id = l.id and a.status = 'todo')
	from locked l), 'gone', 'The call does not close by itself any more.')

-- name: call_close_guard
select base.must(not exists (select from activity a where a.call_id = $1::uuid and a.status = 'todo'), 'transition-refused',
		'Activities are still to do: cancel them, or close with cancel_open_activities.'),
	case when k.alive > 0 then base.warn('children-alive', format('%s calls below it are not ended.', k.alive)) end
from (select count(*) as alive from call c where c.parent_id = $1::uuid and c.state not in ('resolved', 'closed', 'cancelled')) k

-- name: call_close_warn
-- Closing a call closes nothing that was made of it.
select base.warn('derived-open', format('Still open: %s.', string_agg(case v.made when 'rma' then v.number else v.made || ' ' || v.id end,
	', ' order by v.taken_at, v.id)))
from derived_open v where v.source_id = $1::uuid having count(*) > 0

-- name: call_todo_activities
select a.id from activity a where a.call_id = $1::uuid and a.status = 'todo'

-- name: call_close
update call c set state = 'closed', closed_at = coalesce(($2::jsonb ->> 'at')::timestamptz, base.clock()) where c.id = $1::uuid

-- name: call_cancel
update call c set state = 'cancelled', cancel_reason = $2::jsonb ->> 'reason', suspension = null, suspended_until = null,
	cancelled_at = coalesce(($2::jsonb ->> 'at')::timestamptz, base.clock())
where c.id = $1::uuid

-- name: call_reopen_guard
select base.must(c.state <> 'closed' or $5::boolean or c.closed_at > base.clock()
		- make_interval(days => setting('reopen_days', '30')::int), 'forbidden', format(
		'Closed for more than %s days: this needs the scope calls:manage.', setting('reopen_days', '30'))),
	base.must(c.state <> 'closed' or base.customer() is null, 'forbidden', 'A closed call is reopened by the staff.')
from call c where c.id = $1::uuid

-- name: call_reopen
-- One that was resolved before it had a customer waits for it again.
update call c set state = case when c.customer_id is null then 'received' when c.assignee_id is null then 'open' else 'assigned' end,
	resolved_at = null,
	closed_at = null, reopen_count = c.reopen_count + 1
where c.id = $1::uuid

-- name: call_change_opening
update call c set opened_at = ($2::jsonb ->> 'opened_at')::timestamptz where c.id = $1::uuid

-- name: call_change_opening_guard
select base.must(c.opened_at <= coalesce((select min(m.at) from transition m where m.resource = 'call' and m.subject_id = c.id
	and m.action not in ('create', 'change-opening')), base.clock()), 'invalid', 'must not be after what happened since', '/opened_at', 'range')
from call c where c.id = $1::uuid

-- name: call_follow_up_source
-- Of what is nobody's, who called is all that tells whose it may be.
select jsonb_strip_nulls(jsonb_build_object('customer_id', c.customer_id, 'caller', case when c.customer_id is null then c.caller end, 'site_id', c.site_id, 'contact_id', c.contact_id,
	'bill_to_id', c.bill_to_id, 'article_id', c.article_id, 'job_code', c.job_code, 'type_code', (select y.code from call_type y where y.code = c.type_code and y.active),
	'channel', c.channel, 'priority', c.priority, 'subject', c.subject, 'assets', (select jsonb_agg(
		jsonb_build_object('asset_id', a.asset_id, 'main', a.main) order by a.position) from call_asset a
		where a.call_id = c.id))) as body, c.state
from call c where c.id = $1::uuid

-- name: call_resume_due
-- Takes the call; gone when it is not suspended until now any more.
with locked as (select c.state, c.suspended_until from call c where c.id = $1::uuid for no key update)
select base.must((select l.state = 'suspended' and l.suspended_until <= base.clock() from locked l), 'gone',
	'The call is not suspended until now any more.')
