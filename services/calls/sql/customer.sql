-- name: customer_code
-- A customer without a code gets the next of its series that nobody was given by hand.
update customer c set code = customer_code_take()
where c.id = $1::uuid and c.code is null

-- name: customer_acquired
-- One entered as acquired has been so since now; one with an account of which the ERP says anything as well.
update customer c set kind = 'acquired', acquired_at = base.clock() where c.id = $1::uuid and c.acquired_at is null
	and (c.kind = 'acquired' or ($2::jsonb ? 'by_integration' and c.erp_account is not null))

-- name: customer_kind_guard
-- $1 id, $2 body. Only the ERP says by itself that somebody is a customer by now.
select base.must(c.kind = $2::jsonb ->> 'kind' or ($2::jsonb ->> 'kind' = 'acquired' and $2::jsonb ? 'by_integration'), 'invalid',
	'is changed by actions/convert, and never back', '/kind', 'fixed')
from customer c where c.id = $1::uuid and $2::jsonb ? 'kind'

-- name: customer_phone_warn
-- The same phone may be the same customer entered twice.
select base.warn('phone-known', format('%s (%s) has this phone, too.', k.name, k.code), '/phones')
from (select distinct u.code, u.name from reach r join reach o on o.kind = 'phone' and o.value = r.value and o.owner_id <> r.owner_id
	join customer u on u.id = o.customer_id and u.id <> r.customer_id and u.active
	where r.owner_id = $1::uuid and r.kind = 'phone' and $2::jsonb ? 'phones' order by u.code limit 5) k

-- name: place_unused
-- $1 a customer or a site. Machines stand there, as their own service tells.
select base.must(not exists (select from asset a where a.customer_id = $1::uuid or a.site_id = $1::uuid), 'referenced',
	'Still referred to by: asset.')

-- name: reach_forget
delete from reach r where r.owner_id = $1::uuid

-- name: customer_reach
insert into reach (kind, value, owner, owner_id, customer_id)
select v.kind, v.value, 'customer', c.id, c.id from customer c, lateral (
	select 'phone' as kind, unnest(base.values_at(c.phones, 'e164')) as value
	union all select 'email', lower(unnest(base.values_at(c.emails, 'address')))) v
where c.id = $1::uuid

-- name: customer_erp_guard
-- $1 id, $2 body. Of a customer that came from the ERP, what the ERP owns is changed there (policy).
select base.must($2::jsonb ? 'by_integration' or not setting('erp_owns_fields', 'false')::boolean
	or not exists (select from customer c where c.id = $1::uuid and c.external_ref is not null)
	or not $2::jsonb ?| array['code', 'name', 'name2', 'vat_number', 'tax_code', 'sdi_code', 'pec', 'address', 'payment_notes',
		'credit', 'bill_to_id', 'erp_account', 'price_list_code', 'external_ref'],
	'forbidden', 'The ERP owns these fields of this customer: change them there.')
