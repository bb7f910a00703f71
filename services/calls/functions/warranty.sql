-- What warranties cover. It is known when a call is entered, so that the call need not be written twice.

-- Whether the warranty of a call covers a kind of charge.
create or replace function calls.warranty_covers(of_call uuid, kind text) returns boolean language plpgsql stable as $$
begin
	return (select coalesce(case c.warranty when 'in' then w.part is not null
			when 'partial' then c.warranty_covers @> array[w.part] end, false)
		from calls.call c, (select case when kind = 'labour' then 'labour' when kind = 'part' then 'parts'
			when kind in ('travel', 'kilometres', 'call_out') then 'travel' end as part) w
		where c.id = of_call);
end $$;

-- What the warranties of a machine cover at that time, of labour, parts, travel; null when it or its warranties are not known.
create or replace function calls.covers_at(of_asset uuid, at timestamptz) returns text[] language plpgsql stable strict as $$
begin
	return (select case when a.warranties is not null then array(
			select distinct v from jsonb_array_elements(a.warranties) w, jsonb_array_elements_text(w -> 'covers') v
			where (at at time zone (select t.time_zone from calls.tenant t))::date
				between (w ->> 'from')::date and (w ->> 'until')::date order by v) end
		from calls.asset a where a.id = of_asset);
end $$;

-- The machine that a natural key names, as {"serial": …, "article_code": …}; null: none, or one of several.
create or replace function calls.asset_called(said jsonb) returns uuid language plpgsql stable as $$
begin
	return (select a.id from calls.asset a where a.serial_key = base.fold(said ->> 'serial')
		and case when said ->> 'article_code' is null then not calls.serial_shared(a.serial) else a.article_code = said ->> 'article_code' end
		order by a.stub, a.id limit 1);
end $$;

-- The main machine of those that the body of a call names: the one that is said to be, else the first.
create or replace function calls.main_asset_called(body jsonb) returns uuid language plpgsql stable as $$
begin
	if jsonb_typeof(body -> 'asset') = 'object' then
		return calls.asset_called(body -> 'asset');
	end if;
	return (select (v.value ->> 'asset_id')::uuid
		from jsonb_array_elements(case when jsonb_typeof(body -> 'assets') = 'array' then body -> 'assets' else '[]' end)
			with ordinality v
		order by (v.value ->> 'main')::boolean is not true, v.ordinality limit 1);
end $$;

-- Looks up what the warranties of the main assets of calls cover on the day of their opening: of labour, parts, travel; null when
-- an asset or its warranties are not known. Of all calls of an import's batch at once: one by one it was a quarter of its time.
create or replace function calls.warranties_find(of_calls uuid[]) returns void language plpgsql
set plan_cache_mode = force_generic_plan as $$
begin
	update calls.call c set warranty_covers = f.covers
	from (select o.id, calls.covers_at(k.asset_id, o.opened_at) as covers
		from calls.call o left join calls.call_asset k on k.call_id = o.id and k.main
		where o.id = any (of_calls)) f
	where c.id = f.id and c.warranty_covers is distinct from f.covers;
end $$;
