-- Tenants, accounts, clients, sessions, keys. The gateway owns what the other services keep copies of, so its own
-- table of tenants takes the place of the platform's copy.
drop view gateway.tenant;
drop table gateway_data.tenant;

-- The tenant to which the accounts of the platform itself belong. It has no data.
create function gateway.platform_tenant() returns uuid language sql immutable parallel safe as $$
	select '00000000-0000-7000-8000-000000000001'::uuid
$$;
grant execute on function gateway.platform_tenant() to gateway, gateway_worker;

create table gateway_data.tenant (
	id         uuid primary key,
	tenant_id  uuid not null check (tenant_id = id),
	version    int not null default 1,
	revision   bigint not null default 1,
	created_at timestamptz(3) not null default base.clock(),
	updated_at timestamptz(3) not null default base.clock(),
	code       text not null constraint tenant__code__format check (code ~ '^[a-z0-9]([a-z0-9-]{0,29}[a-z0-9])?$'),
	name       text not null,
	time_zone  text not null constraint tenant__time_zone__known check (base.time_zone_known(time_zone)),
	currency   text not null constraint tenant__currency__format check (currency ~ '^[A-Z]{3}$'),
	language   text not null,
	country    text not null,
	active     boolean not null default true,
	constraint tenant__code__unique unique (code)
);
create index tenant__created_at on gateway_data.tenant (created_at, id);
create index tenant__name on gateway_data.tenant (name, id);
select gateway_data.expose('tenant', 'select, insert, update');

-- A tenant sees itself; the platform sees all but its own.
create view gateway.tenant_directory as
	select * from gateway_data.tenant
	where id <> gateway.platform_tenant()
	and (select current_setting('app.tenant')::uuid) in (tenant_id, gateway.platform_tenant());
grant select on gateway.tenant_directory to gateway;
create policy worker on gateway_data.tenant to gateway_worker using (true) with check (true);
grant select on gateway_data.tenant to gateway_worker;

-- Which tenant a code is: the one thing to be known before a tenant is. Null for an unknown or inactive one.
create function gateway.tenant_of_code(wanted text) returns uuid
language plpgsql stable security definer set search_path = pg_catalog as $$
begin
	return (select t.id from gateway_data.tenant t where t.code = wanted and t.active);
end $$;

create table gateway_data.account (
	tenant_id     uuid not null,
	id            uuid not null,
	version       int not null default 1,
	revision      bigint not null default 1,
	created_at    timestamptz(3) not null default base.clock(),
	updated_at    timestamptz(3) not null default base.clock(),
	email         text not null,
	name          text not null,
	roles         text[] not null,
	technician_id uuid,
	customer_id   uuid,
	external_ref  text,
	active        boolean not null default true,
	password      text, -- argon2id, encoded; null: can't log in with one
	primary key (tenant_id, id)
);
create unique index account__email__unique on gateway_data.account (tenant_id, lower(email));
create unique index account__external_ref__unique on gateway_data.account (tenant_id, external_ref);
create index account__name on gateway_data.account (tenant_id, name, id);
create index account__email on gateway_data.account (tenant_id, email, id);
create index account__created_at on gateway_data.account (tenant_id, created_at, id);
create index account__technician_id on gateway_data.account (tenant_id, technician_id) where technician_id is not null;
create index account__customer_id on gateway_data.account (tenant_id, customer_id) where customer_id is not null;
select gateway_data.expose('account');

-- Programs that log in by themselves (client_credentials).
create table gateway_data.client (
	tenant_id     uuid not null,
	id            uuid not null,
	version       int not null default 1,
	revision      bigint not null default 1,
	created_at    timestamptz(3) not null default base.clock(),
	updated_at    timestamptz(3) not null default base.clock(),
	name          text not null,
	roles         text[] not null,
	active        boolean not null default true,
	secret_digest text not null, -- SHA-256: the secret has 256 random bits
	primary key (tenant_id, id),
	unique (id)
);
create index client__name on gateway_data.client (tenant_id, name, id);
create index client__created_at on gateway_data.client (tenant_id, created_at, id);
select gateway_data.expose('client');

create function gateway.tenant_of_client(wanted uuid) returns uuid
language plpgsql stable security definer set search_path = pg_catalog as $$
begin
	return (select c.tenant_id from gateway_data.client c join gateway_data.tenant t on t.id = c.tenant_id and t.active
		where c.id = wanted);
end $$;

-- A login: the family of refresh tokens that came one from the other. Revoked as a whole.
create table gateway_data.session (
	tenant_id  uuid not null,
	id         uuid not null,
	account_id uuid not null,
	scope      text, -- what the login asked to be narrowed to; null: all of the roles
	created_at timestamptz(3) not null default base.clock(),
	expires_at timestamptz(3) not null,
	revoked_at timestamptz(3),
	reason     text,
	primary key (tenant_id, id),
	constraint session__account foreign key (tenant_id, account_id) references gateway_data.account (tenant_id, id)
		on delete cascade
);
create index session__account_id on gateway_data.session (tenant_id, account_id);
create index session__expires_at on gateway_data.session (expires_at);
select gateway_data.expose('session', 'select, insert, update');
select gateway_data.expose_worker('session', 'select, delete');

