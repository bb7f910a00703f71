-- Copies of what other services own; stubs are made when a call names a serial nobody told us of.
select calls_data.copy_table('asset', $$
	article_id   uuid,
	article_code text,
	serial       text not null,
	serial_key   text generated always as (base.fold(serial)) stored,
	customer_id  uuid,
	site_id      uuid,
	description  text,
	warranties   jsonb,
	x            jsonb not null default '{}',
	stub         boolean not null
$$);
select calls_data.free_fields('asset', copied => true);
grant insert, update, delete on calls.asset to calls;
create index asset__serial on calls_data.asset (tenant_id, serial_key);
create index asset__site on calls_data.asset (tenant_id, site_id) where site_id is not null;
create index asset__customer on calls_data.asset (tenant_id, customer_id) where customer_id is not null;
create unique index asset__stub on calls_data.asset (tenant_id, coalesce(article_code, ''), serial_key) where stub;

select calls_data.copy_table('article', $$
	code        text not null,
	kind        text,
	description text,
	uom         text,
	list_price  numeric(14, 4),
	vat_code    text,
	multiplier  numeric(10, 3) not null,
	billing_article_id uuid
$$);
create index article__code on calls_data.article (tenant_id, code);

select calls_data.copy_table('technician', $$
	code    text,
	name    text not null,
	subject text
$$);

-- Kits, which inventory owns: a charge of a kit is a charge of each of its components.
select calls_data.copy_table('kit_component', $$
	article_id   uuid not null,
	component_id uuid not null,
	quantity     numeric(12, 3) not null,
	optional     boolean not null,
	position     int not null
$$);
create index kit_component__article on calls_data.kit_component (tenant_id, article_id);
