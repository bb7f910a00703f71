-- The warranty that an article brings from a day on, its last day included; none without months.
create or replace function inventory.warranty_of(article uuid, day date) returns jsonb language plpgsql stable as $$
begin
	return (select jsonb_build_array(jsonb_build_object('kind', 'ours', 'from', day,
			'until', (day + make_interval(months => a.warranty_months) - interval '1 day')::date,
			'covers', inventory.setting('warranty_covers', '["labour", "parts"]')))
		from inventory.article a where a.id = article and a.warranty_months > 0 and day is not null);
end $$;

-- What warranties cover of labour, parts and travel on a day, as calls says it of a call: in, out, partial; unknown where nobody knows.
create or replace function inventory.warranty_on(warranties jsonb, day date) returns text language plpgsql immutable as $$
begin
	return (select case when warranties is null then 'unknown' when count(v.covers) = 0 then 'out'
			when array_agg(v.covers) @> '{labour,parts,travel}' then 'in' else 'partial' end
		from jsonb_array_elements(case when jsonb_typeof(warranties) = 'array' then warranties else '[]' end) w,
			jsonb_array_elements_text(w -> 'covers') v(covers)
		where day between (w ->> 'from')::date and (w ->> 'until')::date);
end $$;

-- The warranties of what takes the place of something: what is left of the old one's, or its own article's (policy).
create or replace function inventory.warranty_after(old jsonb, article uuid, day date) returns jsonb language plpgsql stable as $$
declare
	own jsonb := inventory.warranty_of(article, day);
	rest jsonb := (select jsonb_agg(w) from jsonb_array_elements(coalesce(old, '[]')) w where (w ->> 'until')::date >= day);
begin
	return case inventory.setting('replacement_warranty', '"longer"') #>> '{}' when 'old' then rest when 'new' then own
		else case when coalesce(inventory.warranty_end(rest) > inventory.warranty_end(own), own is null) then rest else own end end;
end $$;

-- Tells some days before a warranty ends (policy), once: a timer of that day. What has ended already is not told.
create or replace function inventory.warranty_watch(watched uuid) returns void language plpgsql as $$
declare
	days int := inventory.setting('warranty_warning_days', '30');
	ends date;
begin
	delete from inventory.timer m where m.kind = 'warranty.expiring' and m.subject = watched::text;
	select a.warranty_until into ends from inventory.asset a where a.id = watched
		and a.status not in ('replaced', 'dismissed', 'scrapped');
	insert into inventory.timer (kind, subject, due_at)
	select 'warranty.expiring', watched::text, (ends - days)::timestamp at time zone (select t.time_zone from inventory.tenant t)
	where ends >= inventory.today();
end $$;
