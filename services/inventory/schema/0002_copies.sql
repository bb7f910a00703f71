-- Copies of what other services own.
select inventory_data.copy_table('customer', $$
	code      text,
	name      text,
	vat_number text,
	address   jsonb,
	city      text,
	province  text,
	territory text,
	price_list_code text,
	merged_into uuid,
	x         jsonb not null default '{}'
$$);
select inventory_data.free_fields('customer', copied => true);
select inventory_data.copy_table('site', $$
	customer_id uuid,
	code        text,
	name        text,
	city        text,
	province    text,
	territory   text
$$);
create index site__customer on inventory_data.site (tenant_id, customer_id);
select inventory_data.copy_table('call', $$
	number      text,
	state       text,
	subject     text,
	customer_id uuid,
	site_id     uuid,
	assignee_id uuid,
	job_code    text,
	assets      jsonb,
	opened_at   timestamptz(3),
	ended_at    timestamptz(3)
$$);
create index call__assignee on inventory_data.call (tenant_id, assignee_id) where assignee_id is not null;
create index call__customer on inventory_data.call (tenant_id, customer_id) where customer_id is not null;
select inventory_data.copy_table('activity', $$
	call_id     uuid,
	customer_id uuid,
	asset_id    uuid,
	type_code   text,
	status      text,
	subject     text,
	done_at     timestamptz(3),
	technicians uuid[]
$$);
create index activity__call on inventory_data.activity (tenant_id, call_id) where call_id is not null;
create index activity__technicians on inventory_data.activity using gin (tenant_id, technicians);
select inventory_data.copy_table('charge', $$
	call_id      uuid,
	activity_id  uuid,
	kind         text,
	article_id   uuid,
	quantity     numeric,
	planned_quantity numeric,
	warehouse_id uuid,
	serials      text[],
	job_code     text,
	status       text,
	line_version int,
	rma_line_id  uuid, -- what did not come back is charged by the call of its return
	added_at     timestamptz(3)
$$);
create index charge__call on inventory_data.charge (tenant_id, call_id);
create index charge__rma_line on inventory_data.charge (tenant_id, rma_line_id) where rma_line_id is not null;
select inventory_data.copy_table('technician', $$
	code text,
	name text
$$);
