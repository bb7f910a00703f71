-- name: document_rows
select d.id, d.version, 'transport_document' as kind, case d.direction when 'out' then d.number else d.their_number end as number,
	d.state, jsonb_build_object('service', 'inventory', 'kind', 'transport_document', 'id', d.id) as owner,
	(d.party ->> 'customer_id')::uuid as customer_id, 'pdf' as format, '/v1/transport-documents/' || d.id || '/pdf' as content_url,
	base.ts(d.issued_at) as issued_at, base.ts(d.created_at) as created_at, base.ts(d.updated_at) as updated_at
from transport_document d
