-- name: call_timeline_rows
select t.id, t.call_id, base.ts(t.at) as at, t.kind, case t.kind
	when 'passage' then (select jsonb_build_object('action', m.action, 'from', m.from_state, 'to', m.to_state, 'by_name', m.by_name,
		'reason', m.reason) from transition m where m.id = t.id)
	when 'activity' then (select jsonb_build_object('type_code', a.type_code, 'status', a.status, 'subject', a.subject, 'result', a.result,
		'planned_start', base.ts(a.planned_start), 'done_at', base.ts(a.done_at)) from activity a where a.id = t.id)
	when 'session' then (select jsonb_build_object('activity_id', s.activity_id, 'technician_id', s.technician_id, 'kind', s.kind,
		'started_at', base.ts(s.started_at), 'ended_at', base.ts(s.ended_at)) from activity_session s where s.id = t.id)
	when 'charge' then (select jsonb_build_object('activity_id', h.activity_id, 'kind', h.kind, 'article_id', h.article_id, 'description',
		h.description, 'quantity', h.quantity::text, 'uom', h.uom, 'treatment', h.treatment) from charge h where h.id = t.id)
	when 'attachment' then (select jsonb_build_object('file_name', f.file_name, 'media_type', f.media_type, 'by_name', f.by_name)
		from attachment f where f.id = t.id)
	when 'derived' then (select jsonb_build_object('kind', v.made, 'number', v.number, 'state', v.state, 'open', v.open)
		from derived v where v.id = t.id)
	end as what
from call_timeline t
