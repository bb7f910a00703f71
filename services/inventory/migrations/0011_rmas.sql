-- Returns: customers' goods that come in to be repaired, what goes on to a supplier, what is sent in advance. The state is
-- the line's; the head is open while one of its lines is.
select inventory_data.store_table('rma', $$
	number        text not null,
	kind          text not null,
	state         text not null default 'open',
	customer_id   uuid,
	supplier_name text,
	supplier_ref  text,
	site_id       uuid,
	contact_id    uuid,
	call_id       uuid,
	parent_line_id uuid,
	reason        text,
	customer_reference text,
	authorised_by text,
	authorised_at timestamptz(3),
	expires_on    date,
	ship_to       jsonb,
	job_code      text,
	notes         text,
	constraint rma__number__unique unique (tenant_id, number)
$$, master_data => false);
create index rma__created_at on inventory_data.rma (tenant_id, created_at, id);
create index rma__search on inventory_data.rma using gin (tenant_id, base.search_vector(coalesce(reason, '') || ' '
	|| coalesce(customer_reference, '')));
select inventory_data.filter_indexes('rma', 'created_at', array['state', 'kind'], array['customer_id', 'call_id', 'supplier_ref',
	'parent_line_id']);

-- A line is a piece with its serial, or a quantity of an article without.
select inventory_data.store_table('rma_line', $$
	rma_id         uuid not null,
	article_id     uuid not null,
	serial         text,
	serial_key     text generated always as (base.fold(serial)) stored,
	quantity       numeric(12, 3) not null,
	of_supplier    boolean not null default false,
	asset_id       uuid,
	fault_code     text,
	declared_fault text,
	accessories    text,
	condition      text,
	warranty       text not null default 'unknown',
	state          text not null default 'requested',
	diagnosis      text,
	cause_code     text,
	repair_notes   text,
	outcome        text,
	disposal       text,
	warehouse_id   uuid,
	received_quantity numeric(12, 3) not null default 0,
	returned_quantity numeric(12, 3) not null default 0,
	unannounced    boolean not null default false,
	split_from     uuid,
	offer_id       uuid,
	child_rma_id   uuid,
	replacement    jsonb,
	supplier_cost  numeric(14, 2),
	due_back_on    date,
	loaned_asset_id uuid,
	missing        text,
	received_at    timestamptz(3),
	returned_at    timestamptz(3),
	job_code       text,
	constraint rma_line__rma_id__reference foreign key (tenant_id, rma_id) references inventory_data.rma (tenant_id, id),
	constraint rma_line__article_id__reference foreign key (tenant_id, article_id)
		references inventory_data.article (tenant_id, id),
	constraint rma_line__asset_id__reference foreign key (tenant_id, asset_id) references inventory_data.asset (tenant_id, id),
	constraint rma_line__loaned_asset_id__reference foreign key (tenant_id, loaned_asset_id)
		references inventory_data.asset (tenant_id, id),
	constraint rma_line__loaned_asset_id__conflict check (loaned_asset_id is distinct from asset_id or loaned_asset_id is null),
	constraint rma_line__warehouse_id__reference foreign key (tenant_id, warehouse_id)
		references inventory_data.warehouse (tenant_id, id),
	constraint rma_line__quantity__range check (quantity > 0 and (serial is null or quantity = 1)),
	constraint rma_line__received_quantity__range check (received_quantity <= quantity and returned_quantity <= received_quantity)
$$, master_data => false, root => false);
create index rma_line__created_at on inventory_data.rma_line (tenant_id, created_at, id);
-- A piece is in one open return only; that of the supplier is beside its customer's.
create unique index rma_line__serial__unique on inventory_data.rma_line (tenant_id, article_id, serial_key, of_supplier)
	where serial is not null and state not in ('closed', 'cancelled');
create index rma_line__due_back on inventory_data.rma_line (tenant_id, due_back_on) where due_back_on is not null;
create index rma_line__serial on inventory_data.rma_line (tenant_id, serial_key, id) where serial is not null;
select inventory_data.filter_indexes('rma_line', 'created_at', array['rma_id', 'state', 'article_id'], array['asset_id', 'outcome',
	'warehouse_id', 'offer_id', 'loaned_asset_id']);

