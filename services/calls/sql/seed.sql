-- What a new tenant starts with, as the runtime role, from the tenant's copy. Each touches what it made
-- for their change records.

-- name: seed_call_types
with made as (
	insert into call_type (id, code, label, series_code, default_priority, quick, active)
	select gen_random_uuid(), v.code, case when t.language like 'it%' then v.italian else v.english end, v.series, v.priority,
		v.quick, true
	from tenant t, (values
		('intervention', 'Intervention', 'Intervento', 'A', 'normal', true),
		('help', 'Request for help', 'Richiesta di assistenza', 'A', 'normal', true),
		('maintenance', 'Maintenance', 'Manutenzione', 'M', 'low', false),
		('installation', 'Installation', 'Installazione', 'I', 'normal', false),
		('complaint', 'Complaint', 'Reclamo', 'C', 'high', true)) v(code, english, italian, series, priority, quick)
	on conflict (tenant_id, code) do nothing returning id
)
select base.touch('call_type.created', array_agg(m.id)) from made m

-- name: seed_activity_types
with made as (
	insert into activity_type (id, code, label, kind, plannable, default_minutes, billable, counts_as_response, needs_report,
		active)
	select gen_random_uuid(), v.code, case when t.language like 'it%' then v.italian else v.english end, v.code, v.plannable,
		v.minutes, v.billable, v.response, v.report, true
	from tenant t, (values
		('phone', 'Phone call', 'Telefonata', true, 15, true, true, false),
		('visit', 'Visit', 'Visita', true, 120, true, true, true),
		('remote', 'Remote assistance', 'Assistenza remota', true, 30, true, true, false),
		('email', 'E-mail', 'E-mail', false, null, false, true, false),
		('repair', 'Repair in the workshop', 'Riparazione in officina', true, 120, true, false, true),
		('test', 'Test', 'Collaudo', true, 60, true, false, true),
		('meeting', 'Meeting', 'Riunione', true, 60, false, false, false),
		('document', 'Document', 'Documento', false, null, false, false, false),
		('message', 'Message', 'Messaggio', false, null, false, true, false),
		('other', 'Other', 'Altro', true, null, false, false, false)
		) v(code, english, italian, plannable, minutes, billable, response, report)
	on conflict (tenant_id, code) do nothing returning id
)
select base.touch('activity_type.created', array_agg(m.id)) from made m

-- name: seed_call_codes
with made as (
	insert into call_code (id, kind, code, label, active)
	select gen_random_uuid(), 'cancel', v.code, case when t.language like 'it%' then v.italian else v.english end, true
	from tenant t, (values
		('duplicate', 'Entered twice', 'Inserita due volte'),
		('withdrawn', 'Withdrawn by the customer', 'Ritirata dal cliente'),
		('mistake', 'Entered by mistake', 'Inserita per errore')) v(code, english, italian)
	on conflict (tenant_id, kind, code) do nothing returning id
)
select base.touch('call_code.created', array_agg(m.id)) from made m
