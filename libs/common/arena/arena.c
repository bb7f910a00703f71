#include "arena.h"

#include <stdalign.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#if defined(__SANITIZE_ADDRESS__)
#define EACH_ITS_OWN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define EACH_ITS_OWN 1
#endif
#endif
#ifndef EACH_ITS_OWN
#define EACH_ITS_OWN 0
#endif

#define PRINTED_BYTES 1024 /* of a string that is printed: a token with its header fits */

struct block {
	struct block *next;
	size_t size;
	size_t used;
	alignas(max_align_t) unsigned char bytes[];
};

struct deferred {
	struct deferred *next;
	void (*release)(void *object);
	void *object;
};

struct arena {
	struct block *blocks; /* the newest first */
	struct deferred *deferred;
	size_t used;
	bool wipes;
};

static _Noreturn void out_of_memory(size_t size)
{
	fprintf(stderr, "aftercare: out of memory for %zu bytes\n", size);
	abort();
}

static struct block *block_new(struct arena *arena, size_t size)
{
	struct block *block = malloc(sizeof(*block) + size);

	if (!block)
		out_of_memory(size);
	block->size = size;
	block->used = 0;
	block->next = arena->blocks;
	arena->blocks = block;
	return block;
}

struct arena *arena_new(void)
{
	struct arena *arena = calloc(1, sizeof(*arena));

	if (!arena)
		out_of_memory(sizeof(*arena));
	return arena;
}

static void release_all(struct arena *arena)
{
	while (arena->deferred) {
		struct deferred *deferred = arena->deferred;

		arena->deferred = deferred->next;
		deferred->release(deferred->object);
	}
}

static void block_empty(const struct arena *arena, struct block *block)
{
	if (arena->wipes)
		explicit_bzero(block->bytes, block->used);
	block->used = 0;
}

static void blocks_free(const struct arena *arena, struct block *block)
{
	while (block) {
		struct block *next = block->next;

		block_empty(arena, block);
		free(block);
		block = next;
	}
}

void arena_wipe(struct arena *arena)
{
	arena->wipes = true;
}

void arena_free(struct arena *arena)
{
	if (!arena)
		return;
	release_all(arena);
	blocks_free(arena, arena->blocks);
	free(arena);
}

void arena_reset(struct arena *arena)
{
	struct block *kept = NULL;
	struct block **link = &arena->blocks;

	release_all(arena);
	while (*link && ((*link)->size != ARENA_BLOCK_BYTES || EACH_ITS_OWN))
		link = &(*link)->next;
	if (*link) {
		kept = *link;
		*link = kept->next;
		kept->next = NULL;
		block_empty(arena, kept);
	}
	blocks_free(arena, arena->blocks);
	arena->blocks = kept;
	arena->used = 0;
}

static size_t rounded_up(size_t size)
{
	const size_t align = alignof(max_align_t);

	return EACH_ITS_OWN ? size : (size + align - 1) / align * align;
}

void *arena_alloc(struct arena *arena, size_t size)
{
	struct block *block = arena->blocks;
	size_t rounded;
	void *memory;

	if (size > ARENA_MAX_BYTES - arena->used)
		out_of_memory(size);
	rounded = rounded_up(size);
	if (EACH_ITS_OWN) {
		block = block_new(arena, size);
	} else if (!block || block->size - block->used < rounded) {
		if (rounded > ARENA_BLOCK_BYTES / 4 && block) {
			/* A large one goes behind the current block, which keeps its free room. */
			struct block *large = block_new(arena, rounded);

			arena->blocks = block;
			large->next = block->next;
			block->next = large;
			block = large;
		} else {
			block = block_new(arena, rounded > ARENA_BLOCK_BYTES ? rounded : ARENA_BLOCK_BYTES);
		}
	}
	memory = block->bytes + block->used;
	block->used += rounded;
	arena->used += size;
	return memset(memory, 0, size);
}

/* The link to the block that `memory` has for itself; NULL when it shares one. */
static struct block **own_block(struct arena *arena, const void *memory, size_t size)
{
	for (struct block **link = &arena->blocks; *link; link = &(*link)->next)
		if ((*link)->bytes == memory)
			return (*link)->used == rounded_up(size) && (*link)->size != ARENA_BLOCK_BYTES ? link : NULL;
	return NULL;
}

void *arena_grow(struct arena *arena, void *memory, size_t size, size_t larger)
{
	struct block *block = arena->blocks;
	bool alone = memory && (size > ARENA_BLOCK_BYTES / 4 || EACH_ITS_OWN);
	struct block **own = alone ? own_block(arena, memory, size) : NULL;
	size_t more = rounded_up(larger) - rounded_up(size);
	void *moved;

	if (larger > ARENA_MAX_BYTES || larger - size > ARENA_MAX_BYTES - arena->used)
		out_of_memory(larger);
	if (own && !arena->wipes) { /* what realloc leaves behind can't be wiped */
		block = realloc(*own, sizeof(*block) + rounded_up(larger));
		if (!block)
			out_of_memory(larger);
		block->size = block->used = rounded_up(larger);
		*own = block;
		arena->used += larger - size;
		return block->bytes;
	}
	if (block && memory && (unsigned char *)memory + rounded_up(size) == block->bytes + block->used &&
		block->size - block->used >= more) {
		block->used += more;
		arena->used += larger - size;
		return memory;
	}
	moved = arena_alloc(arena, larger);
	if (memory)
		memcpy(moved, memory, size);
	return moved;
}

void *arena_array(struct arena *arena, size_t count, size_t size)
{
	size_t bytes;

	if (__builtin_mul_overflow(count, size, &bytes))
		out_of_memory(SIZE_MAX);
	return arena_alloc(arena, bytes);
}

char *arena_strndup(struct arena *arena, const char *string, size_t length)
{
	char *copy = arena_alloc(arena, length + 1);

	if (length)
		memcpy(copy, string, length);
	return copy;
}

char *arena_strdup(struct arena *arena, const char *string)
{
	return string ? arena_strndup(arena, string, strlen(string)) : NULL;
}

char *arena_vprintf(struct arena *arena, const char *format, va_list arguments)
{
	char tried[PRINTED_BYTES]; /* most fit, and so are printed once */
	va_list again;
	int length;
	char *string;

	va_copy(again, arguments);
	length = vsnprintf(tried, sizeof(tried), format, again);
	va_end(again);
	if (length < 0)
		out_of_memory(0);
	string = arena_alloc(arena, (size_t)length + 1);
	if ((size_t)length < sizeof(tried))
		memcpy(string, tried, (size_t)length + 1);
	else
		vsnprintf(string, (size_t)length + 1, format, arguments);
	if (arena->wipes)
		explicit_bzero(tried, (size_t)length < sizeof(tried) ? (size_t)length : sizeof(tried));
	return string;
}

char *arena_printf(struct arena *arena, const char *format, ...)
{
	va_list arguments;
	char *string;

	va_start(arguments, format);
	string = arena_vprintf(arena, format, arguments);
	va_end(arguments);
	return string;
}

void arena_defer(struct arena *arena, void (*release)(void *object), void *object)
{
	struct deferred *deferred = arena_alloc(arena, sizeof(*deferred));

	deferred->release = release;
	deferred->object = object;
	deferred->next = arena->deferred;
	arena->deferred = deferred;
}

size_t arena_used(const struct arena *arena)
{
	return arena->used;
}
