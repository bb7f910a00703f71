-- Makes the partitions of the log for this month and those ahead; the relay's tidying does so again and again.
create or replace function {service}_data.change_partitions(months_ahead int) returns int
language plpgsql security definer set search_path = pg_catalog as $$
declare
	month date;
	name text;
	made int := 0;
begin
	for i in 0..months_ahead loop
		month := (date_trunc('month', base.clock() at time zone 'UTC') + make_interval(months => i))::date;
		name := 'change_' || to_char(month, 'YYYY_MM');
		if to_regclass('{service}_data.' || name) is null then
			if exists (select from {service}_data.change_default d
				where d.at >= month::timestamp at time zone 'UTC'
				and d.at < (month + interval '1 month') at time zone 'UTC') then
				continue; -- rows are already in the default partition: leave that month there
			end if;
			execute format('create table {service}_data.%I partition of {service}_data.change for values from (%L) to (%L)',
				name, month::timestamp at time zone 'UTC', (month + interval '1 month') at time zone 'UTC');
			execute format('alter table {service}_data.%I enable row level security', name);
			execute format('alter table {service}_data.%I alter column tenant_id set (n_distinct = 1)', name); -- see expose
			made := made + 1;
		end if;
	end loop;
	return made;
end $$;
grant execute on function {service}_data.change_partitions(int) to {service}_worker;

-- Those of today are there before the first change is.
select {service}_data.change_partitions(2);

-- What is written to the log waits for the relay.
create or replace function {service}_data.change_wait() returns trigger
language plpgsql security definer set search_path = pg_catalog as $$
begin
	insert into {service}_data.change_waiting (id, at) select w.id, w.at from written w;
	return null;
end $$;
create or replace trigger wait after insert on {service}_data.change referencing new table as written
	for each statement execute function {service}_data.change_wait();
