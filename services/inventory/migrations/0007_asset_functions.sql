-- What is done to assets. Whoever calls these holds the tree (asset_lock); of rows written beside the one that a request is
-- about, each is touched for its event.

-- Takes an asset to be changed: the article first, whose stock may move with it, then the tree, then the row.
create function inventory.asset_lock(locked uuid) returns void language plpgsql as $$
begin
	perform from inventory.article r where r.id = (select a.article_id from inventory.asset a where a.id = locked) for no key update;
	perform inventory.asset_tree_lock();
	update inventory.asset a set revision = a.revision + 1 where a.id = locked;
	perform base.must(found, 'not-found', 'There is no such asset.');
end $$;

-- The day of its last passage. That it was entered here, or corrected, is none.
create function inventory.asset_last(of_asset uuid) returns date language plpgsql stable as $$
begin
	return (select h."on" from inventory.asset_history h where h.asset_id = of_asset and h.action <> 'change'
		and (h.action, h.status) <> ('create', 'in_stock') order by h.sequence desc limit 1);
end $$;

-- The day of an action, today when none is given: neither to come, nor before the last passage.
create function inventory.asset_day(of_asset uuid, given text, pointer text) returns date language plpgsql as $$
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
create function inventory.asset_place_check(customer uuid, site uuid) returns void language plpgsql stable as $$
begin
	perform base.must(customer is null or exists (select from inventory.customer c where c.id = customer), 'unknown-reference',
			'There is no such customer (yet).', '/customer_id', 'reference'),
		base.must(site is null or exists (select from inventory.site t where t.id = site and t.customer_id = customer),
			'unknown-reference', 'The customer has no such site (yet).', '/site_id', 'reference');
end $$;

-- A piece is in one place: what is in a warehouse leaves it by a movement, before anything else is done with it.
create function inventory.asset_out_check(of_asset uuid) returns void language plpgsql stable as $$
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

-- Puts an asset, which names its machine already, where that is.
create function inventory.asset_join(component uuid) returns void language plpgsql as $$
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

-- A machine to be is known.
create function inventory.asset_parent_check(machine uuid) returns void language plpgsql stable as $$
begin
	perform base.must(machine is null or exists (select from inventory.asset a where a.id = machine), 'unknown-reference',
		'There is no such asset.', '/parent_id', 'reference');
end $$;

-- Behind a new or changed row: what follows from what it says.
create function inventory.asset_settle(settled uuid, b jsonb) returns void language plpgsql as $$
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

-- Tells some days before a warranty ends (policy), once: a timer of that day. What has ended already is not told.
create function inventory.warranty_watch(watched uuid) returns void language plpgsql as $$
declare
	days int := inventory.setting('warranty_warning_days', '30');
	ends date;
begin
	delete from inventory.timer m where m.kind = 'warranty.expiring' and m.subject = watched::text;
	select a.warranty_until into ends from inventory.asset a where a.id = watched
		and a.status not in ('replaced', 'dismissed', 'scrapped');
	insert into inventory.timer (kind, subject, due_at)
	select 'warranty.expiring', watched::text, (ends - days)::timestamp at time zone (select t.time_zone from inventory.tenant t)
	where ends >= inventory.today();
end $$;

-- An asset that has just come to its place, or into its machine: its passage, with all that is in it.
create function inventory.asset_placed(placed uuid, action text, day date, b jsonb) returns void language plpgsql as $$
begin
	perform inventory.asset_join(placed), inventory.asset_note(placed, action, day, b ->> 'reason', b ->> 'note'),
		inventory.asset_carry(placed, day, b ->> 'reason'), inventory.warranty_watch(placed);
end $$;

create function inventory.asset_install(installed uuid, b jsonb) returns void language plpgsql as $$
declare
	day date := inventory.asset_day(installed, b ->> 'installed_on', '/installed_on');
	machine uuid := (b ->> 'parent_id')::uuid;
