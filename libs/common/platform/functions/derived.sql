-- After events of what others made of documents here: those that tell anything new, whose they are, and whether they came to be open
-- or ceased to be.
create or replace function {service}.derived_tell(made_ids uuid[]) returns table (source_id uuid, line_id uuid, opened boolean)
language plpgsql as $$
begin
	return query update {service}.derived v set told = n.shown,
			changed_at = case when n.told is not null or v.version > 1 then v.updated_at else v.changed_at end
		from (select o.id, o.told, jsonb_build_object('state', o.state, 'open', o.open, 'quantity', o.quantity, 'issued', o.issued,
				'open_quantity', o.open_quantity, 'serials', to_jsonb(o.serials)) as shown
			from {service}.derived o where o.id = any (made_ids)) n
		where v.id = n.id and n.told is distinct from n.shown
		returning v.source_id, v.line_id, (n.told ->> 'open')::boolean is distinct from v.open;
end $$;

-- What was made of a line, for the row that shows it: the oldest first, the latest hundred. Asked for by line_id.
create or replace view {service}.derived_of_line as
select v.line_id, jsonb_agg(jsonb_build_object('id', v.id, 'kind', v.made, 'head_id', v.head_id, 'number', v.number, 'state', v.state,
		'quantity', v.quantity::text, 'issued', v.issued::text, 'open', v.open_quantity::text, 'serials', to_jsonb(v.serials), 'line_version', v.line_version,
		'taken_at', base.ts(v.taken_at), 'destination_changed_at', base.ts(v.changed_at)) order by v.taken_at, v.id) as made,
	coalesce(sum(v.open_quantity) filter (where v.state = 'reserved'), 0)::numeric(16, 3) as reserved,
	coalesce(sum(v.open_quantity) filter (where v.state = 'waiting'), 0)::numeric(16, 3) as waiting,
	coalesce(-sum(v.quantity) filter (where v.made = 'movement'), 0)::numeric(16, 3) as issued
from {service}.derived v where v.line_id is not null
group by v.line_id;
grant select on {service}.derived_of_line to {service};

-- What others made of a document and is still open; of a return its head, not its lines.
create or replace view {service}.derived_open as
select v.id, v.source_id, v.made, v.number, v.taken_at from {service}.derived v where v.open and v.head_id is null;
grant select on {service}.derived_open to {service};
