-- What a call costs, and who pays. The net amount is quantity × price less the discounts, rounded once, at the end, half away from
-- zero: a credit mirrors its charge to the cent. Null without a price.
--
-- What was replaced in advance and did not come back is charged to the call of its return, once; when it comes after all, the charge
-- goes, or has its credit beside it where it is not open any more.
select calls_data.store_table('charge', $$
	call_id            uuid not null,
	activity_id        uuid,
	kind               text not null,
	article_id         uuid,
	kit_id             uuid,
	description        text,
	uom                text,
	planned_quantity   numeric(12, 3),
	quantity           numeric(12, 3) not null,
	price              numeric(14, 4),
	cost               numeric(14, 4),
	discounts          numeric(5, 2)[],
	net_amount         numeric(24, 2) generated always as (round(base.discounted(quantity * price, discounts), 2)) stored,
	vat_code           text,
	treatment          text, -- null only until charge_treatment, in the same pipeline
	treatment_reason   text,
	approved_at        timestamptz(3),
	approved_by        text,
	approval_note      text,
	price_source       text not null default 'manual',
	pricing            text not null default 'none',
	billing_article_id uuid,
	warehouse_id       uuid,
	serials            text[],
	technician_id      uuid,
	work_date          date,
	job_code           text,
	status             text not null default 'open',
	rma_line_id        uuid,
	constraint charge__call_id__reference foreign key (tenant_id, call_id) references calls_data.call (tenant_id, id),
	constraint charge__activity_id__reference foreign key (tenant_id, activity_id) references calls_data.activity (tenant_id, id)
$$, master_data => false, root => false);
create index charge__created_at on calls_data.charge (tenant_id, created_at, id);
create index charge__updated_at on calls_data.charge (tenant_id, updated_at, id);
select calls_data.filter_indexes('charge', 'created_at', '{call_id, kind, treatment, pricing, status, work_date}',
	'{activity_id, article_id, kit_id, technician_id, job_code, rma_line_id}');
