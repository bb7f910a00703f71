-- name: idempotency_claim
select claim($1, $2)

-- name: idempotency_answer
-- The answer of a POST is the change it made, and what was warned of meanwhile.
insert into idempotency (key, hash, status, location, resource, change_id, warnings)
select $1, $2, $3::int, $4, $5, c.id, nullif(current_setting('app.warnings', true), '')::json from change c where c.resource_id = $6::uuid order by c.id + 0 desc limit 1

-- name: idempotency_read
select i.status, i.location, c.data, i.warnings from idempotency i join change c on c.id = i.change_id where i.key = $1
