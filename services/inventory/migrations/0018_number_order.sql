create index transfer__number_order on inventory_data.transfer (tenant_id, inventory.number_key(number), id);
create index count__number_order on inventory_data.count (tenant_id, inventory.number_key(number), id);
create index rma__number_order on inventory_data.rma (tenant_id, inventory.number_key(number), id);
