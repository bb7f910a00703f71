-- What a transport document sells to a customer is his machine from then on, and no longer when the document is voided.

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

-- A piece that a document sold is at whom it was sold to, his: its warranty begins.
create function inventory.asset_sell(known uuid, movement uuid, piece text, day date) returns void language plpgsql as $$
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
create function inventory.asset_unsell(kept uuid) returns void language plpgsql as $$
begin
	update inventory.asset a set sale_document = null, installed_on = null, removed_on = null,
		warranties = nullif(a.warranties, inventory.warranty_of(a.article_id, (a.sale_document ->> 'date')::date))
	where a.id = kept;
	perform inventory.warranty_watch(kept);
end $$;
grant execute on function inventory.asset_sell(uuid, uuid, text, date), inventory.asset_unsell(uuid) to inventory;
