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
	added_at     timestamptz(3)
$$);
create index charge__call on inventory_data.charge (tenant_id, call_id);
select inventory_data.copy_table('technician', $$
	code text,
	name text
$$);

-- A technician's own work: calls he is responsible for or takes part in, while they live and 30 days after their end, and
-- the customers it is done for.
create view inventory.own_call as
select c.id as call_id, c.customer_id from inventory.call c
where (c.assignee_id = (select base.technician()) or c.id in (select a.call_id from inventory.activity a
		where a.technicians @> array[(select base.technician())]))
	and coalesce(c.ended_at, 'infinity') > base.clock() - interval '30 days';
grant select on inventory.own_call to inventory;
create view inventory.own_work as
select o.customer_id from inventory.own_call o where o.customer_id is not null
union
select a.customer_id from inventory.activity a
where a.technicians @> array[(select base.technician())] and a.customer_id is not null and a.call_id is null;
grant select on inventory.own_work to inventory;
