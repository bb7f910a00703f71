#include "bucket.h"

#include "text.h"

#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#define LOCKS    64
#define WHOLE    (1 - 1e-9) /* a token, but for what rounding took from it while it flowed in */
#define WAIT_MAX 3600       /* seconds that a client is told at most */

struct slot {
	uint64_t key; /* 0: free */
	double tokens;
	int64_t at; /* when tokens was true */
};

struct buckets {
	double per_microsecond;
	double burst;
	uint64_t seed; /* so that nobody can choose keys that fall together */
	pthread_mutex_t locks[LOCKS];
	struct slot slots[BUCKET_SETS][BUCKET_WAYS];
};

struct buckets *buckets_new(double per_second, double burst)
{
	struct buckets *buckets = calloc(1, sizeof(*buckets));

	if (!buckets || getrandom(&buckets->seed, sizeof(buckets->seed), 0) != sizeof(buckets->seed))
		abort();
	buckets->per_microsecond = per_second / 1e6;
	buckets->burst = burst < 1 ? 1 : burst;
	for (int i = 0; i < LOCKS; i++)
		pthread_mutex_init(&buckets->locks[i], NULL);
	return buckets;
}

void buckets_free(struct buckets *buckets)
{
	if (!buckets)
		return;
	for (int i = 0; i < LOCKS; i++)
		pthread_mutex_destroy(&buckets->locks[i]);
	free(buckets);
}

/* From a secret start, then the finaliser of MurmurHash3. */
static uint64_t hash_of(const struct buckets *buckets, const char *key)
{
	uint64_t hash = text_hash(buckets->seed, key, strlen(key));

	hash = (hash ^ (hash >> 33)) * 0xff51afd7ed558ccdu;
	hash = (hash ^ (hash >> 33)) * 0xc4ceb9fe1a85ec53u;
	hash ^= hash >> 33;
	return hash ? hash : 1;
}

static double tokens_now(const struct buckets *buckets, const struct slot *slot, int64_t now)
{
	double tokens = slot->tokens + (double)(now - slot->at) * buckets->per_microsecond;

	return tokens < buckets->burst ? tokens : buckets->burst;
}

static struct slot *slot_find(struct buckets *buckets, uint64_t hash, int64_t now)
{
	struct slot *set = buckets->slots[hash % BUCKET_SETS];
	struct slot *fullest = &set[0];
	double most = -1;

	for (int i = 0; i < BUCKET_WAYS; i++) {
		double tokens = set[i].key ? tokens_now(buckets, &set[i], now) : buckets->burst + 1;

		if (set[i].key == hash)
			return &set[i];
		if (tokens > most) {
			most = tokens;
			fullest = &set[i];
		}
	}
	*fullest = (struct slot){ hash, buckets->burst, now };
	return fullest;
}

static int bucket_use(struct buckets *buckets, const char *key, int64_t now, double wanted)
{
	uint64_t hash = hash_of(buckets, key);
	pthread_mutex_t *lock = &buckets->locks[hash % BUCKET_SETS % LOCKS];
	struct slot *slot;
	int wait = 0;

	if (buckets->per_microsecond <= 0)
		return 0;
	pthread_mutex_lock(lock);
	slot = slot_find(buckets, hash, now);
	slot->tokens = tokens_now(buckets, slot, now);
	slot->at = now;
	if (slot->tokens >= WHOLE)
		slot->tokens -= wanted;
	else
		wait = (int)fmin(WAIT_MAX, fmax(1, ceil((1 - slot->tokens) / buckets->per_microsecond / 1e6)));
	pthread_mutex_unlock(lock);
	return wait;
}

int bucket_take(struct buckets *buckets, const char *key, int64_t now)
{
	return bucket_use(buckets, key, now, 1);
}

int bucket_peek(struct buckets *buckets, const char *key, int64_t now)
{
	return bucket_use(buckets, key, now, 0);
}
