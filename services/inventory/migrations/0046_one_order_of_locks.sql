-- Whoever takes several rows takes them in one order, or two would wait for each other: articles by their ids, a kit among what it is
-- made of; of returns the younger first, as a supplier's goes before the customer's that it is a part of.

-- Takes articles and, of those that are kits, what they are made of, all at once; where somebody changed a kit meanwhile, again.
create function inventory.articles_take(wanted uuid[]) returns void language plpgsql as $$
declare
	taken uuid[];
	needed uuid[] := wanted;
begin
	while taken is null or not taken @> needed loop
		taken := wanted || array(select p.article_id from unnest(wanted) w(id) join inventory.article a on a.id = w.id and a.kind = 'kit',
			inventory.article_pieces(a.id, 1) p);
		perform inventory.stock_lock(taken);
		needed := array(select p.article_id from unnest(wanted) w(id) join inventory.article a on a.id = w.id and a.kind = 'kit',
			inventory.article_pieces(a.id, 1) p);
	end loop;
end $$;

-- Takes the article that a movement is to be of; of a kit that is issued, what it is made of, too.
create or replace function inventory.movement_take(b jsonb) returns void language plpgsql as $$
declare
	taken uuid := (b ->> 'article_id')::uuid;
begin
	update inventory.article a set revision = a.revision + 1 where a.id = taken and (a.kind <> 'kit' or b ->> 'kind' <> 'issue');
	if found then
		return;
	end if;
	perform inventory.articles_take(array[taken]);
	perform from inventory.article a where a.id = taken;
	if not found then
		perform base.fail('unknown-reference', 'There is no such article.', '/article_id', 'reference');
	end if;
end $$;

-- A charge, or a call, that changed: takes the returns, then the articles, of what was made from it.
create or replace function inventory.sources_lock(changed uuid) returns void language plpgsql as $$
begin
	with locked as (
		select r.id from inventory.rma r where r.id in (select s.id from inventory.source s where s.made = 'rma'
			and s.source_id = coalesce((select h.call_id from inventory.charge h where h.id = changed), changed))
		order by r.id desc for no key update
	)
	update inventory.rma r set revision = r.revision + 1 from locked l where r.id = l.id;
	perform inventory.stock_lock(array_agg(distinct coalesce(r.article_id, m.article_id)))
	from inventory.source s left join inventory.reservation r on r.id = s.id and s.made = 'reservation'
		left join inventory.movement m on m.id = s.id and s.made = 'movement'
	where s.line_id = changed;
end $$;

grant execute on function inventory.articles_take(uuid[]) to inventory;
