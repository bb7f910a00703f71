-- What should be ordered: a suggestion for each reorder level that is not covered, made and kept right as stock changes.

-- Looks whether a level is covered by what is available, ordered and on its way, less what is waited for; makes, changes or
-- drops its open suggestion. What was proposed stays as it is until it is answered.
create or replace function inventory.reorder_look(of_article uuid, in_warehouse uuid) returns void language plpgsql as $$
declare
	level record;
	place record;
	coming numeric;
	known inventory.reorder_suggestion;
	amount numeric;
	says text[];
begin
	select l.minimum, l.target, l.multiple, l.lead_days, l.source, l.source_warehouse_id into level
	from inventory.reorder_level l where l.article_id = of_article and l.warehouse_id = in_warehouse and l.active;
	if not found then
		return;
	end if;
	select s.available, s.on_order, s.in_transit, s.waiting into place from inventory.stock s
	where s.article_id = of_article and s.warehouse_id = in_warehouse and s.owner = 'own';
	select coalesce(sum(l.quantity), 0) into coming from inventory.transfer t join inventory.transfer_line l on l.transfer_id = t.id
	where t.state = 'draft' and t.to_warehouse_id = in_warehouse and l.article_id = of_article;
	coming := coming + coalesce(place.on_order, 0) + coalesce(place.in_transit, 0);
	amount := level.target - coalesce(place.available, 0) - coming + coalesce(place.waiting, 0);
	select g.* into known from inventory.reorder_suggestion g where g.article_id = of_article and g.warehouse_id = in_warehouse
		and g.status in ('open', 'proposed');
	if known.status = 'proposed' then
		return;
	end if;
	if level.target - amount >= level.minimum then
		update inventory.reorder_suggestion g set status = 'dismissed', end_reason = 'covered', version = g.version + 1,
			updated_at = base.clock()
		where g.id = known.id;
		perform base.touch('reorder.dismissed', array[known.id]) where known.id is not null;
		return;
	end if;
	amount := ceil(amount / coalesce(level.multiple, 0.001)) * coalesce(level.multiple, 0.001);
	says := array_remove(array[format('%s available, the minimum is %s', trim_scale(coalesce(place.available, 0)),
			trim_scale(level.minimum)), case when place.waiting > 0 then format('%s are waited for', trim_scale(place.waiting)) end,
		case when coming > 0 then format('%s are coming', trim_scale(coming)) end,
		format('up to the target of %s%s', trim_scale(level.target), case when level.multiple is not null
			then format(', in multiples of %s', trim_scale(level.multiple)) else '' end)], null);
	if known.id is null then
		known.id := base.uuid_new();
		insert into inventory.reorder_suggestion (id, article_id, warehouse_id, source, source_warehouse_id, quantity, reason, needed_on)
		values (known.id, of_article, in_warehouse, level.source, level.source_warehouse_id, amount, says,
			inventory.today() + level.lead_days);
		insert into inventory.transition (resource, subject_id, action, to_state, at)
		values ('reorder', known.id, 'create', 'open', base.clock());
		perform base.touch('reorder.suggested', array[known.id]);
	elsif known.quantity <> amount or known.reason <> says then
		update inventory.reorder_suggestion g set quantity = amount, reason = says, version = g.version + 1, updated_at = base.clock()
		where g.id = known.id;
		perform base.touch('reorder.changed', array[known.id]);
	end if;
end $$;

-- Proposes what is suggested: to the ERP, whose answer is waited for, or as a transfer, which is made at once.
create or replace function inventory.reorder_propose(proposed uuid) returns void language plpgsql as $$
declare
	known inventory.reorder_suggestion;
	made uuid;
begin
	select g.* into strict known from inventory.reorder_suggestion g where g.id = proposed;
	if known.source = 'transfer' then
		made := base.uuid_new();
		insert into inventory.transfer (id, number, from_warehouse_id, to_warehouse_id)
		values (made, inventory.number_make('transfer', inventory.setting('transfer_series', '"TR"') #>> '{}',
			inventory.year_of(base.clock())), known.source_warehouse_id, known.warehouse_id);
		insert into inventory.transfer_line (transfer_id, position, article_id, quantity)
		values (made, 1, known.article_id, known.quantity);
		insert into inventory.transition (resource, subject_id, action, to_state, at)
		values ('transfer', made, 'create', 'draft', base.clock());
		perform base.touch('transfer.created', array[made]);
	end if;
	update inventory.reorder_suggestion g set status = case when made is null then 'proposed' else 'ordered' end, transfer_id = made
	where g.id = proposed;
end $$;

-- The ERP ordered it: it is on order until it is received.
create or replace function inventory.reorder_order(ordered uuid, b jsonb) returns void language plpgsql as $$
declare
	place uuid;
begin
	update inventory.reorder_suggestion g set status = 'ordered', quantity = coalesce((b ->> 'quantity')::numeric, g.quantity),
		erp_order = jsonb_build_object('number', b -> 'number', 'date', b -> 'date')
	where g.id = ordered;
	select (inventory.stock_row(g.article_id, g.warehouse_id)).id into place from inventory.reorder_suggestion g where g.id = ordered;
	update inventory.stock s set on_order = s.on_order + g.quantity, version = s.version + 1, updated_at = base.clock()
	from inventory.reorder_suggestion g where g.id = ordered and s.id = place;
	perform base.touch('stock.changed', array[place]);
end $$;
