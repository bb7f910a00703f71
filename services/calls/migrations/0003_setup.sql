-- Lists of the vocabulary are sorted by code, which its unique constraint serves. A saved filter belongs to who made it.
alter view calls.saved_filter alter column owner set default base.actor();

-- Erasure: the log of changes keeps who did what when, but loses what was personal. The runtime role may not change the
-- log, save by this: the fields of the patch, in what was recorded of one aggregate of the tenant's before this transaction.
create function calls.past_forget(root uuid, forgotten text, patch jsonb) returns void
language sql security definer set search_path = pg_catalog as $$
	update calls_data.change c set data = (c.data::jsonb || patch)::json
	where c.tenant_id = current_setting('app.tenant')::uuid and c.aggregate_id = root and c.resource = forgotten
		and c.xmin <> pg_current_xact_id()::xid
$$;
revoke execute on function calls.past_forget(uuid, text, jsonb) from public;
grant execute on function calls.past_forget(uuid, text, jsonb) to calls;
