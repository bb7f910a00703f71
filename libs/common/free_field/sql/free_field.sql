-- Definitions and values of an owner's free fields; {owner} becomes its name (free_field_statement).

-- name: free_field_rows
select f.id, f.version, f.revision, f.slot, f.label, f.type, f.choices, f.max_length, f.decimals, f.required, f.personal, f.help,
	f.position, (select count(*) from (select from {owner}_free_term t where t.term >= lpad(f.slot::text, 2, '0') || ':'
		and t.term < lpad(f.slot::text, 2, '0') || ';' limit 10000) v) as values_count, f.external_ref, f.active,
	base.ts(f.created_at) as created_at, base.ts(f.updated_at) as updated_at
from {owner}_free_field f

-- name: free_field_slots
-- $2 body. A slot is one of those that the tenant has.
select base.must(($2::jsonb ->> 'slot') is null or ($2::jsonb ->> 'slot')::int <= m.slots, 'invalid',
	format('must be from 1 to %s (setting free_field_slots)', m.slots), '/slot', 'range')
from (select (setting('free_field_slots', '46') #>> '{}')::int as slots) m

-- name: free_field_shape
-- $1 the definition. It says of its values what fits their type.
select base.must(f.type = 'choice' or jsonb_array_length(coalesce(f.choices, '[]')) = 0, 'invalid',
		'only a choice has choices', '/choices', 'type'),
	base.must(f.type <> 'choice' or jsonb_array_length(coalesce(f.choices, '[]')) > 0, 'invalid', 'a choice has choices',
		'/choices', 'required'),
	base.must(f.type = 'text' or f.max_length is null, 'invalid', 'only a text has a length', '/max_length', 'type'),
	base.must(f.type = 'number' or f.decimals is null, 'invalid', 'only a number has decimals', '/decimals', 'type')
from {owner}_free_field f where f.id = $1::uuid

-- name: free_field_read
-- What free_fields_make takes.
select f.slot, f.label, f.type, f.choices, f.max_length, f.decimals, f.required, f.active, f.revision
from {owner}_free_field f order by f.slot

-- name: free_field_held
-- $1 the row: the values it holds.
select o.x from {owner} o where o.id = $1::uuid

-- name: free_field_lacking
-- $1 slot: the patterns of rows without a value in it (free_filled); null when there are too many.
select {owner}_free_lacking($1::int)

-- name: free_field_keep
-- As the worker role: $1 owner, $2 id, $3 the definition, $4 revision, $5 whether it is still there.
select free_field_keep($1, $2::uuid, $3::jsonb, $4::bigint, $5::boolean)
