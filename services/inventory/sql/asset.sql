-- name: asset_lock
select asset_lock($1::uuid)

-- name: asset_guard
-- $1 the asset, $2 the body: of an article that can be a machine or a part of one; the site is the customer's, who is the
-- machine's where it is a component; days follow each other.
select article_check(($2::jsonb ->> 'article_id')::uuid, '/article_id'),
	base.must(not exists (select from article r where r.id = ($2::jsonb ->> 'article_id')::uuid
		and r.kind in ('service', 'kit')), 'invalid', 'a service and a kit are no machines', '/article_id', 'kind'),
	asset_parent_check(($2::jsonb ->> 'parent_id')::uuid),
	base.must(not $2::jsonb ?| array['customer_id', 'site_id'] or n.parent_id is null or exists (select from asset m
		where m.id = n.parent_id and (n.customer_id is null or n.customer_id is not distinct from m.customer_id)),
		'conflict', 'A component is where its machine is: change that.', '/customer_id', 'component'),
	base.must(n.site_id is null or exists (select from site t where t.id = n.site_id and t.customer_id = n.customer_id),
		'unknown-reference', 'The customer has no such site (yet).', '/site_id', 'reference'),
	base.must(coalesce(n.installed_on <= today(), true), 'invalid', 'must not be a day to come', '/installed_on', 'range')
from (select 1) one left join asset a on a.id = $1::uuid, lateral (
	select case when $2::jsonb ? 'customer_id' then ($2::jsonb ->> 'customer_id')::uuid else a.customer_id end as customer_id,
		case when $2::jsonb ? 'site_id' then ($2::jsonb ->> 'site_id')::uuid else a.site_id end as site_id,
		coalesce(($2::jsonb ->> 'parent_id')::uuid, a.parent_id) as parent_id, ($2::jsonb ->> 'installed_on')::date as installed_on) n

-- name: asset_warranties_guard
select base.must(w.value ->> 'until' >= w.value ->> 'from', 'invalid', 'must not be before from',
	format('/warranties/%s/until', w.ordinality - 1), 'order')
from jsonb_array_elements(case when jsonb_typeof($2::jsonb -> 'warranties') = 'array' then $2::jsonb -> 'warranties' else '[]' end)
	with ordinality w

-- name: asset_warranties_warn
-- Calls keep the warranty that the asset had when they were opened: who changes it is told of those that live.
select base.warn('warranty', format('%s open calls keep the warranty that it had at their opening.', count(*)), '/warranties')
from asset a join asset_timeline t on t.asset_id = a.id and t.kind = 'call' join call c on c.id = t.source_id and c.ended_at is null
where a.id = $1::uuid and $2::jsonb ? 'warranties'
	and coalesce(a.warranties, '[]') <> coalesce(nullif($2::jsonb -> 'warranties', 'null'), '[]')
having count(*) > 0

-- name: asset_settle
select asset_settle($1::uuid, $2::jsonb)

-- name: asset_unused
-- What moved or happened to it keeps it.
select base.must(not exists (select from movement m where m.asset_id = $1::uuid), 'referenced', 'Movements refer to it.'),
	base.must(not exists (select from asset_timeline t where t.asset_id = $1::uuid and t.kind in ('call', 'activity')), 'referenced',
		'Calls or activities refer to it.')

-- name: asset_forget
update serial e set asset_id = null where e.asset_id = $1::uuid

-- name: asset_install
select asset_install($1::uuid, $2::jsonb)

-- name: asset_move
select asset_move($1::uuid, $2::jsonb)

-- name: asset_remove
select base.must($2::jsonb ->> 'owner' is null or $2::jsonb ->> 'warehouse_id' is not null, 'invalid',
		'is of what goes into a warehouse: name that', '/owner', 'warehouse'),
	asset_remove($1::uuid, $2::jsonb)

-- name: asset_attach
select asset_attach($1::uuid, $2::jsonb)

-- name: asset_detach
select asset_detach($1::uuid, $2::jsonb)

-- name: asset_dismiss
select asset_end($1::uuid, $2::jsonb, 'dismissed')

-- name: asset_scrap
select asset_end($1::uuid, $2::jsonb, 'scrapped')

-- name: asset_replace
select asset_replace($1::uuid, $2::jsonb)

