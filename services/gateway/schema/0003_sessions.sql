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
