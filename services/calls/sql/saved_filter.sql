-- name: saved_filter_rows
-- One's own and those that are shared, whoever asks.
select f.id, f.version, f.revision, f.name, f.resource, f.query, f.shared, f.owner, f.external_ref,
	base.ts(f.created_at) as created_at, base.ts(f.updated_at) as updated_at
from (
	select v.id, v.version, v.revision, v.name, v.resource, v.query, v.shared, v.owner, v.external_ref, v.created_at,
		v.updated_at
	from saved_filter v where v.owner = base.actor() or v.shared) f

-- name: saved_filter_own
select base.must(not exists (select from saved_filter f where f.id = $1::uuid and f.owner <> base.actor()), 'forbidden',
	'Only who made a filter changes or removes it.')

-- name: saved_filter_resource
select f.resource from saved_filter f where f.id = $1::uuid
