-- Until when what a return replaces in advance is expected, said of the whole.
select inventory_data.add_columns('rma', 'add column due_back_on date');

-- Lines that wait for what they replaced wait until that day; one that is over already is told of at once.
create function inventory.rma_due_back(head uuid, day date) returns void language plpgsql as $$
declare
	moved uuid[];
begin
	with changed as (
		update inventory.rma_line l set due_back_on = day, version = l.version + 1, updated_at = base.clock()
		where l.rma_id = head and l.state = 'authorised' and l.due_back_on is distinct from day and l.due_back_on is not null
			and l.missing is null returning l.id
	)
	select array_agg(c.id) into moved from changed c;
	insert into inventory.timer (kind, subject, due_at)
	select 'rma_line.overdue', m.id::text, (day + 1)::timestamp at time zone (select t.time_zone from inventory.tenant t)
	from unnest(moved) m(id)
	on conflict (tenant_id, kind, subject) do update set due_at = excluded.due_at, attempts = 0;
	perform base.touch('rma_line.changed', moved) where moved is not null;
end $$;
grant execute on function inventory.rma_due_back(uuid, date) to inventory;
