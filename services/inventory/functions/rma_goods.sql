-- The steps of a line of a return that move goods, and its machine with them. b is the body of the step.
--
-- Our own goods go to a supplier for repair, too, by a return of their own: no line of a customer's is above it. They stay ours and
-- keep their worth; what the repair cost is the line's.

-- The tenant's first warehouse of a kind.
create or replace function inventory.rma_warehouse(wanted text) returns uuid language plpgsql as $$
declare
	known uuid;
begin
	select w.id into known from inventory.warehouse w where w.kind = wanted and w.active order by w.code limit 1;
	if not found then
		perform base.fail('conflict', format('There is no warehouse of the kind %s in use: make one.', wanted));
	end if;
	return known;
end $$;

-- Moves the goods of a line, on the return itself or on the document that the step names: the customer's, or ours; with `whose` own
-- they become ours for nothing. `kind` is rma_in, rma_out or scrap. Ours come in at what they went out for, just before. A body names
-- no list of serials: what is refused of the piece is pointed at where the step says (`pointers`), or at all of it.
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
		'value', worth, 'line', b -> 'line', 'pointers', '{"serial": ""}' || coalesce(b -> 'pointers', '{}'),
		'document', coalesce(b -> 'document', jsonb_build_object('kind', 'rma', 'id', r.id, 'number', r.number))))
	from inventory.rma_line l join inventory.rma r on r.id = l.rma_id join inventory.article a on a.id = l.article_id
	where l.id = of_line;
	update inventory.serial e set rma_line_id = case when moves = 'rma_in' then of_line end
	from inventory.rma_line l where l.id = of_line and e.article_id = l.article_id and e.serial_key = l.serial_key;
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

-- A machine that is not given back is ours: it is in stock, with what is in it, and nobody's.
create or replace function inventory.rma_asset_kept(kept uuid, b jsonb) returns void language plpgsql as $$
declare
	day date := greatest(coalesce(((b ->> 'at')::timestamptz at time zone (select t.time_zone from inventory.tenant t))::date,
		inventory.today()), inventory.asset_last(kept));
begin
	update inventory.asset a set status = 'in_stock', customer_id = null, owner_customer_id = null, site_id = null, parent_id = null,
		removed_on = day, version = a.version + 1, updated_at = base.clock()
	where a.id = kept and a.status = 'in_repair';
	if found then
		perform inventory.asset_note(kept, 'remove', day, 'kept'), inventory.asset_carry(kept, day, 'kept'),
			base.touch('asset.moved', array[kept]);
	end if;
end $$;

-- Goods of ours are in our stock again, as others: their pieces are of no return any more.
create or replace function inventory.rma_own_home(of_line uuid, b jsonb) returns void language plpgsql as $$
begin
	update inventory.serial e set rma_line_id = null, asset_id = coalesce(e.asset_id, l.asset_id)
	from inventory.rma_line l where l.id = of_line and e.article_id = l.article_id and e.serial_key = l.serial_key;
	perform inventory.rma_asset(of_line, 'in_stock', b);
end $$;

-- Of a piece that a supplier keeps, or sends another for, we know no more.
create or replace function inventory.rma_piece_gone(of_article uuid, piece text) returns void language plpgsql as $$
begin
	update inventory.serial e set state = 'scrapped', rma_line_id = null, version = e.version + 1, updated_at = base.clock()
	where e.article_id = of_article and e.serial_key = base.fold(piece);
end $$;

-- How many of ours are with a supplier for repair; no piece of these is to be among `pieces`.
create or replace function inventory.rma_held(of_article uuid, place uuid, pieces text[], pointer text) returns numeric language plpgsql as $$
begin
	perform base.fail('conflict', format('Serial %s is with the supplier for repair: receive it, or close its line.', e.serial),
		inventory.piece_pointer(rma_held.pointer, u.position), 'reference')
	from unnest(pieces) with ordinality u(serial, position) join inventory.serial e on e.article_id = of_article
		and e.serial_key = base.fold(u.serial)
	where e.warehouse_id = place and e.rma_line_id is not null and e.owner = 'own';
	return (select coalesce(sum(l.quantity), 0) from inventory.rma_line l join inventory.rma r on r.id = l.rma_id
		where l.article_id = of_article and l.warehouse_id = place and l.state = 'authorised' and r.kind = 'supplier_repair'
			and r.parent_line_id is null);
