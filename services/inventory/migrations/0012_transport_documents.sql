-- Transport documents (DDT): the paper that goes with goods, out and in. Issuing one moves them.
select inventory_data.store_table('transport_document', $$
	number        text,
	direction     text not null,
	state         text not null default 'draft',
	reason        text not null,
	party         jsonb not null,
	destination   jsonb,
	their_number  text,
	their_date    date,
	document_date date,
	warehouse_id  uuid not null,
	carried_by    text,
	carrier       jsonb,
	packages      int,
	weight_kg     numeric(8, 3),
	appearance    text,
	started_at    timestamptz(3),
	notes         text,
	issued_at     timestamptz(3),
	void_reason   text,
	constraint transport_document__number__unique unique (tenant_id, number),
	constraint transport_document__warehouse_id__reference foreign key (tenant_id, warehouse_id)
		references inventory_data.warehouse (tenant_id, id)
$$, master_data => false);
create index transport_document__created_at on inventory_data.transport_document (tenant_id, created_at, id);
create index transport_document__issued on inventory_data.transport_document (tenant_id, document_date)
	where direction = 'out' and number is not null;
create index transport_document__party on inventory_data.transport_document (tenant_id, (party ->> 'customer_id'));
select inventory_data.filter_indexes('transport_document', 'created_at', array['state', 'direction', 'warehouse_id'],
	array['their_number', 'document_date']);

create table inventory_data.transport_document_line (
	tenant_id      uuid not null,
	document_id    uuid not null,
	position       int not null,
	article_id     uuid not null,
	description    text,
	quantity       numeric(12, 3) not null,
	serials        text[],
	serial_keys    text[] generated always as (base.folded(serials)) stored,
	rma_line_id    uuid,
	transfer_id    uuid,
	reservation_id uuid,
	moved          boolean not null default false, -- its return or transfer went on with this document
	primary key (tenant_id, document_id, position),
	constraint transport_document_line__document_id__reference foreign key (tenant_id, document_id)
		references inventory_data.transport_document (tenant_id, id),
	constraint transport_document_line__article_id__reference foreign key (tenant_id, article_id)
		references inventory_data.article (tenant_id, id)
);
create index transport_document_line__article on inventory_data.transport_document_line (tenant_id, article_id);
create index transport_document_line__rma_line on inventory_data.transport_document_line (tenant_id, rma_line_id)
	where rma_line_id is not null;
create index transport_document_line__serials on inventory_data.transport_document_line using gin (tenant_id, serial_keys)
	where serial_keys is not null;
select inventory_data.expose('transport_document_line');

-- Somebody's place as it is printed, line by line, its country when it is another; empty without any of it.
create function inventory.address_text(address jsonb) returns text
language plpgsql stable parallel safe as $$
begin
	return concat_ws(E'\n', address ->> 'name', address ->> 'street', nullif(concat_ws(' ', address ->> 'postcode',
		address ->> 'city', '(' || (address ->> 'province') || ')'), ''),
		nullif(address ->> 'country', (select t.country from inventory.tenant t)));
end $$;
grant execute on function inventory.address_text(jsonb) to inventory;

-- Behind the document what its lines are of, in the order in which everybody takes it: transfers and returns, then the articles.
create function inventory.transport_lock(locked uuid) returns void language plpgsql as $$
declare
	sent uuid[] := array(select l.transfer_id from inventory.transport_document_line l where l.document_id = locked);
	returns uuid[] := array(select o.rma_id from inventory.transport_document_line l
		join inventory.rma_line o on o.id = l.rma_line_id where l.document_id = locked);
begin
	-- A supplier's return before the customer's that it is a part of, as rma_line_lock does: that one is the older.
	returns := returns || array(select o.rma_id from inventory.rma r join inventory.rma_line o on o.id = r.parent_line_id
		where r.id = any (returns));
	perform from inventory.transfer t where t.id = any (sent) order by t.id for no key update;
	update inventory.transfer t set revision = t.revision + 1 where t.id = any (sent);
	perform from inventory.rma r where r.id = any (returns) order by r.id desc for no key update;
	update inventory.rma r set revision = r.revision + 1 where r.id = any (returns);
	perform inventory.stock_lock(array(select l.article_id from inventory.transport_document_line l where l.document_id = locked
		union select t.article_id from inventory.transport_document_line l join inventory.transfer_line t
			on t.transfer_id = l.transfer_id where l.document_id = locked));
	perform inventory.asset_lock(a.asset_id) from (select distinct o.asset_id from inventory.transport_document_line l
		join inventory.rma_line o on o.id = l.rma_line_id where l.document_id = locked and o.asset_id is not null
		order by o.asset_id) a;
end $$;

-- A return's line goes on with the document: it comes in, or goes back. What went to a supplier, or was replaced, did so already.
create function inventory.transport_rma(head inventory.transport_document, line inventory.transport_document_line, b jsonb)
returns boolean language plpgsql as $$
declare
	known inventory.rma_line;
	event text;
