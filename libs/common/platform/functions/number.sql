-- Takes the next numbers of a series, `wanted` of them, and returns the first: 1, 2, 3 … within its year, without gaps, because it is
-- undone with its pipeline. Taken one by one within a transaction, each would go past the rows that those before it left behind.
create or replace function {service}.number_take(taken_kind text, taken_series text, taken_year int, wanted bigint default 1) returns bigint
language plpgsql as $$
declare
	taken bigint;
begin
	insert into {service}.counter as c (kind, series, year, last) values (taken_kind, taken_series, taken_year, wanted)
	on conflict (tenant_id, kind, series, year) do update set last = c.last + wanted
	returning c.last - wanted + 1 into taken;
	return taken;
end $$;

-- A number with at least six digits.
create or replace function {service}.number_text(number bigint) returns text language sql immutable as $$
	select lpad(number::text, greatest(6, length(number::text)), '0')
$$;

-- A number of a series as people write it.
create or replace function {service}.number_said(of_series text, of_year int, number bigint) returns text language sql immutable as $$
	select of_year || '/' || of_series || '/' || {service}.number_text(number)
$$;

-- The next number of a series as people write it, year/series/progressive.
create or replace function {service}.number_make(taken_kind text, taken_series text, taken_year int) returns text language sql as $$
	select {service}.number_said(taken_series, taken_year, {service}.number_take(taken_kind, taken_series, taken_year))
$$;

-- The year of an instant in the tenant's zone.
create or replace function {service}.year_of(at timestamptz) returns int language plpgsql stable as $$
begin
	return extract(year from at at time zone (select t.time_zone from {service}.tenant t))::int;
end $$;
