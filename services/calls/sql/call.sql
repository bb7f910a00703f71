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
	base.ts(c.lines_changed_at) as lines_changed_at,
	(select count(*) from derived_open v where v.source_id = c.id)::int as derived_open_count, c.external_ref, base.ts(c.created_at) as created_at,
	base.ts(c.updated_at) as updated_at
from call c left join customer u on u.id = c.customer_id left join site t on t.id = c.site_id

-- name: call_create
-- The numbers are taken here, as late as can be, those of a series together; their year is that of the opening in the tenant's zone.
with said as materialized (
	select e.line, e.body, b.*, w.opened_at as opens_at, w.code as of_type, q.default_priority,
		coalesce(b.customer_id, (select o.id from customer o where o.code = e.body ->> 'customer_code'),
			(select o.id from customer o where o.external_ref = e.body ->> 'customer_external_ref')) as of_customer,
		coalesce(b.series, q.series_code, setting('default_series', '"A"') #>> '{}') as of_series,
		extract(year from w.opened_at at time zone (select z.time_zone from tenant z))::int as of_year
	from base.bodies($1) e, jsonb_populate_record(null::call, e.body) b, lateral (
		select coalesce(b.type_code, setting('default_call_type', '"intervention"') #>> '{}') as code,
			coalesce(b.opened_at, base.clock()) as opened_at offset 0) w
		left join call_type q on q.code = w.code
), block as materialized (
	select w.of_series, w.of_year, number_take('call', w.of_series, w.of_year, w.wanted) as first
	from (select n.of_series, n.of_year, count(*) as wanted from said n group by n.of_series, n.of_year
		order by n.of_series, n.of_year) w
)
insert into call (id, number, series, year, type_code, channel, state, opened_at, received_by, received_by_name, customer_id,
	site_id, contact_id, caller, bill_to_id, customer_reference, requested_from, requested_until, article_id, subject,
	description, priority, fault_code, cause_code, resolution_code, resolution, assignee_id, assignee_name, tags, job_code,
	parent_id, follow_up_of, resolved_at, closed_at, imported, warranty_override, warranty_covers, external_ref, substate_code)
select s.id, number_said(s.of_series, s.of_year, k.first - 1 + row_number() over (partition by s.of_series, s.of_year order by s.line)),
	s.of_series, s.of_year, s.of_type, s.channel, s.state, s.opens_at, base.actor(), nullif(current_setting('app.actor_name', true), ''),
	s.of_customer, coalesce(s.site_id, (select o.id from site o where o.customer_id = s.of_customer and o.code = s.body ->> 'site_code'),
		(select o.id from site o where o.customer_id = s.of_customer and o.external_ref = s.body ->> 'site_external_ref')),
	s.contact_id, s.caller, s.bill_to_id, s.customer_reference, s.requested_from, s.requested_until, s.article_id, s.subject, s.description,
	coalesce(s.priority, s.default_priority, 'normal'), s.fault_code, s.cause_code, s.resolution_code, s.resolution, s.assignee_id,
	(select m.name from technician m where m.id = s.assignee_id), s.tags, s.job_code, s.parent_id, s.follow_up_of,
	s.resolved_at, s.closed_at, coalesce(s.imported, false), s.warranty_override, covers_at(main_asset_called(s.body), s.opens_at),
	s.external_ref, coalesce(s.substate_code, (select t.code from substate t where t.state = s.state and t."default" and t.active))
from said s join block k on k.of_series = s.of_series and k.of_year = s.of_year
order by s.line

-- name: call_type_guard
-- The type must be known, in use, and have what it requires of an open call.
select base.must(not (e.body ? 'type_code') or exists (select from call_type y where y.code = e.body ->> 'type_code'
	and y.active), 'unknown-reference', 'There is no such call type in use.', '/type_code', 'reference')
from base.bodies($1) e

-- name: call_named_guard
-- What a call comes to name is in use; what it named before may have gone out of use since. History names what was then.
select base.must(n.customer_id is null or exists (select from customer u where u.id = n.customer_id and u.active),
		'unknown-reference', 'There is no such customer in use.', '/customer_id', 'reference'),
	base.must(n.bill_to_id is null or exists (select from customer u where u.id = n.bill_to_id and u.active),
		'unknown-reference', 'There is no such customer in use.', '/bill_to_id', 'reference'),
	base.must(n.site_id is null or exists (select from site t where t.id = n.site_id and t.active),
		'unknown-reference', 'The customer has no such site in use.', '/site_id', 'reference'),
	base.must(n.contact_id is null or exists (select from contact k where k.id = n.contact_id and k.active),
		'unknown-reference', 'The customer has no such contact in use.', '/contact_id', 'reference'),
	base.must(n.fault_code is null or exists (select from call_code k where k.kind = 'fault' and k.code = n.fault_code and k.active),
		'unknown-reference', 'There is no such fault code in use.', '/fault_code', 'reference'),
	base.must(n.cause_code is null or exists (select from call_code k where k.kind = 'cause' and k.code = n.cause_code and k.active),
		'unknown-reference', 'There is no such cause code in use.', '/cause_code', 'reference'),
	base.must(n.resolution_code is null or exists (select from call_code k where k.kind = 'resolution'
		and k.code = n.resolution_code and k.active), 'unknown-reference', 'There is no such resolution code in use.',
		'/resolution_code', 'reference'),
	base.must(n.substate_code is null or exists (select from substate b where b.code = n.substate_code and b.active
		and b.state = coalesce(c.state, e.body ->> 'state')), 'unknown-reference',
		'The state of the call has no such substate in use.', '/substate_code', 'reference'),
	article_named(n.article_id, null)
from base.bodies($1) e left join call c on c.id = e.id, lateral (
	select nullif((e.body ->> 'customer_id')::uuid, c.customer_id) as customer_id,
		nullif((e.body ->> 'bill_to_id')::uuid, c.bill_to_id) as bill_to_id,
		nullif((e.body ->> 'site_id')::uuid, c.site_id) as site_id,
		nullif((e.body ->> 'contact_id')::uuid, c.contact_id) as contact_id,
		nullif(e.body ->> 'fault_code', c.fault_code) as fault_code, nullif(e.body ->> 'cause_code', c.cause_code) as cause_code,
		nullif(e.body ->> 'resolution_code', c.resolution_code) as resolution_code,
		nullif(e.body ->> 'substate_code', c.substate_code) as substate_code,
		nullif((e.body ->> 'article_id')::uuid, c.article_id) as article_id) n
where not e.body ? 'closed_at'

-- name: call_opening_guard
-- A call is not opened in a time to come. Groups of calls have two levels.
select base.must(coalesce((e.body ->> 'opened_at')::timestamptz <= base.clock() + interval '5 minutes', true), 'invalid',
		'must not be more than 5 minutes ahead', '/opened_at', 'range'),
	base.must(e.body ->> 'parent_id' is null or not exists (select from call p where p.id = (e.body ->> 'parent_id')::uuid
			and (p.parent_id is not null or p.id = e.id)) and not exists (select from call k where k.parent_id = e.id),
		'invalid', 'groups have two levels: the parent has none itself, and the call no children', '/parent_id', 'levels')
from base.bodies($1) e

-- name: call_credit_warn
-- Whoever enters or opens a call of a customer hears that he may not pay.
select base.warn('customer-blocked', format('The credit of %s is blocked.', u.name), '/customer_id')
from base.bodies($1) e join call c on c.id = e.id join customer u on u.id = c.customer_id and u.credit = 'blocked'
where not c.imported and base.sight() <> 'portal' and (c.version = 1 or e.body ? 'customer_id' or current_setting('app.from_state', true) = 'received')

-- name: call_asset_warn
-- A machine of somebody else is accepted, and stays his.
select base.warn('asset-customer', format('Asset %s is of another customer.', x.serial), '/assets')
from base.bodies($1) e join call c on c.id = e.id join call_asset a on a.call_id = c.id
	join asset x on x.id = a.asset_id and x.customer_id <> c.customer_id
where not c.imported and base.sight() <> 'portal' and e.body ?| array['assets', 'asset', 'customer_id']

-- name: call_required_guard
select base.must((y.required_at_open @> array['site']) is not true or c.site_id is not null, 'invalid',
		'this type of call requires a site', '/site_id', 'required'),
	base.must((y.required_at_open @> array['contact']) is not true or c.contact_id is not null, 'invalid',
		'this type of call requires a contact', '/contact_id', 'required'),
	base.must((y.required_at_open @> array['asset']) is not true or exists (select from call_asset a where a.call_id = c.id),
		'invalid', 'this type of call requires an asset', '/assets', 'required')
from base.bodies($1) e join call c on c.id = e.id join call_type y on y.code = c.type_code where c.state <> 'received'

-- name: call_place_guard
-- Who waits to be examined may be nobody yet; who was helped on the phone, too, as long as nothing is charged. Site and contact are
-- of the call's customer.
select base.must(not (e.body ? 'customer_id' and c.customer_id is null)
		or coalesce(c.suspension ->> 'from_state', c.state) in ('received', 'resolved'), 'invalid', 'an open call needs a customer',
		'/customer_id', 'required'),
	base.must(not (e.body ? 'customer_id' and c.customer_id is null) or not exists (select from charge h where h.call_id = c.id),
		'invalid', 'a call without customer cannot hold charges', '/customer_id', 'required'),
	base.must(c.site_id is null or exists (select from site t where t.id = c.site_id and t.customer_id = c.customer_id),
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
select base.must(exists (select from asset a where a.id = (i.value ->> 'asset_id')::uuid
			and (base.sight() <> 'portal' or a.customer_id = base.customer())), 'unknown-reference', 'There is no such asset (yet).', '/assets/' || (i.ordinality - 1) || '/asset_id', 'reference'),
	base.must(count(*) over (partition by e.id, i.value ->> 'asset_id' order by i.ordinality) = 1, 'invalid', 'is named already',
		'/assets/' || (i.ordinality - 1) || '/asset_id', 'unique'),
	base.must((i.value ->> 'main')::boolean is not true or count(*) filter (where (i.value ->> 'main')::boolean)
		over (partition by e.id order by i.ordinality) = 1, 'invalid', 'another is the main one',
		'/assets/' || (i.ordinality - 1) || '/main', 'unique')
from base.bodies($1) e, jsonb_array_elements(case when jsonb_typeof(e.body -> 'assets') = 'array' then e.body -> 'assets'
	else '[]' end) with ordinality i

-- name: call_asset_key_guard
-- One machine by its natural key. Where several have the serial, who opens a call says which; quick entry leaves it open.
select base.must(btrim(e.body -> 'asset' ->> 'serial') <> '', 'invalid', 'must not be empty', '/asset/serial', 'length'),
	base.must(e.body -> 'asset' ->> 'article_code' is not null or e.body ->> 'state' = 'received' or not serial_shared(
		e.body -> 'asset' ->> 'serial'), 'invalid', 'several machines have this serial: name the article', '/asset/article_code',
		'required')
from base.bodies($1) e where jsonb_typeof(e.body -> 'asset') = 'object'

-- name: call_assets_forget
delete from call_asset a using base.bodies($1) e where a.call_id = e.id and e.body ?| array['assets', 'asset']

-- name: call_assets
-- The first is the main one unless another is said to be.
insert into call_asset (call_id, asset_id, main, position)
select e.id, i.asset_id, case when i.said then i.main is true else i.position = 1 end, i.position
from base.bodies($1) e, lateral (
	select (v.value ->> 'asset_id')::uuid as asset_id, (v.value ->> 'main')::boolean as main, v.ordinality as position,
		exists (select from jsonb_array_elements(e.body -> 'assets') o where (o.value ->> 'main')::boolean) as said
	from jsonb_array_elements(case when jsonb_typeof(e.body -> 'assets') = 'array' then e.body -> 'assets' else '[]' end)
		with ordinality v
	union all
	select n.id, true, 1, true from (select asset_called(e.body -> 'asset') as id where e.body ? 'asset') n
	where n.id is not null) i

-- name: call_warranty
-- When other machines are named; at creation call_create knows it. Most changes name none: the function is not even called.
select warranties_find(n.ids)
from (select array(select e.id from base.bodies($1) e join call c on c.id = e.id
	where c.version > 1 and e.body ?| array['assets', 'asset']) as ids) n
where n.ids <> '{}'

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
), found as (
	select r.customer_id, 'phone' as by, 1 as rank from wanted w join reach r on r.kind = 'phone' and r.value = w.phone
	union select r.customer_id, 'email', 2 from wanted w join reach r on r.kind = 'email' and r.value = w.email
	union select a.customer_id, 'serial', 3 from wanted w join asset a on a.serial_key = w.serial and a.active
), hits as (
	select f.customer_id, f.by, f.rank from found f join customer u on u.id = f.customer_id and u.active
), exact as (
	select count(distinct h.customer_id) as customers, (array_agg(distinct h.customer_id))[1] as customer_id,
		(array_agg(h.by order by h.rank))[1] as by from hits h
), named as (
	select u.id as customer_id, 'name' as by, 4 as rank from wanted w join customer u
		on u.search @@ plainto_tsquery('simple', w.name) where w.name is not null and u.active limit 10
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
