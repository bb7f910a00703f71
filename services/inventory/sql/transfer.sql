-- name: transfer_rows
select t.id, t.version, t.revision, t.number, t.state, t.from_warehouse_id,
	jsonb_build_object('code', f.code, 'name', f.name, 'kind', f.kind) as from_warehouse, t.to_warehouse_id,
	jsonb_build_object('code', o.code, 'name', o.name, 'kind', o.kind) as to_warehouse,
	(select coalesce(jsonb_agg(jsonb_build_object('position', l.position, 'article_id', l.article_id, 'article',
		jsonb_build_object('code', a.code, 'description', a.description), 'quantity', l.quantity::text, 'serials', l.serials,
		'reservation_id', l.reservation_id, 'received_quantity', l.received::text, 'received_serials', l.received_serials,
		'missing_quantity', l.missing::text) order by l.position), '[]')
		from transfer_line l join article a on a.id = l.article_id where l.transfer_id = t.id) as lines,
	base.ts(t.needed_at) as needed_at, t.notes, t.requested_by, t.requested_by_name, base.ts(t.shipped_at) as shipped_at,
	base.ts(t.received_at) as received_at, t.transport_document_id, t.external_ref, base.ts(t.created_at) as created_at,
	base.ts(t.updated_at) as updated_at
from transfer t left join warehouse f on f.id = t.from_warehouse_id left join warehouse o on o.id = t.to_warehouse_id

-- name: transfer_guard
-- Only a draft is changed; goods go between warehouses in use. What is in transit is the way, not a place to go to.
select base.must(coalesce(t.state, 'draft') = 'draft', 'conflict', 'Only a draft is changed.'),
	base.must(f.id is null or (f.active and f.kind <> 'transit'), 'unknown-reference', 'Goods do not start from that warehouse.',
		'/from_warehouse_id', 'reference'),
	base.must(o.id is null or (o.active and o.kind <> 'transit'), 'unknown-reference', 'Goods are not sent to that warehouse.',
		'/to_warehouse_id', 'reference')
from (select $1::uuid as id) n left join transfer t on t.id = n.id
	left join warehouse f on f.id = ($2::jsonb ->> 'from_warehouse_id')::uuid
	left join warehouse o on o.id = ($2::jsonb ->> 'to_warehouse_id')::uuid

-- name: transfer_lines_guard
-- What has no stock goes nowhere: a kit goes as its components.
select article_check((i.value ->> 'article_id')::uuid, n.pointer || '/article_id'),
	base.must(a.stocked and a.kind not in ('service', 'kit'), 'invalid', format('article %s is not kept in stock', a.code),
		n.pointer || '/article_id', 'stocked'),
	base.must(i.value ->> 'reservation_id' is null or exists (select from reservation r
		where r.id = (i.value ->> 'reservation_id')::uuid and r.article_id = (i.value ->> 'article_id')::uuid),
		'unknown-reference', 'There is no such reservation of this article.', n.pointer || '/reservation_id', 'reference')
from jsonb_array_elements(case when $1::uuid is not null then $2::jsonb -> 'lines' end) with ordinality i
	left join article a on a.id = (i.value ->> 'article_id')::uuid, lateral (select '/lines/' || (i.ordinality - 1) as pointer) n

-- name: transfer_lines_take
-- Behind the transfer the articles of its lines, those that come and those that go, for what is coming of them changes: they are
-- remembered for transfer_lines_look.
select stock_lock(n.ids), set_config('app.coming', n.ids::text, true)
from (select coalesce(array_agg(o.article_id), '{}') as ids from (
	select (i.value ->> 'article_id')::uuid as article_id from jsonb_array_elements($2::jsonb -> 'lines') i
	union select l.article_id from transfer_line l where l.transfer_id = $1::uuid) o) n
where $2::jsonb ? 'lines'

-- name: transfer_create
insert into transfer (id, number, from_warehouse_id, to_warehouse_id, needed_at, notes, external_ref)
select $1::uuid, number_make('transfer', setting('transfer_series', '"TR"') #>> '{}', year_of(base.clock())), b.from_warehouse_id,
	b.to_warehouse_id, b.needed_at, b.notes, b.external_ref
from jsonb_populate_record(null::transfer, $2::jsonb) b

-- name: transfer_lines_forget
delete from transfer_line l where l.transfer_id = $1::uuid and $2::jsonb ? 'lines'

-- name: transfer_lines
insert into transfer_line (transfer_id, position, article_id, quantity, serials, reservation_id)
select $1::uuid, i.ordinality, b.article_id, b.quantity, b.serials, b.reservation_id
from jsonb_array_elements($2::jsonb -> 'lines') with ordinality i, jsonb_populate_record(null::transfer_line, i.value) b

-- name: transfer_lines_look
-- A draft that brings something is no reason to order it again, and one that no longer does is.
select reorder_look(n.article_id, t.to_warehouse_id)
from transfer t, (select unnest(nullif(current_setting('app.coming', true), '')::uuid[]) as article_id order by 1) n
where t.id = $1::uuid and $2::jsonb ? 'lines'

-- name: transfer_lock
-- Behind the transfer its articles, all at once.
select stock_lock(array_agg(l.article_id)) from transfer_line l where l.transfer_id = $1::uuid

-- name: transfer_ship
select transfer_ship($1::uuid, false, $2::jsonb)

-- name: transfer_ship_and_receive
select transfer_ship($1::uuid, true, $2::jsonb)

-- name: transfer_receive_guard
select van_check(t.to_warehouse_id, ''),
	base.must(t.state = 'shipped' or exists (select from transfer_line l where l.transfer_id = t.id and l.missing > 0), 'conflict',
		'Nothing of it is missing.')
from transfer t where t.id = $1::uuid

-- name: transfer_receive
select transfer_receive($1::uuid, $2::jsonb)

-- name: transfer_settle
select base.must(exists (select from transfer_line l where l.transfer_id = $1::uuid and l.missing > 0), 'conflict',
		'Nothing of it is missing.'), transfer_settle($1::uuid, $2::jsonb ->> 'outcome', $2::jsonb)

-- name: transfer_cancel
-- What was shipped goes back.
select transfer_settle($1::uuid, 'returned', $2::jsonb)
from transfer t where t.id = $1::uuid and t.state = 'shipped'

-- name: transfer_cancelled
update transfer t set state = 'cancelled' where t.id = $1::uuid

-- name: transfer_look
select transfer_look($1::uuid)
