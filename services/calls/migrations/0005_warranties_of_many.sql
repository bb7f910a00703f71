-- Looks up what the warranties of the main assets of calls cover on the day of their opening: of labour, parts, travel; null when
-- an asset or its warranties are not known. Of all calls of an import's batch at once: one by one it was a quarter of its time.
create function calls.warranties_find(of_calls uuid[]) returns void language plpgsql as $$
begin
	update calls.call c set warranty_covers = f.covers
	from (select o.id, case when a.warranties is not null then array(
				select distinct v from jsonb_array_elements(a.warranties) w, jsonb_array_elements_text(w -> 'covers') v
				where (o.opened_at at time zone (select t.time_zone from calls.tenant t))::date
					between (w ->> 'from')::date and (w ->> 'until')::date order by v) end as covers
		from calls.call o left join calls.call_asset k on k.call_id = o.id and k.main
			left join calls.asset a on a.id = k.asset_id
		where o.id = any (of_calls)) f
	where c.id = f.id and c.warranty_covers is distinct from f.covers;
end $$;
grant execute on function calls.warranties_find(uuid[]) to calls;
drop function calls.warranty_find(uuid);
