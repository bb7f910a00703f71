-- A reading's neighbours are found by its meter and its time taken together, as one pair: only the index of both has their order.
-- By the time alone there is another, which PostgreSQL took for a meter of which it knew nothing yet, and read the times of all
-- meters by it. An instant of infinity stands before, or behind, all readings.
create function inventory.meter_before(of_meter uuid, instant timestamptz, out at timestamptz, out value numeric, out total numeric)
language plpgsql stable as $$
declare
	found record;
begin
	select r.meter_id, r.at, r.value, r.total into found from inventory.meter_reading r
	where (r.meter_id, r.at) < (of_meter, instant) order by r.meter_id desc, r.at desc limit 1;
	if found.meter_id = of_meter then
		at := found.at;
		value := found.value;
		total := found.total;
	end if;
end $$;

create function inventory.meter_after(of_meter uuid, instant timestamptz, out at timestamptz, out value numeric, out total numeric,
	out reset boolean) language plpgsql stable as $$
declare
	found record;
begin
	select r.meter_id, r.at, r.value, r.total, r.reset into found from inventory.meter_reading r
	where (r.meter_id, r.at) > (of_meter, instant) order by r.meter_id, r.at limit 1;
	if found.meter_id = of_meter then
		at := found.at;
		value := found.value;
		total := found.total;
		reset := found.reset;
	end if;
end $$;
grant execute on function inventory.meter_before(uuid, timestamptz), inventory.meter_after(uuid, timestamptz) to inventory;

create or replace function inventory.meter_read(made uuid, b jsonb) returns uuid language plpgsql as $$
declare
	given numeric := (b ->> 'value')::numeric;
	happened timestamptz(3) := (b ->> 'at')::timestamptz;
	exchanged boolean := coalesce((b ->> 'reset')::boolean, false);
	meter record;
	before record;
	after record;
	counted numeric;
	next_total numeric;
begin
	select m.id, m.asset_id, m.code, m.decimals, m.rolls_over_at, m.active into meter from inventory.meter m
	where m.id = (b ->> 'meter_id')::uuid;
	perform base.must(found and meter.active, 'unknown-reference', 'There is no such meter in use.', '/meter_id', 'reference'),
		base.must(given = round(given, meter.decimals), 'invalid', format('the meter %s is read with %s decimals', meter.code,
			meter.decimals), '/value', 'decimals'),
		base.must(coalesce(given < meter.rolls_over_at, true), 'invalid', format('the meter %s rolls over at %s', meter.code,
			trim_scale(meter.rolls_over_at)), '/value', 'range'),
		base.must(happened <= base.clock() + interval '5 minutes', 'invalid', 'must not be more than 5 minutes ahead', '/at', 'range');
	select r.value, r.total, r.at into before from inventory.meter_before(meter.id, happened) r;
	if before.at is null then
		counted := given;
	elsif exchanged then
		counted := before.total;
	else
		counted := before.total + inventory.meter_step(before.value, given, meter.rolls_over_at);
	end if;
	if counted is null then
		perform base.fail('invalid', format('is lower than %s, read at %s: say reset where the meter was exchanged',
			trim_scale(before.value), base.ts(before.at)), '/value', 'order');
	end if;
	select r.value, r.total, r.at, r.reset into after from inventory.meter_after(meter.id, happened) r;
	if after.at is not null then
		next_total := counted + case when after.reset then 0 else inventory.meter_step(given, after.value, meter.rolls_over_at) end;
		if next_total is null then
			perform base.fail('invalid', format('is higher than %s, read later, at %s', trim_scale(after.value), base.ts(after.at)),
				'/value', 'order');
		end if;
		if next_total <> after.total then
			update inventory.meter_reading r set total = r.total + next_total - after.total, version = r.version + 1,
				updated_at = base.clock()
			where r.meter_id = meter.id and r.at > happened;
		end if;
	end if;
	insert into inventory.meter_reading (id, meter_id, asset_id, value, at, source, reset, total, work_report_id, external_ref)
	values (made, meter.id, meter.asset_id, given, happened, b ->> 'source', exchanged, counted, (b ->> 'work_report_id')::uuid,
		b ->> 'external_ref');
	perform inventory.timeline_put(meter.asset_id, 'reading', made, happened);
	return meter.id;
end $$;

-- What a meter shows is its newest reading, or, where that one goes, the one before.
create or replace function inventory.meter_last(of_meter uuid, but uuid) returns void language plpgsql as $$
begin
	update inventory.meter m set last_value = l.value, last_at = l.at, last_total = l.total, version = m.version + 1,
		updated_at = base.clock()
	from inventory.meter_before(of_meter, coalesce((select r.at from inventory.meter_reading r where r.id = but), 'infinity')) l
	where m.id = of_meter;
end $$;

create or replace function inventory.meter_average(of_meter uuid, last_at timestamptz, last_total numeric) returns numeric
language plpgsql stable as $$
declare
	began record;
begin
	select r.at, r.total into began
	from inventory.meter_before(of_meter, last_at - interval '90 days' + interval '1 millisecond') r; -- that instant, too
	if began.at is null then
		select r.at, r.total into began from inventory.meter_after(of_meter, '-infinity') r;
	end if;
	return case when last_at >= began.at + interval '1 day'
		then round((last_total - began.total) / (extract(epoch from last_at - began.at) / 86400), 3) end;
end $$;
