-- Transport documents (DDT): the paper that goes with goods, out and in. Issuing one moves them.
select inventory_data.store_table('transport_document', $$
	number        text,
	direction     text not null,
	state         text not null default 'draft',
	reason        text not null,
	party         jsonb not null,
	destination   jsonb,
	their_number  text,
	their_date    date,
	document_date date,
	warehouse_id  uuid not null,
	carried_by    text,
	carrier       jsonb,
	packages      int,
	weight_kg     numeric(8, 3),
	appearance    text,
	started_at    timestamptz(3),
	notes         text,
	issued_at     timestamptz(3),
	void_reason   text,
	constraint transport_document__number__unique unique (tenant_id, number),
	constraint transport_document__warehouse_id__reference foreign key (tenant_id, warehouse_id)
		references inventory_data.warehouse (tenant_id, id)
$$, master_data => false);
create index transport_document__created_at on inventory_data.transport_document (tenant_id, created_at, id);
create index transport_document__updated_at on inventory_data.transport_document (tenant_id, updated_at, id);
create index transport_document__number_piece on inventory_data.transport_document using gin (tenant_id, number gin_trgm_ops);
create index transport_document__issued on inventory_data.transport_document (tenant_id, document_date)
	where direction = 'out' and number is not null;
create index transport_document__party on inventory_data.transport_document (tenant_id, (party ->> 'customer_id'));
select inventory_data.filter_indexes('transport_document', 'created_at', array['state', 'direction', 'warehouse_id', 'document_date',
	'reason'], array['their_number']);

create table inventory_data.transport_document_line (
	tenant_id      uuid not null,
	document_id    uuid not null,
	position       int not null,
	article_id     uuid not null,
	description    text,
	quantity       numeric(12, 3) not null,
	serials        text[],
	serial_keys    text[] generated always as (base.folded(serials)) stored,
	rma_line_id    uuid,
	transfer_id    uuid,
	reservation_id uuid,
	moved          boolean not null default false, -- its return or transfer went on with this document
	primary key (tenant_id, document_id, position),
	constraint transport_document_line__document_id__reference foreign key (tenant_id, document_id)
		references inventory_data.transport_document (tenant_id, id),
	constraint transport_document_line__article_id__reference foreign key (tenant_id, article_id)
		references inventory_data.article (tenant_id, id)
);
create index transport_document_line__article on inventory_data.transport_document_line (tenant_id, article_id);
create index transport_document_line__rma_line on inventory_data.transport_document_line (tenant_id, rma_line_id)
	where rma_line_id is not null;
create index transport_document_line__serials on inventory_data.transport_document_line using gin (tenant_id, serial_keys)
	where serial_keys is not null;
select inventory_data.expose('transport_document_line');
