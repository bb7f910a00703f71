-- The first session of an activity, or a visit done, starts its call when that is open or assigned; from open, who worked
-- becomes responsible. The call is touched.
create or replace function calls.call_start(by_activity uuid, visit_done_at timestamptz) returns void language plpgsql as $$
declare
	begun uuid[];
begin
	with known as (
		select c.id, c.state, coalesce(f.started_at, a.started_at, visit_done_at) as at,
			coalesce(f.technician_id, (select p.technician_id from calls.activity_participant p where p.activity_id = a.id
				order by p.role desc, p.position limit 1)) as technician_id
		from calls.activity a join calls.call c on c.id = a.call_id join calls.activity_type y on y.code = a.type_code
			left join lateral (select s.started_at, s.technician_id from calls.activity_session s where s.activity_id = a.id
				order by s.started_at, s.id limit 1) f on true
		where a.id = by_activity and c.state in ('open', 'assigned')
			and (f.started_at is not null or (y.kind = 'visit' and visit_done_at is not null))
	), started as (
		update calls.call c set state = 'in_progress', version = c.version + 1, updated_at = base.clock(),
			assignee_id = coalesce(c.assignee_id, k.technician_id),
			assignee_name = case when c.assignee_id is not null then c.assignee_name
				else (select m.name from calls.technician m where m.id = k.technician_id) end,
			substate_code = (select b.code from calls.substate b where b.state = 'in_progress' and b."default" and b.active)
		from known k where c.id = k.id
		returning c.id, k.state as from_state, greatest(c.opened_at, least(k.at, base.clock()),
			(select max(m.at) from calls.transition m where m.resource = 'call' and m.subject_id = c.id)) as at, c.substate_code
	), noted as (
		insert into calls.transition (resource, subject_id, action, from_state, to_state, at, substate_code)
		select 'call', s.id, 'start', s.from_state, 'in_progress', s.at, s.substate_code from started s
	)
	select array_agg(s.id) into begun from started s;
	perform base.touch('call.started', begun);
end $$;

-- The activities of a call are the call's customer's, whoever changes that and by whatever way. One that was at a site or with a
-- contact of the customer before is then at the call's site, and with nobody. What is still to do at the call's site follows that, too.
create or replace function calls_data.call_led() returns trigger language plpgsql as $$
declare
	followed uuid[];
begin
	with led as (
		update calls.activity a set customer_id = new.customer_id,
			site_id = case when a.site_id is not distinct from old.site_id then new.site_id
				when a.site_id is null or exists (select from calls.site t where t.id = a.site_id and t.customer_id = new.customer_id)
					then a.site_id else new.site_id end,
			contact_id = (select k.id from calls.contact k where k.id = a.contact_id and k.customer_id = new.customer_id),
			version = a.version + 1, updated_at = base.clock()
		where a.call_id = new.id and (a.customer_id is distinct from new.customer_id or (a.status = 'todo'
			and old.site_id is distinct from new.site_id and a.site_id is not distinct from old.site_id))
		returning a.id)
	select array_agg(l.id) into followed from led l;
	perform base.touch('activity.changed', followed);
	return null;
end $$;
create or replace trigger led after update of customer_id, site_id on calls_data.call for each row
	when (old.customer_id is distinct from new.customer_id or old.site_id is distinct from new.site_id)
	execute function calls_data.call_led();

-- Everything that happened to a call, in one list: its passages, its activities and the time spent on them, its charges and
-- files, and what other services made of it. A line is told by its own id.
create or replace view calls.call_timeline as
select m.id, m.subject_id as call_id, m.at, 'passage' as kind from calls.transition m where m.resource = 'call'
union all
select a.id, a.call_id, coalesce(a.done_at, a.planned_start, a.created_at), 'activity' from calls.activity a where a.call_id is not null
union all
select s.id, a.call_id, s.started_at, 'session' from calls.activity_session s join calls.activity a on a.id = s.activity_id
where a.call_id is not null
union all
select h.id, h.call_id, h.created_at, 'charge' from calls.charge h
union all
select f.id, f.owner_id, f.created_at, 'attachment' from calls.attachment f where f.owner_kind = 'call'
union all
select v.id, v.source_id, v.taken_at, 'derived' from calls.derived v where v.head_id is null;
grant select on calls.call_timeline to calls;
