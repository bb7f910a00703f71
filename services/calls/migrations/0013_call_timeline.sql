-- Everything that happened to a call, in one list: its passages, its activities and the time spent on them, its charges and
-- files, and what other services made of it. A line is told by its own id.
create view calls.call_timeline as
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
