-- name: site_reach
insert into reach (kind, value, owner, owner_id, customer_id)
select 'phone', unnest(base.values_at(s.phones, 'e164')), 'site', s.id, s.customer_id from site s where s.id = $1::uuid

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
