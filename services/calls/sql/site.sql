-- name: site_rows
select s.id, s.version, s.customer_id, jsonb_build_object('code', c.code, 'name', c.name) as customer, s.code, s.name,
	s.address, s.position, s.time_zone, s.phones, s.access_notes, s.visit_calendar_code, s.bill_to_id, s.sla_policy_code,
	s.territory, s.external_ref, s.active, base.ts(s.created_at) as created_at, base.ts(s.updated_at) as updated_at
from site s join customer c on c.id = s.customer_id

-- name: site_lock
-- Takes the customer of a site.
with locked as (update customer c set revision = c.revision + 1
	where c.id = (select s.customer_id from site s where s.id = $1::uuid) returning 1)
select base.must(exists (select from locked), 'not-found', 'There is no such site.')

-- name: site_reach
insert into reach (kind, value, owner, owner_id, customer_id)
select 'phone', unnest(base.values_at(s.phones, 'e164')), 'site', s.id, s.customer_id from site s where s.id = $1::uuid

-- name: contact_rows
select k.id, k.version, k.customer_id, jsonb_build_object('code', c.code, 'name', c.name) as customer, k.site_id,
	k.first_name, k.last_name, k.role, k.language, k.phones, k.emails, k.preferred, k.portal_subject, k.privacy,
	k.external_ref, k.active, base.ts(k.created_at) as created_at, base.ts(k.updated_at) as updated_at
from contact k join customer c on c.id = k.customer_id

-- name: contact_lock
with locked as (update customer c set revision = c.revision + 1
	where c.id = (select k.customer_id from contact k where k.id = $1::uuid) returning 1)
select base.must(exists (select from locked), 'not-found', 'There is no such contact.')

-- name: contact_site_guard
-- A contact's site is of the same customer.
select base.must(not ($2::jsonb ? 'site_id') or $2::jsonb -> 'site_id' = 'null'::jsonb or exists (
	select from site s where s.id = ($2::jsonb ->> 'site_id')::uuid and s.customer_id = coalesce(
		(select k.customer_id from contact k where k.id = $1::uuid), ($2::jsonb ->> 'customer_id')::uuid)),
	'unknown-reference', 'The customer has no such site.', '/site_id', 'reference')

-- name: contact_reach
insert into reach (kind, value, owner, owner_id, customer_id)
select v.kind, v.value, 'contact', k.id, k.customer_id from contact k, lateral (
	select 'phone' as kind, unnest(base.values_at(k.phones, 'e164')) as value
	union all select 'email', lower(unnest(base.values_at(k.emails, 'address')))) v
where k.id = $1::uuid
