-- name: stock_at
-- $1 the last day that counts, $2 article, $3 warehouse, $4 owner, $5 the id behind which it goes on, $6 how many.
select s.id, s.article_id, jsonb_build_object('code', a.code, 'description', a.description) as article, s.warehouse_id,
	jsonb_build_object('code', w.code, 'name', w.name, 'kind', w.kind) as warehouse, s.owner,
	coalesce(m.quantity, 0)::numeric(16, 3)::text as quantity, (case when s.owner = 'own' and w.valued then round(coalesce(m.value, 0), 2) end)::text as value
from stock s join article a on a.id = s.article_id join warehouse w on w.id = s.warehouse_id, lateral (
	select sum(v.quantity) as quantity, sum(v.value) as value from movement v where v.article_id = s.article_id
		and v.warehouse_id = s.warehouse_id and v.owner = s.owner
		and v.at < ($1::date + 1)::timestamp at time zone (select t.time_zone from tenant t)) m
where ($2::uuid is null or s.article_id = $2::uuid) and ($3::uuid is null or s.warehouse_id = $3::uuid)
	and ($4::text is null or s.owner = $4) and ($5::uuid is null or s.id > $5::uuid)
order by s.id limit $6::int

-- name: stock_rebuild
select m.differences, set_config('app.told', m.differences::text, true)
from (select coalesce(jsonb_agg(d), '[]') as differences from stock_rebuild($1::boolean) d) m
