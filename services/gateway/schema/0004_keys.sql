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

-- OIDC issuers beside our own, each with the tenants it may speak for. They belong to the platform's tenant.
create table gateway_data.issuer (
	tenant_id  uuid not null,
	id         uuid not null,
	version    int not null default 1,
	revision   bigint not null default 1,
	created_at timestamptz(3) not null default base.clock(),
	updated_at timestamptz(3) not null default base.clock(),
	issuer     text not null,
	jwks_url   text not null,
	tenants    uuid[] not null,
	active     boolean not null default true,
	primary key (tenant_id, id)
);
create unique index issuer__issuer__unique on gateway_data.issuer (tenant_id, issuer);
create index issuer__issuer on gateway_data.issuer (tenant_id, issuer, id);
create index issuer__created_at on gateway_data.issuer (tenant_id, created_at, id);
select gateway_data.expose('issuer');
select gateway_data.expose_worker('issuer', 'select');
