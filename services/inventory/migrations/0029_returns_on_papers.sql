-- Goods of a return that move on a transport document say so, as other goods do; and voiding the document puts them back where they
-- were, also those whose return named it (rma_line_return) and those that came back from a supplier.

-- The lines of returns that are on a document, or whose return named it; which of them it moved; where the document says so.
create function inventory.transport_returns(document uuid)
returns table (rma_line_id uuid, moved boolean, pointer text, place int) language plpgsql stable as $$
begin
	return query select n.id, bool_or(n.moved), min(n.pointer), min(n.place)
	from (select l.rma_line_id as id, l.moved, format('/lines/%s/rma_line_id', l.position - 1) as pointer, l.position as place
			from inventory.transport_document_line l where l.document_id = document and l.rma_line_id is not null
		union all select m.rma_line_id, true, null, null from inventory.movement m
			where m.document_id = document and m.document_kind = 'transport_document' and m.rma_line_id is not null) n
	group by n.id;
end $$;

-- What a movement says of the document that it is on.
create function inventory.transport_said(head inventory.transport_document) returns jsonb language sql immutable as $$
	select jsonb_build_object('document', jsonb_build_object('kind', 'transport_document', 'id', head.id, 'number',
		coalesce(head.number, head.their_number)))
$$;

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
			perform inventory.movement_post(says || jsonb_build_object('kind', case when head.direction = 'out' then 'issue'
					when head.reason in ('return', 'loan_back') then 'return' else 'receipt' end, 'article_id', line.article_id,
				'warehouse_id', head.warehouse_id, 'quantity', line.quantity, 'serials', to_jsonb(line.serials), 'reason_code', head.reason,
				'reservation_id', line.reservation_id));
		else
			update inventory.transport_document_line l set moved = goes where l.document_id = issued and l.position = line.position;
		end if;
	end loop;
end $$;

-- Takes one of them back: what came in is with whom it came from, what went back is with us.
create function inventory.transport_unreturn(head inventory.transport_document, line uuid, b jsonb) returns void language plpgsql as $$
declare
	known inventory.rma_line;
	there uuid;
begin
	select l.* into strict known from inventory.rma_line l where l.id = line;
	perform base.must(known.state = case head.direction when 'out' then 'returned' else 'received' end, 'conflict',
		format('The line of the return is %s already.', known.state), b ->> 'line', 'state');
	if head.direction = 'out' then
		select m.warehouse_id into there from inventory.movement m where m.rma_line_id = line and m.kind = 'rma_out'
		order by m.sequence desc limit 1;
		perform inventory.rma_move(line, 'rma_in', there, b), inventory.rma_asset(line, 'in_repair', b);
		update inventory.rma_line l set state = 'ready', disposal = null, returned_quantity = 0, returned_at = null, warehouse_id = there
		where l.id = line;
	else
		perform inventory.rma_move(line, 'rma_out', known.warehouse_id, b);
		if known.of_supplier then
			there := inventory.rma_warehouse('supplier');
			perform inventory.rma_move(line, 'rma_in', there, b), inventory.transport_unreturn_parent(line, there, b);
		else
			perform inventory.rma_asset(line, 'installed', b);
		end if;
		update inventory.rma_line l set state = 'authorised', received_quantity = 0, received_at = null, warehouse_id = there,
			missing = case l.missing when 'credited' then 'charged' end
		where l.id = line;
		insert into inventory.timer (kind, subject, due_at)
		select 'rma_line.overdue', line::text, (known.due_back_on + 1)::timestamp at time zone (select t.time_zone from inventory.tenant t)
		where known.due_back_on >= inventory.today()
		on conflict (tenant_id, kind, subject) do nothing;
	end if;
	update inventory.rma_line l set version = l.version + 1, updated_at = base.clock() where l.id = line;
	perform inventory.rma_line_log(line, 'void', known.state, l.state, b) from inventory.rma_line l where l.id = line;
	perform base.touch('rma_line.changed', array[line]);
end $$;

-- The customer's line whose goods are with the supplier again, if nothing became of them since.
create function inventory.transport_unreturn_parent(line uuid, there uuid, b jsonb) returns void language plpgsql as $$
declare
	parent record;
begin
	select p.id, p.state into parent from inventory.rma_line l join inventory.rma r on r.id = l.rma_id
		join inventory.rma_line p on p.id = r.parent_line_id where l.id = line;
	if not found then
		return;
	end if;
	perform base.must(parent.state = 'repairing', 'conflict', format('The line of the return is %s already.', parent.state),
		b ->> 'line', 'state');
	update inventory.rma_line p set warehouse_id = there, version = p.version + 1, updated_at = base.clock() where p.id = parent.id;
	perform base.touch('rma_line.changed', array[parent.id]);
end $$;

-- Takes back what the document moved; its number stays.
create or replace function inventory.transport_void(voided uuid, b jsonb) returns void language plpgsql as $$
declare
	line inventory.transport_document_line;
	head inventory.transport_document;
	one record;
begin
	select d.* into strict head from inventory.transport_document d where d.id = voided;
	for one in select m.id from inventory.movement m where m.document_id = voided and m.document_kind = 'transport_document'
		and m.kind <> 'reversal' and m.rma_line_id is null order by m.sequence loop
		perform inventory.movement_undo(one.id, base.uuid_new(), b || '{"line": ""}');
	end loop;
	for line in select l.* from inventory.transport_document_line l where l.document_id = voided and l.moved and l.transfer_id is not null
		order by l.position loop
		perform base.must(t.state = 'shipped', 'conflict', format('The transfer %s is %s already.', t.number, t.state),
				'/lines/' || (line.position - 1) || '/transfer_id', 'state'),
			inventory.transfer_settle(t.id, 'returned', b)
		from inventory.transfer t where t.id = line.transfer_id;
		update inventory.transfer t set state = 'cancelled', version = t.version + 1, updated_at = base.clock()
		where t.id = line.transfer_id;
		insert into inventory.transition (resource, subject_id, action, from_state, to_state, at, reason)
		values ('transfer', line.transfer_id, 'cancel', 'shipped', 'cancelled', base.clock(), b ->> 'reason');
		perform base.touch('transfer.cancelled', array[line.transfer_id]);
	end loop;
	perform inventory.transport_unreturn(head, r.rma_line_id, b || jsonb_build_object('line', r.pointer) || inventory.transport_said(head))
	from (select r.rma_line_id, r.pointer from inventory.transport_returns(voided) r where r.moved order by r.place) r;
	update inventory.transport_document d set state = 'voided', void_reason = b ->> 'reason' where d.id = voided;
end $$;

grant execute on function inventory.transport_returns(uuid), inventory.transport_said(inventory.transport_document),
	inventory.transport_unreturn(inventory.transport_document, uuid, jsonb),
	inventory.transport_unreturn_parent(uuid, uuid, jsonb) to inventory;
