-- How many different articles a kit may be made of, those of the kits within it too.
create function inventory.components_max() returns int language sql immutable as $$ select 500 $$;

-- The articles that a quantity of one stands for: itself, or what a kit is made of, kits within it taken apart too, what is
-- optional left out. Level by level, each article of a level once: along every path, a kit of kits of kits takes apart without end.
create or replace function inventory.article_pieces(whole uuid, wanted numeric) returns table (article_id uuid, quantity numeric)
language plpgsql stable as $$
declare
	level uuid[] := array[whole];
	amounts numeric[] := array[wanted];
	parts uuid[] := '{}';
	part_amounts numeric[] := '{}';
begin
	while level is not null loop
		parts := parts || level;
		part_amounts := part_amounts || amounts;
		if cardinality(parts) > inventory.components_max() then
			perform base.fail('invalid', format('is a kit of more than %s components', inventory.components_max()), '/article_id',
				'components');
		end if;
		select array_agg(n.id), array_agg(n.amount) into level, amounts
		from (select c.component_id as id, sum(l.amount * c.quantity) as amount
			from unnest(level, amounts) l(id, amount) join inventory.kit_component c on c.article_id = l.id and not c.optional
			group by c.component_id) n;
	end loop;
	return query select p.id, sum(p.amount) from unnest(parts, part_amounts) p(id, amount) join inventory.article a on a.id = p.id
	where a.kind <> 'kit' or p.id = whole and not exists (select from inventory.kit_component c where c.article_id = whole)
	group by p.id;
end $$;
grant execute on function inventory.components_max() to inventory;
