-- Statements named …_unused run before a row is removed: they refuse while something names it by its code. What refers
-- by foreign key needs none.

-- name: call_type_unused
select base.must(setting('default_call_type', '"intervention"') <> to_jsonb(y.code), 'referenced',
	'Still referred to by: settings (default_call_type).') from call_type y where y.id = $1::uuid

-- name: substate_unused
select base.must(not exists (select from call c where c.substate_code = b.code), 'referenced', 'Still referred to by: call.')
from substate b where b.id = $1::uuid

-- name: call_code_tree
-- Who hangs one below another does it in turn: two at once, each below the other, would both see no circle.
select base.in_turn('calls.call_code') where $1::uuid is not null and $2::jsonb ->> 'parent_id' is not null

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

-- name: tag_unused
select base.must(not exists (select from call c where c.tags @> array[t.code]), 'referenced', 'Still referred to by: call.'),
	base.must(not exists (select from customer c where c.tags @> array[t.code]), 'referenced',
		'Still referred to by: customer.')
from tag t where t.id = $1::uuid
