-- The installed base: machines and their components, by article and serial; where each was, whose, and under what warranty.

-- The last day of the warranties of an asset. Their days are ISO dates: no setting can read them otherwise.
create function inventory.warranty_end(warranties jsonb) returns date language plpgsql immutable parallel safe as $$
begin
	return (select max((w ->> 'until')::date) from jsonb_array_elements(coalesce(warranties, '[]')) w);
end $$;

-- The day it is where the tenant is.
create function inventory.today() returns date language plpgsql stable as $$
begin
	return (base.clock() at time zone (select t.time_zone from inventory.tenant t))::date;
end $$;
grant execute on function inventory.warranty_end(jsonb), inventory.today() to inventory;

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
select inventory_data.filter_indexes('asset', 'created_at', '{article_id, status}',
	'{customer_id, owner_customer_id, site_id, parent_id, installed_on, warranty_until}');
create index asset__tags on inventory_data.asset using gin (tenant_id, tags);
create index asset__search on inventory_data.asset using gin (tenant_id, search);
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

-- The machines that a call is about.
create function inventory.call_assets(call uuid) returns table (asset_id uuid, main boolean) language sql stable as $$
	select (w ->> 'asset_id')::uuid, coalesce((w ->> 'main')::boolean, false)
	from inventory.call c, jsonb_array_elements(case when jsonb_typeof(c.assets) = 'array' then c.assets else '[]' end) w
	where c.id = call
$$;

-- Machines move with all that is in them. Whoever moves one takes this before any row, so that a component can't be put into a
-- machine that is just leaving, nor two into each other.
create function inventory.asset_tree_lock() returns void language sql as $$
	select base.in_turn('inventory.asset')
$$;

-- An asset and all that is in it, however deep.
create function inventory.asset_tree(top uuid) returns table (id uuid, depth int) language sql stable as $$
	with recursive below as (
		select top as id, 0 as depth
		union all
		select a.id, b.depth + 1 from below b join inventory.asset a on a.parent_id = b.id
	)
	select b.id, b.depth from below b
$$;

-- Notes where an asset is now, as a passage of that day, and keeps the days in its machine.
create function inventory.asset_note(noted uuid, action text, day date, reason text default null, note text default null)
returns void language plpgsql as $$
declare
	machine uuid;
	inside record;
	passage uuid := base.uuid_new();
begin
	insert into inventory.asset_history (id, asset_id, action, "on", status, customer_id, site_id, parent_id, position, reason, note)
	select passage, a.id, asset_note.action, day, a.status, a.customer_id, a.site_id, a.parent_id, a.position, asset_note.reason,
		asset_note.note
	from inventory.asset a where a.id = noted;
	perform inventory.timeline_put(noted, 'passage', passage, inventory.timeline_day(day, base.clock()));
	select a.parent_id into machine from inventory.asset a where a.id = noted;
	select c.id, c.parent_id, c.attached_on into inside from inventory.asset_component c
	where c.asset_id = noted and c.detached_on is null;
	if inside.parent_id is not distinct from machine then
		return;
	end if;
	if inside.attached_on < day then
		update inventory.asset_component c set detached_on = day where c.id = inside.id;
	else
		delete from inventory.asset_component c where c.id = inside.id; -- in and out on one day
	end if;
	insert into inventory.asset_component (asset_id, parent_id, attached_on) select noted, machine, day where machine is not null;
end $$;

-- What is in a machine goes where it goes. Each component that moved is touched.
create function inventory.asset_carry(machine uuid, day date, reason text) returns void language plpgsql as $$
declare
	inside record;
begin
	for inside in
		select t.id from inventory.asset_tree(machine) t join inventory.asset c on c.id = t.id
			join inventory.asset m on m.id = machine
		where t.depth > 0 and (c.customer_id, c.site_id) is distinct from (m.customer_id, m.site_id) order by t.depth, t.id
	loop
		update inventory.asset c set customer_id = m.customer_id, site_id = m.site_id, revision = c.revision + 1,
			version = c.version + 1, updated_at = base.clock()
		from inventory.asset m where c.id = inside.id and m.id = machine;
		perform inventory.asset_note(inside.id, 'carry', day, reason), base.touch('asset.moved', array[inside.id]);
	end loop;
end $$;

-- The warranty that an article brings from a day on, its last day included; none without months.
create function inventory.warranty_of(article uuid, day date) returns jsonb language plpgsql stable as $$
begin
	return (select jsonb_build_array(jsonb_build_object('kind', 'ours', 'from', day,
			'until', (day + make_interval(months => a.warranty_months) - interval '1 day')::date,
			'covers', inventory.setting('warranty_covers', '["labour", "parts"]')))
		from inventory.article a where a.id = article and a.warranty_months > 0 and day is not null);
end $$;

grant execute on function inventory.call_assets(uuid), inventory.asset_tree_lock(), inventory.asset_tree(uuid),
	inventory.asset_note(uuid, text, date, text, text),
	inventory.asset_carry(uuid, date, text), inventory.warranty_of(uuid, date) to inventory;
