-- Takes the root of an activity: its call, or the customer when it belongs to none. False when there is neither.
create or replace function calls.work_lock(of_call uuid, of_customer uuid) returns boolean language plpgsql as $$
begin
	if of_call is not null then
		update calls.call c set revision = c.revision + 1 where c.id = of_call;
	else
		update calls.customer u set revision = u.revision + 1 where u.id = of_customer;
	end if;
	return found;
end $$;

-- The minutes of an activity are the sum of its sessions (but one that goes), unless somebody typed them.
create or replace function calls.minutes_count(of uuid, but uuid) returns void language plpgsql as $$
begin
	update calls.activity a set work_minutes = t.work, travel_minutes = t.travel, pause_minutes = t.pause,
		started_at = coalesce(t.first, a.started_at)
	from (select min(s.started_at) as first,
			round(sum(extract(epoch from s.ended_at - s.started_at) / 60) filter (where s.kind = 'work'))::int as work,
			round(sum(extract(epoch from s.ended_at - s.started_at) / 60) filter (where s.kind = 'travel'))::int as travel,
			round(sum(extract(epoch from s.ended_at - s.started_at) / 60) filter (where s.kind = 'pause'))::int as pause
		from calls.activity_session s where s.activity_id = of and s.id is distinct from but) t
	where a.id = of and a.minutes_source = 'sessions'
		and (t.first is not null or num_nonnulls(a.work_minutes, a.travel_minutes, a.pause_minutes) > 0);
end $$;

-- Sales changes activities of its own: those that it entered or takes part in. Others may change what they see.
create or replace function calls.activity_own_check(of_activity uuid) returns void language plpgsql as $$
begin
	if base.role_only('sales') then
		perform base.must(exists (select from calls.transition m where m.resource = 'activity' and m.subject_id = of_activity
				and m.action = 'create' and m.by_subject = base.actor())
			or exists (select from calls.activity_participant p where p.activity_id = of_activity and p.technician_id = base.technician()),
			'forbidden', 'Sales changes activities that it entered or takes part in.');
	end if;
end $$;
