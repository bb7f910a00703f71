-- The articles of a count, whose lines it begins with: those that the ledger says are there, and those it names.
create or replace function inventory.count_start(started uuid) returns void language plpgsql as $$
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

-- Posts the differences of what was counted.
create or replace function inventory.count_post(posted uuid, b jsonb) returns void language plpgsql as $$
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
