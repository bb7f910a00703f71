-- Where what a done activity has not used is released, nothing more is promised to it: it would be held for nobody, for its end was
-- told already.
create function inventory.promise_check(of_activity uuid) returns void language plpgsql stable as $$
begin
	perform base.must(y.status is distinct from 'done' or not inventory.setting('release_at_done', 'false')::boolean, 'conflict',
		'The activity is done, and release_at_done says that nothing stays promised to it.', '/activity_id', 'done')
	from inventory.activity y where y.id = of_activity;
end $$;
grant execute on function inventory.promise_check(uuid) to inventory;

-- Promises what these charges ask for and is not promised to them yet, so that it may be asked again. Returns all that is
-- promised to them. The caller has taken the articles.
create or replace function inventory.reservations_of_call(b jsonb) returns uuid[] language plpgsql as $$
declare
	line record;
	missing numeric;
	known record;
	made boolean := false;
begin
	for line in select h.*, n.pointer, p.article_id as piece, p.quantity as wanted
		from inventory.charges_of_call(b) n join inventory.charge h on h.id = n.id,
			inventory.article_pieces(h.article_id, coalesce(h.planned_quantity, h.quantity)) p order by n.place, p.article_id loop
		missing := line.wanted - inventory.charge_promised(line.id, line.piece);
		continue when missing <= 0;
		select coalesce(line.activity_id, (b ->> 'activity_id')::uuid) as activity_id, coalesce((b ->> 'warehouse_id')::uuid, line.warehouse_id,
			inventory.warehouse_default()) as warehouse_id into known;
		perform base.must(known.activity_id is not null, 'invalid', 'is required: a charge names none', '/activity_id', 'required'),
			base.must(known.warehouse_id is not null, 'invalid', 'is required: a charge names none', '/warehouse_id', 'required'),
			base.must(exists (select from inventory.activity y where y.id = known.activity_id and y.call_id = line.call_id
				and y.status <> 'cancelled'), 'unknown-reference', 'The call has no such activity to be done (yet).', '/activity_id', 'reference'),
			inventory.promise_check(known.activity_id);
		perform inventory.reservation_make(base.uuid_new(), jsonb_build_object('article_id', line.piece, 'kit_id',
			case when line.piece <> line.article_id then line.article_id end, 'warehouse_id', known.warehouse_id, 'quantity', missing,
			'partial', b -> 'partial', 'activity_id', known.activity_id, 'charge_id', line.id, 'job_code', line.job_code, 'line', line.pointer)
			|| inventory.source_of_charge(line.id));
		made := true;
	end loop;
	perform inventory.source_warn() where made;
	return array(select r.id from inventory.charges_of_call(b) n join inventory.source s on s.line_id = n.id
		join inventory.reservation r on r.id = s.id where s.made = 'reservation' order by n.place, r.place);
end $$;
