-- Whatever a technician moves by hand, he moves in his own van: by a movement, by reversing one, or by taking a machine away.
create function inventory.van_check(place uuid, pointer text) returns void language plpgsql as $$
begin
	if base.sight() = 'technician' then
		perform from inventory.warehouse w where w.id = place and w.technician_id = base.technician();
		if not found then
			perform base.fail('forbidden', 'A technician moves the goods of his own van only.', pointer, 'forbidden');
		end if;
	end if;
end $$;
grant execute on function inventory.van_check(uuid, text) to inventory;

-- What a movement by hand may say. Whether it names something is asked apart from whether that is there: a condition that reads a
-- table is a statement, also where the rest of it decides.
create or replace function inventory.movement_check(b jsonb) returns void language plpgsql as $$
begin
	perform inventory.van_check((b ->> 'warehouse_id')::uuid, '/warehouse_id');
	if b ->> 'owner' = 'customer' and b ->> 'kind' <> 'opening' then
		perform base.fail('invalid', 'goods of customers come and go by RMA', '/owner', 'choice');
	end if;
	if (b ->> 'at')::timestamptz > base.clock() + interval '5 minutes' then
		perform base.fail('invalid', 'must not be more than 5 minutes ahead', '/at', 'range');
	end if;
	if b ->> 'reservation_id' is not null then
		perform from inventory.reservation r where r.id = (b ->> 'reservation_id')::uuid;
		if not found then
			perform base.fail('unknown-reference', 'There is no such reservation.', '/reservation_id', 'reference');
		end if;
	end if;
	if b ->> 'call_id' is not null then
		perform from inventory.call c where c.id = (b ->> 'call_id')::uuid;
		if not found then
			perform base.fail('unknown-reference', 'There is no such call (yet).', '/call_id', 'reference');
		end if;
	end if;
	if b ->> 'activity_id' is not null then
		perform from inventory.activity y where y.id = (b ->> 'activity_id')::uuid;
		if not found then
			perform base.fail('unknown-reference', 'There is no such activity (yet).', '/activity_id', 'reference');
		end if;
	end if;
	if b ->> 'charge_id' is not null then
		perform from inventory.charge h where h.id = (b ->> 'charge_id')::uuid and h.call_id = coalesce((b ->> 'call_id')::uuid, h.call_id);
		if not found then
			perform base.fail('unknown-reference', 'There is no such charge (yet), or it is of another call.', '/charge_id', 'reference');
		end if;
	end if;
	if b ->> 'asset_id' is not null then
		perform from inventory.asset a where a.id = (b ->> 'asset_id')::uuid;
		if not found then
			perform base.fail('unknown-reference', 'There is no such asset.', '/asset_id', 'reference');
		end if;
	end if;
end $$;

-- Off where it is: into a warehouse, when one is named, whose stock then has the piece: its customer's, unless it was lent to him or
-- is said to be ours.
create or replace function inventory.asset_remove(removed uuid, b jsonb) returns void language plpgsql as $$
declare
	day date := inventory.asset_day(removed, b ->> 'on', '/on');
	piece record;
begin
	update inventory.asset a set status = 'in_stock', customer_id = null, site_id = null, parent_id = null, removed_on = day,
		owner_customer_id = case when b ->> 'warehouse_id' is null then a.owner_customer_id
			when a.status <> 'on_loan' and b ->> 'owner' is distinct from 'own' then coalesce(a.owner_customer_id, a.customer_id) end
	where a.id = removed;
	perform inventory.asset_note(removed, 'remove', day, b ->> 'reason', b ->> 'note'),
		inventory.asset_carry(removed, day, b ->> 'reason');
	if b ->> 'warehouse_id' is not null then
		perform inventory.van_check((b ->> 'warehouse_id')::uuid, '/warehouse_id');
		select a.article_id, a.serial, r.tracking, case when a.owner_customer_id is null then 'own' else 'customer' end as owner
		into piece from inventory.asset a join inventory.article r on r.id = a.article_id where a.id = removed;
		perform inventory.stock_lock(array[piece.article_id]), inventory.movement_post(jsonb_build_object('kind', 'return',
			'article_id', piece.article_id, 'warehouse_id', b -> 'warehouse_id', 'owner', piece.owner, 'quantity', 1,
			'serials', case when piece.tracking = 'serial' then jsonb_build_array(piece.serial) end, 'asset_id', removed,
			'reason_code', b -> 'reason'));
	end if;
end $$;
