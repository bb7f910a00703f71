-- name: job_rows
-- One's own; all of the tenant's for those who manage it.
select j.id, j.version, j.kind, j.collection, j.title, j.state, j.done, j.total, j.errors, j.errors_cut, j.outcome, j.detail,
	j.result, j.requested_by, j.requested_name, base.ts(j.started_at) as started_at, base.ts(j.finished_at) as finished_at,
	base.ts(j.expires_at) as expires_at, base.ts(j.created_at) as created_at, base.ts(j.updated_at) as updated_at
from (
	select v.id, v.version, v.kind, v.collection, v.title, v.state, v.done, v.total, v.errors, v.errors_cut, v.outcome,
		v.detail, v.result - 'parts' as result, v.requested_by, v.requested_name, v.started_at, v.finished_at, v.expires_at, v.created_at,
		v.updated_at
	from job v where v.requested_by = base.actor() or base.role_has('manager') or base.role_has('admin')) j

-- name: job_error_rows
select e.id, e.job_id, e.line, e.pointer, e.code, e.detail from job_error e

-- name: job_room
-- $1 jobs of a tenant that have not ended, at most
select base.must(count(*) < $1::int, 'conflict', format('%s jobs have not ended yet: wait for one, or cancel it.', count(*)))
from job j where j.state in ('queued', 'running')

-- name: job_insert
insert into job (id, kind, collection, title, parameters, caller) values ($1::uuid, $2, $3, $4, $5::jsonb, $6::jsonb)

-- name: job_cancel
with cancelled as (
	update job j set state = 'cancelled', claim = null, finished_at = base.clock(), version = j.version + 1,
		expires_at = base.clock() + $2::int * interval '1 day', updated_at = base.clock()
	where j.id = $1::uuid and j.state in ('queued', 'running') returning 1
)
select base.must(exists (select from cancelled), 'transition-refused', 'The job has ended: there is nothing to cancel.')

-- name: job_parts_forget
delete from part p where p.owner_id = $1::uuid

-- name: job_expire_later
insert into timer (kind, subject, due_at) values ($2, $1, base.clock() + $3::int * interval '1 day')
on conflict (tenant_id, kind, subject) do update set due_at = excluded.due_at

-- name: job_result
select j.result ->> 'media_type' as media_type, j.result ->> 'file_name' as file_name, (j.result ->> 'parts')::int as parts
from job j where j.id = $1::uuid and j.result is not null

-- name: job_move
-- $1 job, $2 claim, $3 place, $4 done, $5 errors, $6 outcome, $7 whether errors were left out, $8 seconds it stays claimed,
-- $9 total, null: as it is. In the transaction of the work behind which it stands now; undoes that when the job was cancelled, or is
-- another worker's by now. What begins again each time has no place, and what it moves is no proof that it will end.
with moved as (
	update job j set place = $3::jsonb, done = $4::bigint, errors = $5::bigint, outcome = $6::jsonb, errors_cut = $7::boolean,
		attempts = case when j.place is distinct from $3::jsonb then 0 else j.attempts end,
		due_at = base.clock() + $8::int * interval '1 second', total = coalesce($9::bigint, j.total),
		version = j.version + 1, updated_at = base.clock()
	where j.id = $1::uuid and j.claim = $2::uuid and j.state = 'running' returning 1
)
select base.must(exists (select from moved), 'replay', 'cancelled, or taken over')

-- name: job_errors_add
-- $1 job, $2 [{line, pointer, code, detail}]
insert into job_error (job_id, line, pointer, code, detail)
select $1::uuid, e.line, e.pointer, e.code, e.detail
from jsonb_to_recordset($2::jsonb) e (line bigint, pointer text, code text, detail text)

-- name: job_part_read
-- $1 owner, $2 number
select encode(p.bytes, 'hex') as bytes from part p where p.owner_id = $1::uuid and p.number = $2::int

-- name: job_part_write
-- $1 owner, $2 number, $3 bytes in hexadecimal
insert into part (owner_id, number, size, sha256, bytes)
select $1::uuid, $2::int, length(b.bytes), encode(sha256(b.bytes), 'hex'), b.bytes from (select decode($3, 'hex') as bytes) b

-- name: job_finish
-- $1 job, $2 claim, $3 result: from the work itself, with what it leaves
with ended as (
	update job j set result = $3::jsonb, version = j.version + 1, updated_at = base.clock()
	where j.id = $1::uuid and j.claim = $2::uuid and j.state = 'running' returning 1
)
select base.must(exists (select from ended), 'replay', 'cancelled, or taken over')

-- name: print_now
-- $1 time zone, $2 format
select to_char(base.clock() at time zone $1, $2) as now

-- name: print_times
-- $1 times, $2 time zone, $3 format; in their order
select to_char(t.at at time zone $2, $3) as local from unnest($1::timestamptz[]) with ordinality t(at, place) order by t.place

-- The rest runs as the role SERVICE_worker.

-- name: job_claim
-- $1 claim, $2 seconds until another worker may take it over. Who was worked on longest ago comes first, so that many
-- jobs go on side by side. Who has a claim still died with it, or hangs: that counts as an attempt too.
with next as (
	select n.tenant_id, n.id from job n where n.state in ('queued', 'running') and n.due_at <= base.clock()
	order by n.due_at limit 1 for update skip locked
)
update job j set state = 'running', claim = $1::uuid, due_at = base.clock() + $2::int * interval '1 second',
	started_at = coalesce(j.started_at, base.clock()), attempts = j.attempts + (j.claim is not null)::int,
	version = j.version + 1, updated_at = base.clock()
from next n where j.tenant_id = n.tenant_id and j.id = n.id
returning j.tenant_id, j.id, j.kind, j.collection, j.parameters, j.caller, j.place, j.done, j.errors, j.outcome, j.attempts,
	j.errors_cut, j.title

-- name: job_release
-- $1 tenant, $2 job, $3 claim, $4 milliseconds until its next turn, $5 attempts that failed now
update job j set due_at = base.clock() + $4::int * interval '1 millisecond', claim = null, attempts = j.attempts + $5::int
where j.tenant_id = $1::uuid and j.id = $2::uuid and j.claim = $3::uuid

-- name: job_end
-- $1 tenant, $2 job, $3 claim, $4 state, $5 detail, $6 days it is kept
with ended as (
	update job j set state = $4, detail = $5, claim = null, place = null, total = case when $4 = 'done' then j.done else j.total end,
		finished_at = base.clock(), expires_at = base.clock() + $6::int * interval '1 day', version = j.version + 1,
		updated_at = base.clock()
	where j.tenant_id = $1::uuid and j.id = $2::uuid and j.claim = $3::uuid and j.state = 'running' returning j.result
), forgotten as (
	delete from part p using ended e where p.tenant_id = $1::uuid and p.owner_id = $2::uuid and e.result is null
)
insert into timer (tenant_id, kind, subject, due_at)
select $1::uuid, $7, $2, base.clock() + $6::int * interval '1 day' from ended
on conflict (tenant_id, kind, subject) do update set due_at = excluded.due_at

-- name: job_expire
-- $1 tenant, $2 job
delete from job j where j.tenant_id = $1::uuid and j.id = $2::uuid and j.state not in ('queued', 'running')

-- name: parts_expire
-- $1 tenant, $2 owner
delete from part p where p.tenant_id = $1::uuid and p.owner_id = $2::uuid

-- name: upload_expire
-- $1 tenant, $2 upload
delete from upload u where u.tenant_id = $1::uuid and u.id = $2::uuid
