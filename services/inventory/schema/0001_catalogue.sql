-- stands for: 0043_follow_row_by_row of 46fb059
-- The catalogue: what a company sells, installs, repairs and keeps in stock.
select inventory_data.store_table('article_category', $$
	code        text not null,
	label       text not null,
	parent_code text,
	position    int not null
$$);
alter table inventory_data.article_category add constraint article_category__parent_code__reference
	foreign key (tenant_id, parent_code) references inventory_data.article_category (tenant_id, code);
create index article_category__parent_code on inventory_data.article_category (tenant_id, parent_code);
create index article_category__position on inventory_data.article_category (tenant_id, position, id);

-- `revision` counts every change of an article and of its stock: whoever moves stock takes the article's row first, so
-- that all that happens to one article is in one order.
select inventory_data.store_table('article', $$
	code          text not null,
	kind          text not null,
	description   text not null,
	description2  text,
	uom           text not null,
	decimals      int not null,
	tracking      text not null,
	category_code text,
	stocked       boolean not null,
	list_price    numeric(14, 4),
	vat_code      text,
	standard_cost numeric(14, 4),
	price_quantity_multiplier numeric(10, 3) not null,
	billing_article_id uuid,
	warranty_months int,
	becomes_asset boolean not null,
	barcodes      text[],
	suppliers     jsonb,
	supplier_codes text[] generated always as (base.values_at(suppliers, 'code')) stored,
	origin        text not null default 'local',
	weight_kg     numeric(8, 3),
	notes         text,
	usable        boolean not null generated always as (price_quantity_multiplier = 1 and active) stored,
	search        tsvector generated always as (base.search_vector(coalesce(code, '') || ' ' || coalesce(description, '') || ' '
		|| coalesce(description2, ''))) stored,
	constraint article__category_code__reference foreign key (tenant_id, category_code)
		references inventory_data.article_category (tenant_id, code),
	constraint article__billing_article_id__reference foreign key (tenant_id, billing_article_id)
		references inventory_data.article (tenant_id, id),
	constraint article__price_quantity_multiplier__range check (price_quantity_multiplier > 0)
$$);
create index article__created_at on inventory_data.article (tenant_id, created_at, id);
create index article__updated_at on inventory_data.article (tenant_id, updated_at, id);
select inventory_data.filter_indexes('article', 'code', array['kind', 'tracking', 'stocked', 'usable', 'origin'],
	array['category_code']);
-- Of the two sides of a filter, the one with few rows.
create index article__inactive on inventory_data.article (tenant_id, code, id) where not active;
-- What is searched by its words or by a piece of it: one index holds them all, for each index is opened by every write. The
-- pieces are trigrams.
create index article__words on inventory_data.article using gin (tenant_id, search, barcodes, supplier_codes, code gin_trgm_ops);
select inventory_data.expose_worker('article', 'select');

-- What a kit is made of. A kit has no stock: it is taken apart where parts are promised, issued or charged.
select inventory_data.store_table('kit_component', $$
	article_id   uuid not null,
	component_id uuid not null,
	quantity     numeric(12, 3) not null,
	optional     boolean not null,
	position     int not null,
	constraint kit_component__component_id__unique unique (tenant_id, article_id, component_id),
	constraint kit_component__article_id__reference foreign key (tenant_id, article_id)
		references inventory_data.article (tenant_id, id),
	constraint kit_component__component_id__reference foreign key (tenant_id, component_id)
		references inventory_data.article (tenant_id, id),
	constraint kit_component__quantity__range check (quantity > 0)
$$, master_data => false, root => false);
create index kit_component__component on inventory_data.kit_component (tenant_id, component_id);
create index kit_component__position on inventory_data.kit_component (tenant_id, position, id);

select inventory_data.store_table('price_list', $$
	code        text not null,
	name        text not null,
	currency    text,
	valid_from  date,
	valid_until date,
	constraint price_list__currency__format check (currency ~ '^[A-Z]{3}$'),
	constraint price_list__valid_until__order check (valid_until >= valid_from)
$$);

-- Prices of a list: by quantity from which they hold and by their days, which are included on both sides.
select inventory_data.store_table('price', $$
	list_code     text not null,
	article_id    uuid not null,
	from_quantity numeric(12, 3) not null,
	price         numeric(14, 4) not null,
	discounts     numeric(5, 2)[],
	valid_from    date,
	valid_until   date,
	notes         text,
	days          daterange not null generated always as (daterange(valid_from, valid_until, '[]')) stored,
	constraint price__list_code__reference foreign key (tenant_id, list_code) references inventory_data.price_list (tenant_id, code),
	constraint price__article_id__reference foreign key (tenant_id, article_id) references inventory_data.article (tenant_id, id),
	constraint price__valid_until__order check (valid_until >= valid_from),
	-- One price for a day and a quantity: there is nothing to choose.
	constraint price__valid_from__overlap exclude using gist (tenant_id with =, list_code with =, article_id with =,
		from_quantity with =, days with &&)
$$, master_data => false, root => false);
create index price__created_at on inventory_data.price (tenant_id, created_at, id);
create index price__article on inventory_data.price (tenant_id, article_id, list_code, from_quantity);
create index price__list on inventory_data.price (tenant_id, list_code, created_at, id);

-- An article that does for another: as good, or because it takes its place.
select inventory_data.store_table('substitute', $$
	article_id    uuid not null,
	substitute_id uuid not null,
	kind          text not null,
	rank          int not null,
	valid_from    date,
	both_ways     boolean not null,
	notes         text,
	constraint substitute__substitute_id__unique unique (tenant_id, article_id, substitute_id),
	constraint substitute__article_id__reference foreign key (tenant_id, article_id)
		references inventory_data.article (tenant_id, id),
	constraint substitute__substitute_id__reference foreign key (tenant_id, substitute_id)
		references inventory_data.article (tenant_id, id),
	constraint substitute__substitute_id__range check (substitute_id <> article_id),
	constraint substitute__both_ways__conflict check (kind = 'equivalent' or not both_ways)
$$, master_data => false, root => false);
create index substitute__created_at on inventory_data.substitute (tenant_id, created_at, id);
create index substitute__substitute on inventory_data.substitute (tenant_id, substitute_id);
