-- What a piece is that lies in a warehouse of a kind.
create or replace function inventory.serial_state(warehouse_kind text) returns text language sql immutable parallel safe as $$
	select case warehouse_kind when 'transit' then 'in_transit' when 'repair' then 'in_repair' when 'supplier' then 'in_repair'
		when 'scrap' then 'scrapped' else 'in_stock' end
$$;

-- Serials of the first list that the second does not have, compared without case.
create or replace function inventory.pieces_without(pieces text[], others text[]) returns text[] language plpgsql immutable as $$
begin
	return (select coalesce(array_agg(p.serial order by p.position), '{}') from unnest(pieces) with ordinality p(serial, position)
		where not exists (select from unnest(others) o(serial) where base.fold(o.serial) = base.fold(p.serial)));
end $$;

-- The pointer of a piece: of a list, whose pointer ends with a slash, or of the one that stands by itself.
create or replace function inventory.piece_pointer(pointer text, place bigint) returns text language sql immutable parallel safe as $$
	select case when pointer like '%/' then pointer || (place - 1) else pointer end
$$;

-- The serials of a movement: each piece leaves the place where it is, or comes to the one where it goes.
create or replace function inventory.serials_move(of_article uuid, moved text[], arrives boolean, place uuid, place_kind text, whose text,
	kind text, reserved_by uuid, pointer text) returns void language plpgsql as $$
declare
	one record;
	known record;
	arrived text := inventory.serial_state(place_kind);
begin
	for one in select btrim(u.serial) as serial, inventory.piece_pointer(serials_move.pointer, u.position) as pointer
		from unnest(moved) with ordinality u(serial, position) loop
		perform base.must(one.serial <> '', 'invalid', 'must not be empty', one.pointer, 'length');
		select s.* into known from inventory.serial s where s.article_id = of_article and s.serial_key = base.fold(one.serial);
		if arrives then
			if found and known.warehouse_id is not null then
				perform base.fail('conflict', format('Serial %s is in a warehouse already.', one.serial), one.pointer, 'place');
			end if;
			insert into inventory.serial (id, article_id, serial, state, owner, warehouse_id)
			values (base.uuid_new(), of_article, one.serial, arrived, whose, case when arrived <> 'scrapped' then place end)
			on conflict (tenant_id, article_id, serial_key) do update set state = excluded.state, owner = excluded.owner,
				warehouse_id = excluded.warehouse_id, reservation_id = null, version = serial.version + 1, updated_at = base.clock();
		else
			if not found or known.warehouse_id is distinct from place or known.owner <> whose then
				perform base.fail('conflict', format('Serial %s is not in this warehouse.', one.serial), one.pointer, 'place');
			end if;
			if known.reservation_id is distinct from reserved_by and known.reservation_id is not null then
				perform base.fail('conflict', format('Serial %s is reserved for something else.', one.serial), one.pointer,
					'reserved');
			end if;
			if kind = 'reversal' then
				delete from inventory.serial s where s.id = known.id; -- it never came
			else
				update inventory.serial s set state = case when kind in ('scrap', 'adjustment') then 'scrapped' else 'at_customer' end,
					warehouse_id = null, reservation_id = null, version = s.version + 1, updated_at = base.clock()
				where s.id = known.id;
			end if;
		end if;
	end loop;
end $$;
