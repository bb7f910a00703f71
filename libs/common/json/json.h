/*
 * json: what we need of jansson, with lifetimes on the arena. Reading only: answers are written by `text`.
 */
#ifndef AFTERCARE_JSON_H
#define AFTERCARE_JSON_H

#include <jansson.h>
#include <stddef.h>

struct arena;

#define JSON_DEPTH_MAX 32 /* nesting of a body; jansson alone would take 2048 and our stacks are small */

/*
 * Parses one JSON text (RFC 8259), refusing duplicate keys and zero characters in strings. The tree lives as long as
 * the arena and is borrowed. NULL when it isn't JSON; *problem then says what and where, in the arena.
 */
json_t *json_read(struct arena *arena, const char *bytes, size_t length, const char **problem)
	__attribute__((warn_unused_result));

/* From now on all trees are overwritten before they are freed: for programs that read passwords. Before threads start. */
void json_wipe(void);

/* The tree as compact text in the arena, in the order of its keys. */
char *json_write(struct arena *arena, const json_t *json);

/* Hands a tree of one's own over to the arena; returns it. */
json_t *json_keep(struct arena *arena, json_t *json);

/* The string at key of an object, or NULL when it is absent or not a string. Borrowed. */
const char *json_string_at(const json_t *object, const char *key);

/* Takes a member out: "price", or "sale.price" of the object at sale or of each one in the list there. */
void json_less(json_t *json, const char *path);

#endif
