-- Meters of assets, and what was read of them. A meter only rises; `total` goes on where a meter rolled over or was exchanged.
select inventory_data.store_table('meter', $$
	asset_id      uuid not null,
	code          text not null,
	label         text not null,
	unit          text not null,
	decimals      int not null,
	rolls_over_at numeric(14, 3),
	last_value    numeric(14, 3),
	last_at       timestamptz(3),
	last_total    numeric(17, 3),
	constraint meter__asset_id__reference foreign key (tenant_id, asset_id) references inventory_data.asset (tenant_id, id),
	constraint meter__rolls_over_at__range check (rolls_over_at > 0)
$$, master_data => true, root => false, code_within => 'asset_id');
create index meter__created_at on inventory_data.meter (tenant_id, created_at, id);
select inventory_data.filter_indexes('meter', 'created_at', '{asset_id, code}');

select inventory_data.store_table('meter_reading', $$
	meter_id       uuid not null,
	asset_id       uuid not null,
	value          numeric(14, 3) not null,
	at             timestamptz(3) not null,
	source         text not null,
	reset          boolean not null,
	total          numeric(17, 3) not null,
	work_report_id uuid,
	by_subject     text,
	by_name        text,
	constraint meter_reading__at__unique unique (tenant_id, meter_id, at),
	constraint meter_reading__meter_id__reference foreign key (tenant_id, meter_id) references inventory_data.meter (tenant_id, id)
$$, master_data => false, root => false);
alter view inventory.meter_reading alter column by_subject set default base.actor();
alter view inventory.meter_reading alter column by_name set default nullif(current_setting('app.actor_name', true), '');
create index meter_reading__at on inventory_data.meter_reading (tenant_id, at, id);
create index meter_reading__created_at on inventory_data.meter_reading (tenant_id, created_at, id);
create index meter_reading__updated_at on inventory_data.meter_reading (tenant_id, updated_at, id);
select inventory_data.filter_indexes('meter_reading', 'at', '{asset_id, source}', '{work_report_id}');
