-- name: customer_convert_guard
select base.must(c.merged_into is null, 'conflict', 'This customer was merged into another.'),
	base.must(c.kind = 'prospect', 'transition-refused', 'Only a prospect is converted; this customer is acquired already.')
from customer c where c.id = $1::uuid

-- name: customer_convert
update customer c set kind = 'acquired', acquired_at = base.clock(),
	vat_number = coalesce($2::jsonb ->> 'vat_number', c.vat_number), tax_code = coalesce($2::jsonb ->> 'tax_code', c.tax_code),
	erp_account = coalesce($2::jsonb ->> 'erp_account', c.erp_account), version = c.version + 1, updated_at = base.clock()
where c.id = $1::uuid

-- name: customer_converted_guard
-- What an acquired customer must have.
select base.must(c.vat_number is not null or c.tax_code is not null or not setting('convert_needs_tax_id', 'true')::boolean,
		'invalid', 'a tax id or tax code is required of an acquired customer', '/vat_number', 'required'),
	base.must(c.address ->> 'street' is not null and c.address ->> 'city' is not null, 'invalid',
		'an acquired customer needs an address with street and city: change the customer first', '/address', 'required')
from customer c where c.id = $1::uuid

-- Merging: $1 the customer that goes, $2 the one that stays. Statements that move rows touch them.

-- name: merge_guard
select base.must($1::uuid <> $2::uuid, 'invalid', 'must be another customer', '/into', 'range'),
	base.must(exists (select from customer c where c.id = $2::uuid), 'unknown-reference', 'There is no such customer.',
		'/into', 'reference'),
	base.must(not exists (select from customer c where c.id = $1::uuid and c.merged_into is not null), 'conflict',
		'This customer was merged into another already.'),
	base.must(not exists (select from customer c where c.id = $2::uuid and c.merged_into is not null), 'conflict',
		'The customer to merge into was itself merged into another.', '/into', 'merged')

-- name: merge_sites_guard
-- Codes of sites are unique within their customer.
select base.must(count(*) = 0, 'conflict', format('Both customers have a site %s: change the code of one of them.', min(s.code)), '/into',
	'sites')
from site s join site o on o.code = s.code where s.customer_id = $1::uuid and o.customer_id = $2::uuid

-- name: merge_revision
-- What moves changes its root: what is told of it under the new one must count as newer than all that was told before.
update customer c set revision = greatest(c.revision, l.revision) from customer l where l.id = $1::uuid and c.id = $2::uuid

-- name: merge_sites
with moved as (update site s set customer_id = $2::uuid, version = s.version + 1, updated_at = base.clock()
	where s.customer_id = $1::uuid returning s.id)
select base.touch('site.changed', array_agg(m.id)) from moved m

-- name: merge_contacts
with moved as (update contact k set customer_id = $2::uuid, version = k.version + 1, updated_at = base.clock()
	where k.customer_id = $1::uuid returning k.id)
select base.touch('contact.changed', array_agg(m.id)) from moved m

-- name: merge_files
with moved as (update attachment a set owner_id = $2::uuid, version = a.version + 1, revision = a.revision + 1,
		updated_at = base.clock()
	where a.owner_id = $1::uuid returning a.id)
select base.touch('attachment.changed', array_agg(m.id)) from moved m

-- name: merge_calls
-- Their activities with them, before those would follow one call after the other.
with moved as (update call c set customer_id = case when c.customer_id = $1::uuid then $2::uuid else c.customer_id end,
		bill_to_id = case when c.bill_to_id = $1::uuid then $2::uuid else c.bill_to_id end, version = c.version + 1,
		revision = c.revision + 1, updated_at = base.clock()
	where c.customer_id = $1::uuid or c.bill_to_id = $1::uuid returning c.id
), led as (
	update activity a set customer_id = $2::uuid, version = a.version + 1, updated_at = base.clock()
	from moved m where a.call_id = m.id and a.customer_id = $1::uuid returning a.id
)
select base.touch('call.changed', array(select m.id from moved m)), base.touch('activity.changed', array(select l.id from led l))

-- name: merge_activities
-- Those of no call.
with moved as (update activity a set customer_id = $2::uuid, version = a.version + 1, updated_at = base.clock()
	where a.customer_id = $1::uuid returning a.id)
select base.touch('activity.changed', array_agg(m.id)) from moved m

-- name: merge_paid_sites
-- Sites of others for which it paid; their customers first.
with roots as (update customer c set revision = c.revision + 1
	where c.id in (select s.customer_id from site s where s.bill_to_id = $1::uuid) returning c.id
), moved as (update site s set bill_to_id = $2::uuid, version = s.version + 1, updated_at = base.clock()
	where s.bill_to_id = $1::uuid returning s.id)
select base.touch('site.changed', array_agg(m.id)) from moved m

-- name: merge_paid_customers
with moved as (update customer c set bill_to_id = nullif($2::uuid, c.id), version = c.version + 1, revision = c.revision + 1,
		updated_at = base.clock() where c.bill_to_id = $1::uuid returning c.id)
select base.touch('customer.changed', array_agg(m.id)) from moved m

-- name: merge_assets
-- Our copies, until their own service tells the same.
update asset a set customer_id = $2::uuid where a.customer_id = $1::uuid

-- name: merge_reach
update reach r set customer_id = $2::uuid where r.customer_id = $1::uuid and r.owner <> 'customer'

-- name: merge_survivor
-- Takes over the numbers, addresses, tags and free fields that it did not have, as many as a customer may have.
update customer c set x = l.x || c.x,
	phones = (select jsonb_agg(n.item order by n.place) from (
		select p.item, p.place from (
			select e.value as item, e.ordinality as place from jsonb_array_elements(coalesce(c.phones, '[]')) with ordinality e
			union all
			select e.value, 1000 + e.ordinality from jsonb_array_elements(coalesce(l.phones, '[]')) with ordinality e
			where not coalesce(c.phones, '[]') @> jsonb_build_array(jsonb_build_object('raw', e.value -> 'raw'))
				and (e.value ->> 'e164' is null or not coalesce(c.phones, '[]')
					@> jsonb_build_array(jsonb_build_object('e164', e.value -> 'e164')))) p
		order by p.place limit 20) n),
	emails = (select jsonb_agg(n.item order by n.place) from (
		select p.item, p.place from (
			select e.value as item, e.ordinality as place from jsonb_array_elements(coalesce(c.emails, '[]')) with ordinality e
			union all
			select e.value, 1000 + e.ordinality from jsonb_array_elements(coalesce(l.emails, '[]')) with ordinality e
			where lower(e.value ->> 'address') not in (select lower(o.value ->> 'address')
				from jsonb_array_elements(coalesce(c.emails, '[]')) o)) p
		order by p.place limit 20) n),
	tags = case when l.tags is null then c.tags else (select array_agg(distinct t.tag order by t.tag)
		from unnest(coalesce(c.tags, '{}') || l.tags) t(tag)) end,
	version = c.version + 1, updated_at = base.clock()
from customer l where l.id = $1::uuid and c.id = $2::uuid

-- name: merge_loser
update customer c set merged_into = $2::uuid, active = false, bill_to_id = null, version = c.version + 1,
	updated_at = base.clock()
where c.id = $1::uuid
