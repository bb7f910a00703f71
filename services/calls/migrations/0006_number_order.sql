create index call__number_order on calls_data.call (tenant_id, calls.number_key(number), id);
