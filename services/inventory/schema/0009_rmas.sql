-- Returns: customers' goods that come in to be repaired, what goes on to a supplier, what is sent in advance. The state is
-- the line's; the head is open while one of its lines is.
select inventory_data.store_table('rma', $$
	number        text not null,
	kind          text not null,
	state         text not null default 'open',
	customer_id   uuid,
	supplier_name text,
	supplier_ref  text,
	site_id       uuid,
	contact_id    uuid,
	call_id       uuid,
	parent_line_id uuid,
	reason        text,
	customer_reference text,
	authorised_by text,
	authorised_at timestamptz(3),
	expires_on    date,
	due_back_on   date, -- until when what it replaces in advance is expected, said of the whole
	ship_to       jsonb,
	job_code      text,
	notes         text,
	constraint rma__number__unique unique (tenant_id, number)
$$, master_data => false);
create index rma__created_at on inventory_data.rma (tenant_id, created_at, id);
create index rma__updated_at on inventory_data.rma (tenant_id, updated_at, id);
create index rma__number_order on inventory_data.rma (tenant_id, inventory.number_key(number), id);
create index rma__number_piece on inventory_data.rma using gin (tenant_id, number gin_trgm_ops);
create index rma__search on inventory_data.rma using gin (tenant_id, base.search_vector(coalesce(reason, '') || ' '
	|| coalesce(customer_reference, '')));
-- What has none is looked for, too: suppliers' repairs, lines that are not decided.
select inventory_data.filter_indexes('rma', 'created_at', array['state', 'kind', 'customer_id'], array['site_id', 'call_id',
	'supplier_ref', 'parent_line_id']);

-- A line is a piece with its serial, or a quantity of an article without.
select inventory_data.store_table('rma_line', $$
	rma_id         uuid not null,
	article_id     uuid not null,
	serial         text,
	serial_key     text generated always as (base.fold(serial)) stored,
	quantity       numeric(12, 3) not null,
	of_supplier    boolean not null default false,
	asset_id       uuid,
	fault_code     text,
	declared_fault text,
	accessories    text,
	condition      text,
	warranty       text not null default 'unknown',
	state          text not null default 'requested',
	diagnosis      text,
	cause_code     text,
	repair_notes   text,
	outcome        text,
	disposal       text,
	warehouse_id   uuid,
	received_quantity numeric(12, 3) not null default 0,
	returned_quantity numeric(12, 3) not null default 0,
	unannounced    boolean not null default false,
	split_from     uuid,
	offer_id       uuid,
	child_rma_id   uuid,
	replacement    jsonb,
	supplier_cost  numeric(14, 2),
	due_back_on    date,
	loaned_asset_id uuid,
	missing        text,
	received_at    timestamptz(3),
	returned_at    timestamptz(3),
	job_code       text,
	constraint rma_line__rma_id__reference foreign key (tenant_id, rma_id) references inventory_data.rma (tenant_id, id),
	constraint rma_line__article_id__reference foreign key (tenant_id, article_id)
		references inventory_data.article (tenant_id, id),
	constraint rma_line__asset_id__reference foreign key (tenant_id, asset_id) references inventory_data.asset (tenant_id, id),
	constraint rma_line__loaned_asset_id__reference foreign key (tenant_id, loaned_asset_id)
		references inventory_data.asset (tenant_id, id),
	constraint rma_line__loaned_asset_id__conflict check (loaned_asset_id is distinct from asset_id or loaned_asset_id is null),
	constraint rma_line__warehouse_id__reference foreign key (tenant_id, warehouse_id)
		references inventory_data.warehouse (tenant_id, id),
	constraint rma_line__quantity__range check (quantity > 0 and (serial is null or quantity = 1)),
	constraint rma_line__received_quantity__range check (received_quantity <= quantity and returned_quantity <= received_quantity)
$$, master_data => false, root => false);
create index rma_line__created_at on inventory_data.rma_line (tenant_id, created_at, id);
create index rma_line__updated_at on inventory_data.rma_line (tenant_id, updated_at, id);
-- A piece is in one open return only; that of the supplier is beside its customer's.
create unique index rma_line__serial__unique on inventory_data.rma_line (tenant_id, article_id, serial_key, of_supplier)
	where serial is not null and state not in ('closed', 'cancelled');
create index rma_line__due_back on inventory_data.rma_line (tenant_id, due_back_on) where due_back_on is not null;
create index rma_line__unannounced on inventory_data.rma_line (tenant_id, created_at, id) where unannounced;
-- Of the key alone PostgreSQL does not see that there is a serial.
create index rma_line__serial on inventory_data.rma_line (tenant_id, serial_key, id) where serial_key is not null;
select inventory_data.filter_indexes('rma_line', 'created_at', array['rma_id', 'state', 'article_id', 'outcome', 'warranty'],
	array['asset_id', 'warehouse_id', 'offer_id', 'loaned_asset_id']);
