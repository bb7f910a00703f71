-- Parts a reservation: `rest` of what is open becomes a reservation of its own, in the same state, which ends when the other
-- does. Returns its id.
create or replace function inventory.reservation_split(divided uuid, rest numeric) returns uuid language plpgsql as $$
declare
	made uuid := base.uuid_new();
begin
	insert into inventory.reservation (id, article_id, warehouse_id, kit_id, quantity, status, activity_id, call_id, charge_id,
		rma_line_id, needed_at, expires_at, job_code, split_from, place)
	select made, r.article_id, r.warehouse_id, r.kit_id, rest, r.status, r.activity_id, r.call_id, r.charge_id, r.rma_line_id,
		r.needed_at, r.expires_at, r.job_code, r.id, r.place
	from inventory.reservation r where r.id = divided;
	insert into inventory.timer (kind, subject, due_at) select 'reservation.expire', made::text, r.expires_at
	from inventory.reservation r where r.id = made and r.expires_at is not null;
	perform inventory.source_split(divided, made);
	update inventory.reservation r set quantity = r.quantity - rest, version = r.version + 1, updated_at = base.clock()
	where r.id = divided;
	perform base.touch('reservation.' || case when r.status = 'waiting' then 'waiting' else 'made' end, array[made])
	from inventory.reservation r where r.id = made;
	return made;
end $$;

-- Those that were parted before.
insert into inventory_data.timer (tenant_id, kind, subject, due_at)
select r.tenant_id, 'reservation.expire', r.id::text, r.expires_at from inventory_data.reservation r
where r.status in ('waiting', 'reserved') and r.expires_at is not null
on conflict (tenant_id, kind, subject) do nothing;
