-- The machine that an activity is about, or else the main one of its call; null when that is not known here.
create or replace function inventory.asset_of_work(activity uuid, call uuid) returns uuid language plpgsql stable as $$
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

-- A piece that was issued to a call is from then on at the customer's, in the machine of that work.
create or replace function inventory.asset_issue(known uuid, movement uuid, piece text, day date) returns void language plpgsql as $$
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
create or replace function inventory.asset_lend(known uuid, movement uuid, piece text, day date) returns void language plpgsql as $$
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

-- A piece that a document sold is at whom it was sold to, his: its warranty begins.
create or replace function inventory.asset_sell(known uuid, movement uuid, piece text, day date) returns void language plpgsql as $$
declare
	sold uuid := coalesce(known, base.uuid_new());
	paper record;
begin
	select m.article_id, d.number, d.document_date, (d.party ->> 'customer_id')::uuid as customer_id into paper
	from inventory.movement m join inventory.transport_document d on d.id = m.document_id where m.id = movement;
	if known is null then
		insert into inventory.asset (id, article_id, serial, origin) values (sold, paper.article_id, piece, 'issue');
	else
		update inventory.asset a set version = a.version + 1, revision = a.revision + 1, updated_at = base.clock() where a.id = known;
	end if;
	update inventory.asset a set status = 'installed', customer_id = paper.customer_id, owner_customer_id = null, site_id = null,
		parent_id = null, installed_on = day, removed_on = null,
		sale_document = jsonb_build_object('number', paper.number, 'date', paper.document_date),
		warranties = coalesce(nullif(a.warranties, '[]'), inventory.warranty_of(a.article_id, paper.document_date))
	where a.id = sold;
	update inventory.serial e set asset_id = sold where e.article_id = paper.article_id and e.serial_key = base.fold(piece);
	perform inventory.asset_placed(sold, 'issue', day, jsonb_build_object('reason', paper.number)),
		base.touch(case when known is null then 'asset.created' else 'asset.installed' end, array[sold]);
end $$;

-- It was not sold after all: neither is the document known, nor the warranty that began with it.
create or replace function inventory.asset_unsell(kept uuid) returns void language plpgsql as $$
begin
	update inventory.asset a set sale_document = null, installed_on = null, removed_on = null,
		warranties = nullif(a.warranties, inventory.warranty_of(a.article_id, (a.sale_document ->> 'date')::date))
	where a.id = kept;
	perform inventory.warranty_watch(kept);
end $$;

-- What became of assets by a movement of their pieces: issued to a call, they are components of its machine, made now when
-- the article says so; lent, they are on loan; sold, they are their customer's; come back, they are in stock; scrapped, they are
-- no more.
create or replace function inventory.asset_follow(movement uuid) returns void language plpgsql as $$
declare
	moved record;
	piece record;
	known record;
	day date;
begin
	select m.*, r.becomes_asset, coalesce(d.reason in ('loan', 'loan_back') and m.quantity < 0, false) as lent,
		coalesce(d.reason = 'sale' and d.direction = 'out' and d.party ->> 'customer_id' is not null, false) as sale into moved
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
		elsif moved.sale and moved.kind = 'issue' and (known.id is not null or moved.becomes_asset) then
			perform inventory.asset_sell(known.id, movement, piece.serial, day);
		elsif moved.quantity > 0 and known.status in ('installed', 'on_loan', 'in_repair') then
			update inventory.asset a set status = 'in_stock', customer_id = null, site_id = null, parent_id = null,
				removed_on = greatest(day, a.installed_on), version = a.version + 1, revision = a.revision + 1, updated_at = base.clock()
			where a.id = known.id;
			perform inventory.asset_unsell(known.id) where moved.sale;
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
