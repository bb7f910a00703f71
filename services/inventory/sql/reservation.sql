-- name: reservation_rows
select r.id, r.version, r.article_id, jsonb_build_object('code', a.code, 'description', a.description) as article, r.warehouse_id,
	jsonb_build_object('code', w.code, 'name', w.name, 'kind', w.kind) as warehouse, r.kit_id, r.quantity::text as quantity,
	r.issued::text as issued, r.released::text as released, r.open::text as open, r.status, r.activity_id, r.call_id,
	(select jsonb_build_object('number', l.number, 'state', l.state) from call l where l.id = r.call_id) as call, r.charge_id,
	r.rma_line_id, to_jsonb(r.serials) as serials, base.ts(r.needed_at) as needed_at, base.ts(r.expires_at) as expires_at,
	r.job_code, r.release_reason, r.split_from, case when r.charge_id is not null then source_of(r.id) end as source,
	r.external_ref, base.ts(r.created_at) as created_at, base.ts(r.updated_at) as updated_at
from reservation r left join article a on a.id = r.article_id left join warehouse w on w.id = r.warehouse_id

-- name: reservation_lock_of_new
-- $1 the reservation, $2 the body: takes the articles, those of a kit too.
select article_check(($2::jsonb ->> 'article_id')::uuid, '/article_id'),
	stock_lock((select array_agg(p.article_id) from article_pieces(($2::jsonb ->> 'article_id')::uuid,
		($2::jsonb ->> 'quantity')::numeric) p))

-- name: reservation_lock
select stock_lock(array_agg(r.article_id)) from reservation r where r.id = $1::uuid

-- name: promise_turn
-- A promise that is being made and the end of what it is for wait for each other: neither would see the other. $1 the
-- reservation, $2 the body.
select base.in_turn('inventory.promise.' || coalesce(y.call_id, y.id)) from activity y
where y.id = coalesce(($2::jsonb ->> 'activity_id')::uuid, (select r.activity_id from reservation r where r.id = $1::uuid))

-- name: reservation_guard
-- For whom: an activity that is still to be done. A technician reserves for his own work.
select base.must(y.id is not null, 'unknown-reference', 'There is no such activity (yet).', '/activity_id', 'reference'),
	base.must(coalesce(y.status, 'todo') <> 'cancelled', 'conflict', 'The activity is cancelled.', '/activity_id', 'cancelled'),
	base.must(not exists (select from call c where c.id = y.call_id and c.state = 'cancelled'), 'conflict', 'The call is cancelled.',
		'/activity_id', 'cancelled'),
	case when $2::jsonb ? 'activity_id' then promise_check(y.id) end,
	base.must($2::jsonb ->> 'charge_id' is null or exists (select from charge h where h.id = ($2::jsonb ->> 'charge_id')::uuid
		and h.call_id = y.call_id), 'unknown-reference', 'The call of the activity has no such charge (yet).', '/charge_id',
		'reference'),
	case when $2::jsonb ->> 'rma_line_id' is not null then rma_line_open(($2::jsonb ->> 'rma_line_id')::uuid) end,
	base.must(($2::jsonb ->> 'expires_at') is null or ($2::jsonb ->> 'expires_at')::timestamptz > base.clock(), 'invalid',
		'must be later than now', '/expires_at', 'range')
from (select coalesce(($2::jsonb ->> 'activity_id')::uuid, (select r.activity_id from reservation r where r.id = $1::uuid)) as id) n
	left join activity y on y.id = n.id

-- name: reservation_create
-- A kit becomes its components. What is made from a charge keeps that as it is now. Warns of what waits, and of what came
-- beside the row that is answered.
with made as (
	select reservation_make(case p.place when 1 then $1::uuid else base.uuid_new() end, $2::jsonb
		|| coalesce(source_of_charge(($2::jsonb ->> 'charge_id')::uuid), '{}') || jsonb_build_object('article_id',
		p.article_id, 'quantity', p.quantity) || case when p.article_id <> ($2::jsonb ->> 'article_id')::uuid
		then jsonb_build_object('kit_id', $2::jsonb -> 'article_id', 'serials', null, 'external_ref',
			case p.place when 1 then $2::jsonb ->> 'external_ref' end) else '{}' end) as ids
	from (select c.article_id, c.quantity, row_number() over (order by c.article_id) as place
		from article_pieces(($2::jsonb ->> 'article_id')::uuid, ($2::jsonb ->> 'quantity')::numeric) c) p
), all_made as (
	select array_agg(i.id) as ids from made m, unnest(m.ids) i(id)
)
select case when cardinality(a.ids) > 1 then base.warn('more-reservations', format('It became %s reservations: %s.',
	cardinality(a.ids), array_to_string(a.ids, ', '))) end from all_made a

-- name: reservation_waiting_warn
select base.warn('waiting', format('%s wait until goods come in.', trim_scale(r.open)), '/quantity')
from (select h.status, h.open from reservation h where h.id = $1::uuid
	union all (select s.status, s.open from reservation s where s.split_from = $1::uuid offset 0)) r
where r.status = 'waiting'

-- name: reservation_source_warn
select source_warn() where $2::jsonb ->> 'charge_id' is not null

-- name: reservation_superseded_warn
-- The old article is promised as long as there is some, and who asks for it hears of the new one.
select base.warn('superseded', format('%s is superseded by %s.', a.code, n.code), '/article_id')
from reservation r join article a on a.id = r.article_id join substitute s on s.article_id = a.id and s.kind = 'supersedes'
		and coalesce(s.valid_from, '-infinity') <= today()
	join article n on n.id = s.substitute_id and n.usable
where r.id = $1::uuid and r.version = 1
order by s.rank limit 1

