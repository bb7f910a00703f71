-- A technician's own work: calls he is responsible for or takes part in, while they live and 30 days after their end.
create or replace view calls.own_call as
select c.id as call_id, c.customer_id from calls.call c
where (c.assignee_id = (select base.technician()) or c.id in (select a.call_id from calls.activity a
		join calls.activity_participant p on p.activity_id = a.id where p.technician_id = (select base.technician())))
	and coalesce(c.closed_at, c.cancelled_at, 'infinity') > base.clock() - interval '30 days';
grant select on calls.own_call to calls;

-- And the customers it is done for, also by activities that belong to no call.
create or replace view calls.own_work as
select o.customer_id from calls.own_call o where o.customer_id is not null
union
select a.customer_id from calls.activity a join calls.activity_participant p on p.activity_id = a.id
where p.technician_id = (select base.technician()) and a.customer_id is not null and a.call_id is null;
grant select on calls.own_work to calls;
