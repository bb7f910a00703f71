-- stands for: 0003_last_administrator of 46fb059
-- Tenants. The gateway owns what the other services keep copies of, so its own table takes the place of the platform's copy.
drop view gateway.tenant;
drop table gateway_data.tenant;

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
create policy worker on gateway_data.tenant to gateway_worker using (true) with check (true);
grant select on gateway_data.tenant to gateway_worker;
