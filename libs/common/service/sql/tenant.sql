-- name: tenant_read
select t.code, t.name, t.time_zone, t.currency, t.language, t.country, t.active from tenant t where t.tenant_id = $1::uuid

-- name: tenant_keep
insert into tenant (tenant_id, code, name, time_zone, currency, language, country, active, revision)
select $1::uuid, d ->> 'code', d ->> 'name', d ->> 'time_zone', d ->> 'currency', d ->> 'language', d ->> 'country',
	(d ->> 'active')::boolean, $3::bigint from (select $2::jsonb as d) e
on conflict (tenant_id) do update set code = excluded.code, name = excluded.name, time_zone = excluded.time_zone,
	currency = excluded.currency, language = excluded.language, country = excluded.country, active = excluded.active,
	revision = excluded.revision
where tenant.revision < excluded.revision