-- name: warranty_expiring_due
-- As the tenant, before anything else: is it due still? $1 the asset.
select base.must(exists (select from asset a where a.id = $1::uuid and a.warranty_until >= today()
	and a.warranty_until - setting('warranty_warning_days', '30')::int <= today()), 'gone', 'Its warranty was changed meanwhile.')

-- name: asset_revision
update asset a set revision = a.revision + 1 where a.id = $1::uuid

-- name: timeline_of_calls
select timeline_calls($1::uuid[])

-- name: timeline_of_activities
select timeline_activities($1::uuid[])

-- name: asset_timeline_rows
select t.id, t.asset_id, base.ts(t.at) as at, t.kind, t.source_id, case t.kind
	when 'passage' then (select jsonb_build_object('action', h.action, 'on', h."on", 'status', h.status, 'customer_id',
		h.customer_id, 'site_id', h.site_id, 'parent_id', h.parent_id, 'position', h.position, 'reason', h.reason)
		from asset_history h where h.id = t.source_id)
	when 'call' then (select jsonb_build_object('number', c.number, 'state', c.state, 'subject', c.subject)
		from call c where c.id = t.source_id)
	when 'activity' then (select jsonb_build_object('call_id', y.call_id, 'type_code', y.type_code, 'status', y.status, 'subject',
		y.subject) from activity y where y.id = t.source_id)
	when 'movement' then (select jsonb_build_object('kind', m.kind, 'article_id', m.article_id, 'article_code', r.code,
		'description', r.description, 'quantity', m.quantity::text, 'serials', to_jsonb(m.serials), 'call_id', m.call_id,
		'activity_id', m.activity_id) from movement m join article r on r.id = m.article_id where m.id = t.source_id)
	when 'reading' then (select jsonb_build_object('meter_id', r.meter_id, 'meter_code', m.code, 'unit', m.unit, 'value',
		r.value::text, 'total', r.total::text, 'reset', r.reset, 'source', r.source)
		from meter_reading r join meter m on m.id = r.meter_id where r.id = t.source_id)
	when 'rma' then (select jsonb_build_object('rma_id', r.id, 'number', r.number, 'kind', r.kind, 'state', l.state, 'outcome', l.outcome)
		from rma_line l join rma r on r.id = l.rma_id where l.id = t.source_id)
	end as what
from asset_timeline t

-- name: assets_of_merged
select asset_merge(n.id)
from (select c.id from customer c where c.id = any ($1::uuid[]) and c.merged_into is not null order by c.id) n

-- name: papers_of_erased
-- $1 the customer: on papers to or from him, nothing names him any more but his id.
with erased as (update transport_document d set party = party_forget(d.party), destination = place_forget(d.destination),
		version = d.version + 1, revision = d.revision + 1, updated_at = base.clock()
	where d.party ->> 'customer_id' = $1::text and (d.party ?| array['name', 'address'] or d.destination is not null) returning d.id)
select base.touch('transport_document.changed', array_agg(e.id)) from erased e

-- name: returns_of_erased
-- $1 the customer: his returns go back to no name and no street.
with erased as (update rma r set ship_to = place_forget(r.ship_to), version = r.version + 1, revision = r.revision + 1,
		updated_at = base.clock()
	where r.customer_id = $1::uuid and r.ship_to is not null returning r.id)
select base.touch('rma.changed', array_agg(e.id)) from erased e

-- name: past_of_erased
-- $1 the customer: the log's records of the machines that are or once were his, of his returns, and of papers to or from him.
select customer_past_forget(array(select a.id from asset a where a.customer_id = $1::uuid
	union select h.asset_id from asset_history h where h.customer_id = $1::uuid
	union select r.id from rma r where r.customer_id = $1::uuid
	union select d.id from transport_document d where d.party ->> 'customer_id' = $1::text), $1::uuid)

-- name: files_of_erased
-- $1 the customer: on his machines, those that are only his or only stand with him too, on his returns, on papers to or from him.
-- Owner by owner behind a fence (offset): each has few, the tenant many.
select base.touch('attachment.erased', array_agg(a.id)) from (
	select o.id from asset o where o.customer_id = $1::uuid or o.owner_customer_id = $1::uuid
	union select r.id from rma r where r.customer_id = $1::uuid
	union select d.id from transport_document d where d.party ->> 'customer_id' = $1::text) o
	cross join lateral (select f.id from attachment f where f.owner_id = o.id offset 0) a
