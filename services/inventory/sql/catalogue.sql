-- name: article_category_rows
select g.id, g.version, g.revision, g.code, g.label, g.parent_code, g.position, g.external_ref, g.active,
	base.ts(g.created_at) as created_at, base.ts(g.updated_at) as updated_at
from article_category g

-- name: article_category_tree
-- Who hangs one below another does it in turn: two at once, each below the other, would both see no circle.
select base.in_turn('inventory.article_category') where $1::uuid is not null and $2::jsonb ->> 'parent_code' is not null

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
-- The tracking stays once something has moved; a service and a kit have no stock; an article with a multiplier comes from the
-- ERP or not at all; what the ERP owns is the ERP's.
select base.must(not (e.body ? 'tracking') or a.id is null or a.tracking = e.body ->> 'tracking'
		or not exists (select from movement m where m.article_id = a.id), 'conflict',
		'The tracking of an article whose goods have moved stays as it is.', '/tracking', 'fixed'),
	base.must(not (e.body ? 'decimals') or a.id is null or a.decimals <= (e.body ->> 'decimals')::int
		or not exists (select from movement m where m.article_id = a.id), 'conflict',
		'An article whose goods have moved is not counted with fewer decimals.', '/decimals', 'fixed'),
	base.must(n.stocked or not exists (select from stock s where s.article_id = a.id and (s.on_hand <> 0 or s.waiting <> 0
			or s.in_transit <> 0)), 'conflict', 'There are goods of this article, or somebody waits for them.', '/stocked', 'fixed'),
	base.must(n.kind = 'kit' or not exists (select from kit_component k where k.article_id = a.id), 'conflict',
		'This article has components: it stays a kit.', '/kind', 'fixed'),
	base.must(e.body ->> 'category_code' is null or exists (select from article_category g
		where g.code = e.body ->> 'category_code' and (g.active or g.code = a.category_code)), 'unknown-reference',
		'There is no such category in use.', '/category_code', 'reference'),
	base.must(n.kind not in ('service', 'kit') or not n.stocked, 'invalid', 'a service and a kit have no stock', '/stocked', 'stocked'),
	base.must(n.tracking = 'none' or n.decimals = 0, 'invalid', 'pieces with serials are counted in whole numbers', '/decimals',
		'range'),
	base.must(not n.becomes_asset or n.tracking = 'serial', 'invalid', 'what becomes an asset is tracked by serial',
		'/becomes_asset', 'serials'),
	base.must(n.multiplier = 1 or base.role_only('integration'), 'article-multiplier', format(
		'Article %s counts %s pieces a price unit: multipliers other than 1 are not supported.', n.code, n.multiplier),
		'/price_quantity_multiplier', 'multiplier'),
	base.must(a.id is null or a.origin <> 'erp' or base.role_only('integration') or n.theirs is null, 'forbidden',
		'This article comes from the ERP: only its notes, bar codes and becomes_asset are changed here.', '/' || n.theirs, 'erp')
from base.bodies($1) e left join article a on a.id = e.id, lateral (
	select coalesce(e.body ->> 'kind', a.kind) as kind, coalesce((e.body ->> 'stocked')::boolean, a.stocked) as stocked,
		coalesce(e.body ->> 'tracking', a.tracking) as tracking, coalesce((e.body ->> 'decimals')::int, a.decimals) as decimals,
		coalesce((e.body ->> 'becomes_asset')::boolean, a.becomes_asset) as becomes_asset,
		coalesce((e.body ->> 'price_quantity_multiplier')::numeric, a.price_quantity_multiplier) as multiplier,
		coalesce(e.body ->> 'code', a.code) as code,
		(select min(k) from jsonb_object_keys(e.body) k where k not in ('id', 'notes', 'barcodes', 'becomes_asset')) as theirs) n

-- name: article_unused
-- Foreign keys know of all but the lines of calls.
select base.must(not exists (select from charge h where h.article_id = $1::uuid and h.active), 'referenced', 'Charges refer to it.')

-- name: article_origin
-- What an integration brings with its own key is the ERP's.
update article a set origin = 'erp' from base.bodies($1) e where a.id = e.id and a.origin = 'local' and a.external_ref is not null
	and base.role_only('integration')

-- name: kit_component_rows
select k.id, k.version, k.article_id, k.component_id, jsonb_build_object('code', a.code, 'description', a.description) as component,
	k.quantity::text as quantity, k.optional, k.position, k.external_ref, base.ts(k.created_at) as created_at,
	base.ts(k.updated_at) as updated_at
from kit_component k left join article a on a.id = k.component_id

-- name: kit_component_tree
-- As of categories: nothing that takes a kit apart would come to an end.
select base.in_turn('inventory.kit') where $1::uuid is not null and $2::jsonb ? 'component_id'

-- name: kit_component_guard
-- Of a kit, something that lines may name, and never the kit itself, however deep.
with recursive known as (
	select coalesce(($2::jsonb ->> 'article_id')::uuid, (select k.article_id from kit_component k where k.id = $1::uuid)) as kit_id,
		($2::jsonb ->> 'component_id')::uuid as component_id
), below as (
	select n.component_id as id from known n
	union
	select k.component_id from kit_component k join below b on k.article_id = b.id
)
select base.must((select a.kind from article a where a.id = n.kit_id) = 'kit', 'conflict', 'Only a kit has components.'),
	article_check(n.component_id, '/component_id'),
	base.must(n.kit_id not in (select b.id from below b where b.id is not null), 'invalid',
		'must not be the kit itself, nor contain it', '/component_id', 'cycle')
