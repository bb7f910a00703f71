-- Copies of what other services own. The first two run as the worker role, on the tables; the rest as the tenant's
-- runtime role. A stub is of the same machine when its serial is the same and its article is, or it named none.

-- name: asset_keep
-- $1 id, $2 the asset, $3 revision, $4 whether it is still there
insert into asset (tenant_id, id, article_id, article_code, serial, customer_id, site_id, description, stub, active, revision)
select current_setting('app.tenant')::uuid, $1::uuid, (d ->> 'article_id')::uuid,
	coalesce(d ->> 'article_code', d -> 'article' ->> 'code'), btrim(d ->> 'serial'), (d ->> 'customer_id')::uuid,
	(d ->> 'site_id')::uuid, coalesce(d ->> 'description', d -> 'article' ->> 'name'), false,
	$4::boolean and coalesce(d ->> 'status', '') not in ('dismissed', 'scrapped', 'replaced'), $3::bigint
from (select $2::jsonb as d) e
on conflict (tenant_id, id) do update set article_id = excluded.article_id, article_code = excluded.article_code,
	serial = excluded.serial, customer_id = excluded.customer_id, site_id = excluded.site_id,
	description = excluded.description, stub = false, active = excluded.active, revision = excluded.revision
where asset.revision < excluded.revision

-- name: technician_keep
-- $1 id, $2 the technician, $3 revision, $4 whether he is still there
insert into technician (tenant_id, id, code, name, subject, active, revision)
select current_setting('app.tenant')::uuid, $1::uuid, d ->> 'code', d ->> 'name', d ->> 'subject',
	$4::boolean and coalesce((d ->> 'active')::boolean, true), $3::bigint
from (select $2::jsonb as d) e
on conflict (tenant_id, id) do update set code = excluded.code, name = excluded.name, subject = excluded.subject,
	active = excluded.active, revision = excluded.revision
where technician.revision < excluded.revision

-- name: asset_calls_lock
with locked as (
	update call c set revision = c.revision + 1, version = c.version + 1, updated_at = base.clock()
	where c.id in (select w.call_id from call_asset w join asset s on s.id = w.asset_id and s.stub
		join asset a on a.id = $1::uuid and a.serial_key = s.serial_key
			and (s.article_code is null or s.article_code = a.article_code)) returning c.id
)
select base.touch('call.changed', array_agg(l.id)) from locked l

-- name: asset_calls_move
update call_asset w set asset_id = $1::uuid
from asset s join asset a on a.id = $1::uuid and a.serial_key = s.serial_key
	and (s.article_code is null or s.article_code = a.article_code)
where s.stub and w.asset_id = s.id
	and not exists (select from call_asset o where o.call_id = w.call_id and o.asset_id = $1::uuid)

-- name: asset_calls_forget
-- Of calls that named both.
delete from call_asset w using asset s join asset a on a.id = $1::uuid and a.serial_key = s.serial_key
	and (s.article_code is null or s.article_code = a.article_code)
where s.stub and w.asset_id = s.id

-- name: asset_activities_lock
update call c set revision = c.revision + 1
where c.id in (select y.call_id from activity y join asset s on s.id = y.asset_id and s.stub
	join asset a on a.id = $1::uuid and a.serial_key = s.serial_key
		and (s.article_code is null or s.article_code = a.article_code))

-- name: asset_activities_move
with moved as (
	update activity y set asset_id = $1::uuid, version = y.version + 1, updated_at = base.clock()
	from asset s join asset a on a.id = $1::uuid and a.serial_key = s.serial_key
		and (s.article_code is null or s.article_code = a.article_code)
	where s.stub and y.asset_id = s.id returning y.id
)
select base.touch('activity.changed', array_agg(m.id)) from moved m

-- name: asset_stub_forget
delete from asset s using asset a
where s.stub and a.id = $1::uuid and a.serial_key = s.serial_key
	and (s.article_code is null or s.article_code = a.article_code)
