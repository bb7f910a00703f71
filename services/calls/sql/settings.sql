-- name: settings_guard
-- $1 tenant, $2 body. What calls are made with by default must be there.
select base.must($2::jsonb ->> 'default_call_type' is null or exists (select from call_type y
		where y.code = $2::jsonb ->> 'default_call_type' and y.active), 'unknown-reference',
		'There is no such call type in use.', '/default_call_type', 'reference')
