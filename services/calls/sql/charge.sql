-- name: charge_rows
select h.id, h.version, h.call_id, jsonb_build_object('number', c.number) as call, c.customer_id,
	h.activity_id, h.kind, h.article_id, a.code as article_code, h.kit_id, h.description, h.uom, h.planned_quantity::text as planned_quantity,
	h.quantity::text as quantity, h.price::text as price, h.cost::text as cost,
	(select jsonb_agg(d::text) from unnest(h.discounts) d) as discounts, h.net_amount::text as net_amount, h.vat_code,
	h.treatment, h.treatment_reason, base.ts(h.approved_at) as approved_at, h.approved_by, h.price_source, h.pricing, h.billing_article_id, h.warehouse_id,
	to_jsonb(h.serials) as serials, h.technician_id, h.work_date::text as work_date, h.job_code, h.status, h.rma_line_id,
	case when h.rma_line_id is not null then source_of(h.id) end as source,
	case when v.made is not null then jsonb_build_object('reserved', v.reserved::text, 'waiting', v.waiting::text, 'issued',
		v.issued::text) end as stock, v.made as derived, h.external_ref, base.ts(h.created_at) as created_at,
	base.ts(h.updated_at) as updated_at
from charge h left join call c on c.id = h.call_id left join article a on a.id = h.article_id
	left join lateral (select o.made, o.reserved, o.waiting, o.issued from derived_of_line o where o.line_id = h.id) v on true

-- name: charge_lock_of_new
with locked as (update call c set revision = c.revision + 1, lines_changed_at = base.clock()
	where c.id = ($2::jsonb ->> 'call_id')::uuid returning c.customer_id, c.state)
select base.must(exists (select from locked), 'unknown-reference', 'There is no such call.', '/call_id', 'reference'),
	base.must(exists (select from locked l where l.customer_id is not null), 'conflict',
		'A call without customer cannot hold charges.', '/call_id', 'customer'),
	base.must(not exists (select from locked l where l.state in ('closed', 'cancelled')), 'conflict',
		'A closed or cancelled call takes no more charges.')

-- name: charge_lock
with locked as (update call c set revision = c.revision + 1, lines_changed_at = base.clock()
	where c.id = (select h.call_id from charge h where h.id = $1::uuid) returning 1)
select base.must(exists (select from locked), 'not-found', 'There is no such charge.')

-- name: charge_open_guard
-- Only open lines are changed or removed; creation passes: there is no row yet.
select base.must(not exists (select from charge h where h.id = $1::uuid and h.status <> 'open'), 'conflict',
	'A charge in a completed report or an invoice is not changed.')

-- name: charge_own_guard
-- A technician writes his own charges, a storekeeper parts. $1 the charge as it is; creation passes, there is no row yet.
select base.must(base.sight() <> 'technician' or h.technician_id = base.technician(), 'forbidden',
		'A technician changes his own charges only.'),
	base.must(not base.role_only('storekeeper') or h.kind = 'part', 'forbidden', 'A storekeeper handles parts only.', '/kind',
		'forbidden')
from charge h where h.id = $1::uuid

-- name: charge_discounts_guard
select base.discounts_check($2::jsonb) where $1::uuid is not null

-- name: charge_activity_guard
select base.must(h.activity_id is null or exists (select from activity a where a.id = h.activity_id and a.call_id = h.call_id),
	'unknown-reference', 'The call has no such activity.', '/activity_id', 'reference') from charge h where h.id = $1::uuid

-- name: charge_price_by_hand
update charge h set price_source = 'manual' where h.id = $1::uuid and $2::jsonb ? 'price' and h.price_source = 'article'

-- name: charge_article
-- The article that the body names; it fills in what nobody said. A kit becomes its components.
select charge_article($1::uuid, $2::jsonb)

-- name: charge_inherit
-- What a new charge does not say of its treatment and its job, before it becomes those of a kit's components.
update charge h set treatment = coalesce(h.treatment, charge_treatment(h.call_id, h.kind)),
	job_code = case when h.version = 1 then coalesce(h.job_code, c.job_code) else h.job_code end
from call c
where h.id = $1::uuid and c.id = h.call_id
	and (h.treatment is null or (h.version = 1 and h.job_code is null and c.job_code is not null))

-- name: charge_credit_guard
-- Where the policy says so, nothing more is billed to who may not pay.
select base.must(u.credit is distinct from 'blocked' or not setting('refuse_blocked', 'false')::boolean, 'conflict',
	format('The credit of %s is blocked: no work is billed to him.', u.name), '/treatment', 'credit')
from charge h join call c on c.id = h.call_id join customer u on u.id = c.customer_id
where h.id = $1::uuid and h.treatment = 'billable' and (h.version = 1 or $2::jsonb ? 'treatment')

-- name: charge_approve
update charge h set treatment = $2::jsonb ->> 'treatment', treatment_reason = $2::jsonb ->> 'reason',
	approved_at = coalesce(($2::jsonb ->> 'at')::timestamptz, base.clock()), approved_by = base.actor(),
	approval_note = $2::jsonb ->> 'note'
where h.id = $1::uuid
