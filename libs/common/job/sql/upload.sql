-- name: upload_rows
-- One's own; all of the tenant's for those who manage it.
select u.id, u.version, u."for", u.file_name, u.media_type, u.size, u.sha256, u.part_size, u.parts, u.state, u.lines,
	(select coalesce(jsonb_agg(n.number order by n.number), '[]') from generate_series(1, u.parts) n (number)
		where not exists (select from part p where p.owner_id = u.id and p.number = n.number)) as missing,
	u.requested_by, base.ts(u.expires_at) as expires_at, base.ts(u.created_at) as created_at,
	base.ts(u.updated_at) as updated_at
from (
	select v.id, v.version, v."for", v.file_name, v.media_type, v.size, v.sha256, v.part_size, v.parts, v.state, v.lines,
		v.requested_by, v.expires_at, v.created_at, v.updated_at
	from upload v where v.requested_by = base.actor() or base.role_has('manager') or base.role_has('admin')) u

-- name: upload_room_lock
-- No two take the last room.
select base.in_turn('aftercare.upload')

-- name: upload_room
-- $1 the body, $2 uploads of a tenant at most, $3 their bytes at most
select base.must(count(*) < $2::int, 'conflict', format('%s uploads are here already: use or remove one.', count(*))),
	base.must(coalesce(sum(u.size), 0) + ($1::jsonb ->> 'size')::bigint <= $3::bigint, 'conflict',
		'The uploads that are here already leave no room for it: use or remove one.', '/size', 'room')
from upload u

-- name: upload_insert
-- $1 upload, $2 the body, $3 bytes of a part, $4 hours
insert into upload (id, "for", file_name, media_type, size, sha256, part_size, parts, expires_at)
select $1::uuid, b."for", b.file_name, b.media_type, b.size, lower(b.sha256), $3::int, (b.size + $3::int - 1) / $3::int,
	base.clock() + $4::int * interval '1 hour'
from jsonb_populate_record(null::upload, $2::jsonb) b

-- name: upload_lock
select u.id from upload u where u.id = $1::uuid for update

-- name: upload_part_check
-- $1 upload, $2 number, $3 bytes of the part, $4 its digest. A part that is there already may come again, and another in
-- its place until all are there.
select base.must($2::int between 1 and u.parts, 'not-found', format('The upload has parts 1 to %s.', u.parts)),
	base.must($3::bigint = least(u.part_size, u.size - ($2::int - 1)::bigint * u.part_size), 'invalid',
		format('Part %s has %s bytes, not %s.', $2, least(u.part_size, u.size - ($2::int - 1)::bigint * u.part_size), $3)),
	base.must(u.state = 'open' or exists (select from part p where p.owner_id = u.id and p.number = $2::int and p.sha256 = $4),
		'conflict', 'The upload is complete: its parts stay as they are.')
from upload u where u.id = $1::uuid

-- name: upload_part_write
-- $1 upload, $2 number, $3 bytes of the part, $4 its digest, $5 the bytes in hexadecimal
insert into part (owner_id, number, size, sha256, bytes) values ($1::uuid, $2::int, $3::int, $4, decode($5, 'hex'))
on conflict (tenant_id, owner_id, number) do update set sha256 = excluded.sha256, bytes = excluded.bytes
where part.sha256 <> excluded.sha256

-- name: upload_touch
-- $1 upload, $2 hours
update upload u set version = u.version + 1, expires_at = base.clock() + $2::int * interval '1 hour', updated_at = base.clock()
where u.id = $1::uuid and u.state = 'open'

-- name: upload_expire_later
-- $1 upload, $2 kind of timer, $3 hours
insert into timer (kind, subject, due_at) values ($2, $1, base.clock() + $3::int * interval '1 hour')
on conflict (tenant_id, kind, subject) do update set due_at = excluded.due_at

-- name: upload_complete
-- $1 upload, $2 the version whose parts were read, $3 their digest, $4 records in them. A part that came meanwhile will
-- complete it.
update upload u set state = 'complete', sha256 = $3, lines = $4::bigint, version = u.version + 1, updated_at = base.clock()
where u.id = $1::uuid and u.version = $2::int and u.state = 'open'

-- name: upload_remove
-- $1 upload, $2 kind of its timer, $3 versions, null for any
with removed as (
	delete from upload u where u.id = $1::uuid and ($3::int[] is null or u.version = any($3::int[])) returning u.id
), forgotten as (
	delete from part p using removed r where p.owner_id = r.id
), unset as (
	delete from timer t using removed r where t.kind = $2 and t.subject = r.id::text
)
select base.must(exists (select from removed), 'stale-version', 'It was changed meanwhile: read it again, then remove it.')

-- name: upload_use_guard
-- $1 upload, $2 what it is used for
select base.must(u.id is not null, 'unknown-reference', 'There is no such upload.', '/upload_id', 'reference'),
	base.must(u."for" = $2, 'conflict', format('The upload is for %s.', u."for"), '/upload_id', 'for'),
	base.must(u.state = 'complete', 'conflict', 'The upload is not complete: send the parts that are missing.', '/upload_id',
		'incomplete')
from (select) one left join upload u on u.id = $1::uuid
	and (u.requested_by = base.actor() or base.role_has('manager') or base.role_has('admin'))

-- name: upload_use
-- $1 upload, $2 who owns its parts from now on, $3 kind of its timer
with used as (
	delete from upload u where u.id = $1::uuid
), unset as (
	delete from timer t where t.kind = $3 and t.subject = $1::uuid::text
)
update part p set owner_id = $2::uuid where p.owner_id = $1::uuid

-- name: import_guard
-- $1 upload, $2 format or null: what the media type says
select base.must($2::text is not null or u.media_type ~ '^(text/csv|application/x-ndjson) *(;|$)', 'invalid',
	format('%s tells no format: say csv or ndjson', u.media_type), '/format', 'required')
from upload u where u.id = $1::uuid

-- name: import_insert
-- $1 upload, $2 format or null, $3 job, $4 collection, $5 mapping, $6 who asks. What was counted as one format is no
-- count of the other.
insert into job (id, kind, collection, title, parameters, total, caller)
select $3::uuid, 'import', $4, u.file_name, jsonb_build_object('format', coalesce($2::text, t.told), 'mapping', $5::jsonb,
		'size', u.size, 'part_size', u.part_size),
	case when t.told = coalesce($2::text, t.told) then u.lines - (t.told = 'csv')::int end, $6::jsonb
from upload u, lateral (select case when u.media_type ~ '^text/csv *(;|$)' then 'csv'
	when u.media_type ~ '^application/x-ndjson *(;|$)' then 'ndjson' end as told) t
where u.id = $1::uuid
