-- Copies of what other services own, as the worker role, on the tables. All take: $1 id, $2 the resource, $3 revision, $4
-- whether it is still there.

-- name: customer_keep
insert into customer (tenant_id, id, code, name, city, province, territory, price_list_code, active, revision)
select current_setting('app.tenant')::uuid, $1::uuid, d ->> 'code', d ->> 'name', d -> 'address' ->> 'city',
	d -> 'address' ->> 'province', d ->> 'territory', d ->> 'price_list_code', $4::boolean and (d ->> 'active')::boolean, $3::bigint
from (select $2::jsonb as d) e
on conflict (tenant_id, id) do update set code = excluded.code, name = excluded.name, city = excluded.city,
	province = excluded.province, territory = excluded.territory, price_list_code = excluded.price_list_code,
	active = excluded.active, revision = excluded.revision
where customer.revision < excluded.revision

-- name: site_keep
insert into site (tenant_id, id, customer_id, code, name, city, province, territory, active, revision)
select current_setting('app.tenant')::uuid, $1::uuid, (d ->> 'customer_id')::uuid, d ->> 'code', d ->> 'name',
	d -> 'address' ->> 'city', d -> 'address' ->> 'province', d ->> 'territory', $4::boolean and (d ->> 'active')::boolean, $3::bigint
from (select $2::jsonb as d) e
on conflict (tenant_id, id) do update set customer_id = excluded.customer_id, code = excluded.code, name = excluded.name,
	city = excluded.city, province = excluded.province, territory = excluded.territory, active = excluded.active,
	revision = excluded.revision
where site.revision < excluded.revision

-- name: call_keep
insert into call (tenant_id, id, number, state, customer_id, site_id, assignee_id, job_code, assets, ended_at, active, revision)
select current_setting('app.tenant')::uuid, $1::uuid, d ->> 'number', d ->> 'state', (d ->> 'customer_id')::uuid,
	(d ->> 'site_id')::uuid, (d ->> 'assignee_id')::uuid, d ->> 'job_code', d -> 'assets',
	coalesce(d ->> 'closed_at', d ->> 'cancelled_at')::timestamptz, $4::boolean, $3::bigint
from (select $2::jsonb as d) e
on conflict (tenant_id, id) do update set number = excluded.number, state = excluded.state, customer_id = excluded.customer_id,
	site_id = excluded.site_id, assignee_id = excluded.assignee_id, job_code = excluded.job_code, assets = excluded.assets,
	ended_at = excluded.ended_at, active = excluded.active, revision = excluded.revision
where call.revision < excluded.revision

-- name: activity_keep
insert into activity (tenant_id, id, call_id, customer_id, status, technicians, active, revision)
select current_setting('app.tenant')::uuid, $1::uuid, (d ->> 'call_id')::uuid, (d ->> 'customer_id')::uuid, d ->> 'status',
	base.values_at(d -> 'participants', 'technician_id')::uuid[], $4::boolean, $3::bigint
from (select $2::jsonb as d) e
on conflict (tenant_id, id) do update set call_id = excluded.call_id, customer_id = excluded.customer_id,
	status = excluded.status, technicians = excluded.technicians, active = excluded.active, revision = excluded.revision
where activity.revision < excluded.revision

-- name: charge_keep
insert into charge (tenant_id, id, call_id, activity_id, kind, article_id, quantity, planned_quantity, warehouse_id, serials,
	job_code, status, line_version, active, revision)
select current_setting('app.tenant')::uuid, $1::uuid, (d ->> 'call_id')::uuid, (d ->> 'activity_id')::uuid, d ->> 'kind',
	(d ->> 'article_id')::uuid, (d ->> 'quantity')::numeric, (d ->> 'planned_quantity')::numeric, (d ->> 'warehouse_id')::uuid,
	array(select jsonb_array_elements_text(case when jsonb_typeof(d -> 'serials') = 'array' then d -> 'serials' else '[]' end)),
	d ->> 'job_code', d ->> 'status', (d ->> 'version')::int, $4::boolean, $3::bigint
from (select $2::jsonb as d) e
on conflict (tenant_id, id) do update set call_id = excluded.call_id, activity_id = excluded.activity_id, kind = excluded.kind,
	article_id = excluded.article_id, quantity = excluded.quantity, planned_quantity = excluded.planned_quantity,
	warehouse_id = excluded.warehouse_id, serials = excluded.serials, job_code = excluded.job_code, status = excluded.status,
	line_version = excluded.line_version, active = excluded.active, revision = excluded.revision
where charge.revision < excluded.revision

-- name: technician_keep
insert into technician (tenant_id, id, code, name, active, revision)
select current_setting('app.tenant')::uuid, $1::uuid, d ->> 'code', d ->> 'name',
	$4::boolean and coalesce((d ->> 'active')::boolean, true), $3::bigint
from (select $2::jsonb as d) e
on conflict (tenant_id, id) do update set code = excluded.code, name = excluded.name, active = excluded.active,
	revision = excluded.revision
where technician.revision < excluded.revision
