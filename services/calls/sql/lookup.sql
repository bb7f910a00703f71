-- name: customer_lookup
-- $1 phone in E.164, $2 e-mail, $3 serial, $4 name; each may be null. Who is found by several comes first, then what is
-- exact, then what is most alike. Contacts' names, which are among a customer's words as well, find the contacts.
with hits as (
	select 'phone' as by, true as exact, 1::real as score, r.customer_id, case r.owner when 'contact' then r.owner_id end
		as contact_id, case r.owner when 'site' then r.owner_id end as site_id, null::uuid as asset_id
	from reach r where r.kind = 'phone' and r.value = $1
	union all
	select 'email', true, 1, r.customer_id, case r.owner when 'contact' then r.owner_id end,
		case r.owner when 'site' then r.owner_id end, null
	from reach r where r.kind = 'email' and r.value = lower($2)
	union all
	select 'serial', true, 1, a.customer_id, null, a.site_id, a.id
	from asset a where a.serial_key = base.fold($3) and a.active
	union all
	(select 'name', true, 1, c.id, null, null, null from customer c where c.name = $4 limit 10)
	union all
	(select 'name', false, 0.5 + ts_rank(w.own, base.search_query($4)) / 2, c.id, null, null, null
		from customer c, lateral (select ts_filter(c.search, '{d}') as own offset 0) w
		where c.search @@ base.search_query($4) and w.own @@ base.search_query($4) order by 3 desc limit 10)
	union all
	(select 'name', false, similarity(c.name, $4), c.id, null, null, null
		from customer c where c.name % $4 order by 3 desc limit 10)
	union all
	(select 'name', false, 0.5 + ts_rank(k.search, base.search_query($4)) / 2, k.customer_id, k.id, null, null
		from contact k where k.search @@ base.search_query($4) order by 3 desc limit 10)
), best as (
	select distinct on (h.customer_id, h.contact_id, h.site_id, h.asset_id) h.by, h.exact, h.score, h.customer_id,
		h.contact_id, h.site_id, h.asset_id
	from hits h order by h.customer_id, h.contact_id, h.site_id, h.asset_id, h.exact desc, h.score desc
), weighed as (
	select h.customer_id, count(distinct h.by) as ways from hits h group by h.customer_id
), ranked as (
	select b.by, b.exact, b.score, w.ways, c.id as customer_id, b.contact_id, b.site_id, b.asset_id, c.code, c.name, c.kind,
		c.city, c.credit
	from best b left join weighed w on w.customer_id = b.customer_id left join customer c on c.id = b.customer_id
	where b.customer_id is null or (c.active and c.merged_into is null)
	order by w.ways desc nulls last, b.exact desc, b.score desc, c.name, b.contact_id limit 10
)
select coalesce(json_agg(json_build_object(
	'customer', case when r.customer_id is not null then json_build_object('id', r.customer_id, 'code', r.code, 'name', r.name,
		'kind', r.kind, 'city', r.city, 'credit', r.credit) end,
	'contact', case when k.id is not null then json_build_object('id', k.id, 'first_name', k.first_name, 'last_name',
		k.last_name, 'role', k.role) end,
	'site', case when s.id is not null then json_build_object('id', s.id, 'code', s.code, 'name', s.name, 'city', s.city) end,
	'asset', case when a.id is not null then json_build_object('id', a.id, 'serial', a.serial, 'article_code',
		a.article_code) end,
	'by', r.by, 'exact', r.exact) order by r.ways desc nulls last, r.exact desc, r.score desc, r.name, r.contact_id), '[]')
from ranked r left join contact k on k.id = r.contact_id left join site s on s.id = r.site_id
	left join asset a on a.id = r.asset_id
