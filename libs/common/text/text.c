#include "text.h"

#include "arena.h"

#include <stdio.h>
#include <string.h>

#define TEXT_FIRST_ROOM ((size_t)128)

struct text text_new(struct arena *arena, size_t max)
{
	return (struct text){ .arena = arena, .max = max };
}

const char *text_c(const struct text *text)
{
	return text->data ? text->data : "";
}

/* Makes room for `more` bytes and the final zero; false, and full, when the limit forbids it. */
static bool text_grow(struct text *text, size_t more)
{
	size_t room;

	if (text->full || more > text->max - text->length) {
		text->full = true;
		return false;
	}
	if (text->length + more < text->room)
		return true;
	room = text->room ? text->room * 2 : TEXT_FIRST_ROOM;
	while (room <= text->length + more)
		room *= 2;
	text->data = arena_grow(text->arena, text->data, text->room, room);
	text->room = room;
	return true;
}

void text_add_bytes(struct text *text, const char *bytes, size_t length)
{
	if (!text_grow(text, length))
		return;
	if (length)
		memcpy(text->data + text->length, bytes, length);
	text->length += length;
	text->data[text->length] = '\0';
}

void text_add(struct text *text, const char *string)
{
	text_add_bytes(text, string, strlen(string));
}

void text_add_char(struct text *text, char character)
{
	text_add_bytes(text, &character, 1);
}

void text_addf(struct text *text, const char *format, ...)
{
	va_list arguments;
	va_list again;
	int length;

	va_start(arguments, format);
	va_copy(again, arguments);
	length = vsnprintf(NULL, 0, format, again);
	va_end(again);
	if (length < 0)
		text->full = true;
	else if (text_grow(text, (size_t)length)) {
		vsnprintf(text->data + text->length, (size_t)length + 1, format, arguments);
		text->length += (size_t)length;
	}
	va_end(arguments);
}

/* How long a UTF-8 sequence with this first byte is; 0 when none begins so. */
static size_t utf8_length(unsigned char first)
{
	if (first < 0x80)
		return 1;
	if (first < 0xC2 || first > 0xF4)
		return 0;
	return first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
}

/* The bytes of the UTF-8 sequence at `at`, 0 when it isn't one (overlong, surrogate, past U+10FFFF, cut). */
static size_t utf8_sequence(const unsigned char *at, size_t left)
{
	unsigned char first = at[0];
	size_t length = utf8_length(first);

	if (length > left)
		return 0;
	for (size_t i = 1; i < length; i++)
		if ((at[i] & 0xC0) != 0x80)
			return 0;
	if ((first == 0xE0 && at[1] < 0xA0) || (first == 0xED && at[1] > 0x9F) || (first == 0xF0 && at[1] < 0x90) ||
		(first == 0xF4 && at[1] > 0x8F))
		return 0;
	return length;
}

long text_utf8_length(const char *bytes, size_t length)
{
	const unsigned char *at = (const unsigned char *)bytes;
	long characters = 0;

	while (length > 0) {
		size_t sequence = at[0] ? utf8_sequence(at, length) : 0;

		if (!sequence)
			return -1;
		at += sequence;
		length -= sequence;
		characters++;
	}
	return characters;
}

size_t text_utf8_cut(const char *string, size_t max)
{
	size_t length = strnlen(string, max);

	if (length < max || string[length] == '\0')
		return length;
	while (length && ((unsigned char)string[length] & 0xC0) == 0x80)
		length--;
	return length;
}

static void json_escape(struct text *text, unsigned char character)
{
	switch (character) {
	case '"':
		text_add(text, "\\\"");
		break;
	case '\\':
		text_add(text, "\\\\");
		break;
	case '\n':
		text_add(text, "\\n");
		break;
	case '\r':
		text_add(text, "\\r");
		break;
	case '\t':
		text_add(text, "\\t");
		break;
	default:
		text_addf(text, "\\u%04x", character);
	}
}

/* ASCII that JSON takes as it is: most of what is ever written. */
static bool json_plain(unsigned char c)
{
	return c >= 0x20 && c < 0x80 && c != '"' && c != '\\';
}

/* Bytes that need no change, between quotes. */
static void quoted_add(struct text *text, const char *bytes, size_t length)
{
	char *at;

	if (!text_grow(text, length + 2))
		return;
	at = text->data + text->length;
	at[0] = '"';
	if (length)
		memcpy(at + 1, bytes, length);
	memcpy(at + 1 + length, "\"", 2);
	text->length += length + 2;
}

/* Bytes of which some must be written in another way, between quotes. */
static void escaped_add(struct text *text, const unsigned char *at, size_t length)
{
	size_t plain = 0; /* bytes before `at` that need no change and wait to be copied together */

	text_add_char(text, '"');
	while (length > 0) {
		size_t sequence = utf8_sequence(at, length);

		if (sequence > 1 || json_plain(at[0])) {
			plain += sequence;
			at += sequence;
			length -= sequence;
			continue;
		}
		text_add_bytes(text, (const char *)at - plain, plain);
		plain = 0;
		if (sequence)
			json_escape(text, at[0]);
		else
			text_add(text, "\xEF\xBF\xBD");
		at++;
		length--;
	}
	text_add_bytes(text, (const char *)at - plain, plain);
	text_add_char(text, '"');
}

