-- A page of a timeline shows its lines by their ids, which needs an index like any other list's: without, it read the lines of all
-- assets. What a line tells of is looked for from its source on, so that one index is enough to find it and to keep it unique.
drop index inventory_data.asset_timeline__source;
alter table inventory_data.asset_timeline drop constraint asset_timeline_pkey, add primary key (tenant_id, id),
	add constraint asset_timeline__source_id__unique unique (tenant_id, source_id, asset_id, kind);
