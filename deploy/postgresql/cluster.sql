-- The cluster around the services: database, extensions, roles, schemas. Run as superuser by psql, connected to
-- "postgres", as often as you like; it changes only what differs. It reads from its environment:
--   AFTERCARE_SERVICES   names of the services, separated by spaces
--   AFTERCARE_PASSWORDS  JSON: login role -> password
--
-- Each service S has: S_owner (owns, no login), S (serves requests, sees schema S only), S_worker (relay, timers,
-- sweeps; sees S_data too). aftercare_migrate logs in to migrate and becomes each owner by SET ROLE.
\set ON_ERROR_STOP on
\getenv services AFTERCARE_SERVICES
\getenv passwords AFTERCARE_PASSWORDS
set client_min_messages = warning;

-- Collation C is the order of code points, which is that of C.UTF-8; in it the beginning of a text is a range of any index.
select 'create database aftercare encoding ''UTF8'' lc_collate ''C'' template template0'
where not exists (select from pg_database where datname = 'aftercare') \gexec
\connect aftercare
set client_min_messages = warning;

revoke all on database aftercare from public;
revoke all on schema public from public;

-- Extensions live in base, because base is on every role's search_path and public is on none.
create schema if not exists base;
create extension if not exists pg_trgm schema base;
create extension if not exists btree_gin schema base;
create extension if not exists btree_gist schema base;
create extension if not exists unaccent schema base;

-- Roles. A password reaches the server as its own statement, kept out of the log.
set log_statement = none;
set log_min_duration_statement = -1;
set log_min_error_statement = panic;

select format('create role %I nologin', service || '_owner')
from unnest(string_to_array(:'services', ' ')) service
where not exists (select from pg_roles where rolname = service || '_owner') \gexec

select format('create role %I login', role)
from jsonb_object_keys(:'passwords'::jsonb) role
where not exists (select from pg_roles where rolname = role) \gexec

select format('alter role %I password %L', role, password)
from jsonb_each_text(:'passwords'::jsonb) logins(role, password) \gexec

select format('grant connect on database aftercare to %I', role)
from jsonb_object_keys(:'passwords'::jsonb) role \gexec

select format('grant %I to aftercare_migrate', service || '_owner')
from unnest(string_to_array(:'services', ' ')) service \gexec

-- Schemas: S holds what requests may see (views, functions), S_data the tables.
select format('create schema if not exists %I authorization %I', schema, service || '_owner')
from unnest(string_to_array(:'services', ' ')) service, unnest(array[service, service || '_data']) schema \gexec

grant usage on schema base to aftercare_migrate;
select format(action, service, service || '_owner', service || '_worker', service || '_data')
from unnest(string_to_array(:'services', ' ')) service, unnest(array[
	'grant usage on schema base to %1$I, %2$I, %3$I',
	'grant usage on schema %1$I to %1$I, %3$I',
	'grant usage on schema %4$I to %3$I',
	'grant %1$I to %3$I']) action \gexec

-- Settings by role: what a request may wait for is short, what a worker may wait for is longer. A request reads no table from one
-- end to the other, for that is the rows of all tenants: each index leads on the tenant.
select format('alter role %I in database aftercare set %s', role, setting)
from unnest(string_to_array(:'services', ' ')) service, lateral (values
	(service, format('search_path = %I, base', service)),
	(service, 'timezone = ''UTC'''),
	(service, 'statement_timeout = ''10s'''),
	(service, 'lock_timeout = ''800ms'''),
	(service, 'idle_in_transaction_session_timeout = ''15s'''),
	(service, 'default_transaction_isolation = ''read committed'''),
	(service, 'enable_seqscan = off'),
	(service || '_worker', format('search_path = %I, base', service || '_data')),
	(service || '_worker', 'timezone = ''UTC'''),
	(service || '_worker', 'statement_timeout = ''60s'''),
	(service || '_worker', 'lock_timeout = ''2s'''),
	(service || '_worker', 'idle_in_transaction_session_timeout = ''120s'''),
	(service || '_worker', 'default_transaction_isolation = ''read committed''')) settings(role, setting) \gexec
alter role aftercare_migrate in database aftercare set timezone = 'UTC';
alter role aftercare_migrate in database aftercare set search_path = base;

\ir base.sql