-- A new line: its asset, where the piece is a known one, and that one's warranty. `line` is where the body has it.
create function inventory.rma_line_settle(made uuid, line text default '') returns void language plpgsql as $$
begin
	update inventory.rma_line l set asset_id = a.id, warranty = case when l.warranty <> 'unknown' then l.warranty
		when a.warranty_until >= inventory.today() then 'in' when a.warranty_until is not null then 'out' else 'unknown' end
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
			r.code), line || '/serial', 'required')
	from inventory.rma_line l join inventory.article r on r.id = l.article_id left join inventory.asset a on a.id = l.asset_id
	where l.id = made;
end $$;

-- A step on a part of the quantity: the rest of the line becomes a line of its own, in the state in which it is.
create function inventory.rma_line_split(divided uuid, wanted numeric) returns void language plpgsql as $$
declare
	known inventory.rma_line;
	rest inventory.rma_line;
begin
	select l.* into strict known from inventory.rma_line l where l.id = divided;
	if wanted is null or wanted = known.quantity then
		return;
	end if;
	if wanted > known.quantity then
		perform base.fail('conflict', format('The line is of %s, %s were asked for.', trim_scale(known.quantity), trim_scale(wanted)),
			'/quantity', 'range');
	end if;
	rest := known;
	rest.id := base.uuid_new();
	rest.quantity := known.quantity - wanted;
	rest.received_quantity := greatest(known.received_quantity - wanted, 0);
	rest.supplier_cost := null;
	rest.split_from := divided;
	rest.external_ref := null;
	insert into inventory.rma_line (id, rma_id, article_id, quantity, of_supplier, asset_id, fault_code, declared_fault, accessories,
		condition, warranty, state, diagnosis, cause_code, repair_notes, outcome, disposal, warehouse_id, received_quantity, unannounced,
		split_from, offer_id, child_rma_id, replacement, due_back_on, missing, received_at, job_code)
	select rest.id, rest.rma_id, rest.article_id, rest.quantity, rest.of_supplier, rest.asset_id, rest.fault_code, rest.declared_fault,
		rest.accessories, rest.condition, rest.warranty, rest.state, rest.diagnosis, rest.cause_code, rest.repair_notes, rest.outcome,
		rest.disposal, rest.warehouse_id, rest.received_quantity, rest.unannounced, rest.split_from, rest.offer_id, rest.child_rma_id,
		rest.replacement, rest.due_back_on, rest.missing, rest.received_at, rest.job_code;
	update inventory.rma_line l set quantity = wanted, received_quantity = least(l.received_quantity, wanted) where l.id = divided;
	perform inventory.source_split(divided, rest.id), inventory.rma_line_log(rest.id, 'split', known.state, known.state, null),
		base.touch('rma_line.created', array[rest.id]);
end $$;

-- A line of its log for a passage that came with another's.
create function inventory.rma_line_log(passed uuid, action text, before text, became text, b jsonb) returns void
language plpgsql as $$
begin
	insert into inventory.transition (resource, subject_id, action, from_state, to_state, at, reason)
	values ('rma_line', passed, action, before, became, coalesce((b ->> 'at')::timestamptz, base.clock()), b ->> 'reason');
end $$;

-- The tenant's first warehouse of a kind.
create function inventory.rma_warehouse(wanted text) returns uuid language plpgsql as $$
declare
	known uuid;
begin
	select w.id into known from inventory.warehouse w where w.kind = wanted and w.active order by w.code limit 1;
	if not found then
		perform base.fail('conflict', format('There is no warehouse of the kind %s in use: make one.', wanted));
	end if;
	return known;
end $$;

-- Moves the goods of a line: the customer's, or with `whose` own ours. `kind` is rma_in, rma_out or scrap.
create function inventory.rma_move(of_line uuid, moves text, place uuid, b jsonb, whose text default 'customer') returns void
language plpgsql as $$
begin
	perform inventory.movement_post(jsonb_build_object('kind', moves, 'article_id', l.article_id, 'warehouse_id', place, 'owner', whose,
		'quantity', l.quantity, 'serials', case when a.tracking = 'serial' then jsonb_build_array(l.serial) end, 'at', b -> 'at',
		'rma_line_id', l.id, 'call_id', r.call_id, 'asset_id', l.asset_id, 'job_code', coalesce(l.job_code, r.job_code),
		'value', case when whose = 'own' then 0 end,
		'document', jsonb_build_object('kind', 'rma', 'id', r.id, 'number', r.number)))
	from inventory.rma_line l join inventory.rma r on r.id = l.rma_id join inventory.article a on a.id = l.article_id
	where l.id = of_line;
	update inventory.serial e set rma_line_id = case when moves = 'rma_in' then of_line end
	from inventory.rma_line l where l.id = of_line and e.article_id = l.article_id and e.serial_key = l.serial_key;
