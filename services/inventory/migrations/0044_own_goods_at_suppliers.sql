-- Our own goods go to a supplier for repair, too, by a return of their own: no line of a customer's is above it. They stay ours and
-- keep their worth; what the repair cost is the line's. And a customer's line changes once by what comes back from its supplier.

-- The line is of goods of ours that a supplier repairs.
create function inventory.rma_own(of_line uuid) returns boolean language plpgsql stable as $$
begin
	return (select l.of_supplier and r.parent_line_id is null from inventory.rma_line l join inventory.rma r on r.id = l.rma_id
		where l.id = of_line);
end $$;

-- Moves the goods of a line, on the return itself or on the document that the step names: the customer's, or ours; with `whose` own
-- they become ours for nothing. `kind` is rma_in, rma_out or scrap. Ours come in at what they went out for, just before.
create or replace function inventory.rma_move(of_line uuid, moves text, place uuid, b jsonb, whose text default 'customer') returns void
language plpgsql as $$
declare
	ours boolean := inventory.rma_own(of_line);
	worth numeric := case when whose = 'own' then 0 end;
begin
	if ours and moves = 'rma_in' then
		select case when w.valued then -m.value end into worth
		from inventory.movement m join inventory.warehouse w on w.id = m.warehouse_id
		where m.rma_line_id = of_line and m.kind = 'rma_out' order by m.sequence desc limit 1;
	end if;
	perform inventory.movement_post(jsonb_build_object('kind', moves, 'article_id', l.article_id, 'warehouse_id', place, 'owner',
		case when ours then 'own' else whose end, 'quantity', l.quantity,
		'serials', case when a.tracking = 'serial' then jsonb_build_array(l.serial) end, 'at', b -> 'at',
		'rma_line_id', l.id, 'call_id', r.call_id, 'asset_id', l.asset_id, 'job_code', coalesce(l.job_code, r.job_code),
		'value', worth,
		'document', coalesce(b -> 'document', jsonb_build_object('kind', 'rma', 'id', r.id, 'number', r.number))))
	from inventory.rma_line l join inventory.rma r on r.id = l.rma_id join inventory.article a on a.id = l.article_id
	where l.id = of_line;
	update inventory.serial e set rma_line_id = case when moves = 'rma_in' then of_line end
	from inventory.rma_line l where l.id = of_line and e.article_id = l.article_id and e.serial_key = l.serial_key;
end $$;

-- Goods of ours are in our stock again, as others: their pieces are of no return any more.
create function inventory.rma_own_home(of_line uuid, b jsonb) returns void language plpgsql as $$
begin
	update inventory.serial e set rma_line_id = null, asset_id = coalesce(e.asset_id, l.asset_id)
	from inventory.rma_line l where l.id = of_line and e.article_id = l.article_id and e.serial_key = l.serial_key;
	perform inventory.rma_asset(of_line, 'in_stock', b);
end $$;

-- What is with us of an asset is in repair; what went back is where it was. One of ours is in stock while no supplier repairs it.
create or replace function inventory.rma_asset(of_line uuid, became text, b jsonb) returns void language plpgsql as $$
declare
	known record;
begin
	select a.id, a.status, a.installed_on, r.number into known from inventory.rma_line l join inventory.rma r on r.id = l.rma_id
		join inventory.asset a on a.id = l.asset_id where l.id = of_line;
	if not found or known.status = became or not (known.status in ('installed', 'on_loan', 'in_repair')
		or (known.status = 'in_stock' and inventory.rma_own(of_line))) then
		return;
	end if;
	update inventory.asset a set status = became, version = a.version + 1, updated_at = base.clock() where a.id = known.id;
	perform inventory.asset_note(known.id, 'change', greatest(inventory.today(), inventory.asset_last(known.id)), known.number),
		base.touch('asset.changed', array[known.id]);
end $$;