end $$;

-- The customer's lines whose supplier's repair this is have their goods there. It may come back in parts, and its customer's line may
-- be divided meanwhile: goods are with us again when all have come.
create or replace function inventory.rma_goods_at(child uuid, place uuid) returns void language plpgsql as $$
declare
	moved uuid[];
begin
	with gone as (
		update inventory.rma_line p set warehouse_id = place, version = p.version + 1, updated_at = base.clock()
		where p.child_rma_id = child returning p.id
	)
	select array_agg(k.id) into moved from gone k;
	perform base.touch('rma_line.changed', moved);
end $$;

-- Our own goods leave for the supplier.
create or replace function inventory.rma_line_ship(sent uuid, b jsonb) returns void language plpgsql as $$
declare
	line inventory.rma_line;
	there uuid := inventory.rma_warehouse('supplier');
begin
	b := '{"pointers": {"serial": "/warehouse_id"}}' || b;
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

-- Goods come in: from the customer, or back from the supplier.
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
	b := '{"pointers": {"serial": "/serial"}}' || b;
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

-- Another piece in the place of the line's asset; returns it, or null where nothing is known to be installed.
create or replace function inventory.rma_swap(of_line uuid, article uuid, piece text) returns uuid language plpgsql as $$
declare
	known record;
	placed uuid;
begin
	select l.asset_id, r.number into known from inventory.rma_line l join inventory.rma r on r.id = l.rma_id
		join inventory.asset a on a.id = l.asset_id where l.id = of_line and a.status in ('installed', 'on_loan', 'in_repair');
	if not found or piece is null then
		return null;
	end if;
	perform inventory.asset_replace(known.asset_id, jsonb_build_object('article_id', article, 'serial', piece, 'on',
		greatest(inventory.today(), inventory.asset_last(known.asset_id)), 'reason', known.number));
	update inventory.asset a set version = a.version + 1, updated_at = base.clock() where a.id = known.asset_id
	returning a.replaced_by into placed;
	perform base.touch('asset.replaced', array[known.asset_id]);
	return placed;
end $$;

-- On to the supplier: a return of its own, whose one line stands for this one's goods.
create or replace function inventory.rma_line_send(sent uuid, b jsonb) returns void language plpgsql as $$
declare
	line inventory.rma_line;
	child uuid := base.uuid_new();
	made uuid := base.uuid_new();
	there uuid := inventory.rma_warehouse('supplier');
begin
	select l.* into strict line from inventory.rma_line l where l.id = sent;
	perform base.must(inventory.rma_line_here(sent) and not line.of_supplier, 'conflict', 'The goods are not here to be sent.'),
		base.must(line.child_rma_id is null or (select c.state <> 'open' from inventory.rma c where c.id = line.child_rma_id), 'conflict',
			'The goods are with a supplier already.');
	insert into inventory.rma (id, number, kind, supplier_name, supplier_ref, parent_line_id, call_id, reason, authorised_by, authorised_at,
		job_code)
	select child, inventory.rma_number(), 'supplier_repair', b ->> 'supplier_name', b ->> 'supplier_ref', sent, r.call_id, line.declared_fault,
		base.actor(), base.clock(), coalesce(line.job_code, r.job_code)
	from inventory.rma r where r.id = line.rma_id;
	insert into inventory.rma_line (id, rma_id, article_id, serial, quantity, of_supplier, asset_id, fault_code, declared_fault, warranty,
		state, warehouse_id, job_code)
	values (made, child, line.article_id, line.serial, line.quantity, true, line.asset_id, line.fault_code, line.diagnosis, line.warranty,
		'authorised', there, line.job_code);
	perform inventory.rma_move(sent, 'rma_out', line.warehouse_id, b), inventory.rma_move(made, 'rma_in', there, b),
		inventory.rma_line_log(made, 'create', null, 'authorised', null);
	update inventory.rma_line l set state = 'repairing', child_rma_id = child, warehouse_id = there where l.id = sent;
	perform base.touch('rma.opened', array[child]), base.touch('rma_line.created', array[made]);
