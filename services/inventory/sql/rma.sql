-- name: rma_rows
select r.id, r.version, r.revision, r.number, r.kind, r.state, r.customer_id,
	case when c.id is not null then jsonb_build_object('code', c.code, 'name', c.name) end as customer, r.supplier_name, r.supplier_ref,
	r.site_id, r.contact_id, r.call_id, r.parent_line_id, r.reason, r.customer_reference, r.authorised_by,
	base.ts(r.authorised_at) as authorised_at, r.expires_on::text as expires_on,
	r.due_back_on::text as due_back_on, r.ship_to, r.job_code, r.notes, source_of(r.id) as source,
	r.external_ref, base.ts(r.created_at) as created_at, base.ts(r.updated_at) as updated_at
from rma r left join customer c on c.id = r.customer_id

-- name: rma_guard
-- An ended one is not changed; the site is one of the customer's; for whom it is depends on its kind.
select base.must(coalesce(r.state, 'open') = 'open', 'conflict', format('The return is %s.', r.state)),
	base.must(n.site_id is null or exists (select from site t where t.id = n.site_id and t.customer_id = n.customer_id),
		'unknown-reference', 'The customer has no such site (yet).', '/site_id', 'reference'),
	base.must(n.kind <> 'supplier_repair' or n.customer_id is null, 'invalid',
		'what is a customer''s goes on to a supplier by actions/send-to-supplier of the line of his return', '/customer_id', 'conflict'),
	base.must((n.kind = 'supplier_repair') or n.customer_id is not null, 'invalid', 'is required of a customer''s return', '/customer_id',
		'required'),
	base.must(n.kind <> 'supplier_repair' or n.supplier_name is not null, 'invalid',
		'is required of a supplier''s repair', '/supplier_name', 'required'),
	base.must($2::jsonb ->> 'due_back_on' is null or n.kind = 'advance_replacement', 'invalid',
		'only of what is replaced in advance something is due back', '/due_back_on', 'conflict')
from (select $1::uuid as id) k left join rma r on r.id = k.id,
	lateral (select coalesce($2::jsonb ->> 'kind', r.kind) as kind,
		case when $2::jsonb ? 'customer_id' then ($2::jsonb ->> 'customer_id')::uuid else r.customer_id end as customer_id,
		case when $2::jsonb ? 'site_id' then ($2::jsonb ->> 'site_id')::uuid else r.site_id end as site_id,
		case when $2::jsonb ? 'supplier_name' then $2::jsonb ->> 'supplier_name' else r.supplier_name end as supplier_name) n

-- name: rma_lines_guard
select article_check((i.value ->> 'article_id')::uuid, '/lines/' || (i.ordinality - 1) || '/article_id'),
	base.must(coalesce(btrim(i.value ->> 'serial') <> '', true), 'invalid', 'must not be empty',
		'/lines/' || (i.ordinality - 1) || '/serial', 'length'),
	base.must(i.value ->> 'serial' is null or coalesce((i.value ->> 'quantity')::numeric, 1) = 1, 'invalid',
		'a line with a serial is one piece', '/lines/' || (i.ordinality - 1) || '/quantity', 'range')
from jsonb_array_elements(case when $1::uuid is not null then $2::jsonb -> 'lines' end) with ordinality i

-- name: rma_create
insert into rma (id, number, kind, customer_id, supplier_name, supplier_ref, site_id, contact_id, call_id, reason, customer_reference,
	expires_on, due_back_on, ship_to, job_code, notes, external_ref)
select $1::uuid, rma_number(), b.kind, b.customer_id, b.supplier_name, b.supplier_ref, b.site_id, b.contact_id, b.call_id, b.reason,
	b.customer_reference, b.expires_on, b.due_back_on, b.ship_to, coalesce(b.job_code, c.job_code), b.notes, b.external_ref
from jsonb_populate_record(null::rma, $2::jsonb) b left join call c on c.id = b.call_id

-- name: rma_lines
-- The lines that came with a new return.
select rma_lines_add($1::uuid, $2::jsonb -> 'lines') where $2::jsonb ? 'lines'

