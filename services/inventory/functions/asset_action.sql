-- What is done with assets, by their actions. b is the body of the action.

-- Whether it, or a machine that it is in, was lent.
create or replace function inventory.asset_lent(of_asset uuid) returns boolean language plpgsql stable as $$
begin
	return exists (
		with recursive above as (
			select a.id, a.parent_id, a.status from inventory.asset a where a.id = of_asset
			union
			select m.id, m.parent_id, m.status from above u join inventory.asset m on m.id = u.parent_id
		)
		select from above u where u.status = 'on_loan'
	);
end $$;

-- A customer's piece that lies with us leaves the warehouse with what is done with it; one of a return goes on with that, and ours
-- by a movement of its own. Where pieces are only counted, its own movements tell where it lies.
create or replace function inventory.asset_fetch(fetched uuid, reason text) returns void language plpgsql as $$
declare
	piece record;
begin
	select e.article_id, e.warehouse_id, to_jsonb(array[e.serial]) as serials into piece
	from inventory.asset a join inventory.serial e on e.article_id = a.article_id and e.serial_key = a.serial_key
	where a.id = fetched and e.owner = 'customer' and e.rma_line_id is null and e.warehouse_id is not null;
	if not found then
		select m.article_id, m.warehouse_id, null::jsonb as serials into piece
		from inventory.asset a join inventory.article r on r.id = a.article_id and r.tracking <> 'serial'
			join inventory.movement m on m.asset_id = a.id and m.article_id = a.article_id and m.owner = 'customer'
				and m.rma_line_id is null
		where a.id = fetched group by m.article_id, m.warehouse_id having sum(m.quantity) > 0 limit 1;
	end if;
	if found then
		perform inventory.stock_lock(array[piece.article_id]), inventory.movement_post(jsonb_build_object('kind', 'issue', 'article_id',
			piece.article_id, 'warehouse_id', piece.warehouse_id, 'owner', 'customer', 'quantity', 1, 'serials', piece.serials, 'asset_id',
			fetched, 'reason_code', reason));
	end if;
	perform inventory.asset_out_check(fetched);
end $$;

-- At a customer's, or in a machine of his.
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

-- To another place, site or customer, with all that is in it.
create or replace function inventory.asset_move(moved uuid, b jsonb) returns void language plpgsql as $$
declare
	day date := inventory.asset_day(moved, b ->> 'on', '/on');
begin
	perform base.must(a.parent_id is null, 'conflict', 'It is a component: move its machine, or detach it first.'),
		inventory.asset_place_check(coalesce((b ->> 'customer_id')::uuid, a.customer_id), (b ->> 'site_id')::uuid)
	from inventory.asset a where a.id = moved;
	update inventory.asset a set customer_id = coalesce((b ->> 'customer_id')::uuid, a.customer_id),
		site_id = (b ->> 'site_id')::uuid,
		position = case when b ? 'position' then b ->> 'position' else a.position end
	where a.id = moved;
	perform inventory.asset_note(moved, 'move', day, b ->> 'reason', b ->> 'note'),
		inventory.asset_carry(moved, day, b ->> 'reason');
end $$;

-- Off where it is: into a warehouse, when one is named, whose stock then has the piece: its customer's, unless it was lent to him,
-- or came with what was, or is said to be ours.
create or replace function inventory.asset_remove(removed uuid, b jsonb) returns void language plpgsql as $$
declare
	day date := inventory.asset_day(removed, b ->> 'on', '/on');
	whose text := b ->> 'owner';
	known record;
begin
	select a.article_id, a.serial, a.status, a.owner_customer_id, a.customer_id, r.tracking into known
	from inventory.asset a join inventory.article r on r.id = a.article_id where a.id = removed;
	if b ->> 'warehouse_id' is not null then
		if whose = 'customer' and known.status = 'on_loan' then
			perform base.fail('conflict', 'It was lent, and what is lent is ours: where it was sold meanwhile, install it first.', '/owner',
				'lent');
		end if;
		if whose = 'customer' and num_nonnulls(known.owner_customer_id, known.customer_id) = 0 then
			perform base.fail('conflict', 'It is at no customer''s, whose it could be.', '/owner', 'customer');
		end if;
		whose := coalesce(whose, case when inventory.asset_lent(removed) then 'own' else 'customer' end);
		known.owner_customer_id := case whose when 'customer' then coalesce(known.owner_customer_id, known.customer_id) end;
	end if;
	update inventory.asset a set status = 'in_stock', customer_id = null, site_id = null, parent_id = null, removed_on = day,
		owner_customer_id = known.owner_customer_id
	where a.id = removed;
	perform inventory.asset_note(removed, 'remove', day, b ->> 'reason', b ->> 'note'),
		inventory.asset_carry(removed, day, b ->> 'reason');
	if b ->> 'warehouse_id' is not null then
		perform inventory.van_check((b ->> 'warehouse_id')::uuid, '/warehouse_id'), inventory.stock_lock(array[known.article_id]),
			inventory.movement_post(jsonb_build_object('kind', 'return', 'article_id', known.article_id, 'warehouse_id', b -> 'warehouse_id',
			'owner', case when known.owner_customer_id is null then 'own' else 'customer' end, 'quantity', 1,
			'serials', case when known.tracking = 'serial' then jsonb_build_array(known.serial) end, 'asset_id', removed,
			'reason_code', b -> 'reason'));
	end if;
