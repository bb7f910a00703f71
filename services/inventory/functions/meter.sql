-- How far a meter went from one value to the next; null when it can't have: it is lower, and not because it rolled over, which
-- is believed of less than half its range.
create or replace function inventory.meter_step(before numeric, after numeric, rolls_over_at numeric) returns numeric
language sql immutable parallel safe as $$
	select case when after >= before then after - before
		when rolls_over_at - before + after <= rolls_over_at / 2 then rolls_over_at - before + after end
$$;

-- A reading's neighbours are found by its meter and its time taken together, as one pair: only the index of both has their order.
-- By the time alone there is another, which PostgreSQL took for a meter of which it knew nothing yet, and read the times of all
-- meters by it. An instant of infinity stands before, or behind, all readings.
create or replace function inventory.meter_before(of_meter uuid, instant timestamptz, out at timestamptz, out value numeric, out total numeric)
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

-- The one behind.
create or replace function inventory.meter_after(of_meter uuid, instant timestamptz, out at timestamptz, out value numeric, out total numeric,
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

-- A reading, wherever in time it belongs between the others. Its asset is taken. What the meter shows follows (meter_last).
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

-- Readings, in the order in which they were read, whatever the order of the lines; each meter is touched once. Those of meters
-- that only go on, as nearly all do, are written together; the others one by one, which also says what is wrong with one.
create or replace function inventory.meter_readings_take(bodies jsonb) returns void language plpgsql as $$
declare
	together uuid[];
begin
	with line as (
		select b.id, b.body, m.id as meter_id, m.asset_id, m.active, m.decimals, m.rolls_over_at, m.last_at, m.last_total, v.value, v.at,
			coalesce((b.body ->> 'reset')::boolean, false) as exchanged, lag(v.at) over times as before_at,
			coalesce(lag(v.value) over times, m.last_value) as before
		from base.bodies(bodies) b join inventory.meter m on m.id = (b.body ->> 'meter_id')::uuid,
			lateral (select (b.body ->> 'value')::numeric as value, (b.body ->> 'at')::timestamptz(3) as at) v
		window times as (partition by m.id order by v.at)
	), counted as (
		select l.*, l.active and l.value = round(l.value, l.decimals) and coalesce(l.value < l.rolls_over_at, true)
				and l.at <= base.clock() + interval '5 minutes' and coalesce(l.at > coalesce(l.before_at, l.last_at), true) as fine,
			case when l.before is null then l.value when l.exchanged then 0
				else inventory.meter_step(l.before, l.value, l.rolls_over_at) end as step
		from line l
	), made as (
		insert into inventory.meter_reading (id, meter_id, asset_id, value, at, source, reset, total, work_report_id, external_ref)
		select c.id, c.meter_id, c.asset_id, c.value, c.at, c.body ->> 'source', c.exchanged, coalesce(c.last_total, 0)
			+ sum(c.step) over (partition by c.meter_id order by c.at), (c.body ->> 'work_report_id')::uuid, c.body ->> 'external_ref'
		from counted c
		where c.meter_id in (select g.meter_id from counted g group by g.meter_id having bool_and(g.fine and g.step is not null))
		returning id, meter_id, asset_id, value, at, total
	), noted as (
		insert into inventory.asset_timeline (asset_id, kind, source_id, at) select r.asset_id, 'reading', r.id, r.at from made r
	), shown as (
		update inventory.meter m set last_value = n.value, last_at = n.at, last_total = n.total, version = m.version + 1,
			updated_at = base.clock()
		from (select distinct on (r.meter_id) r.meter_id, r.value, r.at, r.total from made r order by r.meter_id, r.at desc) n
		where m.id = n.meter_id returning m.id
	)
	select coalesce(array_agg(s.id), '{}') into together from shown s;
	perform inventory.meter_last(o.meter_id, null)
	from (select distinct inventory.meter_read(e.id, e.body) as meter_id from (select b.id, b.body from base.bodies(bodies) b
		where (b.body ->> 'meter_id')::uuid <> all (together) order by (b.body ->> 'at')::timestamptz, b.line) e) o;
	perform base.touch('meter.read', array(select distinct (b.body ->> 'meter_id')::uuid from base.bodies(bodies) b));
end $$;

-- What a meter counts a day: over the last 90 days that were read, or all of them when they are fewer; null within one day.
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
