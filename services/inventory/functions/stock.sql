-- How stock changes: the one place where rows of stock are written. Whoever calls these has taken the article's row first
-- (stock_lock), so that what happens to one article happens in turn. Several rows are taken in one order, or two would wait for each
-- other: articles by their ids, a kit among what it is made of; of returns the younger first, as a supplier's goes before the
-- customer's that it is a part of. Every row written is touched for its event, and the caller adds the change records behind
-- (stock_add_records).
--
-- What holds the article's row is what others wait for, and a statement costs its start whatever it finds: what is seldom (a new
-- row of stock, a level, a machine) is asked for before it is written, and what one statement knows no other looks for.

-- Takes the articles whose stock a request will change, in the order of their ids, before anything is read of them.
create or replace function inventory.stock_lock(articles uuid[]) returns void language plpgsql as $$
begin
	if cardinality(articles) = 1 then
		update inventory.article a set revision = a.revision + 1 where a.id = articles[1];
		return;
	end if;
	with locked as (
		select a.id from inventory.article a where a.id = any (articles) order by a.id for no key update
	)
	update inventory.article a set revision = a.revision + 1 from locked l where a.id = l.id;
end $$;

-- Takes articles and, of those that are kits, what they are made of, all at once; where somebody changed a kit meanwhile, again.
create or replace function inventory.articles_take(wanted uuid[]) returns void language plpgsql as $$
declare
	taken uuid[];
	needed uuid[];
begin
	loop
		needed := wanted || array(select p.article_id from unnest(wanted) w(id) join inventory.article a on a.id = w.id and a.kind = 'kit',
			inventory.article_pieces(a.id, 1) p);
		exit when taken @> needed;
		perform inventory.stock_lock(needed);
		taken := needed;
	end loop;
end $$;

-- The row of an article in a warehouse, made where there is none.
create or replace function inventory.stock_row(of_article uuid, in_warehouse uuid, whose text default 'own') returns inventory.stock
language plpgsql as $$
declare
	known inventory.stock;
begin
	select s.* into known from inventory.stock s where s.article_id = of_article and s.warehouse_id = in_warehouse and s.owner = whose;
	if not found then
		insert into inventory.stock (id, article_id, warehouse_id, owner, sellable)
		select base.uuid_new(), of_article, w.id, whose, w.available and whose = 'own' from inventory.warehouse w
		where w.id = in_warehouse
		on conflict (tenant_id, article_id, warehouse_id, owner) do nothing;
		select s.* into strict known from inventory.stock s where s.article_id = of_article and s.warehouse_id = in_warehouse
			and s.owner = whose;
	end if;
	return known;
end $$;

-- Tells whether the available quantity came down to less than the minimum just now, and looks what should be ordered.
create or replace function inventory.stock_minimum(place uuid, before numeric) returns void language plpgsql as $$
declare
	known record;
begin
	select s.article_id, s.warehouse_id, s.available, l.minimum into known
	from inventory.stock s join inventory.reorder_level l on l.article_id = s.article_id and l.warehouse_id = s.warehouse_id and l.active
	where s.id = place and s.owner = 'own';
	if not found then
		return;
	end if;
	if before >= known.minimum and known.available < known.minimum then
		perform base.touch('stock.below_minimum', array[place]);
	end if;
	perform inventory.reorder_look(known.article_id, known.warehouse_id);
end $$;

-- What a piece of our own goods of an article costs on the average; null while there is none.
create or replace function inventory.average_cost(of_article uuid) returns numeric language plpgsql stable as $$
begin
	return (select case when v.quantity > 0 then round(v.value / v.quantity, 4) end
		from inventory.article_value v where v.article_id = of_article);
end $$;

-- What goods that come in or go out are worth, kept by article: `quantity` is signed; `given_cost` is that of one piece,
-- `given_value` the whole, where it is known (transfers, reversals). Goods that went out before any came in (where the
-- policy lets stock go below zero) did so at the standard cost; what they really cost is told by a movement of value alone.
create or replace function inventory.value_move(of_article uuid, quantity numeric, given_cost numeric, given_value numeric, happened timestamptz,
	in_warehouse uuid, out unit_cost numeric, out worth numeric) language plpgsql as $$
declare
	known record;
	covered numeric;
	correction numeric;
	corrected uuid;
begin
	select coalesce(v.quantity, 0) as quantity, v.value, coalesce(a.standard_cost, 0) as standard into known
	from inventory.article a left join inventory.article_value v on v.article_id = a.id where a.id = of_article;
	if known.value is null then
		insert into inventory.article_value (article_id) values (of_article);
		known.value := 0;
	end if;
	if quantity >= 0 then
		unit_cost := coalesce(given_cost, round(given_value / nullif(quantity, 0), 4),
			case when known.quantity > 0 then round(known.value / known.quantity, 4) end, known.standard);
		worth := coalesce(given_value, round(quantity * unit_cost, 4));
		if known.quantity < 0 and quantity > 0 then
			covered := least(quantity, -known.quantity);
			correction := round(covered * (known.value / known.quantity - unit_cost), 4);
			if correction <> 0 then
				corrected := base.uuid_new();
				insert into inventory.movement (id, kind, article_id, warehouse_id, owner, quantity, value, reason_code, at,
					by_subject, by_name)
				values (corrected, 'adjustment', of_article, in_warehouse, 'own', 0, correction, 'cost', happened, base.actor(),
					nullif(current_setting('app.actor_name', true), ''));
				perform base.touch('movement.posted', array[corrected]);
				update inventory.article_value v set value = v.value + correction where v.article_id = of_article;
			end if;
		end if;
	else
		unit_cost := coalesce(given_cost, case when known.quantity > 0 then round(known.value / known.quantity, 4) end,
			known.standard);
		-- The last piece takes with it what rounding has left.
		worth := coalesce(given_value, case when known.quantity = -quantity then -known.value
			when known.quantity > 0 and given_cost is null then round(quantity * known.value / known.quantity, 4)
			else round(quantity * unit_cost, 4) end);
	end if;
	update inventory.article_value v set quantity = v.quantity + value_move.quantity, value = v.value + worth
	where v.article_id = of_article;
end $$;

-- Carries own goods from one warehouse to another at what they are worth. m: a movement without its kind and warehouse.
create or replace function inventory.stock_carry(m jsonb, from_warehouse uuid, to_warehouse uuid) returns void language plpgsql as $$
declare
	gone uuid := inventory.movement_post((m - 'reservation_id') || jsonb_build_object('kind', 'transfer_out', 'warehouse_id',
		from_warehouse));
	worth numeric;
begin
	select -v.value into worth from inventory.movement v join inventory.warehouse w on w.id = v.warehouse_id
	where v.id = gone and w.valued;
	perform inventory.movement_post(m || jsonb_build_object('kind', 'transfer_in', 'warehouse_id', to_warehouse, 'value', worth));
end $$;

-- How much more, or less, of an article is on its way to a warehouse.
create or replace function inventory.stock_expect(of_article uuid, in_warehouse uuid, amount numeric) returns void language plpgsql as $$
declare
	place uuid := (inventory.stock_row(of_article, in_warehouse)).id;
begin
	update inventory.stock s set in_transit = s.in_transit + amount, version = s.version + 1, updated_at = base.clock()
	where s.id = place;
	perform base.touch('stock.changed', array[place]);
end $$;