end $$;

-- Into a machine.
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

-- Out of its machine; it stays where that is.
create or replace function inventory.asset_detach(detached uuid, b jsonb) returns void language plpgsql as $$
declare
	day date := inventory.asset_day(detached, b ->> 'on', '/on');
begin
	update inventory.asset a set parent_id = null, status = case when a.customer_id is null then 'in_stock' else a.status end
	where a.id = detached and a.parent_id is not null;
	perform base.must(found, 'conflict', 'It is no component of anything.'),
		inventory.asset_note(detached, 'detach', day, b ->> 'reason', b ->> 'note');
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

-- Puts another asset in the place of one: one that is there to be used, or a new one. A customer's stays his; for one of ours that
-- stands nowhere the other is in stock, under what is left of its warranties.
create or replace function inventory.asset_replace(replaced uuid, b jsonb) returns void language plpgsql as $$
declare
	day date := inventory.asset_day(replaced, b ->> 'on', '/on');
	old record;
	next record;
	made uuid;
	stands boolean;
begin
	perform inventory.article_check((b ->> 'article_id')::uuid, '/article_id'),
		base.must(btrim(b ->> 'serial') <> '', 'invalid', 'must not be empty', '/serial', 'length');
	-- Its stock may change, and articles are taken before the tree, which is ours already: behind that nobody waits for one.
	perform from inventory.article r where r.id = (b ->> 'article_id')::uuid for no key update nowait;
	select a.* into old from inventory.asset a where a.id = replaced;
	stands := num_nonnulls(old.customer_id, old.parent_id) > 0;
	select a.id, a.status, a.parent_id, a.customer_id into next from inventory.asset a
	where a.article_id = (b ->> 'article_id')::uuid and a.serial_key = base.fold(b ->> 'serial');
	if not found then
		made := base.uuid_new();
		insert into inventory.asset (id, article_id, serial, origin)
		values (made, (b ->> 'article_id')::uuid, btrim(b ->> 'serial'), 'replacement');
	elsif next.id = replaced or not (next.status = 'in_stock' or next.status = 'installed'
		and next.parent_id is not distinct from old.parent_id and next.customer_id is not distinct from old.customer_id) then
		perform base.fail('conflict', format('This serial is %s and can''t take its place.', replace(next.status, '_', ' ')),
			'/serial', 'status');
	end if;
	next.id := coalesce(made, next.id);
	update inventory.serial e set asset_id = next.id, version = e.version + 1, updated_at = base.clock()
	where e.article_id = (b ->> 'article_id')::uuid and e.serial_key = base.fold(b ->> 'serial') and e.asset_id is null;
	perform inventory.asset_fetch(next.id, b ->> 'reason');
	update inventory.asset a set status = 'replaced', parent_id = null, replaced_by = next.id,
		removed_on = greatest(day, a.installed_on)
	where a.id = replaced;
	update inventory.asset a set status = case when stands then 'installed' else 'in_stock' end, customer_id = old.customer_id,
		site_id = old.site_id, owner_customer_id = case when a.owner_customer_id is null then old.owner_customer_id
			else nullif(a.owner_customer_id, old.customer_id) end,
		parent_id = old.parent_id, position = old.position, job_code = old.job_code,
		installed_on = case when stands then day end, removed_on = null, replaces = replaced,
		warranties = case when stands then inventory.warranty_after(old.warranties, a.article_id, day)
			else coalesce(nullif(a.warranties, '[]'), old.warranties) end,
		version = a.version + case when made is null then 1 else 0 end,
		revision = a.revision + case when made is null then 1 else 0 end, updated_at = base.clock()
	where a.id = next.id;
	perform inventory.asset_note(replaced, 'replace', day, b ->> 'reason', b ->> 'note'),
		inventory.asset_note(next.id, case when stands then 'install' when made is null then 'change' else 'create' end, day, b ->> 'reason'),
		inventory.warranty_watch(replaced), inventory.warranty_watch(next.id),
		base.touch(case when made is not null then 'asset.created' when stands then 'asset.installed' else 'asset.changed' end,
			array[next.id]);
end $$;