from known n

-- name: price_list_rows
select l.id, l.version, l.revision, l.code, l.name, l.currency, l.valid_from::text as valid_from, l.valid_until::text as valid_until,
	l.external_ref, l.active, base.ts(l.created_at) as created_at, base.ts(l.updated_at) as updated_at
from price_list l

-- name: price_rows
select p.id, p.version, p.list_code, p.article_id, jsonb_build_object('code', a.code, 'description', a.description) as article,
	p.from_quantity::text as from_quantity, p.price::text as price, (select jsonb_agg(d::text) from unnest(p.discounts) d) as discounts,
	p.valid_from::text as valid_from, p.valid_until::text as valid_until, p.notes, p.external_ref, base.ts(p.created_at) as created_at,
	base.ts(p.updated_at) as updated_at
from price p left join article a on a.id = p.article_id

-- name: price_guard
select article_check(($2::jsonb ->> 'article_id')::uuid, '/article_id'), base.discounts_check($2::jsonb),
	base.must($2::jsonb ->> 'list_code' is null or exists (select from price_list l
		where l.code = $2::jsonb ->> 'list_code' and l.active), 'unknown-reference', 'There is no such price list in use.',
		'/list_code', 'reference'),
	-- Before the generated column of its days, which can't hold them and couldn't say so.
	base.must(coalesce(d.valid_from <= d.valid_until, true), 'invalid', format('must not be before %s', 'valid_from'), '/valid_until',
		'order')
from (select null) one left join price p on p.id = $1::uuid cross join lateral (select
	case when $2::jsonb ? 'valid_from' then ($2::jsonb ->> 'valid_from')::date else p.valid_from end as valid_from,
	case when $2::jsonb ? 'valid_until' then ($2::jsonb ->> 'valid_until')::date else p.valid_until end as valid_until) d
where $1::uuid is not null

-- name: price_resolve
-- $1 article, $2 price list or null, $3 quantity, $4 day. The price of the list for the largest quantity that is reached;
-- without one, the list price of the article.
select a.id as article_id, coalesce(p.price, a.list_price)::text as price,
	coalesce((select jsonb_agg(d::text) from unnest(p.discounts) d), '[]') as discounts,
	round(base.discounted(coalesce(p.price, a.list_price), p.discounts), 4)::text as net_price, p.id as price_id, p.list_code as price_list_code, p.from_quantity::text as from_quantity,
	case when p.id is not null then format('Price list %s, from %s.', p.list_code, trim_scale(p.from_quantity))
		when a.list_price is null then 'The article has no price.'
		when $2::text is null then 'The list price of the article: no price list was named.'
		when not exists (select from price_list l where l.code = $2::text and l.active
			and daterange(l.valid_from, l.valid_until, '[]') @> n.day)
			then format('The list price of the article: there is no price list %s in force on %s.', $2::text, n.day)
		else format('The list price of the article: price list %s has no price of it for this quantity on %s.', $2::text, n.day)
	end as reason
from (select coalesce($4::date, (base.clock() at time zone (select t.time_zone from tenant t))::date) as day) n, article a
	left join lateral (select p.id, p.price, p.discounts, p.list_code, p.from_quantity from price p
		join price_list l on l.code = p.list_code and l.active and daterange(l.valid_from, l.valid_until, '[]') @> n.day
		where p.article_id = a.id and p.list_code = $2::text and p.from_quantity <= coalesce($3::numeric, 1) and p.days @> n.day
		order by p.from_quantity desc limit 1) p on true
where a.id = $1::uuid

-- name: price_resolve_guard
select article_check($1::uuid, 'article_id')

-- name: substitute_rows
select s.id, s.version, s.article_id, s.substitute_id, jsonb_build_object('code', a.code, 'description', a.description) as substitute,
	s.kind, s.rank, s.valid_from::text as valid_from, s.both_ways, s.notes, s.external_ref, base.ts(s.created_at) as created_at,
	base.ts(s.updated_at) as updated_at
from substitute s left join article a on a.id = s.substitute_id

-- name: substitute_guard
select article_check(($2::jsonb ->> 'article_id')::uuid, '/article_id'),
	article_check(($2::jsonb ->> 'substitute_id')::uuid, '/substitute_id')

-- name: alternative_rows
select v.id, v.of_id, v.article_id, jsonb_build_object('code', a.code, 'description', a.description) as article, v.kind, v.rank,
	coalesce(q.available, 0)::text as available, coalesce(q.places, '[]') as warehouses
from alternative v join article a on a.id = v.article_id and a.usable
	left join lateral (select sum(s.available) as available, jsonb_agg(jsonb_build_object('warehouse_id', s.warehouse_id, 'code', w.code,
		'available', s.available::text) order by s.available desc, w.code) filter (where s.available > 0) as places
		from stock s join warehouse w on w.id = s.warehouse_id where s.article_id = v.article_id and s.owner = 'own') q on true
