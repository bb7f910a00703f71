-- Transfers: our own goods on their way from one warehouse to another, over a warehouse of the kind transit.
select inventory_data.store_table('transfer', $$
	number            text not null,
	from_warehouse_id uuid not null,
	to_warehouse_id   uuid not null,
	state             text not null default 'draft',
	needed_at         timestamptz(3),
	notes             text,
	requested_by      text default base.actor(),
	requested_by_name text default nullif(current_setting('app.actor_name', true), ''),
	shipped_at        timestamptz(3),
	received_at       timestamptz(3),
	transport_document_id uuid,
	constraint transfer__number__unique unique (tenant_id, number),
	constraint transfer__from_warehouse_id__reference foreign key (tenant_id, from_warehouse_id)
		references inventory_data.warehouse (tenant_id, id),
	constraint transfer__to_warehouse_id__reference foreign key (tenant_id, to_warehouse_id)
		references inventory_data.warehouse (tenant_id, id),
	constraint transfer__to_warehouse_id__conflict check (to_warehouse_id <> from_warehouse_id)
$$, master_data => false);
create index transfer__created_at on inventory_data.transfer (tenant_id, created_at, id);
create index transfer__updated_at on inventory_data.transfer (tenant_id, updated_at, id);
create index transfer__number_order on inventory_data.transfer (tenant_id, inventory.number_key(number), id);
create index transfer__number_piece on inventory_data.transfer using gin (tenant_id, number gin_trgm_ops);
create index transfer__needed_at on inventory_data.transfer (tenant_id, needed_at) where needed_at is not null;
select inventory_data.filter_indexes('transfer', 'created_at', array['state', 'from_warehouse_id', 'to_warehouse_id']);

-- `received` arrived at last; `settled` never did: it was given back or is lost. The rest of what was shipped is missing.
create table inventory_data.transfer_line (
	tenant_id        uuid not null,
	transfer_id      uuid not null,
	position         int not null,
	article_id       uuid not null,
	quantity         numeric(12, 3) not null,
	serials          text[],
	reservation_id   uuid,
	shipped          numeric(12, 3) not null default 0,
	received         numeric(12, 3) not null default 0,
	received_serials text[] not null default '{}',
	settled          numeric(12, 3) not null default 0,
	missing          numeric(12, 3) not null generated always as (shipped - received - settled) stored,
	primary key (tenant_id, transfer_id, position),
	constraint transfer_line__transfer_id__reference foreign key (tenant_id, transfer_id)
		references inventory_data.transfer (tenant_id, id),
	constraint transfer_line__article_id__reference foreign key (tenant_id, article_id)
		references inventory_data.article (tenant_id, id),
	constraint transfer_line__received__range check (received >= 0 and settled >= 0 and received + settled <= shipped)
);
create index transfer_line__article on inventory_data.transfer_line (tenant_id, article_id);
create index transfer_line__missing on inventory_data.transfer_line (tenant_id, transfer_id) where missing > 0;
select inventory_data.expose('transfer_line');
