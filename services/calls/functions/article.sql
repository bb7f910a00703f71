-- The article that a line names, by its id, its code, or both; refused, at that field, where a line must not name it: not
-- known here, out of use, or with a multiplier of price and quantity other than 1, which nothing here can count with.
create or replace function calls.article_named(named uuid, coded text, at text default null) returns uuid language plpgsql stable as $$
declare
	pointer text := case when at is not null then at when named is null then '/article_code' else '/article_id' end;
	known record;
begin
	if named is null and coded is null then
		return null;
	end if;
	if named is null then
		select a.id, a.code, a.active, a.multiplier into known from calls.article a where a.code = coded
		order by a.active desc limit 1;
	else
		select a.id, a.code, a.active, a.multiplier into known from calls.article a where a.id = named;
	end if;
	if not found or known.code <> coalesce(coded, known.code) then
		perform base.fail('unknown-reference', 'There is no such article (yet).', pointer, 'reference');
	end if;
	perform base.article_serves(known.code, known.multiplier, known.active, pointer);
	return known.id;
end $$;

-- How many different articles a kit may be made of, those of the kits within it too.
create or replace function calls.components_max() returns int language sql immutable as $$ select 500 $$;

-- What a kit is made of, in its order: kits within it taken apart too, what is optional left out; each article of a level once,
-- for along every path a kit of kits of kits takes apart without end. The copies come in any order, so that for a while a kit
-- may seem to contain itself: it is looked into only so deep.
create or replace function calls.kit_pieces(kit uuid) returns table (article_id uuid, quantity numeric) language plpgsql stable as $$
declare
	level uuid[] := array[kit];
	amounts numeric[] := array[1];
	places text[] := array[''];
	parts uuid[] := '{}';
	part_amounts numeric[] := '{}';
	part_places text[] := '{}';
begin
	for depth in 1 .. 20 loop
		select array_agg(n.id), array_agg(n.amount), array_agg(n.place) into level, amounts, places
		from (select c.component_id as id, sum(l.amount * c.quantity) as amount, min(l.place || lpad(c.position::text, 10, '0')) as place
			from unnest(level, amounts, places) l(id, amount, place) join calls.kit_component c on c.article_id = l.id and c.active
				and not c.optional
			group by c.component_id) n;
		exit when level is null;
		parts := parts || level;
		part_amounts := part_amounts || amounts;
		part_places := part_places || places;
		if cardinality(parts) > calls.components_max() then
			perform base.fail('invalid', format('is a kit of more than %s components', calls.components_max()), '/article_id',
				'components');
		end if;
	end loop;
	return query select p.id, sum(p.amount) from unnest(parts, part_amounts, part_places) p(id, amount, place)
		left join calls.article a on a.id = p.id
	where a.kind is distinct from 'kit'
	group by p.id order by min(p.place), p.id;
end $$;