-- name: rma_due_back
-- Another day, for what has been replaced already and is still to come, too.
select rma_due_back($1::uuid, ($2::jsonb ->> 'due_back_on')::date) where $2::jsonb ->> 'due_back_on' is not null

-- name: rma_source_keep
select source_keep('rma', $1::uuid, $2::jsonb -> 'source'), source_warn() where $2::jsonb ? 'source'

-- name: rma_of_call
-- $1 the body of rmas/from-call: the body of that return.
select rma_of_call($1::jsonb)

-- name: rma_source_diff
select rma_source_diff($1::uuid)

-- name: rma_realign
select rma_realign($1::uuid)

-- name: sources_of_charges_due
-- $1 charges that just changed.
select sources_due(array_agg(h.id), array_agg(h.line_version), array_agg(h.active)), rmas_due(array_agg(distinct h.call_id)),
	missing_due(array_agg(h.rma_line_id) filter (where h.rma_line_id is not null))
from charge h where h.id = any ($1::uuid[])

-- name: sources_of_calls_due
select rmas_due($1::uuid[])

-- name: sources_lock
select sources_lock($1::uuid)

-- name: sources_mark
select sources_mark($1::uuid)

-- name: rma_authorise
-- All lines that are requested.
with passed as (
	update rma_line l set state = 'authorised', version = l.version + 1, updated_at = base.clock()
	where l.rma_id = $1::uuid and l.state = 'requested' returning l.id
), told as (
	select base.must(count(*) > 0, 'conflict', 'No line of it waits for that.'),
		base.touch('rma_line.authorised', array_agg(p.id)) from passed p
)
update rma r set authorised_by = base.actor(), authorised_at = coalesce(($2::jsonb ->> 'at')::timestamptz, base.clock()),
	expires_on = coalesce(($2::jsonb ->> 'expires_on')::date, r.expires_on)
from told t where r.id = $1::uuid

-- name: rma_authorise_log
select rma_line_log(l.id, 'authorise', l.state, 'authorised', $2::jsonb)
from rma_line l where l.rma_id = $1::uuid and l.state = 'requested'

-- name: rma_cancel
-- Nothing of it is with us, nothing of ours with the customer.
select base.must(not exists (select from rma_line l where l.rma_id = $1::uuid and (l.state not in ('requested', 'authorised', 'cancelled')
	or l.replacement is not null or (l.of_supplier and l.warehouse_id is not null))), 'conflict', 'Goods of it have come in or gone out already.')

-- name: rma_cancel_lines
with passed as (
	update rma_line l set state = 'cancelled', version = l.version + 1, updated_at = base.clock()
	where l.rma_id = $1::uuid and l.state in ('requested', 'authorised') returning l.id
), told as (
	select base.touch('rma_line.cancelled', array_agg(p.id)) from passed p
)
update rma r set state = 'cancelled' from told t where r.id = $1::uuid

-- name: rma_cancel_log
select rma_line_log(l.id, 'cancel', l.state, 'cancelled', $2::jsonb)
from rma_line l where l.rma_id = $1::uuid and l.state <> 'cancelled'

-- name: rma_line_rows
select l.id, l.version, l.rma_id, jsonb_build_object('number', r.number, 'kind', r.kind, 'call_id', r.call_id) as rma, l.article_id,
	jsonb_build_object('code', a.code, 'description', a.description) as article, l.serial, l.quantity::text as quantity, l.asset_id,
	l.fault_code, l.declared_fault, l.accessories, l.condition, l.warranty, l.state, l.diagnosis, l.cause_code, l.repair_notes,
	l.outcome, l.disposal, l.warehouse_id, l.received_quantity::text as received_quantity,
	l.returned_quantity::text as returned_quantity, l.unannounced, l.split_from, l.offer_id, l.child_rma_id, l.replacement,
	l.supplier_cost::text as supplier_cost, l.loaned_asset_id, l.due_back_on::text as due_back_on, l.missing,
	case when l.missing is not null then charges_of_missing(l.id) end as charges, base.ts(l.received_at) as received_at,
	base.ts(l.returned_at) as returned_at, l.job_code, source_of(l.id) as source, l.external_ref, base.ts(l.created_at) as created_at,
	base.ts(l.updated_at) as updated_at
