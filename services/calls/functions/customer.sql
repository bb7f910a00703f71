-- The next code that no customer has.
create or replace function calls.customer_code_take() returns text language plpgsql as $$
declare
	taken text;
begin
	loop
		taken := 'C' || calls.number_text(calls.number_take('customer', '', 0));
		exit when not exists (select from calls.customer c where c.code = taken);
	end loop;
	return taken;
end $$;

-- Keeps the names of a customer's contacts with him. A new one only adds its names: a customer may have thousands.
create or replace function calls_data.contact_named() returns trigger language plpgsql security definer set search_path = pg_catalog as $$
begin
	if tg_op = 'INSERT' then
		update calls_data.customer c set contact_names = left(concat_ws(' ', c.contact_names, new.first_name, new.last_name), 100000)
		where c.tenant_id = new.tenant_id and c.id = new.customer_id;
		return null;
	end if;
	update calls_data.customer c set contact_names = n.names
	from calls_data.customer o, lateral (
		select left(string_agg(concat_ws(' ', k.first_name, k.last_name), ' ' order by k.id), 100000) as names
		from calls_data.contact k where k.tenant_id = o.tenant_id and k.customer_id = o.id and k.active) n
	where o.tenant_id = old.tenant_id and o.id in (old.customer_id, new.customer_id) and c.tenant_id = o.tenant_id and c.id = o.id;
	return null;
end $$;
create or replace trigger named_new after insert on calls_data.contact for each row when (new.active)
	execute function calls_data.contact_named();
create or replace trigger named_changed after update of first_name, last_name, customer_id, active on calls_data.contact for each row
	when ((old.first_name, old.last_name, old.customer_id, old.active) is distinct from
		(new.first_name, new.last_name, new.customer_id, new.active))
	execute function calls_data.contact_named();
create or replace trigger named_removed after delete on calls_data.contact for each row when (old.active)
	execute function calls_data.contact_named();
