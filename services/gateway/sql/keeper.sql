-- What the keeper does for all tenants, as the role SERVICE_worker.

-- name: key_list
select k.id, k.sealed, k.public_jwk::text as public_jwk, extract(epoch from k.signs_from)::bigint as signs_from,
	k.signs_from <= base.clock() as signs, extract(epoch from base.clock() - k.signs_from)::bigint as age
from signing_key k order by k.signs_from desc, k.id

-- name: key_add
-- Two replicas at once add one: the second finds the first's.
insert into signing_key (id, sealed, public_jwk, signs_from)
select $1, $2, $3::jsonb, base.clock() + $4::int * interval '1 second'
where pg_advisory_xact_lock(hashtextextended('gateway.signing_key', 0)) is not null
and not exists (select from signing_key k where k.signs_from > base.clock() - $5::int * interval '1 second')

-- name: key_purge
-- A key goes when its successor has been signing for longer than a token lives.
delete from signing_key k where exists (select from signing_key n
	where n.signs_from > k.signs_from and n.signs_from < base.clock() - $1::int * interval '1 second')

-- name: revoked_state
select count(*), coalesce(max(r.revoked_at), 'epoch') from revoked_token r where r.expires_at > base.clock()

-- name: revoked_list
select r.id, floor(extract(epoch from r.revoked_at))::bigint as revoked_at from revoked_token r where r.expires_at > base.clock()

-- name: revoked_purge
delete from revoked_token r where r.expires_at < base.clock() - interval '1 minute'

-- name: guess_purge
delete from guess g where g.last_at < base.clock() - interval '1 day'

-- name: session_purge
-- Kept for a week after their end, so that a token stolen and used late is told from one that never was.
delete from session s where s.expires_at < base.clock() - interval '7 days'
