-- Erasure: the log of changes keeps what was whose when, but loses the name of a customer that was erased, where it stands
-- beside his id in what was recorded of these rows. The runtime role may not change the log, save by this.
create function inventory.customer_past_forget(rows uuid[], erased uuid) returns void
language plpgsql security definer set search_path = pg_catalog as $$
begin
	update inventory_data.change c set data = jsonb_set(c.data::jsonb, '{customer,name}', '"anonymised"')::json
	where c.tenant_id = current_setting('app.tenant')::uuid and c.resource_id = any (rows)
		and c.data ->> 'customer_id' = erased::text and json_typeof(c.data -> 'customer') = 'object';
end $$;
revoke execute on function inventory.customer_past_forget(uuid[], uuid) from public;
grant execute on function inventory.customer_past_forget(uuid[], uuid) to inventory;
