-- name: bootstrap_tenant
insert into tenant (id, tenant_id, code, name, time_zone, currency, language, country)
values (platform_tenant(), platform_tenant(), 'platform', 'Platform', 'UTC', 'EUR', 'en', 'IT') on conflict do nothing

-- name: bootstrap_enter
select set_config('app.tenant', platform_tenant()::text, true)

-- name: bootstrap_account_find
select 1 from account a where lower(a.email) = lower($1)

-- name: bootstrap_account
insert into account (id, email, name, roles, password) values ($1::uuid, $2, 'Platform', '{platform}', $3)
on conflict do nothing
