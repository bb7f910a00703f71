-- Whose a machine is that is taken off, also out of one that was lent; and customers' pieces that leave a warehouse again, also
-- those that are only counted there, and those that take the place of another.

-- Whether it, or a machine that it is in, was lent.
create function inventory.asset_lent(of_asset uuid) returns boolean language plpgsql stable as $$
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
grant execute on function inventory.asset_lent(uuid) to inventory;

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

-- Puts another asset in the place of one: one that is there to be used, or a new one. A customer's stays his.
create or replace function inventory.asset_replace(replaced uuid, b jsonb) returns void language plpgsql as $$
declare
	day date := inventory.asset_day(replaced, b ->> 'on', '/on');
	old record;
	next record;
	made uuid;
begin
	perform inventory.article_check((b ->> 'article_id')::uuid, '/article_id'),
		base.must(btrim(b ->> 'serial') <> '', 'invalid', 'must not be empty', '/serial', 'length');
	-- Its stock may change, and articles are taken before the tree, which is ours already: behind that nobody waits for one.
	perform from inventory.article r where r.id = (b ->> 'article_id')::uuid for no key update nowait;
	select a.* into old from inventory.asset a where a.id = replaced;
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
	update inventory.asset a set status = 'installed', customer_id = old.customer_id, site_id = old.site_id,
		owner_customer_id = case when a.owner_customer_id is null then old.owner_customer_id
			else nullif(a.owner_customer_id, old.customer_id) end,
		parent_id = old.parent_id, position = old.position, job_code = old.job_code,
		installed_on = day, removed_on = null, replaces = replaced,
		warranties = inventory.warranty_after(old.warranties, a.article_id, day),
		version = a.version + case when made is null then 1 else 0 end,
		revision = a.revision + case when made is null then 1 else 0 end, updated_at = base.clock()
	where a.id = next.id;
	perform inventory.asset_note(replaced, 'replace', day, b ->> 'reason', b ->> 'note'),
		inventory.asset_note(next.id, 'install', day, b ->> 'reason'), inventory.warranty_watch(replaced),
		inventory.warranty_watch(next.id),
		base.touch(case when made is null then 'asset.installed' else 'asset.created' end, array[next.id]);
end $$;
