-- Everything that ever happened to an asset, in one order: a line for each passage, call, activity, movement and reading, which
-- are themselves where they always were.
create table inventory_data.asset_timeline (
	tenant_id uuid not null,
	id        uuid not null default base.uuid_new(),
	asset_id  uuid not null,
	kind      text not null,
	source_id uuid not null,
	at        timestamptz(3) not null,
	primary key (tenant_id, id),
	-- What a line tells of is looked for from its source on, so that one index is enough to find it and to keep it unique.
	constraint asset_timeline__source_id__unique unique (tenant_id, source_id, asset_id, kind),
	constraint asset_timeline__asset_id__reference foreign key (tenant_id, asset_id) references inventory_data.asset (tenant_id, id)
		on delete cascade
);
create index asset_timeline__at on inventory_data.asset_timeline (tenant_id, asset_id, at, id);
create index asset_timeline__kind on inventory_data.asset_timeline (tenant_id, asset_id, kind, at, id);
select inventory_data.expose('asset_timeline');
