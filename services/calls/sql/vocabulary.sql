-- Statements named …_unused run before a row is removed: they refuse while something names it by its code. What refers
-- by foreign key needs none.

-- name: call_type_rows
select y.id, y.version, y.revision, y.code, y.label, y.series_code, y.default_priority,
	to_jsonb(y.required_at_open) as required_at_open, to_jsonb(y.required_at_resolve) as required_at_resolve,
	y.sla_policy_code, y.quick, y.external_ref, y.active, base.ts(y.created_at) as created_at,
	base.ts(y.updated_at) as updated_at
from call_type y

-- name: call_type_series_guard
-- A series is part of a number: letters and digits only.
select base.must(coalesce($2::jsonb ->> 'series_code', 'A') ~ '^[A-Za-z0-9]+$', 'invalid',
	'a series is made of letters and digits', '/series_code', 'format')

-- name: call_type_unused
select base.must(setting('default_call_type', '"intervention"') <> to_jsonb(y.code), 'referenced',
	'Still referred to by: settings (default_call_type).') from call_type y where y.id = $1::uuid

-- name: substate_rows
select b.id, b.version, b.revision, b.code, b.label, b.state, b."default", b.position, b.external_ref, b.active,
	base.ts(b.created_at) as created_at, base.ts(b.updated_at) as updated_at
from substate b

-- name: substate_unused
select base.must(not exists (select from call c where c.substate_code = b.code), 'referenced', 'Still referred to by: call.')
from substate b where b.id = $1::uuid

-- name: call_code_rows
select k.id, k.version, k.revision, k.kind, k.code, k.label, k.parent_id, k.article_category_code, k.external_ref, k.active,
	base.ts(k.created_at) as created_at, base.ts(k.updated_at) as updated_at
from call_code k

-- name: call_code_parent_guard
-- A parent is of the same kind, and no descendant of its own child.
with recursive wanted as (
	select ($2::jsonb ->> 'parent_id')::uuid as id, coalesce((select k.kind from call_code k where k.id = $1::uuid),
		$2::jsonb ->> 'kind') as kind
), above as (
	select k.id, k.parent_id, k.kind from call_code k join wanted w on w.id = k.id
	union
	select k.id, k.parent_id, k.kind from call_code k join above a on a.parent_id = k.id
)
select base.must(w.id is null or exists (select from call_code k where k.id = w.id and k.kind = w.kind), 'unknown-reference',
		'There is no such code of this kind.', '/parent_id', 'reference'),
	base.must(w.id is null or not exists (select from above a where a.id = $1::uuid), 'invalid',
		'must not be the code itself or one below it', '/parent_id', 'cycle')
from wanted w

-- name: call_code_unused
select base.must(not exists (select from call c where c.fault_code = k.code) or k.kind <> 'fault', 'referenced',
		'Still referred to by: call.'),
	base.must(not exists (select from call c where c.cause_code = k.code) or k.kind <> 'cause', 'referenced',
		'Still referred to by: call.'),
	base.must(not exists (select from call c where c.resolution_code = k.code) or k.kind <> 'resolution', 'referenced',
		'Still referred to by: call.'),
	base.must(not exists (select from call_code d where d.parent_id = k.id), 'referenced', 'Still referred to by: call code.')
from call_code k where k.id = $1::uuid

-- name: tag_rows
select t.id, t.version, t.revision, t.code, t.label, t.colour, t.external_ref, t.active, base.ts(t.created_at) as created_at,
	base.ts(t.updated_at) as updated_at
from tag t

-- name: tag_unused
select base.must(not exists (select from call c where c.tags @> array[t.code]), 'referenced', 'Still referred to by: call.'),
	base.must(not exists (select from customer c where c.tags @> array[t.code]), 'referenced',
		'Still referred to by: customer.')
from tag t where t.id = $1::uuid

-- name: activity_type_rows
select p.id, p.version, p.revision, p.code, p.label, p.kind, p.plannable, p.default_minutes, p.billable, p.labour_article_id,
	p.travel_article_id, p.counts_as_response, p.needs_report, p.external_ref, p.active, base.ts(p.created_at) as created_at,
	base.ts(p.updated_at) as updated_at
from activity_type p
