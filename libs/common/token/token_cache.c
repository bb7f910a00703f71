#include "token_cache.h"

#include "arena.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define WAYS 4 /* places where one digest may be */
#define SETS (TOKEN_CACHE_ENTRIES / WAYS)

struct entry {
	unsigned char digest[RSA_SHA256_BYTES];
	int64_t until;        /* 0: free */
	struct caller caller; /* its strings lie in block */
	char *block;
	size_t size;
};

struct token_cache {
	pthread_mutex_t lock;
	struct entry entries[SETS][WAYS];
};

/* The strings of a caller that are kept. */
static const size_t strings[] = {
	offsetof(struct caller, id),
	offsetof(struct caller, issuer),
	offsetof(struct caller, subject),
	offsetof(struct caller, name),
	offsetof(struct caller, tenant),
	offsetof(struct caller, technician_id),
	offsetof(struct caller, customer_id),
};
#define STRINGS (sizeof(strings) / sizeof(strings[0]))

static const char **string_of(struct caller *caller, size_t i)
{
	return (const char **)(void *)((char *)caller + strings[i]);
}

struct token_cache *token_cache_new(void)
{
	struct token_cache *cache = calloc(1, sizeof(*cache));

	if (!cache)
		abort(); /* no memory at the start */
	pthread_mutex_init(&cache->lock, NULL);
	return cache;
}

static void entry_clear(struct entry *entry)
{
	free(entry->block);
	memset(entry, 0, sizeof(*entry));
}

void token_cache_free(struct token_cache *cache)
{
	if (!cache)
		return;
	for (size_t set = 0; set < SETS; set++)
		for (size_t way = 0; way < WAYS; way++)
			entry_clear(&cache->entries[set][way]);
	pthread_mutex_destroy(&cache->lock);
	free(cache);
}

/* The set where a digest belongs: it is uniform, so two of its bytes do. */
static struct entry *set_of(struct token_cache *cache, const unsigned char digest[RSA_SHA256_BYTES])
{
	return cache->entries[((size_t)digest[0] << 8 | digest[1]) % SETS];
}

static struct entry *entry_find(struct entry set[WAYS], const unsigned char digest[RSA_SHA256_BYTES])
{
	for (int way = 0; way < WAYS; way++)
		if (set[way].until && memcmp(set[way].digest, digest, RSA_SHA256_BYTES) == 0)
			return &set[way];
	return NULL;
}

bool token_cache_get(struct token_cache *cache, struct arena *arena, const unsigned char digest[RSA_SHA256_BYTES],
	int64_t now, struct caller *caller)
{
	struct entry *entry;
	bool found;

	pthread_mutex_lock(&cache->lock);
	entry = entry_find(set_of(cache, digest), digest);
	found = entry && now < entry->until;
	if (found) {
		char *copy = arena_alloc(arena, entry->size);

		memcpy(copy, entry->block, entry->size);
		*caller = entry->caller;
		for (size_t i = 0; i < STRINGS; i++) {
			const char **string = string_of(caller, i);

			if (*string)
				*string = copy + (*string - entry->block);
		}
	}
	pthread_mutex_unlock(&cache->lock);
	return found;
}

/* The place for a new entry: the one of the same digest, else a free one, else the one that ends first. */
static struct entry *entry_room(struct entry set[WAYS], const unsigned char digest[RSA_SHA256_BYTES])
{
	struct entry *room = entry_find(set, digest);

	if (room)
		return room;
	room = &set[0];
	for (int way = 1; way < WAYS; way++)
		if (set[way].until < room->until)
			room = &set[way];
	return room;
}

/* Copies the caller's strings one behind the other into a block of the entry's own. */
static void entry_fill(struct entry *entry, const struct caller *caller)
{
	size_t used = 0;

	entry->caller = *caller;
	entry->caller.token = NULL;
	entry->size = 1;
	for (size_t i = 0; i < STRINGS; i++)
		if (*string_of(&entry->caller, i))
			entry->size += strlen(*string_of(&entry->caller, i)) + 1;
	entry->block = malloc(entry->size);
	if (!entry->block)
		abort();
	entry->block[entry->size - 1] = '\0';
	for (size_t i = 0; i < STRINGS; i++) {
		const char **string = string_of(&entry->caller, i);
		size_t length;

		if (!*string)
			continue;
		length = strlen(*string) + 1;
		*string = memcpy(entry->block + used, *string, length);
		used += length;
	}
}

void token_cache_put(struct token_cache *cache, const unsigned char digest[RSA_SHA256_BYTES], int64_t until,
	const struct caller *caller)
{
	pthread_mutex_lock(&cache->lock);
	if (until > 0) {
		struct entry *entry = entry_room(set_of(cache, digest), digest);

		entry_clear(entry);
		memcpy(entry->digest, digest, RSA_SHA256_BYTES);
		entry->until = until;
		entry_fill(entry, caller);
	}
	pthread_mutex_unlock(&cache->lock);
}
