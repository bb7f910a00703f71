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
from transport_document d left join warehouse w on w.id = d.warehouse_id

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
-- What has no stock does not move: of kits only those that go out, as their components, and what is a customer's of his return. That
-- goes whole, on one line; of a transfer or a reservation there may be several, each of a part.
select article_check(b.article_id, n.pointer || '/article_id'),
	base.must(a.kind <> 'service' and (a.stocked or b.rma_line_id is not null or a.kind = 'kit') and (a.kind <> 'kit'
		or b.rma_line_id is null and d.direction = 'out'), 'invalid', format('article %s is not kept in stock', a.code),
		n.pointer || '/article_id', 'stocked'),
	base.must(b.rma_line_id is null or exists (select from rma_line o where o.id = b.rma_line_id and o.article_id = b.article_id),
		'unknown-reference', 'No return has such a line of this article.', n.pointer || '/rma_line_id', 'reference'),
	base.must(b.rma_line_id is null or count(*) over (partition by b.rma_line_id order by i.ordinality) = 1, 'invalid',
		'is named already', n.pointer || '/rma_line_id', 'unique'),
	base.must(b.transfer_id is null or exists (select from transfer_line o where o.transfer_id = b.transfer_id
		and o.article_id = b.article_id), 'unknown-reference', 'There is no such transfer of this article.',
		n.pointer || '/transfer_id', 'reference'),
	base.must(b.reservation_id is null or exists (select from reservation o where o.id = b.reservation_id
		and o.article_id = b.article_id), 'unknown-reference', 'There is no such reservation of this article.',
		n.pointer || '/reservation_id', 'reference'),
	base.must(num_nonnulls(b.rma_line_id, b.transfer_id, b.reservation_id) <= 1, 'invalid',
		'is of a return, a transfer or a reservation, not of several', n.pointer, 'conflict')
from jsonb_array_elements(case when $1::uuid is not null then $2::jsonb -> 'lines' end) with ordinality i,
	jsonb_populate_record(null::transport_document_line, i.value) b left join article a on a.id = b.article_id,
	lateral (select '/lines/' || (i.ordinality - 1) as pointer) n,
	lateral (select coalesce($2::jsonb ->> 'direction', (select o.direction from transport_document o where o.id = $1::uuid)) as direction) d

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

-- name: transport_paper
-- $1 document, $2 name of the tenant, $3 its time zone, $4 how times are written: what is printed of its head
select d.state, d.direction, d.reason, d.void_reason, d.notes, d.appearance, d.packages::text as packages, d.carried_by,
	trim_scale(d.weight_kg)::text as weight_kg, to_char(d.started_at at time zone $3, $4) as started_at,
	case d.direction when 'out' then d.number else d.their_number end as number,
	case d.direction when 'out' then d.document_date else d.their_date end::text as document_date,
	concat_ws(E'\n', coalesce(s.company ->> 'name', $2), nullif(address_text(s.company -> 'address'), '')) as company,
	s.company ->> 'vat_number' as company_vat,
	concat_ws(E'\n', p.name, nullif(address_text(p.address), '')) as party, p.vat_number as party_vat,
	case d.direction when 'out' then coalesce(nullif(address_text(d.destination), ''), concat_ws(E'\n', p.name,
		nullif(address_text(p.address), ''))) else concat_ws(E'\n', w.name, nullif(address_text(w.site), '')) end as destination,
	concat_ws(E'\n', d.carrier ->> 'name', d.carrier ->> 'address') as carrier
from transport_document d join warehouse w on w.id = d.warehouse_id left join customer c on c.id = (d.party ->> 'customer_id')::uuid,
	lateral (select setting('company', null) as company) s,
	lateral (select coalesce(d.party ->> 'name', c.name) as name, coalesce(d.party ->> 'vat_number', c.vat_number) as vat_number,
		coalesce(d.party -> 'address', c.address) as address) p
where d.id = $1::uuid

-- name: transport_paper_lines
-- $1 document. The serials are the line's own, or those of the return or the transfer that goes with it.
select a.code, coalesce(l.description, a.description) as description, a.uom, trim_scale(l.quantity)::text as quantity,
	to_jsonb(coalesce(l.serials, (select array[o.serial] from rma_line o where o.id = l.rma_line_id and o.serial is not null),
		(select max(t.serials) from transfer_line t where t.transfer_id = l.transfer_id and t.article_id = l.article_id
			and t.quantity = l.quantity))) as serials
from transport_document_line l join article a on a.id = l.article_id
where l.document_id = $1::uuid order by l.position
