-- name: idempotency_claim
select claim($1, $2)

-- name: idempotency_answer
-- The answer of a POST is the change it made, just now, without one its row; and what was warned of meanwhile.
insert into idempotency (key, hash, status, location, resource, change_id, row_id, warnings)
select $1, $2, $3::int, $4, $5, (select max(c.id) from change c where c.resource_id = $6::uuid and c.at = base.clock()),
	$6::uuid, nullif(current_setting('app.warnings', true), '')::json

-- name: idempotency_tell
-- Of a POST that made no single row: what its answer is made of, which a statement before kept.
insert into idempotency (key, hash, status, resource, told, warnings)
select $1, $2, 200, $3, current_setting('app.told')::json, nullif(current_setting('app.warnings', true), '')::json

-- name: idempotency_told
select i.told, i.warnings from idempotency i where i.key = $1

-- name: idempotency_read
select i.status, i.location, c.data, i.warnings, case when i.change_id is null then i.row_id end as row_id
from idempotency i left join change c on c.id = i.change_id where i.key = $1
