-- The tenant's own vocabulary: call types, substates, codes, tags, activity types, series. Lists of it
-- are sorted by code, which its unique constraint serves.
select calls_data.store_table('call_type', $$
	code text not null,
	label text not null,
	series_code text,
	default_priority text,
	procedure_id uuid,
	required_at_open text[],
	required_at_resolve text[],
	sla_policy_code text,
	quick boolean not null
$$);

select calls_data.store_table('substate', $$
	code text not null,
	label text not null,
	state text not null,
	"default" boolean not null,
	position int not null
$$);
create unique index substate__default__unique on calls_data.substate (tenant_id, state) where "default";
create index substate__position on calls_data.substate (tenant_id, position, id);

select calls_data.store_table('call_code', $$
	kind text not null,
	code text not null,
	label text not null,
	parent_id uuid,
	article_category_code text,
	search tsvector generated always as (base.search_vector(coalesce(label, '') || ' ' || coalesce(code, ''))) stored,
	constraint call_code__parent_id__reference foreign key (tenant_id, parent_id) references calls_data.call_code (tenant_id, id)
$$, code_within => 'kind');
create index call_code__code on calls_data.call_code (tenant_id, code, id);
create index call_code__search on calls_data.call_code using gin (tenant_id, search);

select calls_data.store_table('tag', $$
	code text not null,
	label text not null,
	colour text
$$);

select calls_data.store_table('activity_type', $$
	code text not null,
	label text not null,
	kind text not null,
	plannable boolean not null,
	default_minutes int,
	billable boolean not null,
	labour_article_id uuid,
	travel_article_id uuid,
	counts_as_response boolean not null,
	procedure_id uuid,
	needs_report boolean not null
$$);

-- Lists that people keep. A saved filter belongs to who made it.
select calls_data.store_table('saved_filter', $$
	name       text not null,
	resource   text not null,
	query      text not null,
	shared     boolean not null,
	owner      text not null,
	constraint saved_filter__name__unique unique (tenant_id, owner, resource, name)
$$, master_data => false);
create index saved_filter__name on calls_data.saved_filter (tenant_id, name, id);
alter view calls.saved_filter alter column owner set default base.actor();
