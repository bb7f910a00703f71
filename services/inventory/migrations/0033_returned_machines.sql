-- What a return says of the machine that came in with it: what its warranty covers, and that it is ours where it is kept.

-- What warranties cover of labour, parts and travel on a day, as calls says it of a call: in, out, partial; unknown where nobody knows.
create function inventory.warranty_on(warranties jsonb, day date) returns text language plpgsql immutable as $$
begin
	return (select case when warranties is null then 'unknown' when count(v.covers) = 0 then 'out'
			when array_agg(v.covers) @> '{labour,parts,travel}' then 'in' else 'partial' end
		from jsonb_array_elements(case when jsonb_typeof(warranties) = 'array' then warranties else '[]' end) w,
			jsonb_array_elements_text(w -> 'covers') v(covers)
		where day between (w ->> 'from')::date and (w ->> 'until')::date);
end $$;

-- A machine that is not given back is ours: it is in stock, with what is in it, and nobody's.
create function inventory.rma_asset_kept(kept uuid, b jsonb) returns void language plpgsql as $$
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

-- A new line: its asset, where the piece is a known one, and that one's warranty. `line` is where the body has it.
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
			r.code), line || '/serial', 'required')
	from inventory.rma_line l join inventory.article r on r.id = l.article_id left join inventory.asset a on a.id = l.asset_id
	where l.id = made;
end $$;

-- What becomes of goods that stay: they are scrapped, or ours for nothing.
create or replace function inventory.rma_line_dispose(disposed uuid, became text, b jsonb) returns void language plpgsql as $$
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
		perform inventory.rma_asset_kept(line.asset_id, b);
	end if;
	update inventory.rma_line l set disposal = became where l.id = disposed;
end $$;

grant execute on function inventory.warranty_on(jsonb, date), inventory.rma_asset_kept(uuid, jsonb) to inventory;
