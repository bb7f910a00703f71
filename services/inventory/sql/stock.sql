-- name: warehouse_rows
select w.id, w.version, w.revision, w.code, w.name, w.kind, w.technician_id,
	(select h.name from technician h where h.id = w.technician_id) as technician_name, w.site, w.valued, w.available,
	w.external_ref, w.active, base.ts(w.created_at) as created_at, base.ts(w.updated_at) as updated_at
from warehouse w

-- name: warehouse_hold
-- Goods of any article may be on their way into it, and whoever moves them holds their article: a warehouse that goes out of use
-- takes them all, which is seldom, so that what comes in is there to be seen, or finds it out of use.
select count(*) from (select from article a where $2::jsonb -> 'active' = 'false'::jsonb order by a.id for no key update) n

-- name: warehouse_unused
-- A warehouse that holds goods, or waits for some, stays in use.
select base.must(not exists (select from stock s where s.warehouse_id = $1::uuid and s.on_hand <> 0), 'conflict',
		'There are goods in this warehouse.'),
	base.must(not exists (select from stock s where s.warehouse_id = $1::uuid and (s.waiting <> 0 or s.in_transit <> 0)), 'conflict',
		'Goods are on their way to this warehouse, or somebody waits for them there.')
where $2::jsonb -> 'active' = 'false'::jsonb

-- name: stock_rows
select s.id, s.version, s.article_id, jsonb_build_object('code', a.code, 'description', a.description) as article, s.warehouse_id,
	jsonb_build_object('code', w.code, 'name', w.name, 'kind', w.kind) as warehouse, s.owner, s.on_hand::text as on_hand,
	s.reserved::text as reserved, s.available::text as available, s.waiting::text as waiting, s.in_transit::text as in_transit,
	s.on_order::text as on_order, c.average::text as average_cost,
	(case when s.owner = 'own' and w.valued then round(s.on_hand * c.average, 2) end)::text as value,
	base.ts(nullif(s.last_moved_at, '-infinity')) as last_moved_at, base.ts(s.created_at) as created_at,
	base.ts(s.updated_at) as updated_at
from stock s left join article a on a.id = s.article_id left join warehouse w on w.id = s.warehouse_id
	left join article_value v on v.article_id = s.article_id,
	lateral (select case when v.quantity > 0 then round(v.value / v.quantity, 4) end as average) c

-- name: serial_rows
select e.id, e.version, e.article_id, jsonb_build_object('code', a.code, 'description', a.description) as article, e.serial,
	e.state, e.owner, e.warehouse_id, e.asset_id, e.reservation_id, e.rma_line_id, base.ts(e.created_at) as created_at,
	base.ts(e.updated_at) as updated_at
from serial e left join article a on a.id = e.article_id

-- name: movement_rows
select m.id, m.version, m.kind, m.article_id, jsonb_build_object('code', a.code, 'description', a.description) as article,
	m.warehouse_id, jsonb_build_object('code', w.code, 'name', w.name, 'kind', w.kind) as warehouse, m.owner,
	m.quantity::text as quantity, m.unit_cost::text as unit_cost, m.value::text as value, m.price::text as price,
	to_jsonb(m.serials) as serials, m.reason_code, m.reservation_id, m.call_id, m.activity_id, m.charge_id, m.asset_id,
	m.rma_line_id, m.kit_id, case when m.document_id is not null then jsonb_build_object('kind', m.document_kind, 'id', m.document_id,
		'number', m.document_number) end as document, m.job_code, m.cost_centre, base.ts(m.at) as at,
	base.ts(m.recorded_at) as recorded_at, m.by_subject as by, m.by_name, m.reversal_of,
	(select v.id from movement v where v.reversal_of = m.id) as reversed_by,
	case when m.charge_id is not null then source_of(m.id) end as source, m.external_ref
from movement m left join article a on a.id = m.article_id left join warehouse w on w.id = m.warehouse_id

-- name: movement_lock
-- $1 the movement, $2 the body: takes the article, of a kit that is issued its components.
select movement_take($2::jsonb)

-- name: articles_of_new
-- $1 the bodies of movements or reservations that are written one after the other: takes the articles of all before the first.
select articles_take(array(select (b.body ->> 'article_id')::uuid from base.bodies($1::jsonb) b))

-- name: movement_create
-- All in one: while the article is held each statement is waited for.
select movement_make($1::uuid, $2::jsonb),
	case when $2::jsonb ->> 'charge_id' is not null then source_warn() end,
	case when $2::jsonb ->> 'rma_line_id' is not null then rma_line_open(($2::jsonb ->> 'rma_line_id')::uuid) end

-- name: movements_of_call
select m.ids, set_config('app.told', m.ids::text, true)
from (select to_json(movements_of_call($1::jsonb)) as ids offset 0) m

-- name: movement_reverse_lock
select stock_lock(array_agg(m.article_id)) from movement m where m.id = $1::uuid

-- name: movement_reverse_guard
-- $1 the movement, $2 the body, $3 the id of the reversal.
select van_check(m.warehouse_id, ''), base.must(m.kind <> 'reversal', 'conflict', 'A reversal is not reversed: post the movement again.'),
	base.must(not exists (select from movement v where v.reversal_of = m.id), 'conflict', 'This movement was reversed already.'),
	base.must(m.document_kind is null, 'conflict', format('This movement belongs to the %s %s: void that instead.',
		replace(m.document_kind, '_', ' '), m.document_number))
from movement m where m.id = $1::uuid

-- name: movement_reverse
select movement_undo($1::uuid, $3::uuid, $2::jsonb)
