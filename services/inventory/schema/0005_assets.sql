-- The installed base: machines and their components, by article and serial; where each was, whose, and under what warranty.

-- The last day of the warranties of an asset. Their days are ISO dates: no setting can read them otherwise.
create function inventory.warranty_end(warranties jsonb) returns date language plpgsql immutable parallel safe as $$
begin
	return (select max((w ->> 'until')::date) from jsonb_array_elements(coalesce(warranties, '[]')) w);
end $$;

select inventory_data.store_table('asset', $$
	article_id    uuid not null,
	serial        text not null,
	serial_key    text not null generated always as (base.fold(serial)) stored,
	status        text not null default 'in_stock',
	customer_id   uuid,
	owner_customer_id uuid,
	site_id       uuid,
	parent_id     uuid,
	position      text,
	sale_document jsonb,
	installed_on  date,
	first_used_on date,
	removed_on    date,
	warranties    jsonb,
	warranty_until date generated always as (inventory.warranty_end(warranties)) stored,
	description   text,
	tags          text[],
	job_code      text,
	replaced_by   uuid,
	replaces      uuid,
	origin        text not null default 'local',
	x             jsonb not null default '{}',
	search        tsvector generated always as (base.search_vector(coalesce(serial, '') || ' ' || coalesce(description, ''))) stored,
	constraint asset__serial__unique unique (tenant_id, article_id, serial_key),
	constraint asset__article_id__reference foreign key (tenant_id, article_id) references inventory_data.article (tenant_id, id),
	constraint asset__parent_id__reference foreign key (tenant_id, parent_id) references inventory_data.asset (tenant_id, id),
	constraint asset__status__choice check (status in ('in_stock', 'installed', 'in_repair', 'on_loan', 'replaced', 'dismissed',
		'scrapped')),
	constraint asset__site_id__required check (site_id is null or customer_id is not null),
	constraint asset__removed_on__order check (removed_on >= installed_on)
$$, master_data => false);
create index asset__created_at on inventory_data.asset (tenant_id, created_at, id);
create index asset__updated_at on inventory_data.asset (tenant_id, updated_at, id);
create index asset__serial on inventory_data.asset (tenant_id, serial_key, id);
-- Machines that stand nowhere, or never were installed, are looked for, too.
select inventory_data.filter_indexes('asset', 'created_at', '{article_id, status, customer_id, installed_on}',
	'{owner_customer_id, site_id, parent_id, warranty_until}');
create index asset__words on inventory_data.asset using gin (tenant_id, search, tags, serial_key gin_trgm_ops);
select inventory_data.free_fields('asset');
alter table inventory_data.serial add constraint serial__asset_id__reference foreign key (tenant_id, asset_id)
	references inventory_data.asset (tenant_id, id);

-- Where an asset was from which day on, and why: a row for each passage, never changed.
create table inventory_data.asset_history (
	tenant_id   uuid not null,
	id          uuid not null default base.uuid_new(),
	sequence    bigint generated always as identity,
	asset_id    uuid not null,
	action      text not null,
	"on"        date not null,
	status      text not null,
	customer_id uuid,
	site_id     uuid,
	parent_id   uuid,
	position    text,
	reason      text,
	note        text,
	recorded_at timestamptz(3) not null default base.clock(),
	by_subject  text default base.actor(),
	by_name     text default nullif(current_setting('app.actor_name', true), ''),
	primary key (tenant_id, id),
	constraint asset_history__asset_id__reference foreign key (tenant_id, asset_id) references inventory_data.asset (tenant_id, id)
		on delete cascade
);
create index asset_history__asset on inventory_data.asset_history (tenant_id, asset_id, sequence, id);
select inventory_data.expose('asset_history', 'select, insert');

-- Components and their machines over time. The days are half open: on the day it is taken off it is no longer there.
create table inventory_data.asset_component (
	tenant_id   uuid not null,
	id          uuid not null default base.uuid_new(),
	asset_id    uuid not null,
	parent_id   uuid not null,
	attached_on date not null,
	detached_on date,
	primary key (tenant_id, id),
	constraint asset_component__asset_id__reference foreign key (tenant_id, asset_id)
		references inventory_data.asset (tenant_id, id) on delete cascade,
	constraint asset_component__parent_id__reference foreign key (tenant_id, parent_id)
		references inventory_data.asset (tenant_id, id),
	constraint asset_component__detached_on__order check (detached_on > attached_on),
	-- A component is in one machine at a time.
	constraint asset_component__asset_id__overlap exclude using gist (tenant_id with =, asset_id with =,
		daterange(attached_on, detached_on) with &&)
);
create index asset_component__parent on inventory_data.asset_component (tenant_id, parent_id, attached_on, id);
select inventory_data.expose('asset_component');
