-- What is searched by its words or by a piece of it: one index holds them all, for each index is opened by every write. The
-- pieces are trigrams.
drop index inventory_data.article__search, inventory_data.article__barcodes, inventory_data.article__supplier_codes;
create index article__words on inventory_data.article using gin (tenant_id, search, barcodes, supplier_codes, code gin_trgm_ops);
drop index inventory_data.asset__search, inventory_data.asset__tags;
create index asset__words on inventory_data.asset using gin (tenant_id, search, tags, serial_key gin_trgm_ops);

-- Of the two sides of a filter, the one with few rows.
create index article__inactive on inventory_data.article (tenant_id, code, id) where not active;
create index stock__customers on inventory_data.stock (tenant_id, created_at, id) where owner = 'customer';
create index serial__updated_at on inventory_data.serial (tenant_id, updated_at, id);
-- Machines that stand nowhere, or never were installed, are looked for, too.
drop index inventory_data.asset__by_customer_id, inventory_data.asset__by_installed_on;
select inventory_data.filter_indexes('asset', 'created_at', '{customer_id, installed_on}');
