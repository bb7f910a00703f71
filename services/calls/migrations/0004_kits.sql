-- Kits, which inventory owns: a charge of a kit is a charge of each of its components.
select calls_data.copy_table('kit_component', $$
	article_id   uuid not null,
	component_id uuid not null,
	quantity     numeric(12, 3) not null,
	optional     boolean not null,
	position     int not null
$$);
create index kit_component__article on calls_data.kit_component (tenant_id, article_id);

-- What a kit is made of, in its order: kits within it taken apart too, what is optional left out. The copies come in any
-- order, so that for a while a kit may seem to contain itself: it is looked into only so deep.
create function calls.kit_pieces(kit uuid) returns table (article_id uuid, quantity numeric) language sql stable as $$
	with recursive part as (
		select kit as article_id, 1::numeric as quantity, '{}'::int[] as place, 0 as depth
		union all
		select c.component_id, p.quantity * c.quantity, p.place || c.position, p.depth + 1
		from part p join calls.kit_component c on c.article_id = p.article_id and c.active and not c.optional
		where p.depth < 20
	)
	select p.article_id, sum(p.quantity) from part p left join calls.article a on a.id = p.article_id
	where p.depth > 0 and a.kind is distinct from 'kit'
	group by p.article_id order by min(p.place), p.article_id
$$;

-- What a charge does not say, its article does; its price follows the article until one is given by hand.
create function calls.charge_fill(filled uuid[]) returns void language plpgsql as $$
begin
	update calls.charge h set description = coalesce(h.description, a.description), uom = coalesce(h.uom, a.uom),
		vat_code = coalesce(h.vat_code, a.vat_code), billing_article_id = coalesce(h.billing_article_id, a.billing_article_id),
		price = case when h.price is null or h.price_source = 'article' then a.list_price else h.price end,
		price_source = case when h.price is null and a.list_price is not null then 'article' else h.price_source end
	from calls.article a where a.id = h.article_id and h.id = any (filled);
end $$;

-- A new charge of a kit becomes the first of its components; a charge for each other comes beside it, and is touched.
create function calls.charge_explode(divided uuid, kit uuid, b jsonb) returns void language plpgsql as $$
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
create function calls.charge_article(of_charge uuid, b jsonb) returns void language plpgsql as $$
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
grant execute on function calls.kit_pieces(uuid), calls.charge_fill(uuid[]), calls.charge_explode(uuid, uuid, jsonb),
	calls.charge_article(uuid, jsonb) to calls;
