-- Whether it is the one active administrator that its tenant has: who is one, and none is beside.
create function gateway.last_administrator(account uuid) returns boolean language plpgsql stable as $$
begin
	return exists (select from gateway.account a where a.id = account and a.active and 'admin' = any (a.roles))
		and not exists (select from gateway.account a where a.id <> account and a.active and 'admin' = any (a.roles));
end $$;
grant execute on function gateway.last_administrator(uuid) to gateway;