from rma_line l left join rma r on r.id = l.rma_id left join article a on a.id = l.article_id

-- name: rma_line_guard
select base.must(coalesce(r.state, 'open') = 'open', 'conflict', format('The return is %s.', r.state)),
	base.must(l.id is not null or r.parent_line_id is null, 'conflict', 'A supplier''s repair is of what was sent to it.',
		'/rma_id', 'reference'),
	base.must(coalesce(l.state, 'requested') not in ('closed', 'cancelled'), 'conflict', format('The line is %s.', l.state)),
	base.must(l.child_rma_id is null or not $2::jsonb ? 'supplier_cost', 'conflict',
		'It is what suppliers took for it: change it in their repair.', '/supplier_cost', 'derived'),
	article_check(($2::jsonb ->> 'article_id')::uuid, '/article_id'),
	base.must(coalesce(btrim($2::jsonb ->> 'serial') <> '', true), 'invalid', 'must not be empty', '/serial', 'length')
from (select $1::uuid as id) k left join rma_line l on l.id = k.id
	left join rma r on r.id = coalesce(l.rma_id, ($2::jsonb ->> 'rma_id')::uuid)

-- name: rma_line_create
insert into rma_line (id, rma_id, article_id, serial, quantity, of_supplier, asset_id, fault_code, declared_fault, accessories, warranty,
	supplier_cost, loaned_asset_id, job_code, external_ref)
select $1::uuid, b.rma_id, b.article_id, btrim(b.serial), coalesce(b.quantity, 1), coalesce(r.kind = 'supplier_repair', false),
	b.asset_id, b.fault_code, b.declared_fault, b.accessories, coalesce(b.warranty, 'unknown'), b.supplier_cost, b.loaned_asset_id,
	b.job_code, b.external_ref
from jsonb_populate_record(null::rma_line, $2::jsonb) b left join rma r on r.id = b.rma_id

-- name: rma_line_cost_lock
-- What a supplier took is also the customer's line's, whose return is taken with it.
update rma p set revision = p.revision + 1 from rma r join rma_line o on o.id = r.parent_line_id
where r.id = coalesce((select l.rma_id from rma_line l where l.id = $1::uuid), ($2::jsonb ->> 'rma_id')::uuid)
	and $2::jsonb ? 'supplier_cost' and p.id = o.rma_id

-- name: rma_line_cost
-- All that suppliers took for the customer's line, when one of theirs says what. $1 that one.
with took as (
	select r.parent_line_id as id, sum(o.supplier_cost) as cost
	from rma_line l join rma r on r.id = l.rma_id join rma h on h.parent_line_id = r.parent_line_id join rma_line o on o.rma_id = h.id
	where l.id = $1::uuid and $2::jsonb ? 'supplier_cost' group by r.parent_line_id
), raised as (
	update rma_line p set supplier_cost = t.cost, version = p.version + 1, updated_at = base.clock()
	from took t where p.id = t.id and p.supplier_cost is distinct from t.cost returning p.id
)
select base.touch('rma_line.changed', array_agg(r.id)) from raised r having count(*) > 0

-- name: rma_line_settle
select rma_line_settle(l.id) from rma_line l where l.id = $1::uuid and l.version = 1

-- name: rma_line_lock
select rma_line_lock($1::uuid, ($2::jsonb ->> 'article_id')::uuid)

-- name: rma_line_split
select rma_line_split($1::uuid, ($2::jsonb ->> 'quantity')::numeric)

-- name: rma_line_authorise
update rma_line l set state = 'authorised' where l.id = $1::uuid

-- name: rma_line_authorise_head
-- Who authorised last, and when.
update rma r set authorised_by = base.actor(), authorised_at = coalesce(($2::jsonb ->> 'at')::timestamptz, base.clock())
from rma_line l where l.id = $1::uuid and r.id = l.rma_id

