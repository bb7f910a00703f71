-- The activities of a call are the call's customer's, whoever changes that and by whatever way. One that was at a site or with a
-- contact of the customer before is then at the call's site, and with nobody. What is still to do at the call's site follows that, too.
create function calls_data.call_led() returns trigger language plpgsql as $$
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
create trigger led after update of customer_id, site_id on calls_data.call for each row
	when (old.customer_id is distinct from new.customer_id or old.site_id is distinct from new.site_id)
	execute function calls_data.call_led();

-- Those that did not follow before now. No other service keeps whose an activity is.
update calls_data.activity a set customer_id = c.customer_id,
	site_id = case when exists (select from calls_data.site t where t.tenant_id = a.tenant_id and t.id = a.site_id
		and t.customer_id = c.customer_id) then a.site_id else c.site_id end,
	contact_id = (select k.id from calls_data.contact k where k.tenant_id = a.tenant_id and k.id = a.contact_id
		and k.customer_id = c.customer_id), version = a.version + 1, updated_at = base.clock()
from calls_data.call c where c.tenant_id = a.tenant_id and c.id = a.call_id and a.customer_id is distinct from c.customer_id;
