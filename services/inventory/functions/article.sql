-- A category and all below it.
create or replace function inventory.category_tree(top text) returns setof text language sql stable as $$
	with recursive below as (
		select c.code from inventory.article_category c where c.code = top
		union
		select c.code from inventory.article_category c join below b on c.parent_code = b.code
	)
	select b.code from below b
$$;

-- Refuses, at that field, an article that a line must not name: unknown, out of use, or with a multiplier of price and
-- quantity other than 1, which nothing here can count with.
create or replace function inventory.article_check(named uuid, pointer text) returns void language plpgsql stable as $$
declare
	known record;
begin
	if named is null then
		return;
	end if;
	select a.code, a.active, a.price_quantity_multiplier as multiplier into known from inventory.article a where a.id = named;
	if not found then
		perform base.fail('unknown-reference', 'There is no such article.', pointer, 'reference');
	end if;
	perform base.article_serves(known.code, known.multiplier, known.active, pointer);
end $$;

-- How many different articles a kit may be made of, those of the kits within it too.
create or replace function inventory.components_max() returns int language sql immutable as $$ select 500 $$;

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

-- What does for an article today: whether the rule says so of it or, both ways, of the other.
create or replace view inventory.alternative as
select s.id, s.article_id as of_id, s.substitute_id as article_id, s.kind, s.rank, s.created_at from inventory.substitute s
where coalesce(s.valid_from, '-infinity') <= (base.clock() at time zone (select t.time_zone from inventory.tenant t))::date
union all
select md5(s.id::text)::uuid, s.substitute_id, s.article_id, s.kind, s.rank, s.created_at from inventory.substitute s
where s.both_ways
	and coalesce(s.valid_from, '-infinity') <= (base.clock() at time zone (select t.time_zone from inventory.tenant t))::date;
grant select on inventory.alternative to inventory;