begin
	select l.* into known from inventory.rma_line l where l.id = line.rma_line_id;
	perform base.must(known.article_id = line.article_id and known.quantity = line.quantity, 'conflict',
		'The line of the return is of another article or quantity.', b ->> 'line' || '/quantity', 'reference');
	if head.direction = 'in' and known.state in ('requested', 'authorised') then
		perform inventory.rma_line_receive(known.id, b || jsonb_build_object('warehouse_id', head.warehouse_id));
		event := 'received';
	elsif head.direction = 'out' and known.state = 'ready' and inventory.rma_line_here(known.id) then
		perform inventory.rma_line_return(known.id, b);
		event := 'returned';
	elsif head.direction = 'out' and (known.of_supplier or known.replacement is not null) or known.state in ('received', 'returned') then
		return false;
	else
		perform base.fail('conflict', format('The line of the return is %s: it does not go on with this document.', known.state),
			b ->> 'line' || '/rma_line_id', 'state');
	end if;
	update inventory.rma_line l set version = l.version + 1, updated_at = base.clock() where l.id = known.id;
	perform inventory.rma_line_log(known.id, case event when 'received' then 'receive' else 'return' end, known.state, event, b),
		base.touch('rma_line.' || event, array[known.id]);
	return true;
end $$;

-- Ships a draft transfer with the document, once for all lines that name it.
create function inventory.transport_transfer(head inventory.transport_document, line inventory.transport_document_line, b jsonb)
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
create function inventory.transport_issue(issued uuid, b jsonb) returns void language plpgsql as $$
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
		says := jsonb_build_object('at', b -> 'at', 'line', '/lines/' || (line.position - 1));
		goes := case when line.rma_line_id is not null then inventory.transport_rma(head, line, says)
			when line.transfer_id is not null then inventory.transport_transfer(head, line, says) end;
		if goes is null then
			perform inventory.movement_post(says || jsonb_build_object('kind', case when head.direction = 'out' then 'issue'
					when head.reason in ('return', 'loan_back') then 'return' else 'receipt' end, 'article_id', line.article_id,
				'warehouse_id', head.warehouse_id, 'quantity', line.quantity, 'serials', to_jsonb(line.serials), 'reason_code', head.reason,
				'reservation_id', line.reservation_id, 'document', jsonb_build_object('kind', 'transport_document', 'id', head.id, 'number',
					coalesce(head.number, head.their_number))));
		else
			update inventory.transport_document_line l set moved = goes where l.document_id = issued and l.position = line.position;
		end if;
	end loop;
end $$;

-- Takes back what the document moved; its number stays.
create function inventory.transport_void(voided uuid, b jsonb) returns void language plpgsql as $$
declare
	line inventory.transport_document_line;
	head inventory.transport_document;
	known inventory.rma_line;
	one record;
begin
	select d.* into strict head from inventory.transport_document d where d.id = voided;
	for one in select m.id from inventory.movement m where m.document_id = voided and m.document_kind = 'transport_document'
		and m.kind <> 'reversal' order by m.sequence loop
		perform inventory.movement_undo(one.id, base.uuid_new(), b || '{"line": ""}');
	end loop;
	for line in select l.* from inventory.transport_document_line l where l.document_id = voided and l.moved order by l.position loop
		if line.transfer_id is not null then
			perform base.must(t.state = 'shipped', 'conflict', format('The transfer %s is %s already.', t.number, t.state),
					'/lines/' || (line.position - 1) || '/transfer_id', 'state'),
				inventory.transfer_settle(t.id, 'returned', b)
			from inventory.transfer t where t.id = line.transfer_id;
			update inventory.transfer t set state = 'cancelled', version = t.version + 1, updated_at = base.clock()
			where t.id = line.transfer_id;
			insert into inventory.transition (resource, subject_id, action, from_state, to_state, at, reason)
			values ('transfer', line.transfer_id, 'cancel', 'shipped', 'cancelled', base.clock(), b ->> 'reason');
			perform base.touch('transfer.cancelled', array[line.transfer_id]);
			continue;
		end if;
		select l.* into strict known from inventory.rma_line l where l.id = line.rma_line_id;
		perform base.must(known.state = case head.direction when 'out' then 'returned' else 'received' end, 'conflict',
			format('The line of the return is %s already.', known.state), '/lines/' || (line.position - 1) || '/rma_line_id', 'state');
		if head.direction = 'out' then
			perform inventory.rma_move(known.id, 'rma_in', head.warehouse_id, b), inventory.rma_asset(known.id, 'in_repair', b);
			update inventory.rma_line l set state = 'ready', disposal = null, returned_quantity = 0, returned_at = null,
				warehouse_id = head.warehouse_id, version = l.version + 1, updated_at = base.clock()
			where l.id = known.id;
		else
			perform inventory.rma_move(known.id, 'rma_out', known.warehouse_id, b), inventory.rma_asset(known.id, 'installed', b);
			update inventory.rma_line l set state = 'authorised', received_quantity = 0, received_at = null, warehouse_id = null,
				version = l.version + 1, updated_at = base.clock()
			where l.id = known.id;
		end if;
		perform inventory.rma_line_log(known.id, 'void', known.state, l.state, b) from inventory.rma_line l where l.id = known.id;
		perform base.touch('rma_line.changed', array[known.id]);
	end loop;
	update inventory.transport_document d set state = 'voided', void_reason = b ->> 'reason' where d.id = voided;
end $$;

grant execute on function inventory.transport_lock(uuid),
	inventory.transport_rma(inventory.transport_document, inventory.transport_document_line, jsonb),
	inventory.transport_transfer(inventory.transport_document, inventory.transport_document_line, jsonb),
	inventory.transport_issue(uuid, jsonb), inventory.transport_void(uuid, jsonb) to inventory;
