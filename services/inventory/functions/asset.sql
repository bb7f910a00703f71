-- The installed base: machines and their components. Whoever calls these holds the tree (asset_lock); of rows written beside the
-- one that a request is about, each is touched for its event.

-- The machines that a call is about.
create or replace function inventory.call_assets(call uuid) returns table (asset_id uuid, main boolean) language sql stable as $$
	select (w ->> 'asset_id')::uuid, coalesce((w ->> 'main')::boolean, false)
	from inventory.call c, jsonb_array_elements(case when jsonb_typeof(c.assets) = 'array' then c.assets else '[]' end) w
	where c.id = call
$$;

-- Machines move with all that is in them. Whoever moves one takes this before any row, so that a component can't be put into a
-- machine that is just leaving, nor two into each other.
create or replace function inventory.asset_tree_lock() returns void language sql as $$
	select base.in_turn('inventory.asset')
$$;

-- Takes an asset to be changed: the article first, whose stock may move with it, then the tree, then the row.
create or replace function inventory.asset_lock(locked uuid) returns void language plpgsql as $$
begin
	perform from inventory.article r where r.id = (select a.article_id from inventory.asset a where a.id = locked) for no key update;
	perform inventory.asset_tree_lock();
	update inventory.asset a set revision = a.revision + 1 where a.id = locked;
	perform base.must(found, 'not-found', 'There is no such asset.');
end $$;

-- An asset and all that is in it, however deep.
create or replace function inventory.asset_tree(top uuid) returns table (id uuid, depth int) language sql stable as $$
	with recursive below as (
		select top as id, 0 as depth
		union all
		select a.id, b.depth + 1 from below b join inventory.asset a on a.parent_id = b.id
	)
	select b.id, b.depth from below b
$$;

-- The day of its last passage. That it was entered here, or corrected, is none.
create or replace function inventory.asset_last(of_asset uuid) returns date language plpgsql stable as $$
begin
	return (select h."on" from inventory.asset_history h where h.asset_id = of_asset and h.action <> 'change'
		and (h.action, h.status) <> ('create', 'in_stock') order by h.sequence desc limit 1);
end $$;

-- The day of an action, today when none is given: neither to come, nor before the last passage.
create or replace function inventory.asset_day(of_asset uuid, given text, pointer text) returns date language plpgsql as $$
declare
	day date := given;
	last date := inventory.asset_last(of_asset);
begin
	if day is null then
		return greatest(inventory.today(), last);
	end if;
	if day > inventory.today() then
		perform base.fail('invalid', 'must not be a day to come', pointer, 'range');
	end if;
	if day < last then
		perform base.fail('invalid', format('must not be before %s, the last day in its history', last), pointer, 'range');
	end if;
	return day;
end $$;

-- The site is one of the customer's, and both are known here.
create or replace function inventory.asset_place_check(customer uuid, site uuid) returns void language plpgsql stable as $$
begin
	perform base.must(customer is null or exists (select from inventory.customer c where c.id = customer), 'unknown-reference',
			'There is no such customer (yet).', '/customer_id', 'reference'),
		base.must(site is null or exists (select from inventory.site t where t.id = site and t.customer_id = customer),
			'unknown-reference', 'The customer has no such site (yet).', '/site_id', 'reference');
end $$;

-- A piece is in one place: what is in a warehouse leaves it by a movement, before anything else is done with it.
create or replace function inventory.asset_out_check(of_asset uuid) returns void language plpgsql stable as $$
declare
	place text;
begin
	select w.code into place from inventory.asset a join inventory.serial e on e.article_id = a.article_id
		and e.serial_key = a.serial_key join inventory.warehouse w on w.id = e.warehouse_id
	where a.id = of_asset;
	if found then
		perform base.fail('conflict', format('It is in the warehouse %s: issue it first.', place));
	end if;
end $$;

-- A machine to be is known.
create or replace function inventory.asset_parent_check(machine uuid) returns void language plpgsql stable as $$
begin
	perform base.must(machine is null or exists (select from inventory.asset a where a.id = machine), 'unknown-reference',
		'There is no such asset.', '/parent_id', 'reference');
end $$;

-- Notes where an asset is now, as a passage of that day, and keeps the days in its machine.
create or replace function inventory.asset_note(noted uuid, action text, day date, reason text default null, note text default null)
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
create or replace function inventory.asset_carry(machine uuid, day date, reason text) returns void language plpgsql as $$
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

