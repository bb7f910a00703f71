-- name: call_rows
select c.id, c.version, c.revision, c.number, c.series, c.year, c.type_code, c.channel, c.state, c.substate_code,
	base.ts(c.opened_at) as opened_at, c.received_by, c.received_by_name, c.customer_id,
	case when u.id is not null then jsonb_build_object('code', u.code, 'name', u.name) end as customer, c.site_id,
	case when t.id is not null then jsonb_build_object('code', t.code, 'name', t.name) end as site, c.contact_id, c.caller,
	c.bill_to_id, c.customer_reference, base.ts(c.requested_from) as requested_from,
	base.ts(c.requested_until) as requested_until, (select coalesce(jsonb_agg(jsonb_build_object('asset_id', a.asset_id,
		'main', a.main, 'serial', x.serial, 'article_code', x.article_code) order by a.position), '[]'::jsonb)
		from call_asset a left join asset x on x.id = a.asset_id where a.call_id = c.id) as assets,
	c.article_id, c.subject, c.description, c.priority, c.fault_code, c.cause_code, c.resolution_code, c.resolution,
	c.cancel_reason, c.assignee_id, c.assignee_name, to_jsonb(c.tags) as tags, c.job_code, c.parent_id, c.follow_up_of,
	c.warranty, c.warranty_override, c.match, c.suspension, c.reopen_count, base.ts(nullif(c.next_due_at, 'infinity')) as next_due_at,
	base.ts(c.resolved_at) as resolved_at, base.ts(c.closed_at) as closed_at, base.ts(c.cancelled_at) as cancelled_at,
	base.ts(c.lines_changed_at) as lines_changed_at, c.external_ref, base.ts(c.created_at) as created_at,
	base.ts(c.updated_at) as updated_at
from call c left join customer u on u.id = c.customer_id left join site t on t.id = c.site_id

-- name: call_create
-- The number is taken here, as late as can be; its year is that of the opening in the tenant's zone.
insert into call (id, number, series, year, type_code, channel, state, opened_at, received_by, received_by_name, customer_id,
	site_id, contact_id, caller, bill_to_id, customer_reference, requested_from, requested_until, article_id, subject,
	description, priority, fault_code, cause_code, resolution_code, resolution, assignee_id, assignee_name, tags, job_code,
	parent_id, follow_up_of, resolved_at, closed_at, imported, warranty_override, external_ref)
select b.id, number_make('call', n.series, n.year), n.series,
	n.year, n.type_code, b.channel, b.state, n.opened_at, base.actor(), nullif(current_setting('app.actor_name', true), ''),
	coalesce(b.customer_id, (select o.id from customer o where o.code = e.body ->> 'customer_code')), b.site_id, b.contact_id,
	b.caller, b.bill_to_id, b.customer_reference, b.requested_from, b.requested_until, b.article_id, b.subject, b.description, coalesce(b.priority, n.default_priority, 'normal'),
	b.fault_code, b.cause_code, b.resolution_code, b.resolution, b.assignee_id,
	(select m.name from technician m where m.id = b.assignee_id), b.tags, b.job_code, b.parent_id, b.follow_up_of,
	b.resolved_at, b.closed_at, coalesce(b.imported, false), b.warranty_override, b.external_ref