void text_add_json_bytes(struct text *text, const char *bytes, size_t length)
{
	size_t plain = 0;

	while (plain < length && json_plain((unsigned char)bytes[plain]))
		plain++;
	if (plain == length)
		quoted_add(text, bytes, length);
	else
		escaped_add(text, (const unsigned char *)bytes, length);
}

void text_add_json(struct text *text, const char *string)
{
	if (string)
		text_add_json_bytes(text, string, strlen(string));
	else
		text_add(text, "null");
}

void text_add_csv(struct text *text, const char *bytes, size_t length)
{
	bool quote = false;

	for (size_t i = 0; i < length && !quote; i++)
		quote = bytes[i] == '"' || bytes[i] == ',' || bytes[i] == '\n' || bytes[i] == '\r';
	if (length && (bytes[0] == ' ' || bytes[length - 1] == ' '))
		quote = true;
	if (!quote) {
		text_add_bytes(text, bytes, length);
		return;
	}
	text_add_char(text, '"');
	for (size_t i = 0; i < length; i++) {
		if (bytes[i] == '"')
			text_add_char(text, '"');
		text_add_char(text, bytes[i]);
	}
	text_add_char(text, '"');
}

void text_cut(struct text *text, size_t count)
{
	text->length -= count;
	text->data[text->length] = '\0';
}

void text_clear(struct text *text)
{
	text->length = 0;
	text->full = false;
	if (text->data)
		text->data[0] = '\0';
}

bool text_starts(const char *string, const char *prefix)
{
	return strncmp(string, prefix, strlen(prefix)) == 0;
}

bool text_ends(const char *string, const char *suffix)
{
	size_t length = strlen(string);
	size_t tail = strlen(suffix);

	return length >= tail && strcmp(string + length - tail, suffix) == 0;
}

bool text_same(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

char *text_lower(struct arena *arena, const char *string)
{
	char *lower = arena_strdup(arena, string);

	for (char *c = lower; c && *c; c++)
		if (*c >= 'A' && *c <= 'Z')
			*c = (char)(*c - 'A' + 'a');
	return lower;
}

char *text_words(struct arena *arena, const char *name)
{
	char *words = arena_strdup(arena, name);

	for (char *c = words; *c; c++)
		if (*c == '_')
			*c = ' ';
	return words;
}

uint64_t text_hash(uint64_t hash, const char *bytes, size_t length)
{
	for (size_t i = 0; i < length; i++)
		hash = (hash ^ (unsigned char)bytes[i]) * 0x100000001B3U;
	return hash;
}

static const char base64url_digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

char *text_base64url(struct arena *arena, const void *bytes, size_t length)
{
	const unsigned char *in = bytes;
	char *out = arena_alloc(arena, (length + 2) / 3 * 4 + 1);
	size_t n = 0;

	for (size_t i = 0; i < length; i += 3) {
		unsigned value = (unsigned)in[i] << 16;
		size_t left = length - i;

		if (left > 1)
			value |= (unsigned)in[i + 1] << 8;
		if (left > 2)
			value |= in[i + 2];
		out[n++] = base64url_digits[value >> 18 & 63];
		out[n++] = base64url_digits[value >> 12 & 63];
		if (left > 1)
			out[n++] = base64url_digits[value >> 6 & 63];
		if (left > 2)
			out[n++] = base64url_digits[value & 63];
	}
	out[n] = '\0';
	return out;
}

char *text_base64url_decode(struct arena *arena, const char *string, size_t *length)
{
	size_t digits = strlen(string);
	char *out;
	size_t n = 0;
	unsigned value = 0;
	unsigned bits = 0;

	if (digits % 4 == 1)
		return NULL;
	out = arena_alloc(arena, digits / 4 * 3 + 4);
	for (size_t i = 0; i < digits; i++) {
		const char *digit = memchr(base64url_digits, string[i], sizeof(base64url_digits) - 1);

		if (!digit)
			return NULL;
		value = (value << 6 | (unsigned)(digit - base64url_digits)) & 0xFFFFFF;
		bits += 6;
		if (bits >= 8) {
			bits -= 8;
			out[n++] = (char)(value >> bits & 0xFF);
		}
	}
	if (value & ((1U << bits) - 1))
		return NULL; /* left-over bits that are not zero: not the canonical spelling */
	*length = n;
	return out;
}

char *text_hex(struct arena *arena, const void *bytes, size_t length)
{
	static const char digits[] = "0123456789abcdef";
	const unsigned char *in = bytes;
	char *out = arena_alloc(arena, length * 2 + 1);

	for (size_t i = 0; i < length; i++) {
		out[i * 2] = digits[in[i] >> 4];
		out[i * 2 + 1] = digits[in[i] & 15];
	}
	return out;
}

static int hex_digit(char digit)
{
	if (digit >= '0' && digit <= '9')
		return digit - '0';
	if (digit >= 'a' && digit <= 'f')
		return digit - 'a' + 10;
	return digit >= 'A' && digit <= 'F' ? digit - 'A' + 10 : -1;
}

char *text_unhex(struct arena *arena, const char *string, size_t *length)
{
	size_t digits = strlen(string);
	char *out = digits % 2 ? NULL : arena_alloc(arena, digits / 2 + 1);

	for (size_t i = 0; out && i < digits; i += 2) {
		int high = hex_digit(string[i]);
		int low = hex_digit(string[i + 1]);

		if (high < 0 || low < 0)
			return NULL;
		out[i / 2] = (char)(high << 4 | low);
	}
	if (out)
		*length = digits / 2;
	return out;
}
