-- name: customer_code
-- A customer without a code gets the next of its series.
update customer c set code = 'C' || lpad(number_take('customer', '', 0)::text, 6, '0')
where c.id = $1::uuid and c.code is null

-- name: customer_acquired
-- One entered as acquired has been so since now.
update customer c set acquired_at = base.clock() where c.id = $1::uuid and c.kind = 'acquired' and c.acquired_at is null

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
