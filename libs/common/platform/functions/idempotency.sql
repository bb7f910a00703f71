-- The first statement of a write: fails when the same key is at work now, was used for something else, or is done
-- (then the stored answer goes out again).
create or replace function {service}.claim(claimed_key text, claimed_hash text) returns void language plpgsql as $$
declare
	known text;
begin
	if claimed_key is null then
		return;
	end if;
	if not pg_try_advisory_xact_lock(hashtextextended(current_setting('app.tenant') || claimed_key, 0)) then
		perform base.fail('still-running', 'A request with this Idempotency-Key is still running.');
	end if;
	select i.hash into known from {service}.idempotency i where i.key = claimed_key;
	if not found then
		return;
	end if;
	if known <> claimed_hash then
		perform base.fail('idempotency-key-reused', 'This Idempotency-Key came with another request.');
	end if;
	perform base.fail('replay', 'replay');
end $$;