-- name: rma_line_receive
select rma_line_receive($1::uuid, $2::jsonb)

-- name: rma_line_customers
-- What a supplier repaired goes on as its customer's line, which holds the goods; ours is in stock again.
select base.must(not l.of_supplier, 'conflict', case when rma_own(l.id) then 'It is ours, and in stock again: close it.'
	else 'It is what a supplier repairs: go on with its customer''s line.' end)
from rma_line l where l.id = $1::uuid

-- name: rma_line_diagnose
update rma_line l set state = 'diagnosed', diagnosis = $2::jsonb ->> 'diagnosis', cause_code = coalesce($2::jsonb ->> 'cause_code',
	l.cause_code), warranty = coalesce($2::jsonb ->> 'warranty', l.warranty)
where l.id = $1::uuid

-- name: rma_line_request_offer
update rma_line l set state = 'waiting_offer' where l.id = $1::uuid

-- name: rma_line_answer_offer
update rma_line l set state = case when ($2::jsonb ->> 'accepted')::boolean then 'repairing' else 'ready' end,
	offer_id = coalesce(($2::jsonb ->> 'offer_id')::uuid, l.offer_id),
	outcome = case when not ($2::jsonb ->> 'accepted')::boolean then case when ($2::jsonb ->> 'charged')::boolean
		then 'not_repaired_charged' else 'not_repaired' end end
where l.id = $1::uuid

-- name: rma_line_repair
update rma_line l set state = 'repairing' where l.id = $1::uuid

-- name: rma_line_ship
select rma_line_ship($1::uuid, $2::jsonb)

-- name: rma_line_send
select rma_line_send($1::uuid, $2::jsonb)

-- name: rma_line_complete
select rma_line_back($1::uuid)

-- name: rma_line_completed
update rma_line l set state = 'ready', outcome = $2::jsonb ->> 'outcome', repair_notes = coalesce($2::jsonb ->> 'repair_notes',
	l.repair_notes)
where l.id = $1::uuid

-- name: rma_line_replace
select rma_line_replace(l.id, jsonb_build_object('due_back_on', r.due_back_on) || jsonb_strip_nulls($2::jsonb))
from rma_line l join rma r on r.id = l.rma_id where l.id = $1::uuid

-- name: rma_line_credit
update rma_line l set state = 'ready', outcome = 'credited' where l.id = $1::uuid

-- name: rma_line_scrap
select base.must(($2::jsonb ->> 'customer_consent')::boolean, 'invalid', 'customers'' goods are scrapped with their consent only',
		'/customer_consent', 'required'),
	rma_line_back(l.id), base.must(rma_line_here(l.id), 'conflict', 'The goods are not here.'),
	rma_line_dispose(l.id, 'scrapped', $2::jsonb)
from rma_line l where l.id = $1::uuid

-- name: rma_line_scrapped
update rma_line l set state = 'ready', outcome = $2::jsonb ->> 'outcome' where l.id = $1::uuid

-- name: rma_line_loan
-- What was lent meanwhile is still there when the goods are back, or the line is closed.
select base.warn('on-loan', format('What was lent meanwhile, serial %s, has not come back.', a.serial))
from rma_line l join asset a on a.id = l.loaned_asset_id where l.id = $1::uuid and a.status = 'on_loan'

-- name: rma_line_return_guard
-- Who voids the document meanwhile takes the goods back that it names: it stays issued until the return is there to be seen. Documents
-- are taken before returns, and the return is ours already: behind it nobody waits for one.
with taken as (
	select d.id, d.direction, d.state from transport_document d where d.id = ($2::jsonb ->> 'transport_document_id')::uuid
	for share nowait
)
select base.must(d.id is not null, 'unknown-reference', 'There is no such transport document.', '/transport_document_id',
		'reference'),
	base.must(d.direction = 'out' and d.state = 'issued', 'conflict', 'Goods go back on an outgoing document that is issued.',
		'/transport_document_id', 'state')
