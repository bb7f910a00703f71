-- A kit that is issued, by hand or on a transport document, goes out as its components, as one that is promised is: it has no stock.

-- Takes the article that a movement is to be of; of a kit that is issued, what it is made of, too.
create function inventory.movement_take(b jsonb) returns void language plpgsql as $$
declare
	taken uuid := (b ->> 'article_id')::uuid;
	sort text;
begin
	update inventory.article a set revision = a.revision + 1 where a.id = taken returning a.kind into sort;
	if not found then
		perform base.fail('unknown-reference', 'There is no such article.', '/article_id', 'reference');
	end if;
	if sort = 'kit' and b ->> 'kind' = 'issue' then
		perform inventory.stock_lock(array(select p.article_id from inventory.article_pieces(taken, 1) p));
	end if;
end $$;
drop function inventory.article_take(uuid);

-- Posts an issue: of a kit one for each of its components, among which the serials are shared out. m and what becomes of it are
-- those of movement_post; the first has its id and its key, and is told by who said so.
create function inventory.movement_issue(m jsonb) returns uuid[] language plpgsql as $$
declare
	line text := coalesce(m ->> 'line', '');
	given text[];
	named text[] := '{}';
	part record;
	of_part text[];
	says jsonb := m - 'serials';
	posted uuid[] := '{}';
begin
	perform from inventory.article a where a.id = (m ->> 'article_id')::uuid and a.kind = 'kit';
	if not found then
		return array[inventory.movement_post(m)];
	end if;
	if m -> 'document' ->> 'id' is null then
		perform inventory.article_check((m ->> 'article_id')::uuid, line || '/article_id');
	end if;
	if m ->> 'price' is not null then
		perform base.fail('invalid', 'a kit goes out as its components: it has no price of its own', line || '/price', 'kit');
	end if;
	given := array(select jsonb_array_elements_text(nullif(m -> 'serials', 'null')));
	for part in select p.article_id, p.quantity, a.tracking from inventory.article_pieces((m ->> 'article_id')::uuid,
		(m ->> 'quantity')::numeric) p join inventory.article a on a.id = p.article_id order by p.article_id
	loop
		of_part := case part.tracking when 'serial' then array(select g.serial from unnest(given) g(serial) join inventory.serial e
			on e.article_id = part.article_id and e.serial_key = base.fold(g.serial)) end;
		named := named || of_part;
		posted := posted || inventory.movement_post(says || jsonb_build_object('article_id', part.article_id, 'quantity',
			part.quantity, 'serials', of_part));
		says := says - array['id', 'external_ref', 'told'];
	end loop;
	if inventory.pieces_without(given, named) <> '{}' then
		perform base.fail('invalid', 'not all of these are pieces of what the kit is made of', line || '/serials', 'serials');
	end if;
	return posted;
end $$;

-- A movement by hand. Who issues a kit is told of what came beside the one that is answered.
create function inventory.movement_make(made uuid, b jsonb) returns void language plpgsql as $$
declare
	m jsonb := b || jsonb_build_object('id', made, 'told', true);
	posted uuid[];
begin
	perform inventory.movement_check(b);
	if b ->> 'kind' <> 'issue' then
		perform inventory.movement_post(m);
		return;
	end if;
	posted := inventory.movement_issue(m);
	if cardinality(posted) > 1 then
		perform base.warn('more-movements', format('It became %s movements: %s.', cardinality(posted), array_to_string(posted, ', ')));
	end if;
end $$;

grant execute on function inventory.movement_take(jsonb), inventory.movement_issue(jsonb), inventory.movement_make(uuid, jsonb)
	to inventory;

-- Behind the document what its lines are of, in the order in which everybody takes it: transfers and returns, then the articles.
create or replace function inventory.transport_lock(locked uuid) returns void language plpgsql as $$
declare
	sent uuid[] := array(select l.transfer_id from inventory.transport_document_line l where l.document_id = locked);
	lines uuid[] := array(select r.rma_line_id from inventory.transport_returns(locked) r);
	returns uuid[] := array(select o.rma_id from inventory.rma_line o where o.id = any (lines));
