-- Adds columns to a table that its view shows already: `columns` are "add column …, add column …".
create function {service}_data.add_columns(name text, columns text) returns void language plpgsql as $$
begin
	execute format('alter table {service}_data.%I %s', name, columns);
	execute format('create or replace view {service}.%1$I as select * from {service}_data.%1$I '
		'where tenant_id = (select current_setting(''app.tenant'')::uuid) with cascaded check option', name);
end $$;

-- Of a line of a return: whether what did not come back is charged, or is credited again; and its job.
select {service}_data.add_columns('derived', 'add column missing text, add column job_code text');
