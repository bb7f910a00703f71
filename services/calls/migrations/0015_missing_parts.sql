-- What was replaced in advance and did not come back is charged to the call of its return, once; when it comes after all, the charge
-- goes, or has its credit beside it where it is not open any more.
select calls_data.add_columns('charge', 'add column rma_line_id uuid');
select calls_data.filter_indexes('charge', 'created_at', '{}', '{rma_line_id}');

-- A charge of a line of a return, of so many and with what else another charge of it had. `became` is kept beside its source: charged,
-- removed, countered, credit.
create function calls.missing_add(line calls.derived, wanted numeric, became text, before calls.charge) returns void language plpgsql as $$
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
create function calls.missing_charge(lines uuid[]) returns void language plpgsql as $$
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
grant execute on function calls.missing_add(calls.derived, numeric, text, calls.charge), calls.missing_charge(uuid[]) to calls;
