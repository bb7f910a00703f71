-- A movement is of a row of stock, whose article and warehouse are there: one look instead of two, at a row that is held already.
-- The warehouse's own row would be locked by every movement of it at once, and written for that.
alter table inventory_data.movement drop constraint movement__article_id__reference, drop constraint movement__warehouse_id__reference,
	add constraint movement__stock__reference foreign key (tenant_id, article_id, warehouse_id, owner)
		references inventory_data.stock (tenant_id, article_id, warehouse_id, owner);

-- Hardly any movement is a reversal.
alter table inventory_data.movement drop constraint movement__reversal_of__unique;
create unique index movement__reversal_of__unique on inventory_data.movement (tenant_id, reversal_of) where reversal_of is not null;
