-- name: who_calls
-- Sets the tenant and the caller for the views, the guards and the change log; local to the pipeline.
select set_config('app.tenant', $1, true), set_config('app.actor', $2, true), set_config('app.actor_name', $3, true),
	set_config('app.request', $4, true), set_config('app.trace', $5, true), set_config('app.technician', $6, true),
	set_config('app.customer', $7, true), set_config('app.sight', $8, true), set_config('app.roles', $9, true),
	set_config('app.refuse_on', $10, true)

-- name: warnings_read
-- What base.warn collected since who_calls.
select nullif(current_setting('app.warnings', true), '')

-- name: act_as_tenant
-- A worker (timer, inbox) does what a request would do: as the runtime role, on the views of the tenant that app.tenant
-- names. $1 the service, $2 who acts.
select set_config('role', $1, true), set_config('search_path', $1 || ', base', true), set_config('app.actor', $2, true),
	set_config('app.actor_name', 'Aftercare', true)

-- name: act_as_worker
-- Back again, for the worker's own statements.
select set_config('role', 'none', true), set_config('search_path', $1 || '_data, base', true)
