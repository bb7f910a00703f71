-- Issuing a transport document moves what is on it.

-- Somebody's place as it is printed, line by line, its country when it is another; empty without any of it.
create or replace function inventory.address_text(address jsonb) returns text
language plpgsql stable parallel safe as $$
begin
	return concat_ws(E'\n', address ->> 'name', address ->> 'street', nullif(concat_ws(' ', address ->> 'postcode',
		address ->> 'city', '(' || (address ->> 'province') || ')'), ''),
		nullif(address ->> 'country', (select t.country from inventory.tenant t)));
end $$;

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

-- What a movement says of the document that it is on.
create or replace function inventory.transport_said(head inventory.transport_document) returns jsonb language sql immutable as $$
	select jsonb_build_object('document', jsonb_build_object('kind', 'transport_document', 'id', head.id, 'number',
		coalesce(head.number, head.their_number)))
$$;

-- A return's line goes on with the document: it comes in, or goes back; our own leaves for its supplier. What went to a supplier by
-- itself, or was replaced, did so already.
create or replace function inventory.transport_rma(head inventory.transport_document, line inventory.transport_document_line, b jsonb)
returns boolean language plpgsql as $$
declare
	known inventory.rma_line;
	action text;
	event text;
begin
	select l.* into known from inventory.rma_line l where l.id = line.rma_line_id;
	b := b || jsonb_build_object('pointers', jsonb_build_object('serial', b ->> 'line' || '/rma_line_id'));
	perform base.must(known.article_id = line.article_id and known.quantity = line.quantity, 'conflict',
		'The line of the return is of another article or quantity.', b ->> 'line' || '/quantity', 'reference'),
		base.must(coalesce(known.serial_key = base.fold(line.serials[1]), true), 'conflict',
			format('The line is of %s: this is another piece.', known.serial), b ->> 'line' || '/serials/0', 'reference');
	if head.direction = 'in' and known.state in ('requested', 'authorised') then
		perform inventory.rma_line_receive(known.id, b || jsonb_build_object('warehouse_id', head.warehouse_id));
		action := 'receive';
		event := 'received';
	elsif head.direction = 'out' and known.state = 'ready' and inventory.rma_line_here(known.id) then
		perform inventory.rma_line_return(known.id, b);
		action := 'return';
		event := 'returned';
	elsif head.direction = 'out' and known.of_supplier and known.state = 'authorised' and known.warehouse_id is null then
		perform inventory.rma_line_ship(known.id, b || jsonb_build_object('warehouse_id', head.warehouse_id));
		action := 'send';
		event := 'sent';
	elsif head.direction = 'out' and (known.of_supplier and known.warehouse_id is not null or known.replacement is not null)
		or known.state in ('received', 'returned') then
		return false;
	else
		perform base.fail('conflict', format('The line of the return is %s: it does not go on with this document.', known.state),
			b ->> 'line' || '/rma_line_id', 'state');
	end if;
	update inventory.rma_line l set version = l.version + 1, updated_at = base.clock() where l.id = known.id;
	perform inventory.rma_line_log(known.id, action, known.state, l.state, b) from inventory.rma_line l where l.id = known.id;
	perform base.touch('rma_line.' || event, array[known.id]);
	return true;
end $$;

-- Ships a draft transfer with the document, once for all lines that name it.
create or replace function inventory.transport_transfer(head inventory.transport_document, line inventory.transport_document_line, b jsonb)
returns boolean language plpgsql as $$
declare
	known inventory.transfer;
begin
	select t.* into known from inventory.transfer t where t.id = line.transfer_id;
	if known.transport_document_id = head.id or known.state in ('shipped', 'received') then
		update inventory.transfer t set transport_document_id = head.id, version = t.version + 1, updated_at = base.clock()
		where t.id = known.id and t.transport_document_id is null;
		perform base.touch('transfer.changed', array[known.id]) where found;
		return false;
	end if;
	perform base.must(known.state = 'draft' and known.from_warehouse_id = head.warehouse_id and head.direction = 'out', 'conflict',
			'The transfer does not start from this warehouse.', b ->> 'line' || '/transfer_id', 'state'),
		inventory.transfer_ship(known.id, false, b - 'line');
	update inventory.transfer t set transport_document_id = head.id, version = t.version + 1, updated_at = base.clock()
	where t.id = known.id;
	insert into inventory.transition (resource, subject_id, action, from_state, to_state, at)
	values ('transfer', known.id, 'ship', 'draft', 'shipped', coalesce((b ->> 'at')::timestamptz, base.clock()));
	perform base.touch('transfer.shipped', array[known.id]);
	return true;
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
