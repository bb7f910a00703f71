-- Filters of returns, their lines, transport documents, transfers, counts and readings of meters that no index answered.

-- What changed since: of every list.
create index rma__updated_at on inventory_data.rma (tenant_id, updated_at, id);
create index rma_line__updated_at on inventory_data.rma_line (tenant_id, updated_at, id);
create index transport_document__updated_at on inventory_data.transport_document (tenant_id, updated_at, id);
create index transfer__updated_at on inventory_data.transfer (tenant_id, updated_at, id);
create index count__updated_at on inventory_data.count (tenant_id, updated_at, id);
create index meter_reading__updated_at on inventory_data.meter_reading (tenant_id, updated_at, id);

-- A piece of a number, as people say it.
create index rma__number_piece on inventory_data.rma using gin (tenant_id, number gin_trgm_ops);
create index transport_document__number_piece on inventory_data.transport_document using gin (tenant_id, number gin_trgm_ops);
create index transfer__number_piece on inventory_data.transfer using gin (tenant_id, number gin_trgm_ops);
create index count__number_piece on inventory_data.count using gin (tenant_id, number gin_trgm_ops);

-- What has none is looked for, too: suppliers' repairs, what is not decided, drafts, what is not posted.
drop index inventory_data.rma__by_customer_id, inventory_data.rma_line__by_outcome, inventory_data.transport_document__by_document_date;
select inventory_data.filter_indexes('rma', 'created_at', '{customer_id}', '{site_id}');
select inventory_data.filter_indexes('rma_line', 'created_at', '{outcome, warranty}');
select inventory_data.filter_indexes('transport_document', 'created_at', '{document_date, reason}');
create index count__unposted on inventory_data.count (tenant_id, created_at, id) where posted_at is null;
create index rma_line__unannounced on inventory_data.rma_line (tenant_id, created_at, id) where unannounced;
-- Of the key alone PostgreSQL does not see that there is a serial.
drop index inventory_data.rma_line__serial;
create index rma_line__serial on inventory_data.rma_line (tenant_id, serial_key, id) where serial_key is not null;
