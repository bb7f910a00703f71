-- Several numbers of a series at once: the first of them. Taken one by one within a transaction each went past the rows that
-- those before it had left behind.
drop function {service}.number_take(text, text, int);
create function {service}.number_take(taken_kind text, taken_series text, taken_year int, wanted bigint default 1) returns bigint
language plpgsql as $$
declare
	taken bigint;
begin
	insert into {service}.counter as c (kind, series, year, last) values (taken_kind, taken_series, taken_year, wanted)
	on conflict (tenant_id, kind, series, year) do update set last = c.last + wanted
	returning c.last - wanted + 1 into taken;
	return taken;
end $$;
grant execute on function {service}.number_take(text, text, int, bigint) to {service};

-- A number of a series as people write it.
create function {service}.number_said(of_series text, of_year int, number bigint) returns text language sql immutable as $$
	select of_year || '/' || of_series || '/' || {service}.number_text(number)
$$;
grant execute on function {service}.number_said(text, int, bigint) to {service};
create or replace function {service}.number_make(taken_kind text, taken_series text, taken_year int) returns text language sql as $$
	select {service}.number_said(taken_series, taken_year, {service}.number_take(taken_kind, taken_series, taken_year))
$$;
