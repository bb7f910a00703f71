-- The parts of a reservation, which its answer looks up.
create index reservation__split_from on inventory_data.reservation (tenant_id, split_from) where split_from is not null;

-- Ids within objects were kept as they were sent.
update inventory_data.transport_document d set party = jsonb_set(d.party, '{customer_id}', to_jsonb(lower(d.party ->> 'customer_id')))
where d.party ->> 'customer_id' <> lower(d.party ->> 'customer_id');
update inventory_data.count c set scope = jsonb_set(c.scope, '{article_ids}', lower((c.scope -> 'article_ids')::text)::jsonb)
where (c.scope -> 'article_ids')::text <> lower((c.scope -> 'article_ids')::text);

-- Issues `wanted` to a charge, from a reservation or without, with the serials that the charge names.
create or replace function inventory.charge_issue(line inventory.charge, piece uuid, wanted numeric, place uuid, reservation uuid, b jsonb)
returns void language plpgsql as $$
begin
	perform inventory.van_check(place, '/warehouse_id'),
		inventory.movement_post(jsonb_build_object('kind', 'issue', 'article_id', piece, 'warehouse_id', place, 'quantity', wanted,
			'serials', (select to_jsonb((coalesce(nullif(r.serials, '{}'), inventory.charge_serials(line.id, piece)))[:wanted::int])
				from (select 1) one left join inventory.reservation r on r.id = reservation where (select a.tracking
					from inventory.article a where a.id = piece) = 'serial'),
			'at', b -> 'at', 'reservation_id', reservation, 'call_id', line.call_id, 'activity_id', line.activity_id, 'charge_id', line.id,
			'job_code', line.job_code, 'line', b ->> 'line'));
end $$;
