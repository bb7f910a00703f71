/*
 * text: growing strings with a maximum.
 *
 * Every buffer has a limit with a name, given when it is made. A write that would pass it sets `full`, changes
 * nothing, and so do all later ones: check once, at the end. Memory is the arena's. Idea: curl's dynbuf, git's strbuf.
 * Not thread safe.
 */
#ifndef AFTERCARE_TEXT_H
#define AFTERCARE_TEXT_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;

struct text {
	struct arena *arena;
	char *data;    /* always ends with a zero byte, once anything was added */
	size_t length; /* bytes, without that zero */
	size_t room;   /* bytes allocated */
	size_t max;    /* bytes allowed */
	bool full;     /* something did not fit */
};

/* An empty text of at most max bytes. */
struct text text_new(struct arena *arena, size_t max);

/* The text as a C string; "" when nothing was added. Borrowed: valid until the next addition. */
const char *text_c(const struct text *text);

void text_add(struct text *text, const char *string);
void text_add_bytes(struct text *text, const char *bytes, size_t length);
void text_add_char(struct text *text, char character);
void text_addf(struct text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Appends string as a JSON string with quotes (RFC 8259); NULL is null. Bytes that are not UTF-8 become U+FFFD. */
void text_add_json(struct text *text, const char *string);
void text_add_json_bytes(struct text *text, const char *bytes, size_t length);

/* Appends string as a field of CSV (RFC 4180): quoted only where it must be. */
void text_add_csv(struct text *text, const char *bytes, size_t length);

/* Takes the last count bytes away, of which there are at least as many. */
void text_cut(struct text *text, size_t count);

/* Empties the text and keeps its memory. */
void text_clear(struct text *text);

/* Whether string starts with prefix / ends with suffix / equals, NULL equal only to NULL. */
bool text_starts(const char *string, const char *prefix);
bool text_ends(const char *string, const char *suffix);
bool text_same(const char *a, const char *b);

/* A copy of the string with its ASCII letters in lower case. NULL gives NULL. */
char *text_lower(struct arena *arena, const char *string);

/* A name as people say it: "work_report" → "work report". */
char *text_words(struct arena *arena, const char *name);

/* The length in Unicode characters of valid UTF-8, or -1 when bytes are not valid UTF-8 (RFC 3629) or hold a zero. */
long text_utf8_length(const char *bytes, size_t length);

/* How many bytes a string has, or max where it is longer, less what would be part of a character (RFC 3629). */
size_t text_utf8_cut(const char *string, size_t max);

/*
 * FNV-1a of 64 bits (http://www.isthe.com/chongo/tech/comp/fnv), on from `hash`, which is TEXT_HASH at the beginning: for
 * tables, and to tell apart what nobody forges.
 */
#define TEXT_HASH 0xCBF29CE484222325U
uint64_t text_hash(uint64_t hash, const char *bytes, size_t length);

/* base64url without padding (RFC 4648 section 5). */
char *text_base64url(struct arena *arena, const void *bytes, size_t length);

/* Decodes it; NULL when it isn't. *length gets the bytes decoded; a zero byte follows them. */
char *text_base64url_decode(struct arena *arena, const char *string, size_t *length);

/* Lower-case hexadecimal. */
char *text_hex(struct arena *arena, const void *bytes, size_t length);

/* Decodes it, in either case; NULL when it isn't. *length gets the bytes decoded; a zero byte follows them. */
char *text_unhex(struct arena *arena, const char *string, size_t *length);

#endif
