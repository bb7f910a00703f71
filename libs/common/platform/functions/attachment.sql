-- Erasing files: what was told of them keeps who attached one when, but loses what names it. The runtime role may not change
-- the log, save by this.
create or replace function {service}.files_past_forget(files uuid[]) returns void
language plpgsql security definer set search_path = pg_catalog as $$
begin
	update {service}_data.change c set data = (c.data::jsonb || '{"file_name": "anonymised", "position": null}')::json
	where c.tenant_id = current_setting('app.tenant')::uuid and c.resource = 'attachment' and c.resource_id = any (files);
end $$;
revoke execute on function {service}.files_past_forget(uuid[]) from public;
