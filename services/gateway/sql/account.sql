-- name: account_rows
select a.id, a.version, a.revision, base.ts(a.created_at) as created_at, base.ts(a.updated_at) as updated_at,
	a.email, a.name, to_jsonb(a.roles) as roles, a.technician_id, a.customer_id, a.external_ref, a.active,
	a.password is not null as has_password
from account a

-- name: account_guard_admins
-- Those who make administrators, or end them, do it in turn: two who demote each other at once would both see one who stays.
select base.in_turn('gateway.admins') where $2::jsonb ?| array['active', 'roles']

-- name: account_forget_admins
select base.in_turn('gateway.admins') where $1::uuid is not null

-- name: account_forget_guard
-- Before it is removed: the last administrator stays, and what a token says of anybody ends with him.
select base.must(not last_administrator($1::uuid), 'conflict', 'This is the last active administrator of the tenant.'),
	account_log_out($1::uuid, 'account removed')

-- name: account_guard_last_admin
-- A tenant that nobody may administer would be lost.
select base.must((coalesce(($2::jsonb ->> 'active')::boolean, true) and coalesce($2::jsonb -> 'roles' ? 'admin', true))
	or not last_administrator($1::uuid), 'conflict', 'This is the last active administrator of the tenant.', '/roles', 'last-admin')

-- name: account_guard_log_out
-- What a token says of the account must not outlive a change of it.
select account_log_out($1::uuid, 'account changed')
where $2::jsonb ?| array['password', 'active', 'roles', 'technician_id', 'customer_id']

-- name: account_by_email
select a.id, a.name, array_to_string(a.roles, ' ') as roles, a.technician_id, a.customer_id, a.password,
	current_setting('app.tenant') as tenant, t.code as tenant_code
from account a join tenant t on t.active where lower(a.email) = lower($1) and a.active

-- name: account_by_id
select a.id, a.name, array_to_string(a.roles, ' ') as roles, a.technician_id, a.customer_id, a.password,
	current_setting('app.tenant') as tenant, a.email
from account a where a.id = $1::uuid and a.active

-- name: account_email
select a.email from account a where a.id = $1::uuid

-- name: account_password_set
update account set password = $2 where id = $1::uuid
