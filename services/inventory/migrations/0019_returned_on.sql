-- Goods of a return move on the return itself, or on the document that the step names.
create or replace function inventory.rma_move(of_line uuid, moves text, place uuid, b jsonb, whose text default 'customer') returns void
language plpgsql as $$
begin
	perform inventory.movement_post(jsonb_build_object('kind', moves, 'article_id', l.article_id, 'warehouse_id', place, 'owner', whose,
		'quantity', l.quantity, 'serials', case when a.tracking = 'serial' then jsonb_build_array(l.serial) end, 'at', b -> 'at',
		'rma_line_id', l.id, 'call_id', r.call_id, 'asset_id', l.asset_id, 'job_code', coalesce(l.job_code, r.job_code),
		'value', case when whose = 'own' then 0 end,
		'document', coalesce(b -> 'document', jsonb_build_object('kind', 'rma', 'id', r.id, 'number', r.number))))
	from inventory.rma_line l join inventory.rma r on r.id = l.rma_id join inventory.article a on a.id = l.article_id
	where l.id = of_line;
	update inventory.serial e set rma_line_id = case when moves = 'rma_in' then of_line end
	from inventory.rma_line l where l.id = of_line and e.article_id = l.article_id and e.serial_key = l.serial_key;
end $$;
