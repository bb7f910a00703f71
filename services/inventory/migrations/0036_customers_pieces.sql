-- A customer's machine that was taken into a warehouse can leave it again: by hand only goods of ours are issued.

-- A customer's piece that lies with us leaves the warehouse with what is done with it; one of a return goes on with that, and ours
-- by a movement of its own.
create function inventory.asset_fetch(fetched uuid, reason text) returns void language plpgsql as $$
declare
	piece record;
begin
	select e.article_id, e.serial, e.warehouse_id into piece
	from inventory.asset a join inventory.serial e on e.article_id = a.article_id and e.serial_key = a.serial_key
	where a.id = fetched and e.owner = 'customer' and e.rma_line_id is null and e.warehouse_id is not null;
	if found then
		perform inventory.stock_lock(array[piece.article_id]), inventory.movement_post(jsonb_build_object('kind', 'issue', 'article_id',
			piece.article_id, 'warehouse_id', piece.warehouse_id, 'owner', 'customer', 'quantity', 1, 'serials',
			jsonb_build_array(piece.serial), 'asset_id', fetched, 'reason_code', reason));
	end if;
	perform inventory.asset_out_check(fetched);
end $$;
grant execute on function inventory.asset_fetch(uuid, text) to inventory;

create or replace function inventory.asset_install(installed uuid, b jsonb) returns void language plpgsql as $$
declare
	day date := inventory.asset_day(installed, b ->> 'installed_on', '/installed_on');
	machine uuid := (b ->> 'parent_id')::uuid;
begin
	perform inventory.asset_fetch(installed, b ->> 'reason'), inventory.asset_place_check((b ->> 'customer_id')::uuid, (b ->> 'site_id')::uuid),
		inventory.asset_parent_check(machine),
		base.must(machine is null or (select m.customer_id from inventory.asset m where m.id = machine) = (b ->> 'customer_id')::uuid,
			'invalid', 'the machine is of another customer', '/parent_id', 'customer');
	update inventory.asset a set status = 'installed', customer_id = (b ->> 'customer_id')::uuid, site_id = (b ->> 'site_id')::uuid,
		owner_customer_id = nullif(a.owner_customer_id, (b ->> 'customer_id')::uuid),
		parent_id = machine, installed_on = day, removed_on = null,
		warranties = coalesce(nullif(a.warranties, '[]'), inventory.warranty_of(a.article_id, day))
	where a.id = installed;
	perform inventory.asset_placed(installed, 'install', day, b);
end $$;

create or replace function inventory.asset_attach(attached uuid, b jsonb) returns void language plpgsql as $$
declare
	day date := inventory.asset_day(attached, b ->> 'on', '/on');
	machine uuid := (b ->> 'parent_id')::uuid;
begin
	perform inventory.asset_fetch(attached, b ->> 'reason'), inventory.asset_parent_check(machine);
	update inventory.asset a set parent_id = machine, status = 'installed', removed_on = null,
		position = case when b ? 'position' then b ->> 'position' else a.position end,
		installed_on = case when a.status = 'in_stock' then day else coalesce(a.installed_on, day) end,
		warranties = coalesce(nullif(a.warranties, '[]'), inventory.warranty_of(a.article_id, day))
	where a.id = attached;
	perform inventory.asset_placed(attached, 'attach', day, b);
end $$;

-- Dismissed or scrapped: no longer a component of anything. What is still in it is told of.
create or replace function inventory.asset_end(ended uuid, b jsonb, became text) returns void language plpgsql as $$
declare
	day date := inventory.asset_day(ended, b ->> 'on', '/on');
	inside int;
begin
	perform inventory.asset_fetch(ended, b ->> 'reason');
	update inventory.asset a set status = became, parent_id = null, removed_on = greatest(day, a.installed_on) where a.id = ended;
	update inventory.serial e set state = 'scrapped', version = e.version + 1, updated_at = base.clock()
	where became = 'scrapped' and e.asset_id = ended and e.state <> 'scrapped';
	perform inventory.asset_note(ended, case became when 'scrapped' then 'scrap' else 'dismiss' end, day, b ->> 'reason',
			b ->> 'note'),
		inventory.warranty_watch(ended);
	select count(*) into inside from inventory.asset a where a.parent_id = ended;
	if inside > 0 then
		perform base.warn('components', format('%s components are still in it.', inside));
	end if;
end $$;
