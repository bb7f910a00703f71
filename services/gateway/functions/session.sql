-- Ends a login: its refresh tokens are worth nothing, its access tokens go on the list.
create or replace function gateway.session_end(ended uuid, why text) returns void language plpgsql as $$
begin
	update gateway.session set revoked_at = base.clock(), reason = why where id = ended and revoked_at is null;
	insert into gateway.revoked_token (id, expires_at)
	select r.access_id, r.access_expires_at from gateway.refresh_token r
	where r.session_id = ended and r.access_expires_at > base.clock()
	on conflict do nothing;
end $$;

-- Takes a refresh token for the next one. `outcome` is ok, or why not. A token that comes a second time was stolen from
-- one of the two who hold it: its whole login ends.
create or replace function gateway.refresh_take(taken text, next_digest text, next_access uuid, access_seconds int,
	refresh_seconds int)
returns table (outcome text, session_id uuid, account_id uuid, scope text)
language plpgsql as $$
declare
	token gateway.refresh_token;
	login gateway.session;
begin
	select * into token from gateway.refresh_token r where r.digest = taken for update;
	if not found then
		return query select 'unknown', null::uuid, null::uuid, null::text;
		return;
	end if;
	select * into login from gateway.session s where s.id = token.session_id for update;
	if login.revoked_at is not null or login.expires_at <= base.clock() or token.expires_at <= base.clock() then
		return query select 'over', null::uuid, null::uuid, null::text;
		return;
	end if;
	if token.used_at is not null then
		perform gateway.session_end(login.id, 'reuse');
		return query select 'reused', login.id, login.account_id, null::text;
		return;
	end if;
	if not exists (select from gateway.account a where a.id = login.account_id and a.active)
		or not exists (select from gateway.tenant t where t.active) then
		perform gateway.session_end(login.id, 'inactive');
		return query select 'over', null::uuid, null::uuid, null::text;
		return;
	end if;
	update gateway.refresh_token r set used_at = base.clock() where r.digest = taken;
	insert into gateway.refresh_token (digest, session_id, access_id, access_expires_at, expires_at)
	values (next_digest, login.id, next_access, base.clock() + access_seconds * interval '1 second',
		least(login.expires_at, base.clock() + refresh_seconds * interval '1 second'));
	return query select 'ok', login.id, login.account_id, login.scope;
end $$;