-- A new line: its asset, where the piece is a known one, and that one's warranty. `line` is where the body has it. What a supplier is
-- to repair for us is stock of ours.
create or replace function inventory.rma_line_settle(made uuid, line text default '') returns void language plpgsql as $$
begin
	update inventory.rma_line l set asset_id = a.id, warranty = case when l.warranty <> 'unknown' then l.warranty
		else inventory.warranty_on(a.warranties, inventory.today()) end
	from inventory.rma_line n left join inventory.asset a on a.id = n.asset_id
		or (n.asset_id is null and a.article_id = n.article_id and a.serial_key = n.serial_key
			and (base.sight() <> 'portal' or a.customer_id = base.customer()))
	where n.id = made and l.id = n.id;
	perform base.must(base.sight() <> 'portal' or a.customer_id = base.customer(), 'unknown-reference', 'There is no such asset.',
			line || '/asset_id', 'reference'),
		case when a.customer_id <> h.customer_id then base.warn('asset-customer', format('Asset %s is of another customer.', a.serial),
			line || '/asset_id') end
	from inventory.rma_line l join inventory.rma h on h.id = l.rma_id join inventory.asset a on a.id = l.asset_id where l.id = made;
	perform base.must(l.asset_id is null or (a.article_id = l.article_id and a.serial_key is not distinct from
		coalesce(l.serial_key, a.serial_key)), 'invalid', 'is another piece than this one', line || '/asset_id', 'reference'),
		base.must(l.quantity = round(l.quantity, r.decimals), 'invalid', format('article %s is counted with %s decimals', r.code,
			r.decimals), line || '/quantity', 'decimals'),
		base.must(r.tracking <> 'serial' or l.serial is not null, 'invalid', format('article %s is tracked by serial: a line is one piece',
			r.code), line || '/serial', 'required'),
		base.must(not l.of_supplier or r.stocked and r.kind not in ('service', 'kit'), 'invalid', format('article %s has no stock', r.code),
			line || '/article_id', 'stocked'),
		base.must(not l.of_supplier or a.id is null or a.owner_customer_id is null and (a.customer_id is null or a.status = 'on_loan'),
			'invalid', 'is a customer''s: what is his is sent on from the line of his return',
			line || case when l.serial is null then '/asset_id' else '/serial' end, 'customer')
	from inventory.rma_line l join inventory.article r on r.id = l.article_id left join inventory.asset a on a.id = l.asset_id
	where l.id = made;
end $$;

-- Our own goods leave for the supplier.
create function inventory.rma_line_ship(sent uuid, b jsonb) returns void language plpgsql as $$
declare
	line inventory.rma_line;
	there uuid := inventory.rma_warehouse('supplier');
begin
	select l.* into strict line from inventory.rma_line l where l.id = sent;
	perform base.must(line.of_supplier, 'conflict', 'A customer''s goods come in before they go on to a supplier.'),
		base.must(line.warehouse_id is null, 'conflict', 'The goods are with the supplier already.'),
		base.must(exists (select from inventory.warehouse w where w.id = (b ->> 'warehouse_id')::uuid
			and w.kind in ('stock', 'van', 'repair')), 'unknown-reference', 'Our goods are not sent from that warehouse.',
			coalesce(b ->> 'line' || '/rma_line_id', '/warehouse_id'), 'reference');
	perform inventory.rma_move(sent, 'rma_out', (b ->> 'warehouse_id')::uuid, b), inventory.rma_move(sent, 'rma_in', there, b),
		inventory.rma_asset(sent, 'in_repair', b);
	update inventory.rma_line l set warehouse_id = there where l.id = sent;
end $$;

-- Of a piece that a supplier keeps, or sends another for, we know no more.
create function inventory.rma_piece_gone(of_article uuid, piece text) returns void language plpgsql as $$
begin
	update inventory.serial e set state = 'scrapped', rma_line_id = null, version = e.version + 1, updated_at = base.clock()
	where e.article_id = of_article and e.serial_key = base.fold(piece);
end $$;

create or replace function inventory.rma_line_receive(received uuid, b jsonb) returns void language plpgsql as $$
declare
	line inventory.rma_line;
	place record;
	parent uuid;
	swapped uuid;
	ours boolean := inventory.rma_own(received);
	another boolean;
	whole boolean;
	moved uuid[];
