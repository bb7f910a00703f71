-- People who log in.
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
