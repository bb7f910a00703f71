-- Where goods went to, or whose they were, without what names a person. It stands in what was recorded of returns and transport
-- documents, too.
create or replace function inventory.place_forget(place jsonb) returns jsonb language sql immutable as $$
	select place - array['name', 'street']
$$;

-- A paper's party without what names him; whoever he is, his vat number is the one of his customer.
create or replace function inventory.party_forget(party jsonb) returns jsonb language sql immutable as $$
	select (party - 'name') || case when jsonb_typeof(party -> 'address') = 'object'
		then jsonb_build_object('address', inventory.place_forget(party -> 'address')) else '{}' end
$$;

-- Erasure: the log of changes keeps what was whose when, but loses the name of a customer that was erased, where it stands
-- beside his id in what was recorded of these rows. The runtime role may not change the log, save by this.
create or replace function inventory.customer_past_forget(rows uuid[], erased uuid) returns void
language plpgsql security definer set search_path = pg_catalog as $$
begin
	update inventory_data.change c set data = (d.data
		|| case when jsonb_typeof(d.data -> 'customer') = 'object' then jsonb_build_object('customer',
			(d.data -> 'customer') || '{"name": "anonymised"}') else '{}' end
		|| case when jsonb_typeof(d.data -> 'ship_to') = 'object' then jsonb_build_object('ship_to',
			inventory.place_forget(d.data -> 'ship_to')) else '{}' end
		|| case when jsonb_typeof(d.data -> 'party') = 'object' then jsonb_build_object('party',
			inventory.party_forget(d.data -> 'party')) else '{}' end
		|| case when jsonb_typeof(d.data -> 'destination') = 'object' then jsonb_build_object('destination',
			inventory.place_forget(d.data -> 'destination')) else '{}' end)::json
	from (select n.id, n.at, n.data::jsonb as data from inventory_data.change n
		where n.tenant_id = current_setting('app.tenant')::uuid and n.resource_id = any (rows)) d
	where c.id = d.id and c.at = d.at and erased::text in (d.data ->> 'customer_id', d.data -> 'party' ->> 'customer_id');
end $$;
revoke execute on function inventory.customer_past_forget(uuid[], uuid) from public;
