-- Voiding a transport document takes back what it moved. Goods of a return are put where they were, also those whose return named
-- the document (rma_line_return) and those that came back from a supplier.

-- The lines of returns that are on a document, or whose return named it; which of them it moved; where the document says so.
create or replace function inventory.transport_returns(document uuid)
returns table (rma_line_id uuid, moved boolean, pointer text, place int) language plpgsql stable as $$
begin
	return query select n.id, bool_or(n.moved), min(n.pointer), min(n.place)
	from (select l.rma_line_id as id, l.moved, format('/lines/%s/rma_line_id', l.position - 1) as pointer, l.position as place
			from inventory.transport_document_line l where l.document_id = document and l.rma_line_id is not null
		union all select m.rma_line_id, true, null, null from inventory.movement m
			where m.document_id = document and m.document_kind = 'transport_document' and m.rma_line_id is not null) n
	group by n.id;
end $$;

-- The customer's lines whose goods are with the supplier again, if nothing became of them since.
create or replace function inventory.transport_unreturn_parent(line uuid, there uuid, b jsonb) returns void language plpgsql as $$
declare
	child uuid := (select l.rma_id from inventory.rma_line l where l.id = line);
begin
	perform base.must(p.state = 'repairing', 'conflict', format('The line of the return is %s already.', p.state),
		b -> 'pointers' ->> 'serial', 'state')
	from inventory.rma_line p where p.child_rma_id = child;
	perform inventory.rma_goods_at(child, there);
end $$;

-- Takes one of them back: what came in is with whom it came from, what went back is with us, and so is our own that left for a
-- supplier.
create or replace function inventory.transport_unreturn(head inventory.transport_document, line uuid, b jsonb) returns void
language plpgsql as $$
declare
	known inventory.rma_line;
	ours boolean := inventory.rma_own(line);
	there uuid;
begin
	select l.* into strict known from inventory.rma_line l where l.id = line;
	perform base.must(known.state = case when head.direction = 'in' then 'received' when ours then 'authorised' else 'returned' end,
		'conflict', format('The line of the return is %s already.', known.state), b -> 'pointers' ->> 'serial', 'state');
	if head.direction = 'out' and ours then
		there := head.warehouse_id;
	elsif head.direction = 'out' then
		select m.warehouse_id into there from inventory.movement m where m.rma_line_id = line and m.kind = 'rma_out'
		order by m.sequence desc limit 1;
	end if;
	if head.direction = 'out' and ours then
		perform inventory.rma_move(line, 'rma_out', known.warehouse_id, b), inventory.rma_move(line, 'rma_in', there, b),
			inventory.rma_own_home(line, b);
		update inventory.rma_line l set warehouse_id = null where l.id = line;
	elsif head.direction = 'out' then
		perform inventory.rma_move(line, 'rma_in', there, b), inventory.rma_asset(line, 'in_repair', b);
		update inventory.rma_line l set state = 'ready', disposal = null, returned_quantity = 0, returned_at = null, warehouse_id = there
		where l.id = line;
	else
		perform inventory.rma_move(line, 'rma_out', known.warehouse_id, b);
		if known.of_supplier then
			there := inventory.rma_warehouse('supplier');
			perform inventory.rma_move(line, 'rma_in', there, b),
				case when ours then inventory.rma_asset(line, 'in_repair', b) else inventory.transport_unreturn_parent(line, there, b) end;
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
	perform inventory.transport_unreturn(head, r.rma_line_id, b || inventory.transport_said(head)
		|| jsonb_build_object('pointers', jsonb_build_object('quantity', r.pointer, 'serial', r.pointer)))
	from (select r.rma_line_id, coalesce(r.pointer, '') as pointer from inventory.transport_returns(voided) r where r.moved order by r.place) r;
	update inventory.transport_document d set state = 'voided', void_reason = b ->> 'reason' where d.id = voided;
end $$;