-- name: charges_lock
-- $1 the body of a request that makes something of a call: takes the articles that its charges are of.
select stock_lock(array_agg(p.article_id)) from charges_of_call($1::jsonb) n join charge h on h.id = n.id,
	article_pieces(h.article_id, 1) p

-- name: reservations_of_call
-- Behind the locks of articles, as promise_turn is.
select m.ids, set_config('app.told', m.ids::text, true)
from (select to_json(reservations_of_call($1::jsonb)) as ids from (select base.in_turn('inventory.promise.' || ($1::jsonb ->> 'call_id')) offset 0) n offset 0) m

-- name: reservation_issue
-- $1 the reservation, $2 the body: quantity (all that is open when absent), serials, at, price.
select van_check(r.warehouse_id, ''), movement_post(jsonb_build_object('kind', 'issue', 'article_id', r.article_id,
	'warehouse_id', r.warehouse_id, 'quantity', coalesce(($2::jsonb ->> 'quantity')::numeric, r.open),
	'serials', coalesce($2::jsonb -> 'serials', to_jsonb(r.serials)), 'price', $2::jsonb -> 'price', 'at', $2::jsonb -> 'at', 'reservation_id', r.id, 'call_id', r.call_id,
	'activity_id', r.activity_id, 'charge_id', r.charge_id, 'rma_line_id', r.rma_line_id, 'job_code', r.job_code))
from reservation r where r.id = $1::uuid

-- name: reservation_release
select reservation_release($1::uuid, ($2::jsonb ->> 'quantity')::numeric, $2::jsonb ->> 'reason', 'released')

-- name: reservation_change_warehouse
select reservation_move($1::uuid, ($2::jsonb ->> 'warehouse_id')::uuid)

-- name: reservation_add_serials
-- Names pieces of what is promised, no more than are open.
with added as (
	select r.id, r.article_id, r.warehouse_id, r.open, array(select jsonb_array_elements_text($2::jsonb -> 'serials')) as pieces,
		coalesce(r.serials, '{}') as known
	from reservation r where r.id = $1::uuid
), checked as (
	select base.must(cardinality(a.known) + cardinality(a.pieces) <= a.open, 'invalid', 'more serials than pieces that are open',
		'/serials', 'serials'), serials_reserve(a.id, a.article_id, a.warehouse_id, a.pieces) from added a
)
update reservation r set serials = a.known || a.pieces, updated_at = base.clock()
from added a, checked c where r.id = a.id

-- name: reservation_source_diff
-- What the line a reservation was made from says otherwise now. $1 the reservation.
select reservation_source_diff(r) from reservation r where r.id = $1::uuid

-- name: reservation_realign
select reservation_realign($1::uuid)

-- name: reservation_expire_due
-- As the tenant, before anything else: is it due still? $1 the reservation.
select base.must(exists (select from reservation r where r.id = $1::uuid and r.status in ('waiting', 'reserved')
	and r.expires_at <= base.clock()), 'gone', 'It was issued or released meanwhile.')

-- name: reservation_expire
select reservation_release($1::uuid, null, null, 'expired')

-- name: reservation_timer
-- A changed end moves its timer. Asked behind a fence (offset) and as a value: an index of all that expire would be taken for
-- the reservation's own.
insert into timer (kind, subject, due_at)
select 'reservation.expire', $1::uuid::text, n.expires_at
from (select r.expires_at, r.status from reservation r where r.id = $1::uuid offset 0) n
where n.expires_at is not null and n.status in ('waiting', 'reserved')
on conflict (tenant_id, kind, subject) do update set due_at = excluded.due_at, attempts = 0

-- name: reservation_timer_forget
delete from timer m where m.kind = 'reservation.expire' and m.subject = $1
	and (select r.expires_at from reservation r where r.id = $1::uuid) is null

-- name: promise_turn_of_activities
-- $1 activities that just changed.
select base.in_turn('inventory.promise.' || n.id)
from (select distinct e.work_id as id from promises_end($1::uuid[]) e order by 1) n

-- name: promise_turn_of_calls
-- $1 calls that just changed.
select base.in_turn('inventory.promise.' || n.id)
from (select k.id from unnest($1::uuid[]) k(id) where (select c.state from call c where c.id = k.id) = 'cancelled' order by k.id) n

-- name: reservations_of_activities_due
insert into timer (kind, subject, due_at)
select 'reservations.release', e.id::text, base.clock() from promises_end($1::uuid[]) e
where exists (select from reservation r where r.activity_id = e.id and r.status in ('waiting', 'reserved'))
order by e.id
on conflict (tenant_id, kind, subject) do nothing

-- name: reservations_of_calls_due
insert into timer (kind, subject, due_at)
select 'reservations.release', e.id::text, base.clock()
from promises_end(array(select y.id from unnest($1::uuid[]) k(id) cross join lateral (select r.id from activity r
	where r.call_id = k.id offset 0) y)) e
where exists (select from reservation r where r.activity_id = e.id and r.status in ('waiting', 'reserved'))
order by e.id
on conflict (tenant_id, kind, subject) do nothing

-- name: reservations_of_activity_lock
select stock_lock(array_agg(distinct r.article_id)) from reservation r
where r.activity_id = $1::uuid and r.status in ('waiting', 'reserved') and exists (select from promises_end(array[$1::uuid]))

-- name: reservations_of_activity_release
-- What waits first: what is released goes to those who wait, and one that takes a part of it leaves its rest as a new reservation,
-- which nobody would release.
select reservation_release(r.id, null, n.why, 'released') from reservation r, promises_end(array[$1::uuid]) n
where r.activity_id = $1::uuid and r.status in ('waiting', 'reserved')
order by r.status = 'reserved', r.place
