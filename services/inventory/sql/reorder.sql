-- name: reorder_level_guard
-- Only of what is kept in stock, where goods are available.
select article_check(($2::jsonb ->> 'article_id')::uuid, '/article_id'),
	base.must(a.id is null or (a.stocked and a.kind not in ('service', 'kit')), 'invalid',
		format('article %s is not kept in stock', a.code), '/article_id', 'stocked'),
	base.must(coalesce(($2::jsonb ->> 'target')::numeric = round(($2::jsonb ->> 'target')::numeric, n.decimals), true), 'invalid',
		format('article %s is counted with %s decimals', n.code, n.decimals), '/target', 'decimals'),
	base.must(coalesce(($2::jsonb ->> 'multiple')::numeric = round(($2::jsonb ->> 'multiple')::numeric, n.decimals), true), 'invalid',
		format('article %s is counted with %s decimals', n.code, n.decimals), '/multiple', 'decimals'),
	base.must(not $2::jsonb ? 'warehouse_id' or (w.available and w.active), 'unknown-reference',
		'There is no such warehouse whose goods are available.', '/warehouse_id', 'reference')
from (select 1) one left join article a on a.id = ($2::jsonb ->> 'article_id')::uuid
	left join warehouse w on w.id = ($2::jsonb ->> 'warehouse_id')::uuid
	left join article n on n.id = coalesce(a.id, (select l.article_id from reorder_level l where l.id = $1::uuid))

-- name: reorder_level_look
select reorder_look(l.article_id, l.warehouse_id) from reorder_level l where l.id = $1::uuid

-- name: reorder_level_rest
-- Nothing is suggested by a level out of use.
update reorder_suggestion g set status = 'dismissed', end_reason = 'level out of use', version = g.version + 1,
	updated_at = base.clock()
from reorder_level l where l.id = $1::uuid and not l.active and g.article_id = l.article_id and g.warehouse_id = l.warehouse_id
	and g.status = 'open'
returning base.touch('reorder.dismissed', array[g.id])

-- name: reorder_level_forget
update reorder_suggestion g set status = 'dismissed', end_reason = 'level removed', version = g.version + 1, updated_at = base.clock()
from reorder_level l where l.id = $1::uuid and g.article_id = l.article_id and g.warehouse_id = l.warehouse_id and g.status = 'open'
returning base.touch('reorder.dismissed', array[g.id])

-- name: reorder_rows
select g.id, g.version, g.article_id, jsonb_build_object('code', a.code, 'description', a.description) as article, g.warehouse_id,
	jsonb_build_object('code', w.code, 'name', w.name, 'kind', w.kind) as warehouse, g.source, g.source_warehouse_id,
	g.quantity::text as quantity, g.status, to_jsonb(g.reason) as reason, g.needed_on::text as needed_on, g.transfer_id, g.erp_order,
	g.end_reason, base.ts(g.created_at) as created_at, base.ts(g.updated_at) as updated_at
from reorder_suggestion g left join article a on a.id = g.article_id left join warehouse w on w.id = g.warehouse_id

-- name: reorder_guard
select base.must(g.status = 'open', 'conflict', format('The suggestion is %s.', g.status))
from reorder_suggestion g where g.id = $1::uuid

-- name: reorder_propose
select reorder_propose($1::uuid)

-- name: reorder_order
select reorder_order($1::uuid, $2::jsonb)

-- name: reorder_refuse
update reorder_suggestion g set status = 'refused', end_reason = $2::jsonb ->> 'reason' where g.id = $1::uuid

-- name: reorder_dismiss
update reorder_suggestion g set status = 'dismissed', end_reason = $2::jsonb ->> 'reason' where g.id = $1::uuid