end $$;

-- A new piece goes to the customer. In advance, what it replaces is still to come: the line waits for it.
create or replace function inventory.rma_line_replace(replaced uuid, b jsonb) returns void language plpgsql as $$
declare
	line inventory.rma_line;
	head inventory.rma;
	article uuid;
	placed uuid;
	due date;
begin
	select l.* into strict line from inventory.rma_line l where l.id = replaced;
	select r.* into strict head from inventory.rma r where r.id = line.rma_id;
	article := coalesce((b ->> 'article_id')::uuid, line.article_id);
	perform inventory.article_check(article, '/article_id');
	perform base.must(line.replacement is null, 'conflict', 'It has been replaced already.'),
		base.must(line.state <> 'authorised' or head.kind = 'advance_replacement', 'transition-refused',
			'Only in advance is something replaced before it came in.'),
		base.must(not line.of_supplier, 'conflict', 'What a supplier sends instead is received with its serial.');
	perform inventory.movement_post(jsonb_build_object('kind', 'rma_out', 'article_id', article, 'warehouse_id', b -> 'warehouse_id',
		'quantity', line.quantity, 'serials', case when b ->> 'serial' is not null then jsonb_build_array(b -> 'serial') end, 'at', b -> 'at',
		'price', 0, 'pointers', '{"serial": "/serial"}'::jsonb, 'rma_line_id', replaced, 'call_id', head.call_id, 'job_code', coalesce(line.job_code, head.job_code),
		'document', jsonb_build_object('kind', 'rma', 'id', head.id, 'number', head.number)));
	placed := inventory.rma_swap(replaced, article, b ->> 'serial');
	due := case when line.state = 'authorised' then coalesce((b ->> 'due_back_on')::date, inventory.today()
		+ inventory.setting('due_back_days', '30')::int) end;
	update inventory.rma_line l set state = case when l.state = 'authorised' then l.state else 'ready' end, outcome = 'replaced',
		due_back_on = due, replacement = jsonb_build_object('article_id', article, 'serial', b -> 'serial', 'asset_id', placed,
			'shipped_at', base.ts(coalesce((b ->> 'at')::timestamptz, base.clock())))
	where l.id = replaced;
	insert into inventory.timer (kind, subject, due_at)
	select 'rma_line.overdue', replaced::text, (due + 1)::timestamp at time zone (select t.time_zone from inventory.tenant t)
	where due is not null
	on conflict (tenant_id, kind, subject) do update set due_at = excluded.due_at, attempts = 0;
end $$;

-- Back to the customer.
create or replace function inventory.rma_line_return(returned uuid, b jsonb) returns void language plpgsql as $$
begin
	perform base.must(inventory.rma_line_here(returned) and w.kind <> 'supplier', 'conflict', 'The goods are not here.',
			nullif(b ->> 'line', '') || '/rma_line_id'),
		inventory.rma_move(returned, 'rma_out', l.warehouse_id, b), inventory.rma_asset(returned, 'installed', b)
	from inventory.rma_line l left join inventory.warehouse w on w.id = l.warehouse_id where l.id = returned;
	update inventory.rma_line l set state = 'returned', returned_quantity = l.quantity, disposal = 'returned', warehouse_id = null,
		returned_at = coalesce((b ->> 'at')::timestamptz, base.clock())
	where l.id = returned;
end $$;

-- A customer's line whose goods are with a supplier goes no further. $1 the line.
create or replace function inventory.rma_line_back(of_line uuid) returns void language plpgsql stable as $$
begin
	perform base.fail('conflict', format('The goods are still with the supplier: receive them in %s first.', c.number))
	from inventory.rma_line l join inventory.rma c on c.id = l.child_rma_id
	where l.id = of_line and exists (select from inventory.rma_line o where o.rma_id = c.id and o.state = 'authorised');
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
