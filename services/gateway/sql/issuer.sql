-- name: issuer_rows
select i.id, i.version, i.revision, base.ts(i.created_at) as created_at, base.ts(i.updated_at) as updated_at,
	i.issuer, i.jwks_url, to_jsonb(i.tenants) as tenants, i.active
from issuer i

-- name: issuer_guard
select base.must(not exists (select from jsonb_array_elements_text($2::jsonb -> 'tenants') w(id)
	where not exists (select from tenant_directory t where t.id = w.id::uuid)),
	'unknown-reference', 'There is no such tenant.', '/tenants', 'reference') where $1::text is not null and $2::jsonb ? 'tenants'

-- The rest runs as the role SERVICE_worker.

-- name: issuer_list
select i.issuer, i.jwks_url, array_to_string(i.tenants, ' ') from gateway_data.issuer i where i.active order by i.issuer
