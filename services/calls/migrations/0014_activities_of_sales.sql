-- Sales changes activities of its own: those that it entered or takes part in. Others may change what they see.
create function calls.activity_is_ones_own(of_activity uuid) returns boolean language plpgsql stable as $$
begin
	return not base.role_only('sales')
		or exists (select from calls.transition m where m.resource = 'activity' and m.subject_id = of_activity and m.action = 'create'
			and m.by_subject = base.actor())
		or exists (select from calls.activity_participant p where p.activity_id = of_activity and p.technician_id = base.technician());
end $$;
grant execute on function calls.activity_is_ones_own(uuid) to calls;
