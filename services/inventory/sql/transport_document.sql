-- name: transport_document_rows
select d.id, d.version, d.revision, d.number, d.direction, d.state, d.reason, d.party, d.destination, d.their_number,
	d.their_date::text as their_date, d.document_date::text as document_date, d.warehouse_id,
	jsonb_build_object('code', w.code, 'name', w.name, 'kind', w.kind) as warehouse, d.carried_by, d.carrier, d.packages,
	d.weight_kg::text as weight_kg, d.appearance, base.ts(d.started_at) as started_at, d.notes, (select coalesce(jsonb_agg(
		jsonb_build_object('position', l.position, 'article_id', l.article_id, 'article', jsonb_build_object('code', a.code,
		'description', a.description), 'description', coalesce(l.description, a.description), 'quantity', l.quantity::text,
		'serials', l.serials, 'rma_line_id', l.rma_line_id, 'transfer_id', l.transfer_id, 'reservation_id', l.reservation_id)
		order by l.position), '[]') from transport_document_line l join article a on a.id = l.article_id
		where l.document_id = d.id) as lines, base.ts(d.issued_at) as issued_at, d.void_reason, d.external_ref,
	base.ts(d.created_at) as created_at, base.ts(d.updated_at) as updated_at
from transport_document d join warehouse w on w.id = d.warehouse_id

-- name: transport_document_guard
select base.must(coalesce(d.state, 'draft') = 'draft', 'conflict', format('A document that is %s is not changed: void it.', d.state)),
	base.must(not $2::jsonb ? 'party' or $2::jsonb -> 'party' ->> 'name' is not null or $2::jsonb -> 'party' ->> 'customer_id' is not null,
		'invalid', 'needs a customer or a name', '/party', 'required'),
	base.must($2::jsonb -> 'party' ->> 'customer_id' is null or exists (select from customer c
		where c.id = ($2::jsonb -> 'party' ->> 'customer_id')::uuid), 'unknown-reference', 'There is no such customer (yet).',
		'/party/customer_id', 'reference'),
	base.must(w.id is null or w.active, 'unknown-reference', 'There is no such warehouse in use.', '/warehouse_id', 'reference')
from (select $1::uuid as id) n left join transport_document d on d.id = n.id
	left join warehouse w on w.id = ($2::jsonb ->> 'warehouse_id')::uuid

-- name: transport_document_lines_guard
select article_check(b.article_id, n.pointer || '/article_id'),
	base.must(b.rma_line_id is null or exists (select from rma_line o where o.id = b.rma_line_id and o.article_id = b.article_id),
		'unknown-reference', 'No return has such a line of this article.', n.pointer || '/rma_line_id', 'reference'),
	base.must(b.transfer_id is null or exists (select from transfer_line o where o.transfer_id = b.transfer_id
		and o.article_id = b.article_id), 'unknown-reference', 'There is no such transfer of this article.',
		n.pointer || '/transfer_id', 'reference'),
	base.must(b.reservation_id is null or exists (select from reservation o where o.id = b.reservation_id
		and o.article_id = b.article_id), 'unknown-reference', 'There is no such reservation of this article.',
		n.pointer || '/reservation_id', 'reference'),
	base.must(num_nonnulls(b.rma_line_id, b.transfer_id, b.reservation_id) <= 1, 'invalid',
		'is of a return, a transfer or a reservation, not of several', n.pointer, 'conflict')
from jsonb_array_elements(case when $1::uuid is not null then $2::jsonb -> 'lines' end) with ordinality i,
	jsonb_populate_record(null::transport_document_line, i.value) b, lateral (select '/lines/' || (i.ordinality - 1) as pointer) n

-- name: transport_document_lines_forget
delete from transport_document_line l where l.document_id = $1::uuid and $2::jsonb ? 'lines'

-- name: transport_document_lines
insert into transport_document_line (document_id, position, article_id, description, quantity, serials, rma_line_id, transfer_id,
	reservation_id)
select $1::uuid, i.ordinality, b.article_id, b.description, b.quantity, b.serials, b.rma_line_id, b.transfer_id, b.reservation_id
from jsonb_array_elements($2::jsonb -> 'lines') with ordinality i, jsonb_populate_record(null::transport_document_line, i.value) b

-- name: transport_document_lock
select transport_lock($1::uuid)

-- name: transport_document_issue
select transport_issue($1::uuid, $2::jsonb)

-- name: transport_document_void
select transport_void($1::uuid, $2::jsonb)
