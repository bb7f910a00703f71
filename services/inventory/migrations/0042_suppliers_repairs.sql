-- A supplier's repair comes back in parts, and its customer's line may be divided meanwhile: goods are with us again when all have come.

-- The customer's lines whose supplier's repair this is have their goods there.
create function inventory.rma_goods_at(child uuid, place uuid) returns void language plpgsql as $$
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

create or replace function inventory.rma_line_receive(received uuid, b jsonb) returns void language plpgsql as $$
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
		-- It comes back from the supplier, itself or another in its place; what comes in parts comes together again.
		perform base.must(o.warehouse_id = place.id, 'conflict', format('A part of it came back to %s: receive the rest there.', w.code),
			'/warehouse_id', 'reference')
		from inventory.rma_line o join inventory.warehouse w on w.id = o.warehouse_id
		where o.rma_id = line.rma_id and o.received_quantity > 0 limit 1;
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
		update inventory.rma_line p set asset_id = coalesce(swapped, p.asset_id),
			serial = case when p.serial is not null then coalesce(btrim(b ->> 'serial'), p.serial) end,
			supplier_cost = coalesce(p.supplier_cost, 0) + coalesce((b ->> 'supplier_cost')::numeric, 0), version = p.version + 1,
			updated_at = base.clock()
		where p.id = (select r.parent_line_id from inventory.rma r where r.id = line.rma_id) returning p.id into parent;
		perform inventory.rma_goods_at(line.rma_id, place.id)
		where not exists (select from inventory.rma_line o where o.rma_id = line.rma_id and o.state = 'authorised');
		update inventory.serial e set rma_line_id = parent from inventory.rma_line p
		where p.id = parent and e.article_id = p.article_id and e.serial_key = p.serial_key;
		perform base.touch('rma_line.changed', array[parent]);
	end if;
end $$;

-- A customer's line whose goods are with a supplier goes no further. $1 the line.
create function inventory.rma_line_back(of_line uuid) returns void language plpgsql stable as $$
begin
	perform base.fail('conflict', format('The goods are still with the supplier: receive them in %s first.', c.number))
	from inventory.rma_line l join inventory.rma c on c.id = l.child_rma_id
	where l.id = of_line and exists (select from inventory.rma_line o where o.rma_id = c.id and o.state = 'authorised');
end $$;

-- The customer's lines whose goods are with the supplier again, if nothing became of them since.
create or replace function inventory.transport_unreturn_parent(line uuid, there uuid, b jsonb) returns void language plpgsql as $$
declare
	child uuid := (select l.rma_id from inventory.rma_line l where l.id = line);
begin
	perform base.must(p.state = 'repairing', 'conflict', format('The line of the return is %s already.', p.state), b ->> 'line', 'state')
	from inventory.rma_line p where p.child_rma_id = child;
	perform inventory.rma_goods_at(child, there);
end $$;

grant execute on function inventory.rma_goods_at(uuid, uuid), inventory.rma_line_back(uuid) to inventory;
