-- name: who_calls
-- Sets the tenant and the caller for the views, the guards and the change log; local to the pipeline.
select set_config('app.tenant', $1, true), set_config('app.actor', $2, true), set_config('app.actor_name', $3, true),
	set_config('app.request', $4, true), set_config('app.trace', $5, true), set_config('app.technician', $6, true),
	set_config('app.customer', $7, true)