begin
	select l.* into strict line from inventory.rma_line l where l.id = received;
	select w.id, w.kind into place from inventory.warehouse w where w.id = (b ->> 'warehouse_id')::uuid and w.active;
	if not found or place.kind in ('transit', 'scrap', 'supplier') then
		perform base.fail('unknown-reference', 'Goods are not received in that warehouse.', '/warehouse_id', 'reference');
	end if;
	another := base.fold(b ->> 'serial') <> line.serial_key;
	if another and not line.of_supplier then
		perform base.fail('conflict', format('The line is of %s: this is another piece.', line.serial), '/serial', 'reference');
	end if;
	if line.of_supplier then
		perform base.must(line.warehouse_id is not null, 'conflict', 'The goods have not been sent to the supplier.');
		-- It comes back from the supplier, itself or another in its place; what comes in parts comes together again.
		perform base.must(o.warehouse_id = place.id, 'conflict', format('A part of it came back to %s: receive the rest there.', w.code),
			'/warehouse_id', 'reference')
		from inventory.rma_line o join inventory.warehouse w on w.id = o.warehouse_id
		where o.rma_id = line.rma_id and o.received_quantity > 0 and not ours limit 1;
		perform inventory.rma_move(received, 'rma_out', line.warehouse_id, b);
		if another then
			swapped := inventory.rma_swap(received, line.article_id, b ->> 'serial');
			perform inventory.rma_piece_gone(line.article_id, line.serial) where ours;
		end if;
	end if;
	update inventory.rma_line l set state = 'received',
		unannounced = line.state = 'requested' or coalesce(h.expires_on < (coalesce((b ->> 'at')::timestamptz,
			base.clock()) at time zone (select t.time_zone from inventory.tenant t))::date, false),
		serial = coalesce(btrim(b ->> 'serial'), l.serial), asset_id = coalesce(swapped, l.asset_id), warehouse_id = place.id, received_quantity = l.quantity,
		condition = coalesce(b ->> 'condition', l.condition), received_at = coalesce((b ->> 'at')::timestamptz, base.clock()),
		outcome = case when ours and another then 'replaced' else l.outcome end,
		supplier_cost = coalesce((b ->> 'supplier_cost')::numeric, l.supplier_cost),
		missing = case l.missing when 'charged' then 'credited' end
	from inventory.rma h where l.id = received and h.id = l.rma_id;
	perform inventory.rma_move(received, 'rma_in', place.id, b),
		case when ours then inventory.rma_own_home(received, b) else inventory.rma_asset(received, 'in_repair', b) end,
		inventory.timeline_put(l.asset_id, 'rma', received, l.received_at)
	from inventory.rma_line l where l.id = received;
	delete from inventory.timer m where m.kind = 'rma_line.overdue' and m.subject = received::text;
	if line.of_supplier and not ours then
		-- The customer's line, and with the last part those that it was divided into meanwhile: their goods are here.
		select r.parent_line_id into parent from inventory.rma r where r.id = line.rma_id;
		whole := not exists (select from inventory.rma_line o where o.rma_id = line.rma_id and o.state = 'authorised');
		with back as (
			update inventory.rma_line p set warehouse_id = case when whole then place.id else p.warehouse_id end,
				asset_id = case when p.id = parent then coalesce(swapped, p.asset_id) else p.asset_id end,
				serial = case when p.id = parent and p.serial is not null then coalesce(btrim(b ->> 'serial'), p.serial) else p.serial end,
				supplier_cost = case when p.id = parent and b ->> 'supplier_cost' is not null then (select sum(o.supplier_cost)
					from inventory.rma h join inventory.rma_line o on o.rma_id = h.id where h.parent_line_id = parent)
					else p.supplier_cost end,
				version = p.version + 1, updated_at = base.clock()
			where p.id = parent or (whole and p.child_rma_id = line.rma_id) returning p.id
		)
		select array_agg(k.id) into moved from back k;
		update inventory.serial e set rma_line_id = parent from inventory.rma_line p
		where p.id = parent and e.article_id = p.article_id and e.serial_key = p.serial_key;
		perform base.touch('rma_line.changed', moved);
	end if;
end $$;

-- What becomes of goods that stay: they are scrapped, or ours for nothing. Ours that a supplier repairs stay with him.
create or replace function inventory.rma_line_dispose(disposed uuid, became text, b jsonb) returns void language plpgsql as $$
declare
	line inventory.rma_line;
	ours boolean := inventory.rma_own(disposed);
