-- Lists of the vocabulary are sorted by code, which its unique constraint serves. A saved filter belongs to who made it.
alter view calls.saved_filter alter column owner set default base.actor();

-- Erasure: the log of changes keeps who did what when, but loses what was personal. The runtime role may not change the
-- log, save by this: the fields that a patch by resource names, and the customer's name beside his id, in what was recorded of one
-- aggregate before this transaction.
create function calls.past_forget(root uuid, patches jsonb) returns void
language plpgsql security definer set search_path = pg_catalog as $$
begin
	update calls_data.change c set data = (case when jsonb_typeof(d.data -> 'customer') = 'object'
		then jsonb_set(d.data, '{customer,name}', '"anonymised"') else d.data end)::json
	from (select n.id, n.at, n.data::jsonb || coalesce(patches -> n.resource, '{}') as data
		from calls_data.change n where n.tenant_id = current_setting('app.tenant')::uuid and n.aggregate_id = root
			and n.xmin <> pg_current_xact_id()::xid) d
	where c.id = d.id and c.at = d.at;
end $$;
revoke execute on function calls.past_forget(uuid, jsonb) from public;
grant execute on function calls.past_forget(uuid, jsonb) to calls;
