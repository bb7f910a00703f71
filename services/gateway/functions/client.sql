-- Which tenant a client is of, to be known before a tenant is. Null for an unknown one, or one of an inactive tenant.
create or replace function gateway.tenant_of_client(wanted uuid) returns uuid
language plpgsql stable security definer set search_path = pg_catalog as $$
begin
	return (select c.tenant_id from gateway_data.client c join gateway_data.tenant t on t.id = c.tenant_id and t.active
		where c.id = wanted);
end $$;

-- The tokens of a client that were given before then. None lives longer than a day (AFTERCARE_ACCESS_SECONDS).
create or replace function gateway.client_log_out(client uuid, given_before timestamptz) returns void language plpgsql as $$
begin
	insert into gateway.revoked_token (id, revoked_at, expires_at)
	values (client, given_before, given_before + interval '1 day')
	on conflict (tenant_id, id) do update set revoked_at = excluded.revoked_at, expires_at = excluded.expires_at;
end $$;
