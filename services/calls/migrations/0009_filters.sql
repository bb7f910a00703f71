-- What is searched by its words or by a piece of it: one index holds them all, for each index is opened by every write. The
-- pieces are trigrams.
drop index calls_data.call__search, calls_data.call__tags;
create index call__words on calls_data.call using gin (tenant_id, search, tags, number gin_trgm_ops);
drop index calls_data.customer__search, calls_data.customer__tags, calls_data.customer__name_words;
create index customer__words on calls_data.customer using gin (tenant_id, search, tags, name gin_trgm_ops, code gin_trgm_ops,
	vat_number gin_trgm_ops, tax_code gin_trgm_ops);
drop index calls_data.site__search;
create index site__words on calls_data.site using gin (tenant_id, search, name gin_trgm_ops, code gin_trgm_ops);
drop index calls_data.contact__search;
create index contact__words on calls_data.contact using gin (tenant_id, search, last_name gin_trgm_ops);

-- Calls at work: of a million, those that have not ended are few.
create index call__unresolved on calls_data.call (tenant_id, opened_at, id) where resolved_at is null;
create index call__unclosed on calls_data.call (tenant_id, opened_at, id) where closed_at is null;

-- Of the two sides of a filter, the one with few rows.
create index customer__inactive on calls_data.customer (tenant_id, code, id) where not active;
create index site__inactive on calls_data.site (tenant_id, name, id) where not active;
create index contact__inactive on calls_data.contact (tenant_id, last_name, id) where not active;

create index customer__country on calls_data.customer (tenant_id, country, code);
create index customer__updated_at on calls_data.customer (tenant_id, updated_at, id);
create index site__updated_at on calls_data.site (tenant_id, updated_at, id);
create index contact__updated_at on calls_data.contact (tenant_id, updated_at, id);
create index charge__updated_at on calls_data.charge (tenant_id, updated_at, id);
create index customer__credit on calls_data.customer (tenant_id, credit, code) where credit <> 'ok';
create index activity__undone on calls_data.activity (tenant_id, created_at, id) where done_at is null;

-- Rows without one are looked for, too, where most have one.
drop index calls_data.customer__vat_number, calls_data.charge__by_work_date;
create index customer__vat_number on calls_data.customer (tenant_id, vat_number);
select calls_data.filter_indexes('charge', 'created_at', '{work_date}');
