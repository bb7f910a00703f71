-- Erasing a person: $1 of what is read is the customer, of what is written the ids of all who are erased.

-- name: anonymise_people
select c.id, c.revision from customer c where c.id = any (people_of($1::uuid)) order by c.id

-- name: anonymise_sites
select s.id from site s where s.customer_id = any (people_of($1::uuid)) order by s.id

-- name: anonymise_contacts
select k.id from contact k where k.customer_id = any (people_of($1::uuid)) order by k.id

-- name: anonymise_traces
-- Their ids; how callers give themselves away as them; among the calls that were theirs once or are perhaps, those with such a
-- caller; and all those that are perhaps theirs.
with his as materialized (select p.ids, jsonb_build_object(
		'names', array(select base.fold(u.name) from customer u where u.id = any (p.ids)
			union select base.fold(concat_ws(' ', k.first_name, k.last_name)) from contact k where k.customer_id = any (p.ids)),
		'phones', array(select r.value from reach r where r.kind = 'phone' and r.owner_id = any (o.ids)),
		'emails', array(select r.value from reach r where r.kind = 'email' and r.owner_id = any (o.ids))) as known
	from (select people_of($1::uuid) as ids) p, lateral (select p.ids || array(select s.id from site s where s.customer_id = any (p.ids)
		union all select k.id from contact k where k.customer_id = any (p.ids)) as ids) o),
thought as materialized (select c.id from call c, his h where c.match_status = 'candidates'
	and base.values_at(c.match -> 'candidates', 'customer_id')::uuid[] && h.ids),
near as (select t.id from thought t union select o.call_id from call_once o, his h where o.customer_id = any (h.ids))
select h.ids::text as ids, h.known::text as known, array(select c.id from near n join call c on c.id = n.id
		where caller_is(c.caller, h.known))::text as callers, array(select t.id from thought t)::text as thought
from his h

-- name: anonymise_merged_guard
-- What was merged into another is that one: its sites, contacts and calls are there.
select base.must(c.merged_into is null, 'conflict', 'This customer was merged into another: erase that one.')
from customer c where c.id = $1::uuid

-- name: anonymise_guard
-- Nothing was added since its parts were read; our own lock made it one more.
select base.must(c.revision = $2::bigint + 1, 'conflict', 'The customer changed meanwhile: try again.')
from customer c where c.id = $1::uuid

-- name: anonymise_calls
-- $2 the calls of others whose caller is erased, $3 those for which one was thought of.
with erased as (update call c set
		caller = case when c.customer_id = any ($1::uuid[]) or c.id = any ($2::uuid[]) then null else c.caller end,
		match = case when c.customer_id = any ($1::uuid[]) then null when c.id = any ($3::uuid[]) then jsonb_set(c.match, '{candidates}',
			(select coalesce(jsonb_agg(m.value), '[]') from jsonb_array_elements(c.match -> 'candidates') m
			where (m.value ->> 'customer_id')::uuid <> all ($1::uuid[]))) else c.match end,
		version = c.version + 1, revision = c.revision + 1, updated_at = base.clock()
	where (c.customer_id = any ($1::uuid[]) and (c.caller is not null or c.match is not null))
		or c.id = any ($2::uuid[] || $3::uuid[]) returning c.id)
select base.touch('call.changed', array_agg(e.id)) from erased e

-- name: anonymise_files
-- Those of the customer, its calls and its activities, whatever is in them. Owner by owner behind a
-- fence (offset): each has few, the tenant many.
select base.touch('attachment.erased', array_agg(a.id)) from (
	select unnest($1::uuid[]) as id union select c.id from call c where c.customer_id = any ($1::uuid[])
	union select y.id from activity y where y.customer_id = any ($1::uuid[])) o
	cross join lateral (select f.id from attachment f where f.owner_id = o.id offset 0) a

-- name: anonymise_free
-- Inactive ones, too.
update customer c set x = c.x - array(select f.slot::text from customer_free_field f where f.personal) where c.id = $1::uuid

-- name: anonymise_end
update customer c set active = false where c.id = $1::uuid

-- name: anonymise_past
-- $2 how callers give themselves away as them
select past_forget(p.id, $3::jsonb, $1::uuid[], $2::jsonb) from unnest($1::uuid[]) p(id)

-- name: anonymise_past_calls
-- $4 the calls for which one of them was thought of
select past_forget(n.id, $3::jsonb, $1::uuid[], $2::jsonb)
from (select c.id from call c where c.customer_id = any ($1::uuid[])
	union select o.call_id from call_once o where o.customer_id = any ($1::uuid[]) union select unnest($4::uuid[])) n
