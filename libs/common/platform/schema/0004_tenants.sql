-- Copies of tenants, fed by the gateway's tenant.changed.
create table {service}_data.tenant (
	tenant_id  uuid primary key,
	code       text not null,
	name       text not null,
	time_zone  text not null,
	currency   text not null,
	language   text not null,
	country    text not null,
	active     boolean not null,
	revision   bigint not null
);
select {service}_data.expose('tenant', 'select');
select {service}_data.expose_worker('tenant', 'select, insert, update');

-- Number series: the counter is taken by the last statement before the change record.
create table {service}_data.counter (
	tenant_id uuid not null,
	kind      text not null,
	series    text not null,
	year      int not null,
	last      bigint not null,
	primary key (tenant_id, kind, series, year)
);
select {service}_data.expose('counter', 'select, insert, update');

-- Settings (policies): what differs from its default. Keys, types and bounds are the program's table.
create table {service}_data.setting (
	tenant_id  uuid not null,
	key        text not null,
	value      jsonb not null,
	primary key (tenant_id, key)
);
create table {service}_data.setting_head (
	tenant_id  uuid primary key,
	id         uuid not null,
	version    int not null default 1,
	revision   bigint not null default 1,
	updated_at timestamptz(3) not null default base.clock()
);
select {service}_data.expose('setting');
select {service}_data.expose('setting_head', 'select, insert, update');
