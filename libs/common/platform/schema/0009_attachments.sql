-- Files attached to rows of a service. Their bytes are parts (jobs) whose owner is the attachment.
select {service}_data.store_table('attachment', $$
	owner_kind text not null,
	owner_id   uuid not null,
	file_name  text not null,
	media_type text not null,
	size       bigint not null,
	sha256     text not null,
	visibility text not null,
	taken_at   timestamptz(3),
	position   jsonb,
	by_subject text default base.actor(),
	by_name    text default nullif(current_setting('app.actor_name', true), '')
$$, master_data => false);
create index attachment__created_at on {service}_data.attachment (tenant_id, created_at, id);
create index attachment__updated_at on {service}_data.attachment (tenant_id, updated_at, id);
select {service}_data.filter_indexes('attachment', 'created_at', '{owner_id}');