end $$;

-- What is with us of an asset is in repair; what went back is where it was.
create function inventory.rma_asset(of_line uuid, became text, b jsonb) returns void language plpgsql as $$
declare
	known record;
begin
	select a.id, a.status, a.installed_on, r.number into known from inventory.rma_line l join inventory.rma r on r.id = l.rma_id
		join inventory.asset a on a.id = l.asset_id where l.id = of_line;
	if not found or known.status not in ('installed', 'on_loan', 'in_repair') or known.status = became then
		return;
	end if;
	update inventory.asset a set status = became, version = a.version + 1, updated_at = base.clock() where a.id = known.id;
	perform inventory.asset_note(known.id, 'change', greatest(inventory.today(), inventory.asset_last(known.id)), known.number),
		base.touch('asset.changed', array[known.id]);
end $$;

-- The goods of the line are with us: received, neither gone back nor disposed of.
create function inventory.rma_line_here(of_line uuid) returns boolean language plpgsql stable as $$
begin
	return (select l.received_quantity > 0 and l.returned_quantity = 0 and l.disposal is null and l.warehouse_id is not null
		from inventory.rma_line l where l.id = of_line);
end $$;

create function inventory.rma_line_receive(received uuid, b jsonb) returns void language plpgsql as $$
declare
	line inventory.rma_line;
	place record;
	parent uuid;
	swapped uuid;
begin
	select l.* into strict line from inventory.rma_line l where l.id = received;
	select w.id, w.kind into place from inventory.warehouse w where w.id = (b ->> 'warehouse_id')::uuid and w.active;
	if not found or place.kind in ('transit', 'scrap', 'supplier') then
		perform base.fail('unknown-reference', 'Goods are not received in that warehouse.', '/warehouse_id', 'reference');
	end if;
	if b ->> 'serial' is not null and line.serial is not null and base.fold(b ->> 'serial') <> line.serial_key and not line.of_supplier then
		perform base.fail('conflict', format('The line is of %s: this is another piece.', line.serial), '/serial', 'reference');
	end if;
	if line.of_supplier then
		-- It comes back from the supplier, itself or another in its place.
		perform inventory.rma_move(received, 'rma_out', line.warehouse_id, b);
		if base.fold(b ->> 'serial') <> line.serial_key then
			swapped := inventory.rma_swap(received, line.article_id, b ->> 'serial');
		end if;
	end if;
	update inventory.rma_line l set state = 'received',
		unannounced = line.state = 'requested' or coalesce(h.expires_on < (coalesce((b ->> 'at')::timestamptz,
			base.clock()) at time zone (select t.time_zone from inventory.tenant t))::date, false),
		serial = coalesce(btrim(b ->> 'serial'), l.serial), asset_id = coalesce(swapped, l.asset_id), warehouse_id = place.id, received_quantity = l.quantity,
		condition = coalesce(b ->> 'condition', l.condition), received_at = coalesce((b ->> 'at')::timestamptz, base.clock()),
		supplier_cost = coalesce((b ->> 'supplier_cost')::numeric, l.supplier_cost),
		missing = case l.missing when 'charged' then 'credited' end
	from inventory.rma h where l.id = received and h.id = l.rma_id;
	perform inventory.rma_move(received, 'rma_in', place.id, b), inventory.rma_asset(received, 'in_repair', b),
		inventory.timeline_put(l.asset_id, 'rma', received, l.received_at)
	from inventory.rma_line l where l.id = received;
	delete from inventory.timer m where m.kind = 'rma_line.overdue' and m.subject = received::text;
	if line.of_supplier then
		update inventory.rma_line p set warehouse_id = place.id, asset_id = coalesce(swapped, p.asset_id),
			serial = case when p.serial is not null then coalesce(btrim(b ->> 'serial'), p.serial) end,
			supplier_cost = coalesce(p.supplier_cost, 0) + coalesce((b ->> 'supplier_cost')::numeric, 0), version = p.version + 1,
			updated_at = base.clock()
		where p.id = (select r.parent_line_id from inventory.rma r where r.id = line.rma_id) returning p.id into parent;
		update inventory.serial e set rma_line_id = parent from inventory.rma_line p
		where p.id = parent and e.article_id = p.article_id and e.serial_key = p.serial_key;
		perform base.touch('rma_line.changed', array[parent]);
	end if;
end $$;

