-- A number as it sorts: 2026/A/1000000 comes behind 2026/A/999999.
create function {service}.number_key(number text) returns text language sql immutable parallel safe as $$
	select regexp_replace(number, '[0-9]+$', lpad(substring(number from '[0-9]+$'), 18, '0'))
$$;
grant execute on function {service}.number_key(text) to {service};
