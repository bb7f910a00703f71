-- Counts: what is really there, line by line, posted as differences.
select inventory_data.store_table('count', $$
	number       text not null,
	warehouse_id uuid not null,
	scope        jsonb,
	state        text not null default 'draft',
	blind        boolean not null,
	notes        text,
	started_at   timestamptz(3),
	posted_at    timestamptz(3),
	constraint count__number__unique unique (tenant_id, number),
	constraint count__warehouse_id__reference foreign key (tenant_id, warehouse_id) references inventory_data.warehouse (tenant_id, id)
$$, master_data => false);
create index count__created_at on inventory_data.count (tenant_id, created_at, id);
create index count__updated_at on inventory_data.count (tenant_id, updated_at, id);
create index count__number_order on inventory_data.count (tenant_id, inventory.number_key(number), id);
create index count__number_piece on inventory_data.count using gin (tenant_id, number gin_trgm_ops);
create index count__unposted on inventory_data.count (tenant_id, created_at, id) where posted_at is null;
create index count__posted_at on inventory_data.count (tenant_id, posted_at) where posted_at is not null;
select inventory_data.filter_indexes('count', 'created_at', array['state', 'warehouse_id']);

-- A line keeps what the ledger said at its counting moment, so that goods may move on meanwhile.
select inventory_data.store_table('count_line', $$
	count_id         uuid not null,
	article_id       uuid not null,
	article_code     text not null,
	counted          numeric(12, 3),
	serials          text[],
	expected         numeric(16, 3),
	expected_serials text[],
	counted_at       timestamptz(3),
	difference       numeric(16, 3) generated always as (counted - expected) stored,
	constraint count_line__article_id__unique unique (tenant_id, count_id, article_id),
	constraint count_line__count_id__reference foreign key (tenant_id, count_id) references inventory_data.count (tenant_id, id),
	constraint count_line__article_id__reference foreign key (tenant_id, article_id)
		references inventory_data.article (tenant_id, id),
	constraint count_line__counted__range check (counted >= 0)
$$, master_data => false, root => false);
create index count_line__article_code on inventory_data.count_line (tenant_id, article_code, id);
select inventory_data.filter_indexes('count_line', 'article_code', array['count_id']);
