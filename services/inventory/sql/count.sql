-- name: count_rows
select c.id, c.version, c.revision, c.number, c.state, c.warehouse_id,
	jsonb_build_object('code', w.code, 'name', w.name, 'kind', w.kind) as warehouse, c.scope, c.blind, c.notes,
	(select jsonb_build_object('lines', count(*), 'counted', count(l.counted), 'different', case when c.state = 'posted'
		or not c.blind then count(*) filter (where l.difference <> 0) end) from count_line l where l.count_id = c.id) as progress,
	base.ts(c.started_at) as started_at, base.ts(c.posted_at) as posted_at, c.external_ref, base.ts(c.created_at) as created_at,
	base.ts(c.updated_at) as updated_at
from count c left join warehouse w on w.id = c.warehouse_id

-- name: count_guard
-- Scope and warehouse are settled once it is started.
select base.must(coalesce(c.state, 'draft') = 'draft' or (c.state = 'counting' and not $2::jsonb ?| array['scope', 'blind']),
		'conflict', format('A count that is %s is not changed so.', c.state)),
	base.must($2::jsonb -> 'scope' ->> 'category_code' is null or exists (select from article_category g
		where g.code = $2::jsonb -> 'scope' ->> 'category_code'), 'unknown-reference', 'There is no such category.',
		'/scope/category_code', 'reference'),
	base.must(c.id is not null or exists (select from warehouse w where w.id = ($2::jsonb ->> 'warehouse_id')::uuid and w.active),
		'unknown-reference', 'There is no such warehouse in use.', '/warehouse_id', 'reference')
from (select $1::uuid as id) n left join count c on c.id = n.id

-- name: count_create
insert into count (id, number, warehouse_id, scope, blind, notes, external_ref)
select $1::uuid, number_make('count', setting('count_series', '"INV"') #>> '{}', year_of(base.clock())), b.warehouse_id,
	nullif(b.scope, 'null'), b.blind, b.notes, b.external_ref
from jsonb_populate_record(null::count, $2::jsonb) b

-- name: count_start
select count_start($1::uuid)

-- name: count_started
update count c set state = 'counting', started_at = coalesce(($2::jsonb ->> 'at')::timestamptz, base.clock()) where c.id = $1::uuid

-- name: count_articles_lock
select stock_lock(array_agg(l.article_id)) from count_line l where l.count_id = $1::uuid and l.counted is not null

-- name: count_post
select count_post($1::uuid, $2::jsonb)

-- name: count_cancelled
update count c set state = 'cancelled' where c.id = $1::uuid

-- name: count_line_rows
-- Who counts blind does not see what is expected before it is posted.
select l.id, l.version, l.count_id, l.article_id, jsonb_build_object('code', a.code, 'description', a.description) as article,
	l.counted::text as counted, to_jsonb(l.serials) as serials, base.ts(l.counted_at) as counted_at,
	(case when c.state = 'posted' or not c.blind then l.expected end)::text as expected,
	to_jsonb(case when c.state = 'posted' or not c.blind then l.expected_serials end) as expected_serials,
	(case when c.state = 'posted' or not c.blind then l.difference end)::text as difference, l.external_ref,
	base.ts(l.created_at) as created_at, base.ts(l.updated_at) as updated_at
from count_line l left join count c on c.id = l.count_id left join article a on a.id = l.article_id

-- name: count_line_guard
-- $1 the line, $2 the body: it is counted while the count is on, by pieces or by their serials.
select base.must(c.state = 'counting', 'conflict', format('The count is %s: its lines are counted after its start, until it is posted.',
		c.state)),
	article_check(($2::jsonb ->> 'article_id')::uuid, '/article_id'),
	base.must(a.stocked and a.kind not in ('service', 'kit'), 'invalid', format('article %s is not kept in stock', a.code),
		'/article_id', 'stocked'),
	base.must(a.tracking = 'serial' or $2::jsonb ->> 'serials' is null, 'invalid', format('article %s is not tracked by serial', a.code),
		'/serials', 'serials'),
	base.must(a.tracking <> 'serial' or $2::jsonb ->> 'counted' is null, 'invalid', format(
		'article %s is counted by its serials', a.code), '/counted', 'serials'),
	base.must(coalesce(($2::jsonb ->> 'counted')::numeric = round(($2::jsonb ->> 'counted')::numeric, a.decimals), true), 'invalid',
		format('article %s is counted with %s decimals', a.code, a.decimals), '/counted', 'decimals')
from (select $1::uuid as id) n left join count_line l on l.id = n.id
	left join count c on c.id = coalesce(l.count_id, ($2::jsonb ->> 'count_id')::uuid)
	left join article a on a.id = coalesce(l.article_id, ($2::jsonb ->> 'article_id')::uuid)

-- name: count_line_create
insert into count_line (id, count_id, article_id, article_code, counted, serials, external_ref)
select $1::uuid, b.count_id, b.article_id, a.code, b.counted, b.serials, b.external_ref
from jsonb_populate_record(null::count_line, $2::jsonb) b left join article a on a.id = b.article_id

-- name: count_line_counted
-- What the ledger says at this moment is kept beside what was counted.
update count_line l set counted = case when a.tracking = 'serial' then cardinality(l.serials) else l.counted end,
	expected = case when n.counted then coalesce(s.on_hand, 0) end, counted_at = case when n.counted then base.clock() end,
	expected_serials = case when a.tracking = 'serial' and n.counted then array(select e.serial from serial e
		where e.article_id = a.id and e.warehouse_id = c.warehouse_id and e.owner = 'own' order by e.serial) end
from (select l.id, coalesce(l.counted, cardinality(l.serials)) is not null as counted from count_line l where l.id = $1::uuid) n,
	count c, article a left join stock s on s.article_id = a.id and s.owner = 'own' and s.warehouse_id = (
		select k.warehouse_id from count_line i join count k on k.id = i.count_id where i.id = $1::uuid)
where l.id = n.id and c.id = l.count_id and a.id = l.article_id and $2::jsonb ?| array['counted', 'serials']

-- name: count_line_forget
select base.must(c.state = 'counting', 'conflict', format('The count is %s.', c.state))
from count_line l join count c on c.id = l.count_id where l.id = $1::uuid