-- Puts an asset, which names its machine already, where that is.
create or replace function inventory.asset_join(component uuid) returns void language plpgsql as $$
declare
	machine record;
begin
	select m.id, m.status, m.customer_id, m.site_id into machine from inventory.asset a join inventory.asset m on m.id = a.parent_id
	where a.id = component;
	if not found then
		return;
	end if;
	if exists (
		with recursive above as (
			select machine.id
			union
			select a.parent_id from above u join inventory.asset a on a.id = u.id where u.id <> component
		)
		select from above u where u.id = component
	) then
		perform base.fail('invalid', 'must not be the asset itself, nor a component of it', '/parent_id', 'cycle');
	end if;
	if machine.status in ('replaced', 'dismissed', 'scrapped') then
		perform base.fail('conflict', format('The machine is %s.', machine.status), '/parent_id', 'status');
	end if;
	update inventory.asset a set customer_id = machine.customer_id, site_id = machine.site_id where a.id = component;
end $$;

-- Behind a new or changed row: what follows from what it says.
create or replace function inventory.asset_settle(settled uuid, b jsonb) returns void language plpgsql as $$
declare
	last record;
	made boolean;
	day date;
begin
	select h.* into last from inventory.asset_history h where h.asset_id = settled order by h.sequence desc limit 1;
	made := not found;
	if b ->> 'parent_id' is not null then -- a new component; what is changed has taken the tree already
		perform inventory.asset_tree_lock();
	end if;
	perform inventory.asset_join(settled);
	update inventory.asset a set status = case when a.customer_id is not null or a.parent_id is not null then 'installed'
		else 'in_stock' end
	where a.id = settled and a.status in ('in_stock', 'installed');
	if made or last.status = 'in_stock' then
		perform inventory.asset_out_check(a.id) from inventory.asset a where a.id = settled and a.status = 'installed';
		update inventory.asset a set warranties = inventory.warranty_of(a.article_id, coalesce(a.installed_on,
			(a.sale_document ->> 'date')::date))
		where a.id = settled and a.warranties is null;
	end if;
	if made then
		update inventory.asset a set origin = case when base.role_only('integration') then 'erp' else a.origin end
		where a.id = settled
		returning coalesce(a.installed_on, (a.sale_document ->> 'date')::date, inventory.today()) into day;
		update inventory.serial e set asset_id = settled, version = e.version + 1, updated_at = base.clock()
		from inventory.asset a where a.id = settled and e.article_id = a.article_id and e.serial_key = a.serial_key;
		perform inventory.asset_note(settled, 'create', day), inventory.warranty_watch(settled);
	elsif exists (select from inventory.asset a where a.id = settled
		and (a.status, a.customer_id, a.site_id, a.parent_id, a.position)
			is distinct from (last.status, last.customer_id, last.site_id, last.parent_id, last.position)) then
		day := greatest(last."on", inventory.today());
		perform inventory.asset_note(settled, 'change', day), inventory.asset_carry(settled, day, null);
	end if;
	if not made and (b ? 'warranties' or last.status = 'in_stock') then
		perform inventory.warranty_watch(settled);
	end if;
end $$;

-- An asset that has just come to its place, or into its machine: its passage, with all that is in it.
create or replace function inventory.asset_placed(placed uuid, action text, day date, b jsonb) returns void language plpgsql as $$
begin
	perform inventory.asset_join(placed), inventory.asset_note(placed, action, day, b ->> 'reason', b ->> 'note'),
		inventory.asset_carry(placed, day, b ->> 'reason'), inventory.warranty_watch(placed);
end $$;

-- What belongs to a customer that was merged into another is that one's; nothing of one that was not.
create or replace function inventory.asset_merge(loser uuid) returns void language plpgsql as $$
declare
	survivor uuid;
	moved record;
begin
	select c.merged_into into survivor from inventory.customer c where c.id = loser;
	if survivor is null then
		return;
	end if;
	perform inventory.asset_tree_lock();
	for moved in update inventory.asset a set customer_id = case a.customer_id when loser then survivor else a.customer_id end,
			owner_customer_id = case a.owner_customer_id when loser then survivor else a.owner_customer_id end,
			revision = a.revision + 1, version = a.version + 1, updated_at = base.clock()
		where a.customer_id = loser or a.owner_customer_id = loser returning a.id
	loop
		perform inventory.asset_note(moved.id, 'change', greatest(inventory.today(), inventory.asset_last(moved.id)),
				'customers merged'), base.touch('asset.changed', array[moved.id]);
	end loop;
end $$;
