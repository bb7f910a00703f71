-- name: client_rows
select c.id, c.version, c.revision, base.ts(c.created_at) as created_at, base.ts(c.updated_at) as updated_at,
	c.name, to_jsonb(c.roles) as roles, c.active
from client c

-- name: client_insert
insert into client (id, name, roles, active, secret_digest)
select $1::uuid, b.name, b.roles, b.active, $2::jsonb ->> 'secret_digest'
from jsonb_populate_record(null::client, $2::jsonb) b

-- name: client_guard_log_out
-- What a token says of the client must not outlive a change of it. Tokens tell when they were given in whole seconds: with
-- one in the second of the change the next is let through; who is shut gets none, and loses that one too.
select client_log_out($1::uuid, base.clock() + case $2::jsonb ->> 'active' when 'false' then interval '1 second'
	else interval '0' end)
from client c where c.id = $1::uuid and $2::jsonb ?| array['active', 'roles']

-- name: client_forget_log_out
select client_log_out($1::uuid, base.clock() + interval '1 second')

-- name: client_secret_log_out
select client_log_out($1::uuid, base.clock())

-- name: client_secret_change
update client c set secret_digest = $2, version = c.version + 1, updated_at = base.clock() where c.id = $1::uuid

-- name: client_by_id
select c.id, c.name, array_to_string(c.roles, ' ') as roles, c.secret_digest, current_setting('app.tenant') as tenant
from client c where c.id = $1::uuid and c.active
