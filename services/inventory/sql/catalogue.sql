-- name: article_category_rows
select g.id, g.version, g.revision, g.code, g.label, g.parent_code, g.position, g.external_ref, g.active,
	base.ts(g.created_at) as created_at, base.ts(g.updated_at) as updated_at
from article_category g

-- name: article_category_guard
-- A parent is not the category itself, nor one below it. $1 the category, $2 the body.
select base.must(not exists (select from article_category g where g.id = $1::uuid
	and $2::jsonb ->> 'parent_code' in (select category_tree(g.code))), 'invalid', 'must not be the category itself or one below it',
	'/parent_code', 'cycle')

-- name: article_rows
select a.id, a.version, a.revision, a.code, a.kind, a.description, a.description2, a.uom, a.decimals, a.tracking, a.category_code,
	a.stocked, a.list_price::text as list_price, a.vat_code, a.standard_cost::text as standard_cost,
	average_cost(a.id)::text as average_cost, a.price_quantity_multiplier::text as price_quantity_multiplier, a.usable,
	a.billing_article_id, a.warranty_months, a.becomes_asset, to_jsonb(a.barcodes) as barcodes, a.suppliers, a.origin,
	a.weight_kg::text as weight_kg, a.notes, a.external_ref, a.active, base.ts(a.created_at) as created_at,
	base.ts(a.updated_at) as updated_at
from article a

-- name: article_guard
-- $1 the article, $2 the body. The tracking stays once something has moved; a service and a kit have no stock; an article
-- with a multiplier comes from the ERP or not at all; what the ERP owns is the ERP's.
select base.must(not ($2::jsonb ? 'tracking') or a.id is null or a.tracking = $2::jsonb ->> 'tracking'
		or not exists (select from movement m where m.article_id = a.id), 'conflict',
		'The tracking of an article whose goods have moved stays as it is.', '/tracking', 'fixed'),
	base.must(not ($2::jsonb ? 'decimals') or a.id is null or a.decimals <= ($2::jsonb ->> 'decimals')::int
		or not exists (select from movement m where m.article_id = a.id), 'conflict',
		'An article whose goods have moved is not counted with fewer decimals.', '/decimals', 'fixed'),
	base.must(n.kind not in ('service', 'kit') or not n.stocked, 'invalid', 'a service and a kit have no stock', '/stocked', 'stocked'),
	base.must(n.tracking = 'none' or n.decimals = 0, 'invalid', 'pieces with serials are counted in whole numbers', '/decimals',
		'range'),
	base.must(not n.becomes_asset or n.tracking = 'serial', 'invalid', 'what becomes an asset is tracked by serial',
		'/becomes_asset', 'serials'),
	base.must(n.multiplier = 1 or base.role_only('integration'), 'article-multiplier', format(
		'Article %s counts %s pieces a price unit: multipliers other than 1 are not supported.', n.code, n.multiplier),
		'/price_quantity_multiplier', 'multiplier'),
	base.must(a.id is null or a.origin <> 'erp' or base.role_only('integration')
		or not exists (select from jsonb_object_keys($2::jsonb) k where k not in ('notes', 'barcodes', 'becomes_asset')),
		'forbidden', 'This article comes from the ERP: only its notes, bar codes and becomes_asset are changed here.')
from (select 1) one left join article a on a.id = $1::uuid, lateral (
	select coalesce($2::jsonb ->> 'kind', a.kind) as kind, coalesce(($2::jsonb ->> 'stocked')::boolean, a.stocked) as stocked,
		coalesce($2::jsonb ->> 'tracking', a.tracking) as tracking, coalesce(($2::jsonb ->> 'decimals')::int, a.decimals) as decimals,
		coalesce(($2::jsonb ->> 'becomes_asset')::boolean, a.becomes_asset) as becomes_asset,
		coalesce(($2::jsonb ->> 'price_quantity_multiplier')::numeric, a.price_quantity_multiplier) as multiplier,
		coalesce($2::jsonb ->> 'code', a.code) as code) n

-- name: article_origin
-- What an integration brings with its own key is the ERP's. $1 the article.
update article a set origin = 'erp' where a.id = $1::uuid and a.origin = 'local' and a.external_ref is not null
	and base.role_only('integration')