begin
	-- A supplier's return before the customer's that it is a part of, as rma_line_lock does: that one is the older.
	returns := returns || array(select o.rma_id from inventory.rma r join inventory.rma_line o on o.id = r.parent_line_id
		where r.id = any (returns));
	perform from inventory.transfer t where t.id = any (sent) order by t.id for no key update;
	update inventory.transfer t set revision = t.revision + 1 where t.id = any (sent);
	perform from inventory.rma r where r.id = any (returns) order by r.id desc for no key update;
	update inventory.rma r set revision = r.revision + 1 where r.id = any (returns);
	perform inventory.stock_lock(array(select l.article_id from inventory.transport_document_line l where l.document_id = locked
		union select p.article_id from inventory.transport_document_line l join inventory.article a on a.id = l.article_id
			and a.kind = 'kit', inventory.article_pieces(a.id, 1) p where l.document_id = locked
		union select o.article_id from inventory.rma_line o where o.id = any (lines)
		union select t.article_id from inventory.transport_document_line l join inventory.transfer_line t
			on t.transfer_id = l.transfer_id where l.document_id = locked));
	perform inventory.asset_lock(a.asset_id) from (select distinct o.asset_id from inventory.rma_line o
		where o.id = any (lines) and o.asset_id is not null order by o.asset_id) a;
end $$;

-- Numbers the document, moves the goods and their serials. The number is the last that is taken: nobody waits behind it for goods.
create or replace function inventory.transport_issue(issued uuid, b jsonb) returns void language plpgsql as $$
declare
	head inventory.transport_document;
	line inventory.transport_document_line;
	says jsonb;
	goes boolean;
begin
	select d.* into strict head from inventory.transport_document d where d.id = issued;
	head.document_date := coalesce(head.document_date, inventory.today());
	-- A day to come would keep all days before it from having numbers.
	perform base.must(head.document_date <= inventory.today(), 'invalid', 'must not be a day to come', '/document_date', 'range');
	if head.direction = 'out' then
		head.number := inventory.number_make('transport_document', inventory.setting('transport_document_series', '"DDT"') #>> '{}',
			extract(year from head.document_date)::int);
		perform base.must(not exists (select from inventory.transport_document d where d.direction = 'out' and d.number is not null
				and d.document_date > head.document_date), 'conflict', 'A later day has a number already: numbers follow the days.',
			'/document_date', 'order');
	else
		perform base.must(head.their_number is not null and head.their_date is not null, 'conflict',
			'An incoming document is known by the number and the date of its sender.', '/their_number', 'required');
	end if;
	update inventory.transport_document d set number = head.number, document_date = head.document_date, state = 'issued',
		issued_at = coalesce((b ->> 'at')::timestamptz, base.clock())
	where d.id = issued;
	for line in select l.* from inventory.transport_document_line l where l.document_id = issued order by l.position loop
		says := jsonb_build_object('at', b -> 'at', 'line', '/lines/' || (line.position - 1)) || inventory.transport_said(head);
		goes := case when line.rma_line_id is not null then inventory.transport_rma(head, line, says)
			when line.transfer_id is not null then inventory.transport_transfer(head, line, says - 'document') end;
		if goes is null then
			says := says || jsonb_build_object('article_id', line.article_id, 'warehouse_id', head.warehouse_id, 'quantity', line.quantity,
				'serials', to_jsonb(line.serials), 'reason_code', head.reason, 'reservation_id', line.reservation_id);
			if head.direction = 'out' then
				perform inventory.movement_issue(says || '{"kind": "issue"}');
			else
				perform inventory.movement_post(says || jsonb_build_object('kind', case when head.reason in ('return', 'loan_back')
					then 'return' else 'receipt' end));
			end if;
		else
			update inventory.transport_document_line l set moved = goes where l.document_id = issued and l.position = line.position;
		end if;
	end loop;
end $$;