begin
	perform inventory.asset_out_check(installed), inventory.asset_place_check((b ->> 'customer_id')::uuid, (b ->> 'site_id')::uuid),
		inventory.asset_parent_check(machine),
		base.must(machine is null or (select m.customer_id from inventory.asset m where m.id = machine) = (b ->> 'customer_id')::uuid,
			'invalid', 'the machine is of another customer', '/parent_id', 'customer');
	update inventory.asset a set status = 'installed', customer_id = (b ->> 'customer_id')::uuid, site_id = (b ->> 'site_id')::uuid,
		parent_id = machine, installed_on = day, removed_on = null,
		warranties = coalesce(nullif(a.warranties, '[]'), inventory.warranty_of(a.article_id, day))
	where a.id = installed;
	perform inventory.asset_placed(installed, 'install', day, b);
end $$;

create function inventory.asset_move(moved uuid, b jsonb) returns void language plpgsql as $$
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

-- Off where it is: into a warehouse, when one is named, whose stock then has the piece.
create function inventory.asset_remove(removed uuid, b jsonb) returns void language plpgsql as $$
declare
	day date := inventory.asset_day(removed, b ->> 'on', '/on');
	piece record;
begin
	update inventory.asset a set status = 'in_stock', customer_id = null, site_id = null, parent_id = null, removed_on = day
	where a.id = removed;
	perform inventory.asset_note(removed, 'remove', day, b ->> 'reason', b ->> 'note'),
		inventory.asset_carry(removed, day, b ->> 'reason');
	if b ->> 'warehouse_id' is not null then
		select a.article_id, a.serial, r.tracking, case when a.owner_customer_id is null then 'own' else 'customer' end as owner
		into piece from inventory.asset a join inventory.article r on r.id = a.article_id where a.id = removed;
		perform inventory.stock_lock(array[piece.article_id]), inventory.movement_post(jsonb_build_object('kind', 'return',
			'article_id', piece.article_id, 'warehouse_id', b -> 'warehouse_id', 'owner', piece.owner, 'quantity', 1,
			'serials', case when piece.tracking = 'serial' then jsonb_build_array(piece.serial) end, 'asset_id', removed,
			'reason_code', b -> 'reason'));
	end if;
end $$;

create function inventory.asset_attach(attached uuid, b jsonb) returns void language plpgsql as $$
declare
	day date := inventory.asset_day(attached, b ->> 'on', '/on');
	machine uuid := (b ->> 'parent_id')::uuid;
begin
	perform inventory.asset_out_check(attached), inventory.asset_parent_check(machine);
	update inventory.asset a set parent_id = machine, status = 'installed', removed_on = null,
		position = case when b ? 'position' then b ->> 'position' else a.position end,
		installed_on = case when a.status = 'in_stock' then day else coalesce(a.installed_on, day) end,
		warranties = coalesce(nullif(a.warranties, '[]'), inventory.warranty_of(a.article_id, day))
	where a.id = attached;
	perform inventory.asset_placed(attached, 'attach', day, b);
end $$;

create function inventory.asset_detach(detached uuid, b jsonb) returns void language plpgsql as $$
declare
	day date := inventory.asset_day(detached, b ->> 'on', '/on');
begin
	update inventory.asset a set parent_id = null, status = case when a.customer_id is null then 'in_stock' else a.status end
	where a.id = detached and a.parent_id is not null;
	perform base.must(found, 'conflict', 'It is no component of anything.'),
		inventory.asset_note(detached, 'detach', day, b ->> 'reason', b ->> 'note');
end $$;

-- Dismissed or scrapped: no longer a component of anything. What is still in it is told of.
create function inventory.asset_end(ended uuid, b jsonb, became text) returns void language plpgsql as $$
declare
	day date := inventory.asset_day(ended, b ->> 'on', '/on');
	inside int;
begin
	perform inventory.asset_out_check(ended);
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

-- The warranties of what takes the place of something: what is left of the old one's, or its own article's (policy).
create function inventory.warranty_after(old jsonb, article uuid, day date) returns jsonb language plpgsql stable as $$
declare
	own jsonb := inventory.warranty_of(article, day);
	rest jsonb := (select jsonb_agg(w) from jsonb_array_elements(coalesce(old, '[]')) w where (w ->> 'until')::date >= day);
begin
	return case inventory.setting('replacement_warranty', '"longer"') #>> '{}' when 'old' then rest when 'new' then own
		else case when coalesce(inventory.warranty_end(rest) > inventory.warranty_end(own), own is null) then rest else own end end;
end $$;

