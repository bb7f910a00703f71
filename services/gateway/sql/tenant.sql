-- name: tenant_rows
select t.id, t.version, t.revision, base.ts(t.created_at) as created_at, base.ts(t.updated_at) as updated_at,
	t.code, t.name, t.time_zone, t.currency, t.language, t.country, t.active
from tenant_directory t

-- name: tenant_enter
-- From here on the pipeline works on the data of that tenant.
select set_config('app.tenant', $1, true)

-- name: tenant_enter_by_code
-- The same by code; an unknown one leads to a tenant that has nothing.
select set_config('app.tenant', coalesce(tenant_of_code($1), '00000000-0000-0000-0000-000000000000')::text, true)

-- name: tenant_enter_by_client
select set_config('app.tenant', coalesce(tenant_of_client($1::uuid), '00000000-0000-0000-0000-000000000000')::text, true)

-- name: tenant_answer_keep
-- The answer of POST /v1/tenants is kept with the platform, its change with the new tenant: it is found by the location.
insert into idempotency (key, hash, status, location, resource, change_id) values ($1, $2, 201, $3, 'tenant', 0)

-- name: tenant_answer_find
select i.location from idempotency i where i.key = $1

-- name: tenant_answer_read
select c.data from change c where c.resource_id = $1::uuid and c.type = 'tenant.created'

-- name: tenant_find
select t.code, t.name, t.time_zone, t.currency, t.language, t.country, t.active from tenant t where t.id = $1::uuid
