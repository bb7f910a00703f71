-- Whether it is the one active administrator that its tenant has: who is one, and none is beside.
create or replace function gateway.last_administrator(account uuid) returns boolean language plpgsql stable as $$
begin
	return exists (select from gateway.account a where a.id = account and a.active and 'admin' = any (a.roles))
		and not exists (select from gateway.account a where a.id <> account and a.active and 'admin' = any (a.roles));
end $$;

-- All logins of an account: it was shut, or its password, roles or bounds changed.
create or replace function gateway.account_log_out(account uuid, why text) returns void language plpgsql as $$
begin
	perform gateway.session_end(s.id, why) from gateway.session s
	where s.account_id = account and s.revoked_at is null and s.expires_at > base.clock();
end $$;
