-- name: feed_tenant
-- What comes for a tenant that is not known here, or not active, can't be written for it.
select base.must(exists (select from tenant t where t.active), 'not-found', 'There is no such tenant here, or it is not active.')

-- name: feed_end
-- What others do in the same transaction, the ERP has no part in.
select set_config('app.roles', '', true), set_config('app.request', '', true)