from (select 1) one left join taken d on true
where $2::jsonb ->> 'transport_document_id' is not null and $1::uuid is not null

-- name: rma_line_return
select rma_line_return(l.id, $2::jsonb || coalesce((select transport_said(d) from transport_document d
	where d.id = ($2::jsonb ->> 'transport_document_id')::uuid), '{}'))
from rma_line l where l.id = $1::uuid

-- name: rma_line_close
-- Goods that are still here went back, or something became of them. A supplier's are its customer's line's again, or ours in stock;
-- of ours that did not come back, it is said what became of them there.
select base.must(l.state <> 'authorised' or l.warehouse_id is not null, 'transition-refused',
		'Nothing of it has come in or gone out: cancel it.'),
	base.must(l.state <> 'authorised' or rma_own(l.id), 'transition-refused', 'The goods are with the supplier: receive them.'),
	base.must(l.state <> 'authorised' or $2::jsonb ->> 'disposal' is not null, 'invalid',
		'the goods are with the supplier: receive them, or say what became of them there', '/disposal', 'required'),
	base.must(l.state = 'authorised' or not l.of_supplier or $2::jsonb ->> 'disposal' is null, 'conflict',
		'It came back from the supplier: nothing becomes of it here.', '/disposal', 'conflict'),
	base.must($2::jsonb ->> 'outcome' is null or rma_own(l.id), 'invalid', 'is said here of our own goods only', '/outcome', 'conflict'),
	base.must(not rma_own(l.id) or coalesce($2::jsonb ->> 'outcome', l.outcome) is not null, 'invalid',
		'is required of our own goods: what came of the repair', '/outcome', 'required'),
	base.must(l.state <> 'received' or l.of_supplier or l.replacement is not null, 'conflict',
		'What came in is diagnosed, replaced or credited before it is closed.'),
	rma_line_back(l.id),
	base.must(l.of_supplier or not rma_line_here(l.id) or $2::jsonb ->> 'disposal' is not null, 'invalid',
		'the goods are still here: return them, or say what becomes of them', '/disposal', 'required'),
	case when l.state = 'authorised' or not l.of_supplier and rma_line_here(l.id)
		then rma_line_dispose(l.id, $2::jsonb ->> 'disposal', $2::jsonb) end
from rma_line l where l.id = $1::uuid

-- name: rma_line_closed
update rma_line l set state = 'closed', outcome = coalesce($2::jsonb ->> 'outcome', l.outcome) where l.id = $1::uuid

-- name: rma_line_cancel
select base.must(l.replacement is null, 'conflict', 'A replacement has gone out already: what it replaces is still to come.'),
	base.must(not l.of_supplier or l.warehouse_id is null, 'conflict', 'The goods are with the supplier: receive them.')
from rma_line l where l.id = $1::uuid

-- name: rma_line_cancelled
update rma_line l set state = 'cancelled' where l.id = $1::uuid

-- name: rma_line_charge_missing
select base.must(l.due_back_on < today(), 'conflict', case when l.due_back_on is null then 'Nothing of it is due back.'
		else format('It is due back on %s.', l.due_back_on) end),
	base.must(l.missing is null, 'conflict', 'It has been charged already.'),
	case when c.customer_id is null then base.warn('not-charged',
		'The return has no call that could be charged: charge it by hand.') end
from rma_line l join rma r on r.id = l.rma_id left join call c on c.id = r.call_id where l.id = $1::uuid

-- name: rma_line_charged
update rma_line l set missing = 'charged' where l.id = $1::uuid

-- name: rma_end
select rma_end(l.rma_id) from rma_line l where l.id = $1::uuid

-- name: rma_line_overdue_lock
update rma r set revision = r.revision + 1 from rma_line l where l.id = $1::uuid and r.id = l.rma_id

-- name: rma_line_overdue_due
-- As the tenant, before anything else: is it due still? $1 the line.
select base.must(exists (select from rma_line l where l.id = $1::uuid and l.state = 'authorised' and l.due_back_on < today()), 'gone',
	'It came in meanwhile.')