-- Puts another asset in the place of one: one that is there to be used, or a new one.
create function inventory.asset_replace(replaced uuid, b jsonb) returns void language plpgsql as $$
declare
	day date := inventory.asset_day(replaced, b ->> 'on', '/on');
	old record;
	next record;
	made uuid;
begin
	perform inventory.article_check((b ->> 'article_id')::uuid, '/article_id'),
		base.must(btrim(b ->> 'serial') <> '', 'invalid', 'must not be empty', '/serial', 'length');
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
	perform inventory.asset_out_check(next.id);
	update inventory.asset a set status = 'replaced', parent_id = null, replaced_by = next.id,
		removed_on = greatest(day, a.installed_on)
	where a.id = replaced;
	update inventory.asset a set status = 'installed', customer_id = old.customer_id, site_id = old.site_id,
		owner_customer_id = old.owner_customer_id, parent_id = old.parent_id, position = old.position, job_code = old.job_code,
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

-- The machine that an activity is about, or else the main one of its call; null when that is not known here.
create function inventory.asset_of_work(activity uuid, call uuid) returns uuid language plpgsql stable as $$
declare
	machine uuid;
	planned_for uuid;
begin
	if activity is not null then
		select a.id, y.call_id into machine, planned_for from inventory.activity y left join inventory.asset a on a.id = y.asset_id
		where y.id = activity;
		call := coalesce(call, planned_for);
	end if;
	if machine is null and call is not null then
		select a.id into machine from inventory.call_assets(call) w join inventory.asset a on a.id = w.asset_id where w.main;
	end if;
	return machine;
end $$;

-- What became of assets by a movement of their pieces: issued to a call, they are components of its machine, made now when
-- the article says so; lent, they are on loan; come back, they are in stock; scrapped, they are no more.
create function inventory.asset_follow(movement uuid) returns void language plpgsql as $$
declare
	moved record;
	piece record;
	known record;
	day date;
begin
	select m.*, r.becomes_asset, coalesce(d.reason in ('loan', 'loan_back') and m.quantity < 0, false) as lent into moved
	from inventory.movement m join inventory.article r on r.id = m.article_id
		left join inventory.transport_document d on d.id = m.document_id and m.document_kind = 'transport_document'
	where m.id = movement;
	if moved.kind not in ('issue', 'receipt', 'return', 'opening', 'reversal', 'scrap') then
		return;
	end if;
	perform inventory.asset_tree_lock();
	for piece in select btrim(u.serial) as serial from unnest(moved.serials) u(serial) loop
		select a.id, a.status, a.installed_on, a.parent_id, a.customer_id into known from inventory.asset a
		where a.article_id = moved.article_id and a.serial_key = base.fold(piece.serial);
		day := greatest((moved.at at time zone (select t.time_zone from inventory.tenant t))::date, inventory.asset_last(known.id));
		if moved.kind = 'issue' and num_nonnulls(moved.call_id, moved.activity_id) > 0
			and (known.id is not null or moved.becomes_asset) then
			perform inventory.asset_issue(known.id, movement, piece.serial, day);
		elsif moved.lent and (known.id is not null or moved.becomes_asset) then
			perform inventory.asset_lend(known.id, movement, piece.serial, day);
		elsif moved.quantity > 0 and known.status in ('installed', 'on_loan', 'in_repair') then
			update inventory.asset a set status = 'in_stock', customer_id = null, site_id = null, parent_id = null,
				removed_on = greatest(day, a.installed_on), version = a.version + 1, revision = a.revision + 1, updated_at = base.clock()
			where a.id = known.id;
			perform inventory.asset_note(known.id, 'return', day, moved.reason_code), inventory.asset_carry(known.id, day, null),
				base.touch('asset.moved', array[known.id]);
		elsif moved.kind = 'scrap' and known.status <> 'scrapped' then
			update inventory.asset a set status = 'scrapped', version = a.version + 1, revision = a.revision + 1, updated_at = base.clock()
			where a.id = known.id;
			perform inventory.asset_note(known.id, 'scrap', day, moved.reason_code),
				inventory.warranty_watch(known.id), base.touch('asset.dismissed', array[known.id]);
		end if;
	end loop;
end $$;

