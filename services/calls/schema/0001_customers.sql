-- stands for: 0017_customers_by_contacts of 46fb059
-- Customers, their sites and contacts. Children carry their own version; any change in the aggregate raises the
-- customer's revision.

-- Customers are found by the names of their contacts, too, those in use. The names stand with the customer, so that one index
-- answers, also where one word is the customer's and another a contact's; their weight tells them apart. As many as a vector holds
-- whatever they are: 100,000 characters.
select calls_data.store_table('customer', $$
	code            text,
	kind            text not null,
	person          boolean not null,
	name            text not null,
	name2           text,
	vat_number      text,
	tax_code        text,
	sdi_code        text,
	pec             text,
	language        text,
	address         jsonb,
	city            text generated always as (address ->> 'city') stored,
	province        text generated always as (address ->> 'province') stored,
	country         text generated always as (address ->> 'country') stored,
	phones          jsonb,
	emails          jsonb,
	payment_notes   text,
	credit          text not null,
	bill_to_id      uuid,
	erp_account     text,
	price_list_code text,
	sla_policy_code text,
	territory       text,
	job_code        text,
	tags            text[],
	notes           text,
	x               jsonb not null default '{}',
	acquired_at     timestamptz(3),
	merged_into     uuid,
	contact_names   text,
	search          tsvector generated always as (base.search_vector(coalesce(name, '') || ' ' || coalesce(name2, '') || ' '
		|| coalesce(code, '') || ' ' || coalesce(address ->> 'city', '')) || setweight(base.search_vector(contact_names), 'C')) stored,
	constraint customer__erp_account__unique unique (tenant_id, erp_account),
	constraint customer__bill_to_id__conflict check (bill_to_id <> id),
	constraint customer__bill_to_id__reference foreign key (tenant_id, bill_to_id) references calls_data.customer (tenant_id, id)
$$);
-- However it is spelled.
create unique index customer__vat_number__unique on calls_data.customer
	(tenant_id, upper(regexp_replace(vat_number, '[^[:alnum:]]', '', 'g'))) where vat_number is not null and merged_into is null;
create index customer__vat_number on calls_data.customer (tenant_id, vat_number);
create index customer__name on calls_data.customer (tenant_id, name, id);
create index customer__created_at on calls_data.customer (tenant_id, created_at, id);
create index customer__updated_at on calls_data.customer (tenant_id, updated_at, id);
create index customer__kind on calls_data.customer (tenant_id, kind, code);
create index customer__city on calls_data.customer (tenant_id, city, code);
create index customer__province on calls_data.customer (tenant_id, province, code);
create index customer__country on calls_data.customer (tenant_id, country, code);
create index customer__territory on calls_data.customer (tenant_id, territory, code) where territory is not null;
create index customer__tax_code on calls_data.customer (tenant_id, tax_code) where tax_code is not null;
create index customer__bill_to on calls_data.customer (tenant_id, bill_to_id) where bill_to_id is not null;
create index customer__merged_into on calls_data.customer (tenant_id, merged_into) where merged_into is not null;
create index customer__credit on calls_data.customer (tenant_id, credit, code) where credit <> 'ok';
-- Of the two sides of a filter, the one with few rows.
create index customer__inactive on calls_data.customer (tenant_id, code, id) where not active;
-- What is searched by its words or by a piece of it: one index holds them all, for each index is opened by every write. The
-- pieces are trigrams.
create index customer__words on calls_data.customer using gin (tenant_id, search, tags, name gin_trgm_ops, code gin_trgm_ops,
	vat_number gin_trgm_ops, tax_code gin_trgm_ops);
select calls_data.free_fields('customer');

select calls_data.store_table('site', $$
	customer_id     uuid not null,
	code            text,
	name            text not null,
	address         jsonb,
	city            text generated always as (address ->> 'city') stored,
	province        text generated always as (address ->> 'province') stored,
	position        jsonb,
	time_zone       text,
	phones          jsonb,
	access_notes    text,
	visit_calendar_code text,
	bill_to_id      uuid,
	sla_policy_code text,
	territory       text,
	search          tsvector generated always as (base.search_vector(coalesce(name, '') || ' ' || coalesce(code, '') || ' '
		|| coalesce(address ->> 'street', '') || ' ' || coalesce(address ->> 'city', ''))) stored,
	constraint site__customer_id__reference foreign key (tenant_id, customer_id) references calls_data.customer (tenant_id, id),
	constraint site__bill_to_id__reference foreign key (tenant_id, bill_to_id) references calls_data.customer (tenant_id, id),
	constraint site__position__range check ((position ->> 'lat')::numeric between -90 and 90
		and (position ->> 'lon')::numeric between -180 and 180),
	constraint site__time_zone__known check (time_zone is null or base.time_zone_known(time_zone))
$$, root => false, code_within => 'customer_id');
create index site__name on calls_data.site (tenant_id, name, id);
create index site__created_at on calls_data.site (tenant_id, created_at, id);
create index site__updated_at on calls_data.site (tenant_id, updated_at, id);
create index site__city on calls_data.site (tenant_id, city, name);
create index site__province on calls_data.site (tenant_id, province, name);
create index site__territory on calls_data.site (tenant_id, territory, name) where territory is not null;
create index site__customer on calls_data.site (tenant_id, customer_id, name, id);
create index site__inactive on calls_data.site (tenant_id, name, id) where not active;
create index site__words on calls_data.site using gin (tenant_id, search, name gin_trgm_ops, code gin_trgm_ops);

select calls_data.store_table('contact', $$
	customer_id    uuid not null,
	site_id        uuid,
	first_name     text,
	last_name      text not null,
	role           text,
	language       text,
	phones         jsonb,
	emails         jsonb,
	preferred      text,
	portal_subject text,
	privacy        jsonb,
	search         tsvector generated always as (base.search_vector(coalesce(first_name, '') || ' ' || coalesce(last_name, '') || ' '
		|| coalesce(role, ''))) stored,
	constraint contact__customer_id__reference foreign key (tenant_id, customer_id) references calls_data.customer (tenant_id, id),
	constraint contact__site_id__reference foreign key (tenant_id, site_id) references calls_data.site (tenant_id, id)
$$, root => false);
create index contact__last_name on calls_data.contact (tenant_id, last_name, id);
create index contact__created_at on calls_data.contact (tenant_id, created_at, id);
create index contact__updated_at on calls_data.contact (tenant_id, updated_at, id);
create index contact__customer on calls_data.contact (tenant_id, customer_id, last_name, id);
create index contact__site on calls_data.contact (tenant_id, site_id) where site_id is not null;
create index contact__inactive on calls_data.contact (tenant_id, last_name, id) where not active;
create index contact__words on calls_data.contact using gin (tenant_id, search, last_name gin_trgm_ops);

-- How a customer can be reached: one row a phone number (E.164) or e-mail (lower case) of a customer, site or contact.
-- Looking a caller up is one index read whoever the number belongs to.
create table calls_data.reach (
	tenant_id   uuid not null,
	kind        text not null,
	value       text not null,
	owner       text not null,
	owner_id    uuid not null,
	customer_id uuid not null
);
create index reach__value on calls_data.reach (tenant_id, kind, value);
create index reach__owner on calls_data.reach (tenant_id, owner_id);
select calls_data.expose('reach');