-- Only digests: who reads the table can't log in. access_id is the access token that went out with it.
create table gateway_data.refresh_token (
	tenant_id         uuid not null,
	digest            text not null,
	session_id        uuid not null,
	access_id         uuid not null,
	access_expires_at timestamptz(3) not null,
	created_at        timestamptz(3) not null default base.clock(),
	expires_at        timestamptz(3) not null,
	used_at           timestamptz(3),
	primary key (tenant_id, digest),
	constraint refresh_token__session foreign key (tenant_id, session_id) references gateway_data.session (tenant_id, id)
		on delete cascade
);
create index refresh_token__session_id on gateway_data.refresh_token (tenant_id, session_id);
select gateway_data.expose('refresh_token', 'select, insert, update');

-- What is over before its time, each gateway reads it every few seconds: an access token by its id, and by the id of a
-- client those it was given before revoked_at.
create table gateway_data.revoked_token (
	tenant_id  uuid not null,
	id         uuid not null,
	expires_at timestamptz(3) not null,
	revoked_at timestamptz(3) not null default base.clock(),
	primary key (tenant_id, id)
);
create index revoked_token__expires_at on gateway_data.revoked_token (expires_at);
select gateway_data.expose('revoked_token', 'select, insert, update');
select gateway_data.expose_worker('revoked_token', 'select, delete');

-- Guesses of passwords, by the digest of what was tried (tenant and e-mail, or client): the same for those that exist
-- and those that don't. Not a tenant's: an unknown tenant is guessed too.
create table gateway_data.guess (
	digest       text primary key,
	failures     int not null,
	locked_until timestamptz(3),
	last_at      timestamptz(3) not null default base.clock()
);
create index guess__last_at on gateway_data.guess (last_at);
alter table gateway_data.guess enable row level security;
select gateway_data.expose_worker('guess', 'select, delete');

-- Counts a guess before it is checked, so that many at once gain nothing. Returns the seconds to wait: 0, go on. From
-- `allowed` failures on the wait doubles with each, up to a quarter of an hour.
create function gateway.guess_begin(guessed text, allowed int) returns int
language plpgsql security definer set search_path = pg_catalog as $$
declare
	known gateway_data.guess;
begin
	insert into gateway_data.guess as g (digest, failures) values (guessed, 0)
	on conflict (digest) do update set last_at = base.clock() returning * into known;
	if known.locked_until > base.clock() then
		return greatest(1, ceil(extract(epoch from known.locked_until - base.clock())))::int;
	end if;
	update gateway_data.guess g set failures = known.failures + 1, locked_until = case when known.failures + 1 >= allowed
		then base.clock() + least(900, 5 * 2 ^ least(10, known.failures + 1 - allowed)) * interval '1 second' end
	where g.digest = guessed;
	return 0;
end $$;

-- The guess was right: forget the wrong ones.
create function gateway.guess_end(guessed text) returns void
language plpgsql security definer set search_path = pg_catalog as $$
begin
	delete from gateway_data.guess g where g.digest = guessed;
end $$;

-- Keys that sign access tokens; sealed with the key of the configuration. The one that signs is the newest whose
-- signs_from is past; the older stay published until nothing that they signed is valid any more.
create table gateway_data.signing_key (
	id         text primary key, -- kid
	sealed     text not null,
	public_jwk jsonb not null,
	created_at timestamptz(3) not null default base.clock(),
	signs_from timestamptz(3) not null
);
select gateway_data.expose_worker('signing_key', 'select, insert, delete');

-- Ends a login: its refresh tokens are worth nothing, its access tokens go on the list.
create function gateway.session_end(ended uuid, why text) returns void language plpgsql as $$
begin
	update gateway.session set revoked_at = base.clock(), reason = why where id = ended and revoked_at is null;
	insert into gateway.revoked_token (id, expires_at)
	select r.access_id, r.access_expires_at from gateway.refresh_token r
	where r.session_id = ended and r.access_expires_at > base.clock()
	on conflict do nothing;
end $$;

-- All logins of an account: it was shut, or its password, roles or bounds changed.
create function gateway.account_log_out(account uuid, why text) returns void language plpgsql as $$
begin
	perform gateway.session_end(s.id, why) from gateway.session s
	where s.account_id = account and s.revoked_at is null and s.expires_at > base.clock();
end $$;

-- The tokens of a client that were given before then. None lives longer than a day (AFTERCARE_ACCESS_SECONDS).
create function gateway.client_log_out(client uuid, given_before timestamptz) returns void language plpgsql as $$
begin
	insert into gateway.revoked_token (id, revoked_at, expires_at)
	values (client, given_before, given_before + interval '1 day')
	on conflict (tenant_id, id) do update set revoked_at = excluded.revoked_at, expires_at = excluded.expires_at;
end $$;

-- Takes a refresh token for the next one. `outcome` is ok, or why not. A token that comes a second time was stolen from
-- one of the two who hold it: its whole login ends.
create function gateway.refresh_take(taken text, next_digest text, next_access uuid, access_seconds int,
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

grant execute on function gateway.tenant_of_code(text), gateway.tenant_of_client(uuid),
	gateway.guess_begin(text, int), gateway.guess_end(text), gateway.session_end(uuid, text),
	gateway.account_log_out(uuid, text), gateway.client_log_out(uuid, timestamptz), gateway.refresh_take(text, text, uuid, int, int) to gateway;
