-- stands for: 0015_told_answers of 46fb059
-- What every service has beside its own tables: the change log, idempotency, the inbox, timers, number series,
-- settings, copies of tenants. {service} is the service's name. Base tables live in {service}_data, which the runtime
-- role can't enter; it works on the views of {service}, each limited to the tenant of the pipeline.

-- The functions that schemas and migrations call, and those that indexes hold. They belong to the schema, for what was made by them
-- is not made anew: what changes one is a migration. All others are in functions/.

-- Makes the tenant's view of a base table and grants it to the runtime role. Statements don't show the planner which
-- tenant they are for; told that tenant_id has one value, it plans for the largest (its share is the most common value's),
-- not for the average: what is right for a million rows is never wrong for a hundred.
create function {service}_data.expose(name text, rights text default 'select, insert, update, delete')
returns void language plpgsql as $$
begin
	execute format('alter table {service}_data.%I enable row level security', name);
	execute format('create view {service}.%1$I as select * from {service}_data.%1$I '
		'where tenant_id = (select current_setting(''app.tenant'')::uuid) with cascaded check option', name);
	execute format('alter view {service}.%I alter column tenant_id set default current_setting(''app.tenant'')::uuid', name);
	execute format('alter table {service}_data.%I alter column tenant_id set (n_distinct = 1)', name);
	execute format('grant %s on {service}.%I to {service}', rights, name);
end $$;

-- Gives the worker role (relay, timers, inbox, snapshots) cross-tenant rights on a base table.
create function {service}_data.expose_worker(name text, rights text)
returns void language plpgsql as $$
begin
	execute format('alter table {service}_data.%I enable row level security', name);
	execute format('create policy worker on {service}_data.%I to {service}_worker using (true) with check (true)', name);
	execute format('grant %s on {service}_data.%I to {service}_worker', rights, name);
end $$;

-- The table of a resource that stores, and its view. `columns` are its own, with their constraints, named
-- TABLE__FIELD__RULE; beside them it gets what every row has: key, external_ref, version and times; of master data
-- `active`; of the root of an aggregate `revision`. A column `code` is unique, within `code_within` when that is given.
create function {service}_data.store_table(name text, columns text, master_data boolean default true, root boolean default true,
	code_within text default null)
returns void language plpgsql as $$
begin
	execute format('create table {service}_data.%I (tenant_id uuid not null, id uuid not null, %s, external_ref text, %s %s '
		'version int not null default 1, created_at timestamptz(3) not null default base.clock(), '
		'updated_at timestamptz(3) not null default base.clock(), primary key (tenant_id, id), '
		'constraint %I unique (tenant_id, external_ref))', name, columns,
		case when master_data then 'active boolean not null,' end,
		case when root then 'revision bigint not null default 1,' end, name || '__external_ref__unique');
	if exists (select from pg_attribute a where a.attrelid = format('{service}_data.%I', name)::regclass and a.attname = 'code') then
		execute format('alter table {service}_data.%I add constraint %I unique (tenant_id, %s code)', name,
			name || '__code__unique', code_within || ',');
	end if;
	perform {service}_data.expose(name);
end $$;

-- The table of a copy of what another service owns, fed by its events (copy.h). No foreign keys: topics have no order
-- among them. Requests only read it, unless they are granted more.
create function {service}_data.copy_table(name text, columns text) returns void language plpgsql as $$
begin
	execute format('create table {service}_data.%I (tenant_id uuid not null, id uuid not null, %s, '
		'active boolean not null default true, revision bigint not null default 0, primary key (tenant_id, id))', name, columns);
	perform {service}_data.expose(name, 'select');
	perform {service}_data.expose_worker(name, 'select, insert, update');
end $$;

-- Indexes for the filters of a list, with its sort behind each, so that a page is one index read. Columns that are
-- seldom filled have partial ones.
create function {service}_data.filter_indexes(name text, sort_column text, always text[], seldom text[] default '{}')
returns void language plpgsql as $$
declare
	filtered text;
begin
	foreach filtered in array always loop
		execute format('create index %I on {service}_data.%I (tenant_id, %I, %I, id)', name || '__by_' || filtered, name, filtered,
			sort_column);
	end loop;
	foreach filtered in array seldom loop
		execute format('create index %I on {service}_data.%I (tenant_id, %I, %I, id) where %I is not null',
			name || '__by_' || filtered, name, filtered, sort_column, filtered);
	end loop;
end $$;

-- Adds columns to a table that its view shows already: `columns` are "add column …, add column …".
create function {service}_data.add_columns(name text, columns text) returns void language plpgsql as $$
begin
	execute format('alter table {service}_data.%I %s', name, columns);
	execute format('create or replace view {service}.%1$I as select * from {service}_data.%1$I '
		'where tenant_id = (select current_setting(''app.tenant'')::uuid) with cascaded check option', name);
end $$;

-- A number as it sorts: 2026/A/1000000 comes behind 2026/A/999999.
create function {service}.number_key(number text) returns text language sql immutable parallel safe as $$
	select regexp_replace(number, '[0-9]+$', lpad(substring(number from '[0-9]+$'), 18, '0'))
$$;
