-- What becomes of a charge that does not say.
create or replace function calls.charge_treatment(of_call uuid, kind text) returns text language sql stable as $$
	select case when calls.warranty_covers(of_call, kind) then 'warranty' else 'billable' end
$$;

-- What a charge does not say, its article does; its price follows the article until one is given by hand.
create or replace function calls.charge_fill(filled uuid[]) returns void language plpgsql as $$
begin
	update calls.charge h set description = coalesce(h.description, a.description), uom = coalesce(h.uom, a.uom),
		vat_code = coalesce(h.vat_code, a.vat_code), billing_article_id = coalesce(h.billing_article_id, a.billing_article_id),
		price = case when h.price is null or h.price_source = 'article' then a.list_price else h.price end,
		price_source = case when h.price is null and a.list_price is not null then 'article' else h.price_source end
	from calls.article a where a.id = h.article_id and h.id = any (filled);
end $$;

-- A new charge of a kit becomes the first of its components; a charge for each other comes beside it, and is touched.
create or replace function calls.charge_explode(divided uuid, kit uuid, b jsonb) returns void language plpgsql as $$
declare
	pointer text := case when b ->> 'article_id' is null then '/article_code' else '/article_id' end;
	whole calls.charge;
	piece record;
	ids uuid[] := '{}';
begin
	select h.* into strict whole from calls.charge h where h.id = divided;
	if whole.version > 1 then
		perform base.fail('conflict', 'A charge does not become one of a kit: add a charge of the kit.', pointer, 'kit');
	end if;
	perform base.fail('invalid', 'of a kit each component has its own', '/' || k.name, 'kit')
	from unnest(array['description', 'uom', 'price', 'cost', 'billing_article_id', 'serials']) k(name) where b ->> k.name is not null;
	for piece in select p.article_id, p.quantity from calls.kit_pieces(kit) p loop
		perform calls.article_named(piece.article_id, null, pointer);
		ids := ids || case when ids = '{}' then divided else base.uuid_new() end;
		if ids[1] = ids[cardinality(ids)] then
			update calls.charge h set article_id = piece.article_id, kit_id = kit, quantity = whole.quantity * piece.quantity,
				planned_quantity = whole.planned_quantity * piece.quantity
			where h.id = divided;
		else
			insert into calls.charge (id, call_id, activity_id, kind, article_id, kit_id, planned_quantity, quantity, discounts, vat_code,
				treatment, treatment_reason, warehouse_id, technician_id, work_date, job_code)
			values (ids[cardinality(ids)], whole.call_id, whole.activity_id, whole.kind, piece.article_id, kit,
				whole.planned_quantity * piece.quantity, whole.quantity * piece.quantity, whole.discounts, whole.vat_code,
				coalesce(whole.treatment, calls.charge_treatment(whole.call_id, whole.kind)), whole.treatment_reason, whole.warehouse_id,
				whole.technician_id, whole.work_date, whole.job_code);
		end if;
	end loop;
	if ids = '{}' then
		perform base.fail('unknown-reference', format('Kit %s has no components (yet).', (select a.code from calls.article a
			where a.id = kit)), pointer, 'reference');
	end if;
	perform calls.charge_fill(ids), base.touch('charge.added', ids[2:]);
	perform base.warn('more-charges', format('It became %s charges: %s.', cardinality(ids), array_to_string(ids, ', ')))
	where cardinality(ids) > 1;
end $$;

-- The article that the body of a charge names, if it does.
create or replace function calls.charge_article(of_charge uuid, b jsonb) returns void language plpgsql as $$
declare
	named uuid := calls.article_named((b ->> 'article_id')::uuid, b ->> 'article_code');
begin
	if (select a.kind from calls.article a where a.id = named) = 'kit' then
		perform calls.charge_explode(of_charge, named, b);
	elsif named is not null then
		update calls.charge h set article_id = named where h.id = of_charge;
		perform calls.charge_fill(array[of_charge]);
	end if;
end $$;

-- A charge of a line of a return, of so many and with what else another charge of it had. `became` is kept beside its source: charged,
-- removed, countered, credit.
create or replace function calls.missing_add(line calls.derived, wanted numeric, became text, before calls.charge) returns void language plpgsql as $$
declare
	made uuid := base.uuid_new();
	today date := (base.clock() at time zone (select t.time_zone from calls.tenant t))::date;
begin
	insert into calls.charge (id, call_id, kind, article_id, description, uom, quantity, price, price_source, cost, discounts, vat_code,
		billing_article_id, serials, treatment, work_date, job_code, rma_line_id)
	select made, line.source_id, 'part', coalesce(before.article_id, a.id), coalesce(before.description, format(
			case (select t.language from calls.tenant t) when 'it' then 'Non reso, RMA %s: %s' else 'Not returned, RMA %s: %s' end,
			line.number, coalesce(a.description, line.article_code))), before.uom, wanted, before.price,
		coalesce(before.price_source, 'manual'), before.cost, before.discounts, before.vat_code, before.billing_article_id, line.serials,
		coalesce(before.treatment, 'billable'), today, coalesce(before.job_code, line.job_code, c.job_code), line.id
	from calls.call c left join calls.article a on a.id = line.article_id where c.id = line.source_id;
	if before.id is null then
		perform calls.charge_fill(array[made]);
	end if;
	perform calls.source_keep('charge', made, jsonb_build_object('kind', 'rma', 'id', line.head_id, 'line_id', line.id, 'line_version',
		line.version, 'taken', jsonb_build_object('missing', became))), base.touch('charge.added', array[made]);
end $$;

-- Lines of returns as they are known now, of calls that are taken.
create or replace function calls.missing_charge(lines uuid[]) returns void language plpgsql as $$
declare
	line calls.derived;
	charged uuid;
	known calls.charge;
	became text;
begin
	for line in select v.* from calls.derived v join calls.call c on c.id = v.source_id and c.customer_id is not null
		where v.id = any (lines) and v.made = 'rma_line' and v.missing is not null order by v.source_id, v.id loop
		select s.id into charged from calls.source s where s.line_id = line.id and s.made = 'charge' and s.taken ->> 'missing' = 'charged';
		continue when (charged is not null) = (line.missing = 'charged');
		if line.missing = 'charged' then
			perform calls.missing_add(line, line.quantity, 'charged', null);
		else
			select h.* into known from calls.charge h where h.id = charged;
			became := case when coalesce(known.status, 'open') = 'open' then 'removed' else 'countered' end;
			update calls.source s set taken = jsonb_build_object('missing', became) where s.id = charged;
			if became = 'countered' then
				perform calls.missing_add(line, -known.quantity, 'credit', known);
			elsif known.id is not null then
				perform base.touch('charge.removed', array[charged]);
			end if;
		end if;
		update calls.call c set revision = c.revision + 1, lines_changed_at = base.clock() where c.id = line.source_id;
	end loop;
end $$;