-- Another piece in the place of the line's asset; returns it, or null where nothing is known to be installed.
create function inventory.rma_swap(of_line uuid, article uuid, piece text) returns uuid language plpgsql as $$
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

-- Takes what a step may touch, behind the line's head: the return it is a part of, the articles, the asset.
create function inventory.rma_line_lock(locked uuid, article uuid) returns void language plpgsql as $$
begin
	update inventory.rma p set revision = p.revision + 1 from inventory.rma_line l join inventory.rma r on r.id = l.rma_id
		join inventory.rma_line o on o.id = r.parent_line_id
	where l.id = locked and p.id = o.rma_id;
	perform inventory.stock_lock(array[l.article_id, article]) from inventory.rma_line l where l.id = locked;
	perform inventory.asset_lock(l.asset_id) from inventory.rma_line l where l.id = locked and l.asset_id is not null;
end $$;

-- On to the supplier: a return of its own, whose one line stands for this one's goods.
create function inventory.rma_line_send(sent uuid, b jsonb) returns void language plpgsql as $$
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
create function inventory.rma_line_replace(replaced uuid, b jsonb) returns void language plpgsql as $$
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
		'price', 0, 'rma_line_id', replaced, 'call_id', head.call_id, 'job_code', coalesce(line.job_code, head.job_code),
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
create function inventory.rma_line_return(returned uuid, b jsonb) returns void language plpgsql as $$
begin
	perform base.must(inventory.rma_line_here(returned) and w.kind <> 'supplier', 'conflict', 'The goods are not here.',
			nullif(b ->> 'line', '') || '/rma_line_id'),
		inventory.rma_move(returned, 'rma_out', l.warehouse_id, b), inventory.rma_asset(returned, 'installed', b)
	from inventory.rma_line l left join inventory.warehouse w on w.id = l.warehouse_id where l.id = returned;
	update inventory.rma_line l set state = 'returned', returned_quantity = l.quantity, disposal = 'returned', warehouse_id = null,
		returned_at = coalesce((b ->> 'at')::timestamptz, base.clock())
	where l.id = returned;
end $$;

-- What becomes of goods that stay: they are scrapped, or ours for nothing.
create function inventory.rma_line_dispose(disposed uuid, became text, b jsonb) returns void language plpgsql as $$
declare
	line inventory.rma_line;
begin
	select l.* into strict line from inventory.rma_line l where l.id = disposed;
	if became = 'scrapped' then
		perform inventory.rma_move(disposed, 'scrap', line.warehouse_id, b);
	else
		perform inventory.rma_move(disposed, 'rma_out', line.warehouse_id, b),
			inventory.rma_move(disposed, 'rma_in', line.warehouse_id, b, 'own');
		update inventory.serial e set rma_line_id = null where e.rma_line_id = disposed;
	end if;
	update inventory.rma_line l set disposal = became where l.id = disposed;
end $$;

-- The head ends with its last line.
create function inventory.rma_end(head uuid) returns void language plpgsql as $$
declare
	ends text;
begin
	select case when bool_and(l.state = 'cancelled') then 'cancelled' when bool_and(l.state in ('closed', 'cancelled')) then 'closed' end
	into ends from inventory.rma_line l where l.rma_id = head;
	if ends is not null then
		update inventory.rma r set state = ends, version = r.version + 1, updated_at = base.clock() where r.id = head and r.state = 'open';
		perform base.touch('rma.' || ends, array[head]) where found;
	end if;
end $$;

create function inventory.rma_number() returns text language sql as $$
	select inventory.number_make('rma', inventory.setting('rma_series', '"RMA"') #>> '{}', inventory.year_of(base.clock()))
$$;

grant execute on function inventory.rma_line_settle(uuid, text), inventory.rma_line_split(uuid, numeric),
	inventory.rma_line_log(uuid, text, text, text, jsonb), inventory.rma_warehouse(text),
	inventory.rma_move(uuid, text, uuid, jsonb, text), inventory.rma_asset(uuid, text, jsonb), inventory.rma_line_here(uuid),
	inventory.rma_line_receive(uuid, jsonb), inventory.rma_line_return(uuid, jsonb), inventory.rma_swap(uuid, uuid, text), inventory.rma_line_lock(uuid, uuid), inventory.rma_line_send(uuid, jsonb), inventory.rma_line_replace(uuid, jsonb),
	inventory.rma_line_dispose(uuid, text, jsonb), inventory.rma_end(uuid), inventory.rma_number() to inventory;