begin
	select l.* into strict line from inventory.rma_line l where l.id = disposed;
	if became = 'scrapped' then
		perform inventory.rma_move(disposed, 'scrap', line.warehouse_id, b);
	elsif ours then
		perform inventory.rma_move(disposed, 'rma_out', line.warehouse_id, b), inventory.rma_piece_gone(line.article_id, line.serial);
	else
		perform inventory.rma_move(disposed, 'rma_out', line.warehouse_id, b),
			inventory.rma_move(disposed, 'rma_in', line.warehouse_id, b, 'own');
		update inventory.serial e set rma_line_id = null where e.rma_line_id = disposed;
		perform inventory.rma_asset_kept(line.asset_id, b);
	end if;
	update inventory.asset a set version = a.version + 1, updated_at = base.clock()
	where ours and a.id = line.asset_id and a.status <> 'scrapped';
	if found then
		perform inventory.asset_end(line.asset_id, jsonb_build_object('reason', r.number), case became when 'scrapped' then became
			else 'dismissed' end), base.touch('asset.dismissed', array[line.asset_id])
		from inventory.rma r where r.id = line.rma_id;
	end if;
	update inventory.rma_line l set disposal = became, warehouse_id = case when not ours then l.warehouse_id end where l.id = disposed;
end $$;

-- Puts another asset in the place of one: one that is there to be used, or a new one. A customer's stays his; for one of ours that
-- stands nowhere the other is in stock, under what is left of its warranties.
create or replace function inventory.asset_replace(replaced uuid, b jsonb) returns void language plpgsql as $$
declare
	day date := inventory.asset_day(replaced, b ->> 'on', '/on');
	old record;
	next record;
	made uuid;
	stands boolean;
begin
	perform inventory.article_check((b ->> 'article_id')::uuid, '/article_id'),
		base.must(btrim(b ->> 'serial') <> '', 'invalid', 'must not be empty', '/serial', 'length');
	-- Its stock may change, and articles are taken before the tree, which is ours already: behind that nobody waits for one.
	perform from inventory.article r where r.id = (b ->> 'article_id')::uuid for no key update nowait;
	select a.* into old from inventory.asset a where a.id = replaced;
	stands := num_nonnulls(old.customer_id, old.parent_id) > 0;
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
	perform inventory.asset_fetch(next.id, b ->> 'reason');
	update inventory.asset a set status = 'replaced', parent_id = null, replaced_by = next.id,
		removed_on = greatest(day, a.installed_on)
	where a.id = replaced;
	update inventory.asset a set status = case when stands then 'installed' else 'in_stock' end, customer_id = old.customer_id,
		site_id = old.site_id, owner_customer_id = case when a.owner_customer_id is null then old.owner_customer_id
			else nullif(a.owner_customer_id, old.customer_id) end,
		parent_id = old.parent_id, position = old.position, job_code = old.job_code,
		installed_on = case when stands then day end, removed_on = null, replaces = replaced,
		warranties = case when stands then inventory.warranty_after(old.warranties, a.article_id, day)
			else coalesce(nullif(a.warranties, '[]'), old.warranties) end,
		version = a.version + case when made is null then 1 else 0 end,
		revision = a.revision + case when made is null then 1 else 0 end, updated_at = base.clock()
	where a.id = next.id;
	perform inventory.asset_note(replaced, 'replace', day, b ->> 'reason', b ->> 'note'),
		inventory.asset_note(next.id, case when stands then 'install' when made is null then 'change' else 'create' end, day, b ->> 'reason'),
		inventory.warranty_watch(replaced), inventory.warranty_watch(next.id),
		base.touch(case when made is not null then 'asset.created' when stands then 'asset.installed' else 'asset.changed' end,
			array[next.id]);
end $$;

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
	perform base.must(known.article_id = line.article_id and known.quantity = line.quantity, 'conflict',
		'The line of the return is of another article or quantity.', b ->> 'line' || '/quantity', 'reference');
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
		'conflict', format('The line of the return is %s already.', known.state), b ->> 'line', 'state');
	if head.direction = 'out' then
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

grant execute on function inventory.rma_own(uuid), inventory.rma_own_home(uuid, jsonb), inventory.rma_line_ship(uuid, jsonb),
	inventory.rma_piece_gone(uuid, text) to inventory;
