-- Everything that ever happened to an asset, in one order: a line for each passage, call, activity, movement and reading, which
-- are themselves where they always were.
create table inventory_data.asset_timeline (
	tenant_id uuid not null,
	id        uuid not null default base.uuid_new(),
	asset_id  uuid not null,
	kind      text not null,
	source_id uuid not null,
	at        timestamptz(3) not null,
	primary key (tenant_id, asset_id, kind, source_id),
	constraint asset_timeline__asset_id__reference foreign key (tenant_id, asset_id) references inventory_data.asset (tenant_id, id)
		on delete cascade
);
create index asset_timeline__at on inventory_data.asset_timeline (tenant_id, asset_id, at, id);
create index asset_timeline__kind on inventory_data.asset_timeline (tenant_id, asset_id, kind, at, id);
create index asset_timeline__source on inventory_data.asset_timeline (tenant_id, source_id);
select inventory_data.expose('asset_timeline');

create function inventory.timeline_put(asset uuid, what text, source uuid, happened timestamptz) returns void
language plpgsql as $$
begin
	insert into inventory.asset_timeline (asset_id, kind, source_id, at)
	select a.id, what, source, happened from inventory.asset a where a.id = asset
	on conflict (tenant_id, asset_id, kind, source_id) do update set at = excluded.at where asset_timeline.at <> excluded.at;
end $$;

-- A passage of that day: when it was recorded, if that was the day, else its beginning.
create function inventory.timeline_day(day date, recorded timestamptz) returns timestamptz language plpgsql stable as $$
begin
	return (select case when (recorded at time zone t.time_zone)::date = day then recorded
		else day::timestamp at time zone t.time_zone end from inventory.tenant t);
end $$;

-- An activity is about its own machine, or else about the main one of its call; it happened when it was done.
create function inventory.timeline_activity(activity uuid) returns void language plpgsql as $$
declare
	known record;
	machine uuid;
begin
	select y.status, y.done_at, y.asset_id, y.call_id, y.active into known from inventory.activity y where y.id = activity;
	if known.status = 'done' and known.active then
		machine := coalesce(known.asset_id, (select w.asset_id from inventory.call_assets(known.call_id) w where w.main));
	end if;
	delete from inventory.asset_timeline t where t.source_id = activity and t.asset_id is distinct from machine;
	perform inventory.timeline_put(machine, 'activity', activity, known.done_at) where machine is not null;
end $$;

create function inventory.timeline_call(call uuid) returns void language plpgsql as $$
begin
	delete from inventory.asset_timeline t where t.source_id = call
		and t.asset_id not in (select w.asset_id from inventory.call_assets(call) w);
	perform inventory.timeline_put(w.asset_id, 'call', call, c.opened_at)
	from inventory.call c, inventory.call_assets(call) w where c.id = call and c.active and c.opened_at is not null;
	perform inventory.timeline_activity(y.id) from inventory.activity y where y.call_id = call and y.asset_id is null
		and y.status = 'done';
end $$;
grant execute on function inventory.timeline_put(uuid, text, uuid, timestamptz), inventory.timeline_day(date, timestamptz),
	inventory.timeline_activity(uuid), inventory.timeline_call(uuid) to inventory;
