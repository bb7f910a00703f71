-- A policy of the tenant, or its default where he set none. Key and default are those of the program's table.
create or replace function {service}.setting(wanted text, fallback jsonb) returns jsonb language plpgsql stable as $$
declare
	known jsonb;
begin
	select s.value into known from {service}.setting s where s.key = wanted;
	return coalesce(known, fallback);
end $$;
