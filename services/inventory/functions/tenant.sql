-- The day it is where the tenant is.
create or replace function inventory.today() returns date language plpgsql stable as $$
begin
	return (base.clock() at time zone (select t.time_zone from inventory.tenant t))::date;
end $$;

-- Where parts come from when nothing names a warehouse (policy); null when there is none of that code in use.
create or replace function inventory.warehouse_default() returns uuid language plpgsql stable as $$
begin
	return (select w.id from inventory.warehouse w where w.active
		and w.code = inventory.setting('default_warehouse', '"MAIN"') #>> '{}');
end $$;
