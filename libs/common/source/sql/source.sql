-- name: derived_rows
select v.id, v.made as kind, v.source_id, v.line_id, v.line_version, base.ts(v.taken_at) as taken_at, v.head_id, v.number, v.state, v.open,
	v.article_id, v.article_code, v.quantity::text as quantity, v.issued::text as issued, v.open_quantity::text as open_quantity,
	to_jsonb(v.serials) as serials, base.ts(v.changed_at) as destination_changed_at
from derived v
