-- Counts a guess before it is checked, so that many at once gain nothing. Returns the seconds to wait: 0, go on. From
-- `allowed` failures on the wait doubles with each, up to a quarter of an hour.
create or replace function gateway.guess_begin(guessed text, allowed int) returns int
language plpgsql security definer set search_path = pg_catalog as $$
declare
	known gateway_data.guess;
begin
	insert into gateway_data.guess as g (digest, failures) values (guessed, 0)
	on conflict (digest) do update set last_at = base.clock() returning * into known;
	if known.locked_until > base.clock() then
		return greatest(1, ceil(extract(epoch from known.locked_until - base.clock())))::int;
	end if;
	update gateway_data.guess g set failures = known.failures + 1, locked_until = case when known.failures + 1 >= allowed
		then base.clock() + least(900, 5 * 2 ^ least(10, known.failures + 1 - allowed)) * interval '1 second' end
	where g.digest = guessed;
	return 0;
end $$;

-- The guess was right: forget the wrong ones.
create or replace function gateway.guess_end(guessed text) returns void
language plpgsql security definer set search_path = pg_catalog as $$
begin
	delete from gateway_data.guess g where g.digest = guessed;
end $$;
