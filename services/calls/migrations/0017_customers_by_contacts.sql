-- Customers are found by the names of their contacts, too, those in use. The names stand with the customer, so that one index
-- answers, also where one word is the customer's and another a contact's; their weight tells them apart. As many as a vector holds
-- whatever they are: 100,000 characters.
alter table calls_data.customer add contact_names text;
update calls_data.customer c set contact_names = n.names
from (select k.tenant_id, k.customer_id, left(string_agg(concat_ws(' ', k.first_name, k.last_name), ' ' order by k.id), 100000) as names
	from calls_data.contact k where k.active group by k.tenant_id, k.customer_id) n
where c.tenant_id = n.tenant_id and c.id = n.customer_id;

drop view calls.customer;
alter table calls_data.customer drop search, add search tsvector generated always as (base.search_vector(coalesce(name, '') || ' '
	|| coalesce(name2, '') || ' ' || coalesce(code, '') || ' ' || coalesce(address ->> 'city', ''))
	|| setweight(base.search_vector(contact_names), 'C')) stored;
create index customer__words on calls_data.customer using gin (tenant_id, search, tags, name gin_trgm_ops, code gin_trgm_ops,
	vat_number gin_trgm_ops, tax_code gin_trgm_ops);
select calls_data.expose('customer');

-- A new one only adds its names: a customer may have thousands.
create function calls_data.contact_named() returns trigger language plpgsql security definer set search_path = pg_catalog as $$
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
create trigger named_new after insert on calls_data.contact for each row when (new.active)
	execute function calls_data.contact_named();
create trigger named_changed after update of first_name, last_name, customer_id, active on calls_data.contact for each row
	when ((old.first_name, old.last_name, old.customer_id, old.active) is distinct from
		(new.first_name, new.last_name, new.customer_id, new.active))
	execute function calls_data.contact_named();
create trigger named_removed after delete on calls_data.contact for each row when (old.active)
	execute function calls_data.contact_named();