-- A piece that was issued to a call is from then on at the customer's, in the machine of that work.
create function inventory.asset_issue(known uuid, movement uuid, piece text, day date) returns void language plpgsql as $$
declare
	issued uuid := coalesce(known, base.uuid_new());
	moved record;
begin
	select m.article_id, m.asset_id, m.job_code, c.customer_id, c.site_id into moved from inventory.movement m
		left join inventory.call c on c.id = coalesce(m.call_id, (select y.call_id from inventory.activity y
			where y.id = m.activity_id))
	where m.id = movement;
	if known is null then
		insert into inventory.asset (id, article_id, serial, origin) values (issued, moved.article_id, piece, 'issue');
	else
		day := greatest(day, inventory.asset_last(known));
		update inventory.asset a set version = a.version + 1, revision = a.revision + 1, updated_at = base.clock() where a.id = known;
	end if;
	update inventory.asset a set status = 'installed', customer_id = moved.customer_id, site_id = moved.site_id,
		parent_id = (select m.id from inventory.asset m where m.id = moved.asset_id and m.id <> issued
			and m.status not in ('replaced', 'dismissed', 'scrapped')),
		job_code = coalesce(moved.job_code, a.job_code), installed_on = day, removed_on = null,
		warranties = coalesce(nullif(a.warranties, '[]'), inventory.warranty_of(a.article_id, day))
	where a.id = issued;
	update inventory.serial e set asset_id = issued where e.article_id = moved.article_id and e.serial_key = base.fold(piece);
	perform inventory.asset_placed(issued, 'issue', day, null),
		base.touch(case when known is null then 'asset.created' else 'asset.installed' end, array[issued]);
end $$;

-- A piece that went out on loan is at whom it was lent to, ours as before: it begins no warranty.
create function inventory.asset_lend(known uuid, movement uuid, piece text, day date) returns void language plpgsql as $$
declare
	lent uuid := coalesce(known, base.uuid_new());
begin
	if known is null then
		insert into inventory.asset (id, article_id, serial, origin)
		select lent, m.article_id, piece, 'issue' from inventory.movement m where m.id = movement;
	end if;
	update inventory.asset a set status = 'on_loan', customer_id = (d.party ->> 'customer_id')::uuid, site_id = null, parent_id = null,
		removed_on = null, version = a.version + case when known is null then 0 else 1 end,
		revision = a.revision + case when known is null then 0 else 1 end, updated_at = base.clock()
	from inventory.movement m join inventory.transport_document d on d.id = m.document_id
	where a.id = lent and m.id = movement;
	update inventory.serial e set asset_id = lent from inventory.movement m
	where m.id = movement and e.article_id = m.article_id and e.serial_key = base.fold(piece);
	perform inventory.asset_note(lent, 'lend', day, d.number), inventory.asset_carry(lent, day, null),
		base.touch(case when known is null then 'asset.created' else 'asset.moved' end, array[lent])
	from inventory.movement m join inventory.transport_document d on d.id = m.document_id where m.id = movement;
end $$;

-- What belongs to a customer that was merged into another is that one's; nothing of one that was not.
create function inventory.asset_merge(loser uuid) returns void language plpgsql as $$
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

grant execute on function inventory.asset_lock(uuid), inventory.asset_last(uuid), inventory.asset_day(uuid, text, text),
	inventory.asset_place_check(uuid, uuid), inventory.asset_out_check(uuid), inventory.asset_join(uuid),
	inventory.asset_parent_check(uuid), inventory.asset_settle(uuid, jsonb), inventory.asset_placed(uuid, text, date, jsonb),
	inventory.asset_install(uuid, jsonb),
	inventory.asset_move(uuid, jsonb), inventory.asset_remove(uuid, jsonb), inventory.asset_attach(uuid, jsonb),
	inventory.asset_detach(uuid, jsonb), inventory.asset_end(uuid, jsonb, text), inventory.warranty_watch(uuid),
	inventory.warranty_after(jsonb, uuid, date), inventory.asset_replace(uuid, jsonb), inventory.asset_of_work(uuid, uuid),
	inventory.asset_follow(uuid), inventory.asset_issue(uuid, uuid, text, date), inventory.asset_lend(uuid, uuid, text, date),
	inventory.asset_merge(uuid) to inventory;
