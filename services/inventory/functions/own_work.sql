-- A technician's own work: calls he is responsible for or takes part in, while they live and 30 days after their end, and
-- the customers it is done for.
create or replace view inventory.own_call as
select c.id as call_id, c.customer_id from inventory.call c
where (c.assignee_id = (select base.technician()) or c.id in (select a.call_id from inventory.activity a
		where a.technicians @> array[(select base.technician())]))
	and coalesce(c.ended_at, 'infinity') > base.clock() - interval '30 days';
grant select on inventory.own_call to inventory;

create or replace view inventory.own_work as
select o.customer_id from inventory.own_call o where o.customer_id is not null
union
select a.customer_id from inventory.activity a
where a.technicians @> array[(select base.technician())] and a.customer_id is not null and a.call_id is null;
grant select on inventory.own_work to inventory;
