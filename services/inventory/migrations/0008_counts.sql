-- Counts: what is really there, line by line, posted as differences.
select inventory_data.store_table('count', $$
	number       text not null,
	warehouse_id uuid not null,
	scope        jsonb,
	state        text not null default 'draft',
	blind        boolean not null,
	notes        text,
	started_at   timestamptz(3),
	posted_at    timestamptz(3),
	constraint count__number__unique unique (tenant_id, number),
	constraint count__warehouse_id__reference foreign key (tenant_id, warehouse_id) references inventory_data.warehouse (tenant_id, id)
$$, master_data => false);
create index count__created_at on inventory_data.count (tenant_id, created_at, id);
create index count__posted_at on inventory_data.count (tenant_id, posted_at) where posted_at is not null;
select inventory_data.filter_indexes('count', 'created_at', array['state', 'warehouse_id']);

-- A line keeps what the ledger said at its counting moment, so that goods may move on meanwhile.
select inventory_data.store_table('count_line', $$
	count_id         uuid not null,
	article_id       uuid not null,
	article_code     text not null,
	counted          numeric(12, 3),
	serials          text[],
	expected         numeric(16, 3),
	expected_serials text[],
	counted_at       timestamptz(3),
	difference       numeric(16, 3) generated always as (counted - expected) stored,
	constraint count_line__article_id__unique unique (tenant_id, count_id, article_id),
	constraint count_line__count_id__reference foreign key (tenant_id, count_id) references inventory_data.count (tenant_id, id),
	constraint count_line__article_id__reference foreign key (tenant_id, article_id)
		references inventory_data.article (tenant_id, id),
	constraint count_line__counted__range check (counted >= 0)
$$, master_data => false, root => false);
create index count_line__article_code on inventory_data.count_line (tenant_id, article_code, id);
select inventory_data.filter_indexes('count_line', 'article_code', array['count_id']);

-- The articles of a count, whose lines it begins with: those that the ledger says are there, and those it names.
create function inventory.count_start(started uuid) returns void language plpgsql as $$
declare
	head inventory.count;
	ids uuid[];
begin
	select c.* into strict head from inventory.count c where c.id = started;
	with made as (
		insert into inventory.count_line (id, count_id, article_id, article_code)
		select base.uuid_new(), started, a.id, a.code from inventory.article a
		where (head.scope -> 'article_ids' is null or head.scope -> 'article_ids' ? a.id::text)
			and (head.scope ->> 'category_code' is null
				or a.category_code in (select inventory.category_tree(head.scope ->> 'category_code')))
			and (head.scope -> 'article_ids' is not null or exists (select from inventory.stock s where s.article_id = a.id
				and s.warehouse_id = head.warehouse_id and s.owner = 'own' and s.on_hand <> 0))
		order by a.code
		on conflict (tenant_id, count_id, article_id) do nothing
		returning id
	)
	select array_agg(m.id) into ids from made m;
	perform base.touch('count_line.created', ids);
end $$;

-- What is promised of goods that are not there: the newest promises wait again, until `amount` is free. Those that name one
-- of the pieces come first.
create function inventory.reservations_yield(of_article uuid, in_warehouse uuid, amount numeric, pieces text[]) returns void
language plpgsql as $$
declare
	next record;
	part numeric;
	place uuid;
begin
	for next in select r.id, r.open, r.serials from inventory.reservation r where r.article_id = of_article
		and r.warehouse_id = in_warehouse and r.status = 'reserved'
		order by cardinality(inventory.pieces_without(pieces, r.serials)) = cardinality(pieces), r.place desc loop
		exit when amount <= 0 and inventory.pieces_without(pieces, next.serials) = pieces;
		part := case when next.serials is null then least(next.open, amount) else next.open end;
		if part < next.open then
			perform inventory.reservation_split(next.id, next.open - part);
		end if;
		update inventory.serial s set state = 'in_stock', reservation_id = null, version = s.version + 1, updated_at = base.clock()
		where s.reservation_id = next.id;
		update inventory.reservation r set status = 'waiting', serials = null, version = r.version + 1, updated_at = base.clock()
		where r.id = next.id;
		update inventory.stock s set reserved = s.reserved - part, waiting = s.waiting + part, version = s.version + 1,
			updated_at = base.clock()
		where s.article_id = of_article and s.warehouse_id = in_warehouse and s.owner = 'own' returning s.id into place;
		perform base.touch('reservation.waiting', array[next.id]), base.touch('stock.changed', array[place]);
		amount := amount - part;
	end loop;
end $$;

-- Posts the differences of what was counted.
create function inventory.count_post(posted uuid, b jsonb) returns void language plpgsql as $$
declare
	head inventory.count;
	line record;
	place inventory.stock;
	lost text[];
	extra text[];
	says jsonb;
begin
	select c.* into strict head from inventory.count c where c.id = posted;
	for line in select l.*, a.tracking from inventory.count_line l join inventory.article a on a.id = l.article_id
		where l.count_id = posted and (l.difference <> 0 or (a.tracking = 'serial' and l.counted is not null))
		order by l.article_code loop
		lost := inventory.pieces_without(line.expected_serials, line.serials);
		extra := inventory.pieces_without(line.serials, line.expected_serials);
		says := jsonb_build_object('kind', 'adjustment', 'article_id', line.article_id, 'warehouse_id', head.warehouse_id, 'at',
			b -> 'at', 'reason_code', 'count', 'document', jsonb_build_object('kind', 'count', 'id', head.id, 'number', head.number));
		place := inventory.stock_row(line.article_id, head.warehouse_id);
		perform inventory.reservations_yield(line.article_id, head.warehouse_id, greatest(-line.difference, cardinality(lost))
			- place.available, lost)
		where place.sellable and (line.difference < 0 or lost <> '{}');
		if line.tracking = 'serial' then
			perform inventory.movement_post(says || jsonb_build_object('quantity', -cardinality(lost), 'serials', to_jsonb(lost)))
			where lost <> '{}';
			perform inventory.movement_post(says || jsonb_build_object('quantity', cardinality(extra), 'serials', to_jsonb(extra)))
			where extra <> '{}';
		else
			perform inventory.movement_post(says || jsonb_build_object('quantity', line.difference));
		end if;
		perform inventory.stock_fill(line.article_id, head.warehouse_id) where place.sellable;
	end loop;
	perform base.warn('not-counted', format('%s lines were not counted: nothing is posted of them.', n.lines), '/lines')
	from (select count(*) as lines from inventory.count_line l where l.count_id = posted and l.counted is null) n where n.lines > 0;
	update inventory.count c set state = 'posted', posted_at = coalesce((b ->> 'at')::timestamptz, base.clock()) where c.id = posted;
end $$;

grant execute on function inventory.count_start(uuid), inventory.reservations_yield(uuid, uuid, numeric, text[]),
	inventory.count_post(uuid, jsonb) to inventory;
