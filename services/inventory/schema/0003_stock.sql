-- Stock: where goods are, whose they are, what is promised of them, and the ledger that all of it is the sum of.

-- Kinds: stock and van are valued and available; repair (customers' goods), supplier, transit and scrap are not available,
-- and of these only transit and supplier are valued.
select inventory_data.store_table('warehouse', $$
	code          text not null,
	name          text not null,
	kind          text not null,
	technician_id uuid,
	site          jsonb,
	valued        boolean not null generated always as (kind in ('stock', 'van', 'supplier', 'transit')) stored,
	available     boolean not null generated always as (kind in ('stock', 'van')) stored,
	constraint warehouse__technician_id__conflict check (technician_id is null or kind = 'van')
$$);
create index warehouse__kind on inventory_data.warehouse (tenant_id, kind, code, id);
create index warehouse__technician on inventory_data.warehouse (tenant_id, technician_id) where technician_id is not null;

create table inventory_data.stock (
	tenant_id     uuid not null,
	id            uuid not null,
	article_id    uuid not null,
	warehouse_id  uuid not null,
	owner         text not null,
	sellable      boolean not null, -- own goods in a warehouse whose goods are available
	on_hand       numeric(16, 3) not null default 0,
	reserved      numeric(16, 3) not null default 0,
	waiting       numeric(16, 3) not null default 0,
	in_transit    numeric(16, 3) not null default 0,
	on_order      numeric(16, 3) not null default 0,
	available     numeric(16, 3) not null generated always as (case when sellable then on_hand - reserved else 0 end) stored,
	last_moved_at timestamptz(3) not null default '-infinity',
	version       int not null default 1,
	created_at    timestamptz(3) not null default base.clock(),
	updated_at    timestamptz(3) not null default base.clock(),
	primary key (tenant_id, id),
	constraint stock__article_id__unique unique (tenant_id, article_id, warehouse_id, owner),
	constraint stock__article_id__reference foreign key (tenant_id, article_id) references inventory_data.article (tenant_id, id),
	constraint stock__warehouse_id__reference foreign key (tenant_id, warehouse_id)
		references inventory_data.warehouse (tenant_id, id),
	constraint stock__owner__choice check (owner in ('own', 'customer')),
	-- What is promised is there, and only what is ours is promised.
	constraint stock__reserved__range check (reserved >= 0 and waiting >= 0 and in_transit >= 0
		and (reserved = 0 or (sellable and reserved <= on_hand)))
);
create index stock__warehouse on inventory_data.stock (tenant_id, warehouse_id, created_at, id);
create index stock__created_at on inventory_data.stock (tenant_id, created_at, id);
create index stock__last_moved_at on inventory_data.stock (tenant_id, last_moved_at, id);
create index stock__on_hand on inventory_data.stock (tenant_id, on_hand, id);
create index stock__available on inventory_data.stock (tenant_id, available, id);
create index stock__updated_at on inventory_data.stock (tenant_id, updated_at, id);
create index stock__customers on inventory_data.stock (tenant_id, created_at, id) where owner = 'customer';
select inventory_data.expose('stock', 'select, insert, update');

-- What our own goods of an article are worth, over all valued warehouses: the moving average is value ÷ quantity.
create table inventory_data.article_value (
	tenant_id  uuid not null,
	article_id uuid not null,
	quantity   numeric(16, 3) not null default 0,
	value      numeric(20, 4) not null default 0,
	primary key (tenant_id, article_id)
);
select inventory_data.expose('article_value', 'select, insert, update');

-- Each piece that has a serial number, in the one place where it is.
create table inventory_data.serial (
	tenant_id      uuid not null,
	id             uuid not null,
	article_id     uuid not null,
	serial         text not null,
	serial_key     text not null generated always as (base.fold(serial)) stored,
	state          text not null,
	owner          text not null,
	warehouse_id   uuid,
	asset_id       uuid,
	reservation_id uuid,
	rma_line_id    uuid,
	version        int not null default 1,
	created_at     timestamptz(3) not null default base.clock(),
	updated_at     timestamptz(3) not null default base.clock(),
	primary key (tenant_id, id),
	constraint serial__serial__unique unique (tenant_id, article_id, serial_key),
	constraint serial__warehouse_id__reference foreign key (tenant_id, warehouse_id)
		references inventory_data.warehouse (tenant_id, id),
	constraint serial__state__place check ((state in ('in_stock', 'reserved', 'in_transit', 'in_repair')) = (warehouse_id is not null)),
	constraint serial__reservation_id__place check ((state = 'reserved') = (reservation_id is not null))
);
create index serial__serial on inventory_data.serial (tenant_id, serial_key, id);
create index serial__warehouse on inventory_data.serial (tenant_id, warehouse_id, article_id) where warehouse_id is not null;
create index serial__state on inventory_data.serial (tenant_id, state, serial_key, id);
create index serial__asset on inventory_data.serial (tenant_id, asset_id) where asset_id is not null;
create index serial__reservation on inventory_data.serial (tenant_id, reservation_id) where reservation_id is not null;
create index serial__rma_line on inventory_data.serial (tenant_id, rma_line_id) where rma_line_id is not null;
create index serial__created_at on inventory_data.serial (tenant_id, created_at, id);
create index serial__updated_at on inventory_data.serial (tenant_id, updated_at, id);
select inventory_data.expose('serial');

-- Parts promised to an activity. What is open of a reserved one is on hand; a waiting one is filled, in the order in which
-- they were made, as goods come in.
select inventory_data.store_table('reservation', $$
	article_id   uuid not null,
	warehouse_id uuid not null,
	kit_id       uuid,
	quantity     numeric(12, 3) not null,
	issued       numeric(12, 3) not null default 0,
	released     numeric(12, 3) not null default 0,
	open         numeric(12, 3) not null generated always as (quantity - issued - released) stored,
	status       text not null,
	activity_id  uuid not null,
	call_id      uuid,
	charge_id    uuid,
	rma_line_id  uuid,
	serials      text[],
	needed_at    timestamptz(3),
	expires_at   timestamptz(3),
	job_code     text,
	release_reason text,
	split_from   uuid,
	place        bigint not null generated by default as identity, -- in the queue of those waiting
	constraint reservation__article_id__reference foreign key (tenant_id, article_id)
		references inventory_data.article (tenant_id, id),
	constraint reservation__warehouse_id__reference foreign key (tenant_id, warehouse_id)
		references inventory_data.warehouse (tenant_id, id),
	constraint reservation__quantity__range check (quantity > 0 and issued >= 0 and released >= 0 and issued + released <= quantity),
	constraint reservation__status__choice check (status in ('waiting', 'reserved', 'fulfilled', 'released', 'expired')
		and (status in ('waiting', 'reserved')) = (issued + released < quantity))
$$, master_data => false, root => false);
create index reservation__created_at on inventory_data.reservation (tenant_id, created_at, id);
create index reservation__updated_at on inventory_data.reservation (tenant_id, updated_at, id);
create index reservation__waiting on inventory_data.reservation (tenant_id, article_id, warehouse_id, place) where status = 'waiting';
create index reservation__expires_at on inventory_data.reservation (tenant_id, expires_at) where expires_at is not null;
create index reservation__split_from on inventory_data.reservation (tenant_id, split_from) where split_from is not null;
create index reservation__needed_at on inventory_data.reservation (tenant_id, needed_at) where needed_at is not null;
select inventory_data.filter_indexes('reservation', 'created_at', array['article_id', 'warehouse_id', 'activity_id', 'status'],
	array['call_id', 'charge_id', 'rma_line_id', 'kit_id']);
select inventory_data.expose_worker('reservation', 'select');

-- The ledger: every movement, never changed; stock is its sum. `quantity` and `value` are signed. A correction of cost has
-- no quantity.
create table inventory_data.movement (
	tenant_id      uuid not null,
	id             uuid not null,
	sequence       bigint generated always as identity,
	kind           text not null,
	article_id     uuid not null,
	warehouse_id   uuid not null,
	owner          text not null,
	quantity       numeric(16, 3) not null,
	unit_cost      numeric(14, 4),
	value          numeric(18, 4) not null,
	price          numeric(14, 4),
	ordered        numeric(16, 3), -- so much of a receipt was on order
	serials        text[],
	serial_keys    text[] generated always as (base.folded(serials)) stored,
	reason_code    text,
	reservation_id uuid,
	call_id        uuid,
	activity_id    uuid,
	charge_id      uuid,
	asset_id       uuid,
	rma_line_id    uuid,
	document_kind  text,
	document_id    uuid,
	document_number text,
	job_code       text,
	cost_centre    text,
	at             timestamptz(3) not null,
	recorded_at    timestamptz(3) not null default base.clock(),
	by_subject     text,
	by_name        text,
	reversal_of    uuid,
	external_ref   text,
	version        int not null default 1,
	primary key (tenant_id, id),
	constraint movement__external_ref__unique unique (tenant_id, external_ref),
	-- A movement is of a row of stock, whose article and warehouse are there: one look instead of two, at a row that is held already.
	-- The warehouse's own row would be locked by every movement of it at once, and written for that.
	constraint movement__stock__reference foreign key (tenant_id, article_id, warehouse_id, owner)
		references inventory_data.stock (tenant_id, article_id, warehouse_id, owner),
	constraint movement__kind__choice check (kind in ('receipt', 'issue', 'return', 'transfer_out', 'transfer_in', 'adjustment',
		'rma_in', 'rma_out', 'scrap', 'opening', 'reversal')),
	constraint movement__quantity__range check (quantity <> 0 or kind in ('adjustment', 'reversal'))
);
create index movement__sequence on inventory_data.movement (tenant_id, sequence, id);
create index movement__at on inventory_data.movement (tenant_id, at, id);
create index movement__ledger on inventory_data.movement (tenant_id, article_id, at, id);
select inventory_data.filter_indexes('movement', 'at', array['warehouse_id', 'kind'], array['call_id', 'activity_id', 'charge_id',
	'asset_id', 'rma_line_id', 'document_id', 'document_number', 'reservation_id', 'job_code']);
create unique index movement__reversal_of__unique on inventory_data.movement (tenant_id, reversal_of) where reversal_of is not null;
create index movement__customers on inventory_data.movement (tenant_id, at, id) where owner = 'customer';
create index movement__serials on inventory_data.movement using gin (tenant_id, serial_keys) where serial_keys is not null;
select inventory_data.expose('movement', 'select, insert');

select inventory_data.store_table('reorder_level', $$
	article_id   uuid not null,
	warehouse_id uuid not null,
	minimum      numeric(12, 3) not null,
	target       numeric(12, 3) not null,
	multiple     numeric(12, 3),
	lead_days    int,
	notes        text,
	source       text not null,
	source_warehouse_id uuid,
	constraint reorder_level__warehouse_id__unique unique (tenant_id, article_id, warehouse_id),
	constraint reorder_level__article_id__reference foreign key (tenant_id, article_id)
		references inventory_data.article (tenant_id, id),
	constraint reorder_level__warehouse_id__reference foreign key (tenant_id, warehouse_id)
		references inventory_data.warehouse (tenant_id, id),
	constraint reorder_level__source_warehouse_id__reference foreign key (tenant_id, source_warehouse_id)
		references inventory_data.warehouse (tenant_id, id),
	constraint reorder_level__target__order check (target >= minimum and minimum >= 0),
	constraint reorder_level__multiple__range check (multiple > 0),
	constraint reorder_level__source_warehouse_id__required check ((source = 'transfer') = (source_warehouse_id is not null)
		and source_warehouse_id is distinct from warehouse_id)
$$, root => false);
create index reorder_level__created_at on inventory_data.reorder_level (tenant_id, created_at, id);
create index reorder_level__warehouse on inventory_data.reorder_level (tenant_id, warehouse_id, created_at, id);
