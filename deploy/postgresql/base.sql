-- Functions that every service's SQL uses; no tables. Applied by the superuser with cluster.sql; safe to run again.
create schema if not exists base;

-- The domain's "now": milliseconds, the start of the transaction, movable by tests. SQL of ours never calls now().
create or replace function base.clock() returns timestamptz language sql stable parallel safe as $$
	select date_trunc('milliseconds', now()) + coalesce(nullif(current_setting('app.clock_offset', true), ''), '0')::interval
$$;

-- The same, read at this moment: what another transaction did meanwhile, which began later and did not wait, is not ahead.
create or replace function base.moment() returns timestamptz language sql volatile parallel safe as $$
	select date_trunc('milliseconds', clock_timestamp()) + coalesce(nullif(current_setting('app.clock_offset', true), ''), '0')::interval
$$;

-- An instant as the API spells it: 2026-11-24T07:02:19.123Z.
create or replace function base.ts(at timestamptz) returns text language sql stable parallel safe as $$
	select to_char(at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')
$$;

-- Who calls, as the first statement of a pipeline set it.
create or replace function base.actor() returns text language sql stable parallel safe as $$
	select nullif(current_setting('app.actor', true), '')
$$;
create or replace function base.technician() returns uuid language sql stable parallel safe as $$
	select nullif(current_setting('app.technician', true), '')::uuid
$$;
create or replace function base.customer() returns uuid language sql stable parallel safe as $$
	select nullif(current_setting('app.customer', true), '')::uuid
$$;

-- Whose rows the caller sees: all, or what technician, portal or callcenter see.
create or replace function base.sight() returns text language sql stable parallel safe as $$
	select coalesce(nullif(current_setting('app.sight', true), ''), 'all')
$$;

-- Whether the caller has this role and no other.
create or replace function base.role_only(role text) returns boolean language sql stable parallel safe as $$
	select coalesce(current_setting('app.roles', true), '') = role
$$;

-- Whether the caller has this role among his.
create or replace function base.role_has(role text) returns boolean language sql stable parallel safe as $$
	select role = any (string_to_array(current_setting('app.roles', true), ' '))
$$;

-- Ends the pipeline with a fault of the C table (fault.c): its code, a sentence for the client, the JSON pointer and
-- the rule it is about.
create or replace function base.fail(code text, message text, pointer text default null, rule text default null)
returns void language plpgsql as $$
begin
	raise exception using errcode = 'AF000', message = message, hint = code, column = coalesce(pointer, ''),
		datatype = coalesce(rule, '');
end $$;

-- A guard: fails unless the condition holds (null counts as false). PostgreSQL puts it in the place of the call, so that one that
-- holds costs no more than its condition: neither a call nor the sentence.
create or replace function base.must(condition boolean, code text, message text, pointer text default null,
	rule text default null)
returns void language sql as $$
	select case when condition is not true then base.fail(code, message, pointer, rule) end
$$;

-- Waits until nobody else of the tenant is at the same, and keeps others waiting until the end of the transaction. A statement
-- of its own, so that what comes behind sees what was done meanwhile.
create or replace function base.in_turn(what text) returns void language plpgsql as $$
begin
	perform pg_advisory_xact_lock(hashtextextended(what || '.' || current_setting('app.tenant'), 0));
end $$;

-- A new id: UUIDv7 (RFC 9562 section 5.7), for rows that SQL makes. The twelve bits behind the milliseconds are their fraction
-- (section 6.2, method 3), so that rows made one after the other keep their order where lists sort by the time and the id.
create or replace function base.uuid_new() returns uuid language sql volatile parallel safe as $$
	select (overlay(lpad(to_hex((extract(epoch from clock_timestamp()) * 4096000)::bigint), 15, '0') placing '7' from 13 for 0)
		|| substring(gen_random_uuid()::text from 20))::uuid
$$;

-- A warning for the answer of this pipeline; refuses instead when the client said so (refuse_on).
create or replace function base.warn(code text, detail text, pointer text default null) returns void
language plpgsql as $$
begin
	if code = any (string_to_array(current_setting('app.refuse_on', true), ' ')) then
		perform base.fail('refused-warning', detail, pointer, code);
	end if;
	perform set_config('app.warnings', (coalesce(nullif(current_setting('app.warnings', true), ''), '[]')::jsonb
		|| jsonb_strip_nulls(jsonb_build_object('code', code, 'detail', detail, 'pointer', pointer)))::text, true);
end $$;

-- A guard: no discount of a body is more than the whole.
create or replace function base.discounts_check(body jsonb) returns void language plpgsql as $$
begin
	perform base.must(d.value::numeric <= 100, 'invalid', 'must be at most 100', '/discounts/' || (d.ordinality - 1), 'range')
	from jsonb_array_elements_text(case when jsonb_typeof(body -> 'discounts') = 'array' then body -> 'discounts' else '[]' end)
		with ordinality d;
end $$;

-- An amount less discounts in percent, in cascade (10 and 5: by 0.90, then by 0.95); not rounded.
create or replace function base.discounted(amount numeric, discounts numeric[]) returns numeric
language plpgsql immutable parallel safe as $$
declare
	discount numeric;
begin
	foreach discount in array coalesce(discounts, '{}') loop
		amount := amount * (100 - discount) * 0.01;
	end loop;
	return amount;
end $$;

-- Refuses, at that field, an article that no line may name any more, or that counts otherwise than by the piece.
create or replace function base.article_serves(code text, multiplier numeric, active boolean, pointer text) returns void
language plpgsql stable as $$
begin
	if multiplier <> 1 then
		perform base.fail('article-multiplier', format('Article %s counts %s pieces a price unit: multipliers other than 1 '
			'are not supported.', code, multiplier), pointer, 'multiplier');
	end if;
	if not active then
		perform base.fail('unknown-reference', format('Article %s is no longer in use.', code), pointer, 'reference');
	end if;
end $$;

-- Notes rows that a statement wrote beside the one its request is about, by the event that will tell of them; the change
-- records of that event take them, once (store_add_records). app.touched names the events of which some are.
create or replace function base.touch(event text, ids uuid[]) returns void language plpgsql as $$
declare
	name text := 'app.touched.' || event;
	known text := current_setting(name, true);
	events text := coalesce(current_setting('app.touched', true), '') || ' ';
	kept text;
begin
	if known <> '' and ids <> '{}' then
		kept := set_config(name, (known::uuid[] || ids)::text, true);
	elsif ids <> '{}' then
		kept := set_config(name, ids::text, true);
		if strpos(events, ' ' || event || ' ') = 0 then
			kept := set_config('app.touched', events || event, true);
		end if;
	end if;
end $$;
create or replace function base.touched(event text) returns uuid[] language plpgsql as $$
declare
	ids text := nullif(current_setting('app.touched.' || event, true), '');
	kept text;
begin
	if ids is not null then
		kept := set_config('app.touched.' || event, '', true);
	end if;
	return coalesce(ids, '{}')::uuid[];
end $$;

-- Takes a row that gets a change record of its own out of those touched for the same event.
create or replace function base.untouch(event text, id uuid) returns boolean language plpgsql as $$
declare
	ids text := nullif(current_setting('app.touched.' || event, true), '');
	kept text;
begin
	if ids is not null then
		kept := set_config('app.touched.' || event, coalesce(nullif(array_remove(ids::uuid[], id)::text, '{}'), ''), true);
	end if;
	return true;
end $$;

-- Writes the change records of what was touched, each resource with its events, which have blanks between; nothing is run for
-- one of which nothing was touched, for a statement that finds nothing costs as much as one that does. Run are its statements
-- prepared as RESOURCE.record and RESOURCE.records (compose.c).
create or replace function base.tell(resources text[], events text[]) returns void language plpgsql as $$
declare
	touched text := current_setting('app.touched', true);
	event text;
	last text;
	found_events int;
	ids text;
	kept text;
begin
	if coalesce(touched, '') = '' then
		return;
	end if;
	for i in 1 .. cardinality(resources) loop
		continue when strpos(touched, ' ' || resources[i] || '.') = 0;
		found_events := 0;
		foreach event in array string_to_array(events[i], ' ') loop
			if current_setting('app.touched.' || event, true) <> '' then
				found_events := found_events + 1;
				last := event;
			end if;
		end loop;
		ids := case when found_events > 0 then current_setting('app.touched.' || last) end;
		if found_events = 1 and strpos(ids, ',') = 0 then
			kept := set_config('app.touched.' || last, '', true);
			execute format('execute %I (%L, %L)', resources[i] || '.record', btrim(ids, '{}'), last);
		elsif found_events > 0 then
			execute format('execute %I (null, %L)', resources[i] || '.records', events[i]);
		end if;
	end loop;
end $$;

-- The names of the fields of a row whose values differ from those it had before; null when there was none. Those that
-- every change changes say nothing.
create or replace function base.changed(before json, after json) returns text[] language plpgsql immutable parallel safe as $$
declare
	old jsonb := before;
	new jsonb := after;
begin
	if before is null then
		return null;
	end if;
	return (select array_agg(k.key order by k.key) from jsonb_object_keys(new) k(key)
		where k.key not in ('version', 'revision', 'updated_at') and new ->> k.key is distinct from old ->> k.key);
end $$;

-- A row as it goes into the change log, unless it is longer than an event may be; then names its longest field.
create or replace function base.told(kind text, data json, longest int) returns json language plpgsql as $$
declare
	field text;
begin
	if octet_length(data::text) <= longest then
		return data;
	end if;
	select e.key into field from json_each_text(data) e order by octet_length(e.value) desc nulls last limit 1;
	perform base.fail('too-large', format('The %s and all it holds is longer than %s bytes; its longest field is %s.', kind, longest,
		field), '/' || field, 'length');
end $$;

-- The bodies of rows to be written: a JSON array, in each of them its id.
create or replace function base.bodies(list jsonb) returns table (id uuid, body jsonb, line bigint)
language sql immutable parallel safe as $$
	select (e.value ->> 'id')::uuid, e.value, e.ordinality from jsonb_array_elements(list) with ordinality e
$$;

-- JSON merge patch (RFC 7396).
create or replace function base.merge_patch(target jsonb, patch jsonb) returns jsonb
language plpgsql immutable parallel safe as $$
declare
	result jsonb;
	name text;
	value jsonb;
begin
	if jsonb_typeof(patch) is distinct from 'object' then
		return nullif(patch, 'null'::jsonb);
	end if;
	result := case when jsonb_typeof(target) = 'object' then target else '{}'::jsonb end;
	for name, value in select e.key, e.value from jsonb_each(patch) e loop
		if jsonb_typeof(value) = 'null' then
			result := result - name;
		else
			result := jsonb_set(result, array[name], base.merge_patch(result -> name, value), true);
		end if;
	end loop;
	return result;
end $$;

-- Whether a time zone is one that PostgreSQL knows.
create or replace function base.time_zone_known(name text) returns boolean language plpgsql stable parallel safe as $$
begin
	perform now() at time zone name;
	return true;
exception when others then
	return false;
end $$;

-- The text that a search index keeps: Italian and English stems, and the words as they are.
create or replace function base.search_vector(content text) returns tsvector language sql immutable parallel safe as $$
	select to_tsvector('pg_catalog.italian', coalesce(content, '')) || to_tsvector('pg_catalog.english', coalesce(content, ''))
		|| to_tsvector('pg_catalog.simple', coalesce(content, ''))
$$;

-- What a person typed, as a query over such an index (web search syntax: words, "phrases", -without, or). Where two of the
-- three are the same, one is left out: each word of it is another part of the index to read.
create or replace function base.search_query(words text) returns tsquery language plpgsql immutable parallel safe as $$
declare
	italian tsquery := websearch_to_tsquery('pg_catalog.italian', words);
	english tsquery := websearch_to_tsquery('pg_catalog.english', words);
	plain tsquery := websearch_to_tsquery('pg_catalog.simple', words);
begin
	return italian || case when english = italian then '' else english end
		|| case when plain in (italian, english) then '' else plain end;
end $$;

-- Text folded for comparing: lower case, outer blanks trimmed.
create or replace function base.fold(content text) returns text language sql immutable parallel safe as $$
	select lower(btrim(content))
$$;

create or replace function base.folded(list text[]) returns text[] language plpgsql immutable parallel safe strict as $$
begin
	return (select array_agg(base.fold(u.word)) from unnest(list) u(word));
end $$;

-- Words of an e-mail, phone or array column of jsonb objects: base.values_at(phones, 'e164') → {…}.
create or replace function base.values_at(list jsonb, name text) returns text[] language plpgsql immutable parallel safe strict as $$
begin
	return (select array_agg(distinct item ->> name) from jsonb_array_elements(list) item
		where item ->> name is not null);
end $$;


-- Who may learn of a change: those who could see it before and those who can now.
create or replace function base.audience(before jsonb, after jsonb) returns jsonb language plpgsql immutable parallel safe as $$
begin
	if before is null or before = after then
		return after;
	elsif after is null then
		return before;
	end if;
	return jsonb_build_object(
		'customers', (select jsonb_agg(distinct v) from jsonb_array_elements(
			coalesce(nullif(before -> 'customers', 'null'), '[]') || coalesce(nullif(after -> 'customers', 'null'), '[]')) v),
		'technicians', (select jsonb_agg(distinct v) from jsonb_array_elements(
			coalesce(nullif(before -> 'technicians', 'null'), '[]') || coalesce(nullif(after -> 'technicians', 'null'), '[]')) v));
end $$;

grant usage on schema base to public;
grant execute on all functions in schema base to public;
