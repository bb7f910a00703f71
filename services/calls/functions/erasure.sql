-- The customer, and all that were merged into it, by whatever way.
create or replace function calls.people_of(customer uuid) returns uuid[] language plpgsql stable as $$
begin
	return array(with recursive people as (
			select customer as id union select c.id from people p join calls.customer c on c.merged_into = p.id)
		select p.id from people p order by p.id);
end $$;

-- Keeps whose a call was before.
create or replace function calls_data.call_passed() returns trigger language plpgsql as $$
begin
	insert into calls.call_once (call_id, customer_id) values (old.id, old.customer_id) on conflict do nothing;
	return null;
end $$;
create or replace trigger passed after update of customer_id on calls_data.call for each row
	when (old.customer_id is not null and old.customer_id is distinct from new.customer_id)
	execute function calls_data.call_passed();

-- Whether who called is one whose names (folded), numbers (E.164) and addresses (lower case) these are.
create or replace function calls.caller_is(caller jsonb, known jsonb) returns boolean language plpgsql immutable as $$
begin
	return coalesce(known -> 'names' ? base.fold(caller ->> 'name') or known -> 'phones' ? (caller ->> 'phone_e164')
		or known -> 'emails' ? lower(caller ->> 'email'), false);
end $$;

-- Erasure: the log of one aggregate loses, in what was recorded before this transaction, the fields that a patch by resource names
-- where a row was one of the people or of one, or was called for by one; their names beside their ids; and that one of them was
-- thought of. The runtime role may not change the log, save by this.
create or replace function calls.past_forget(root uuid, patches jsonb, people uuid[], known jsonb) returns void
language plpgsql security definer set search_path = pg_catalog as $$
begin
	update calls_data.change c set data = (d.data
		|| case when d.theirs and jsonb_typeof(d.data -> 'customer') = 'object'
			then jsonb_build_object('customer', (d.data -> 'customer') || '{"name": "anonymised"}') else '{}' end
		|| case when d.theirs or d.called then coalesce(patches -> d.resource, '{}') else '{}' end
		|| case when d.thought then '{"match": null}'::jsonb else '{}' end)::json
	from (select n.id, n.at, n.resource, n.data, n.resource_id = any (people) or coalesce((n.data ->> 'customer_id')::uuid = any (people),
			false) as theirs, calls.caller_is(n.data -> 'caller', known) as called,
			coalesce(base.values_at(nullif(n.data -> 'match' -> 'candidates', 'null'), 'customer_id')::uuid[] && people, false) as thought
		from (select h.id, h.at, h.resource, h.resource_id, h.data::jsonb as data from calls_data.change h
			where h.tenant_id = current_setting('app.tenant')::uuid and h.aggregate_id = root
				and h.xmin <> pg_current_xact_id()::xid) n) d
	where c.id = d.id and c.at = d.at and (d.theirs or d.called or d.thought);
end $$;
revoke execute on function calls.past_forget(uuid, jsonb, uuid[], jsonb) from public;
