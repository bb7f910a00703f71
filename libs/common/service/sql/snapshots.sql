-- name: snapshot_rows
select s.id, s.version, s.revision, to_jsonb(s.resources) as resources, s.state, s.resource, s.done, s.error, s.requested_by,
	base.ts(s.finished_at) as finished_at, base.ts(s.created_at) as created_at, base.ts(s.updated_at) as updated_at
from snapshot s

-- The rest runs as the role SERVICE_worker.

-- name: snapshot_tenant
select set_config('app.tenant', $1, true)

-- name: snapshot_next
select s.tenant_id, s.id, ',' || array_to_string(s.resources, ',') || ',' as wanted, s.resource, s.after_id,
	coalesce(s.requested_by, 'snapshot') as actor
from snapshot s where s.state = 'running' order by s.created_at limit 1

-- name: snapshot_move
-- $1 tenant, $2 job, $3 and $4 where it stands, $5 and $6 where it goes, $7 how many rows. Ends the pipeline as a replay
-- when another replica was faster.
with moved as (
	update snapshot s set resource = $5, after_id = $6::uuid, done = s.done + $7::bigint, version = s.version + 1,
		revision = s.revision + 1, updated_at = base.clock()
	where s.tenant_id = $1::uuid and s.id = $2::uuid and s.state = 'running' and s.resource is not distinct from $3
		and s.after_id is not distinct from $4::uuid returning 1
)
select base.must(exists (select from moved), 'replay', 'another replica is at it')

-- name: snapshot_end
-- $1 tenant, $2 job, $3 state, $4 error
update snapshot s set state = $3, error = $4, resource = null, after_id = null, finished_at = base.clock(),
	version = s.version + 1, revision = s.revision + 1, updated_at = base.clock()
where s.tenant_id = $1::uuid and s.id = $2::uuid and s.state = 'running'
