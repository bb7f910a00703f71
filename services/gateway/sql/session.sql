-- name: guess_begin
select guess_begin($1, $2::int)

-- name: guess_end
select guess_end($1)

-- name: session_start
insert into session (id, account_id, scope, expires_at)
values ($1::uuid, $2::uuid, $3, base.clock() + $4::int * interval '1 second')

-- name: session_first_token
insert into refresh_token (digest, session_id, access_id, access_expires_at, expires_at)
values ($1, $2::uuid, $3::uuid, base.clock() + $4::int * interval '1 second', base.clock() + $5::int * interval '1 second')

-- name: refresh_take
select r.outcome, r.session_id, r.scope, a.id, a.name, array_to_string(a.roles, ' ') as roles, a.technician_id,
	a.customer_id, current_setting('app.tenant') as tenant
from refresh_take($1, $2, $3::uuid, $4::int, $5::int) r left join account a on a.id = r.account_id

-- name: session_end_by_token
select session_end(r.session_id, 'revoked') from refresh_token r where r.digest = $1

-- name: session_end_all
select account_log_out($1::uuid, $2)

-- name: access_revoke
insert into revoked_token (id, expires_at) values ($1::uuid, to_timestamp($2::bigint)) on conflict do nothing
