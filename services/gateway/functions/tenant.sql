-- The tenant to which the accounts of the platform itself belong. It has no data.
create or replace function gateway.platform_tenant() returns uuid language sql immutable parallel safe as $$
	select '00000000-0000-7000-8000-000000000001'::uuid
$$;
grant execute on function gateway.platform_tenant() to gateway_worker;

-- A tenant sees itself; the platform sees all but its own.
create or replace view gateway.tenant_directory as
	select * from gateway_data.tenant
	where id <> gateway.platform_tenant()
	and (select current_setting('app.tenant')::uuid) in (tenant_id, gateway.platform_tenant());
grant select on gateway.tenant_directory to gateway;

-- Which tenant a code is: the one thing to be known before a tenant is. Null for an unknown or inactive one.
create or replace function gateway.tenant_of_code(wanted text) returns uuid
language plpgsql stable security definer set search_path = pg_catalog as $$
begin
	return (select t.id from gateway_data.tenant t where t.code = wanted and t.active);
end $$;
