-- name: touched_tell
-- $1 the name of a resource, whose change records are prepared; $2 the events that tell of its rows.
select base.tell(array[$1], array[$2])
