-- Whether an action fits a row: its state, and the time it is said to have happened, which is not before `earliest`, not
-- more than five minutes ahead, and not longer back than the policy allows unless `limited` is null (else it names the
-- scope that lifts the limit). `possible` maps states to their actions, for the refusal. Keeps the state it comes from, and
-- when it happened: now, unless that is said; who waited for another's action comes behind it, though he began before.
create or replace function {service}.act(kind text, state text, earliest timestamptz, action text, states text, possible jsonb, body jsonb,
	limited text)
returns void language plpgsql as $$
declare
	happened timestamptz(3) := coalesce((body ->> 'at')::timestamptz, greatest(base.clock(),
		case when earliest <= base.moment() then earliest end));
	hours int := {service}.setting('backdate_hours', '72');
begin
	if state is null then
		perform base.fail('not-found', format('There is no such %s.', kind));
	end if;
	if not state = any (string_to_array(states, ' ')) then
		perform base.fail('transition-refused', format('The %s is %s: %s is not possible. Possible now: %s.', kind, state, action,
			coalesce(possible ->> state, 'nothing')));
	end if;
	if happened < earliest then
		perform base.fail('invalid', format('must not be before the previous transition, %s', base.ts(earliest)), '/at', 'range');
	end if;
	if happened > base.clock() + interval '5 minutes' then
		perform base.fail('invalid', 'must not be more than 5 minutes ahead', '/at', 'range');
	end if;
	if limited is not null and happened < base.clock() - make_interval(hours => hours) then
		perform base.fail('forbidden', format('More than %s hours back needs the scope %s.', hours, limited), '/at', 'range');
	end if;
	perform set_config('app.from_state', state, true), set_config('app.happened', happened::text, true);
end $$;