from base.bodies($1) e, jsonb_populate_record(null::call, e.body) b, lateral (
	select w.opened_at, w.code as type_code, q.default_priority, coalesce(b.series, q.series_code,
			setting('default_series', '"A"') #>> '{}') as series,
		extract(year from w.opened_at at time zone (select z.time_zone from tenant z))::int as year
	from (select coalesce(b.type_code, setting('default_call_type', '"intervention"') #>> '{}') as code,
			coalesce(b.opened_at, base.clock()) as opened_at offset 0) w
		left join call_type q on q.code = w.code offset 0) n
order by e.line

-- name: call_type_guard
-- The type must be known, in use, and have what it requires of an open call.
select base.must(not (e.body ? 'type_code') or exists (select from call_type y where y.code = e.body ->> 'type_code'
	and y.active), 'unknown-reference', 'There is no such call type in use.', '/type_code', 'reference')
from base.bodies($1) e

-- name: call_required_guard
select base.must((y.required_at_open @> array['site']) is not true or c.site_id is not null, 'invalid',
		'this type of call requires a site', '/site_id', 'required'),
	base.must((y.required_at_open @> array['contact']) is not true or c.contact_id is not null, 'invalid',
		'this type of call requires a contact', '/contact_id', 'required'),
	base.must((y.required_at_open @> array['asset']) is not true or exists (select from call_asset a where a.call_id = c.id),
		'invalid', 'this type of call requires an asset', '/assets', 'required')
from base.bodies($1) e join call c on c.id = e.id join call_type y on y.code = c.type_code where c.state <> 'received'

-- name: call_place_guard
-- Site and contact are of the call's customer.
select base.must(c.site_id is null or exists (select from site t where t.id = c.site_id and t.customer_id = c.customer_id),
		'unknown-reference', 'The customer has no such site.', '/site_id', 'reference'),
	base.must(c.contact_id is null or exists (select from contact k where k.id = c.contact_id
		and k.customer_id = c.customer_id), 'unknown-reference', 'The customer has no such contact.', '/contact_id', 'reference')
from base.bodies($1) e join call c on c.id = e.id

-- name: call_editable_guard
-- Creation passes: there is no row yet.
select base.must(not exists (select from call c where c.id = e.id and c.state in ('closed', 'cancelled')),
	'conflict', 'A closed or cancelled call is not changed: reopen it or make a follow-up.')
from base.bodies($1) e

-- name: call_asset_stub
-- A serial nobody told us of becomes a stub, until its own service speaks.
insert into asset (id, article_code, serial, customer_id, site_id, stub)
select gen_random_uuid(), w.article_code, w.serial, c.customer_id, c.site_id, true
from base.bodies($1) e join call c on c.id = e.id, lateral (select e.body -> 'asset' ->> 'article_code' as article_code,
	btrim(e.body -> 'asset' ->> 'serial') as serial) w
where w.serial is not null and not exists (select from asset a where a.serial_key = base.fold(w.serial)
	and (w.article_code is null or a.article_code = w.article_code))
on conflict do nothing

-- name: call_assets_guard
select base.must(exists (select from asset a where a.id = (i.value ->> 'asset_id')::uuid), 'unknown-reference',
	'There is no such asset (yet).', '/assets/' || (i.ordinality - 1) || '/asset_id', 'reference')
from base.bodies($1) e, jsonb_array_elements(case when jsonb_typeof(e.body -> 'assets') = 'array' then e.body -> 'assets'
	else '[]' end) with ordinality i

-- name: call_assets_forget
delete from call_asset a using base.bodies($1) e where a.call_id = e.id and e.body ?| array['assets', 'asset']

-- name: call_assets
-- The first is the main one unless another is said to be.
insert into call_asset (call_id, asset_id, main, position)
select e.id, i.asset_id, coalesce(i.main, not i.said and i.position = 1), i.position
from base.bodies($1) e, lateral (
	select (v.value ->> 'asset_id')::uuid as asset_id, (v.value ->> 'main')::boolean as main, v.ordinality as position,
		exists (select from jsonb_array_elements(e.body -> 'assets') o where (o.value ->> 'main')::boolean) as said
	from jsonb_array_elements(case when jsonb_typeof(e.body -> 'assets') = 'array' then e.body -> 'assets' else '[]' end)
		with ordinality v
	union all
	(select a.id, true, 1, false from asset a where e.body ? 'asset'
		and a.serial_key = base.fold(e.body -> 'asset' ->> 'serial')
		and (e.body -> 'asset' ->> 'article_code' is null or a.article_code = e.body -> 'asset' ->> 'article_code')
		order by a.stub, a.id limit 1)) i

-- name: call_warranty
-- At creation, and when other machines are named.
select warranty_find(e.id) from base.bodies($1) e join call c on c.id = e.id
where c.version = 1 or e.body ?| array['assets', 'asset']

-- name: call_override_guard
select base.must(coalesce(e.body -> 'warranty_override' -> 'reason', (select c.warranty_override -> 'reason' from call c
	where c.id = e.id)) is not null, 'invalid', 'is required', '/warranty_override/reason', 'required')
from base.bodies($1) e where jsonb_typeof(e.body -> 'warranty_override') = 'object'

-- name: call_match
-- Quick entry: finds whose the phone, e-mail or serial is. One customer only is taken; several are candidates; a name
-- alone only suggests.
with wanted as (
	select c.id, c.caller ->> 'phone_e164' as phone, lower(c.caller ->> 'email') as email, c.caller ->> 'name' as name,
		base.fold($2::jsonb -> 'asset' ->> 'serial') as serial from call c where c.id = $1::uuid
), hits as (
	select r.customer_id, 'phone' as by, 1 as rank from wanted w join reach r on r.kind = 'phone' and r.value = w.phone
	union select r.customer_id, 'email', 2 from wanted w join reach r on r.kind = 'email' and r.value = w.email
	union select a.customer_id, 'serial', 3 from wanted w join asset a on a.serial_key = w.serial
		where a.customer_id is not null
), exact as (
	select count(distinct h.customer_id) as customers, (array_agg(distinct h.customer_id))[1] as customer_id,
		min(h.by) as by from hits h
), named as (
	select u.id as customer_id, 'name' as by, 4 as rank from wanted w join customer u
		on u.search @@ plainto_tsquery('simple', w.name) where w.name is not null limit 10
), listed as (
	select distinct on (l.customer_id) l.customer_id, l.by, l.rank, u.code, u.name from (
		select h.customer_id, h.by, h.rank from hits h union all
		select n.customer_id, n.by, n.rank from named n where not exists (select from hits)) l
	join customer u on u.id = l.customer_id order by l.customer_id, l.rank
), candidates as (
	select jsonb_agg(jsonb_build_object('customer_id', l.customer_id, 'code', l.code, 'name', l.name, 'by', l.by)
		order by l.rank, l.name) as list from (select k.customer_id, k.by, k.rank, k.code, k.name from listed k
		order by k.rank, k.name limit 10) l
)
update call c set customer_id = case when e.customers = 1 then e.customer_id end,
	match = jsonb_build_object('status', case when e.customers = 1 then 'matched' when d.list is not null then 'candidates'
		else 'none' end, 'by', case when e.customers = 1 then e.by end,
		'candidates', case when e.customers = 1 then '[]'::jsonb else coalesce(d.list, '[]'::jsonb) end)
from exact e, candidates d where c.id = $1::uuid
