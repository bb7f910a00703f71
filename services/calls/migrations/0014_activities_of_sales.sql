-- Sales changes activities of its own: those that it entered or takes part in. Others may change what they see.
create function calls.activity_own_check(of_activity uuid) returns void language plpgsql as $$
begin
	if base.role_only('sales') then
		perform base.must(exists (select from calls.transition m where m.resource = 'activity' and m.subject_id = of_activity
				and m.action = 'create' and m.by_subject = base.actor())
			or exists (select from calls.activity_participant p where p.activity_id = of_activity and p.technician_id = base.technician()),
			'forbidden', 'Sales changes activities that it entered or takes part in.');
	end if;
end $$;
grant execute on function calls.activity_own_check(uuid) to calls;
