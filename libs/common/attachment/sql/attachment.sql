-- name: attachment_room
-- $1 the row, which is locked: no two take the last room, $2 attachments of one at most
select base.must(count(*) < $2::int, 'conflict', format('%s files are attached already: remove one.', count(*)))
from attachment a where a.owner_id = $1::uuid

-- name: attachment_insert
-- $1 id, $2 body. What the body does not say of an upload's bytes is as it was announced.
insert into attachment (id, owner_kind, owner_id, file_name, media_type, size, sha256, visibility, taken_at)
select $1::uuid, b.owner_kind, b.owner_id, coalesce(b.file_name, regexp_replace(u.file_name, '^.*[/\\]', '')),
	coalesce(b.media_type, u.media_type), coalesce(b.size, u.size), coalesce(b.sha256, u.sha256), b.visibility, b.taken_at
from jsonb_populate_record(null::attachment, $2::jsonb) b left join upload u on u.id = ($2::jsonb ->> 'upload_id')::uuid

-- name: attachment_guard
-- A customer changes and removes what he attached himself.
select base.must(base.customer() is null or a.by_subject = base.actor(), 'forbidden', 'It is not yours to change.')
from attachment a where a.id = $1::uuid

-- name: attachment_content
select a.file_name, a.media_type, a.sha256, count(p.number)::int as parts
from attachment a left join part p on p.owner_id = a.id where a.id = $1::uuid group by a.id, a.file_name, a.media_type, a.sha256

-- name: attachments_erase
-- Those that were touched for attachment.erased lose what names them, here and in the log; their removal is told without it.
with chosen as materialized (select base.touched('attachment.erased') as ids
), erased as (
	update attachment a set file_name = 'anonymised', position = null, version = a.version + 1, revision = a.revision + 1,
		updated_at = base.clock()
	where a.id = any ((select c.ids from chosen c)::uuid[]) returning a.id
), gone as (select array_agg(e.id) as ids from erased e)
select base.touch('attachment.removed', g.ids), base.touch('attachment.told', g.ids), files_past_forget(g.ids) from gone g

-- name: attachments_erased
-- Behind the records of their removal they go, with their bytes.
with told as materialized (select base.touched('attachment.told') as ids
), bytes as (delete from part p where p.owner_id = any ((select t.ids from told t)::uuid[]))
delete from attachment a where a.id = any ((select t.ids from told t)::uuid[])
