-- What should be ordered: a suggestion for each reorder level that is not covered, made and kept right as stock changes.
select inventory_data.store_table('reorder_suggestion', $$
	article_id   uuid not null,
	warehouse_id uuid not null,
	source       text not null,
	source_warehouse_id uuid,
	quantity     numeric(12, 3) not null,
	status       text not null default 'open',
	reason       text[] not null,
	needed_on    date,
	transfer_id  uuid,
	erp_order    jsonb,
	end_reason   text,
	constraint reorder_suggestion__article_id__reference foreign key (tenant_id, article_id)
		references inventory_data.article (tenant_id, id),
	constraint reorder_suggestion__warehouse_id__reference foreign key (tenant_id, warehouse_id)
		references inventory_data.warehouse (tenant_id, id),
	constraint reorder_suggestion__quantity__range check (quantity > 0)
$$, master_data => false, root => false);
create unique index reorder_suggestion__status__unique on inventory_data.reorder_suggestion (tenant_id, article_id, warehouse_id)
	where status in ('open', 'proposed');
create index reorder_suggestion__created_at on inventory_data.reorder_suggestion (tenant_id, created_at, id);
select inventory_data.filter_indexes('reorder_suggestion', 'created_at', array['status', 'warehouse_id', 'article_id', 'source']);
