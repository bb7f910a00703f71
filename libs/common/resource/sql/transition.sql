-- name: transition_rows
select m.id, m.subject_id, m.action, m.from_state as "from", m.to_state as "to", base.ts(m.at) as at,
	base.ts(m.recorded_at) as recorded_at, m.by_subject as by, m.by_name, m.reason, m.note, m.substate_code, m.request_id
from transition m
