/*
 * arena: one lifetime for many allocations.
 *
 * A request, a message or a job owns one arena; whatever is made for it is allocated there and freed with it, in one
 * call. Things that are not memory (a query result, a JSON tree, a leased connection) are registered with
 * arena_defer and released in reverse order. Idea: nginx pools, PostgreSQL memory contexts.
 *
 * Not thread safe: an arena belongs to one thread at a time. Allocation never returns NULL: memory that the limit
 * or the machine refuses ends the process, because no caller could do better; inputs are bounded before they get here.
 *
 * Under AddressSanitizer every allocation is a malloc of its own, so that overruns are caught.
 */
#ifndef AFTERCARE_ARENA_H
#define AFTERCARE_ARENA_H

#include <stdarg.h>
#include <stddef.h>

#define ARENA_BLOCK_BYTES ((size_t)8 * 1024)          /* a block; larger allocations get one of their own */
#define ARENA_MAX_BYTES   ((size_t)256 * 1024 * 1024) /* more than this in one arena is a defect */

struct arena;

/* Makes an empty arena; end it with arena_free. */
struct arena *arena_new(void);

/* Runs the deferred functions, last first, then frees everything. NULL is fine. */
void arena_free(struct arena *arena);

/* Like arena_free, but the arena stays usable and keeps its first block: for loops and keep-alive connections. */
void arena_reset(struct arena *arena);

/* From now on what it holds is overwritten before it is freed: for requests with passwords. */
void arena_wipe(struct arena *arena);

/* Zeroed memory aligned for any type; lives as long as the arena. */
void *arena_alloc(struct arena *arena, size_t size) __attribute__((malloc, returns_nonnull));

/*
 * Makes an allocation of `size` bytes larger, where it is if it can; returns where it is now. The new room is not zeroed.
 * For what grows piece by piece: copies left behind would stay as long as the arena.
 */
void *arena_grow(struct arena *arena, void *memory, size_t size, size_t larger) __attribute__((returns_nonnull));

/* Zeroed room for count elements of size bytes; an overflow of the product ends the process. */
void *arena_array(struct arena *arena, size_t count, size_t size) __attribute__((malloc, returns_nonnull));

/* Copies of strings. arena_strdup(NULL) is NULL. */
char *arena_strdup(struct arena *arena, const char *string);
char *arena_strndup(struct arena *arena, const char *string, size_t length) __attribute__((returns_nonnull));

/* A formatted string. */
char *arena_printf(struct arena *arena, const char *format, ...) __attribute__((format(printf, 2, 3), returns_nonnull));
char *arena_vprintf(struct arena *arena, const char *format, va_list arguments)
	__attribute__((format(printf, 2, 0), returns_nonnull));

/* Registers release(object), to be run once when the arena is freed or reset. */
void arena_defer(struct arena *arena, void (*release)(void *object), void *object);

/* Bytes handed out so far: for tests and limits. */
size_t arena_used(const struct arena *arena);

#endif
