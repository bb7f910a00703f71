#include "query.h"

#include "arena.h"
#include "text.h"

#include <string.h>

static const char *const operators[COMPARE_COUNT] = { "eq", "ne", "lt", "lte", "gt", "gte", "in", "prefix", "contains",
	"empty" };

const char *comparison_name(enum comparison comparison)
{
	return operators[comparison];
}

static int hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

char *percent_decode(struct arena *arena, const char *text, size_t length, bool form)
{
	char *out = arena_alloc(arena, length + 1);
	size_t n = 0;

	for (size_t i = 0; i < length; i++) {
		char c = text[i];

		if (c == '+' && form)
			c = ' ';
		if (c == '%') {
			int high = i + 2 < length ? hex_value(text[i + 1]) : -1;
			int low = high >= 0 ? hex_value(text[i + 2]) : -1;

			if (low < 0)
				return NULL;
			c = (char)(high * 16 + low);
			i += 2;
		}
		if (c == '\0')
			return NULL;
		out[n++] = c;
	}
	return out;
}

char *percent_encode(struct arena *arena, const char *text)
{
	static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
	static const char digits[] = "0123456789ABCDEF";
	char *encoded = arena_array(arena, strlen(text) + 1, 3);
	char *out = encoded;

	for (const unsigned char *c = (const unsigned char *)text; *c; c++) {
		if (strchr(plain, *c)) {
			*out++ = (char)*c;
			continue;
		}
		*out++ = '%';
		*out++ = digits[*c >> 4];
		*out++ = digits[*c & 15];
	}
	return encoded;
}

static bool comparison_parse(const char *name, size_t length, enum comparison *comparison)
{
	for (int i = 0; i < COMPARE_COUNT; i++) {
		if (strlen(operators[i]) == length && memcmp(operators[i], name, length) == 0) {
			*comparison = (enum comparison)i;
			return true;
		}
	}
	return false;
}

/* Splits name[op]; the name stays whole when there are no brackets. */
static void name_split(struct arena *arena, struct parameter *parameter)
{
	const char *open = strchr(parameter->spelled, '[');

	if (!open)
		return;
	parameter->name = arena_strndup(arena, parameter->spelled, (size_t)(open - parameter->spelled));
	if (!text_ends(open, "]") || !comparison_parse(open + 1, strlen(open) - 2, &parameter->comparison))
		parameter->comparison = COMPARE_UNKNOWN;
}

static void pair_take(
	struct arena *arena, const char *pair, size_t length, struct query *query, struct fault_list *faults)
{
	const char *equals = memchr(pair, '=', length);
	size_t name = equals ? (size_t)(equals - pair) : length;
	struct parameter parameter = { .comparison = COMPARE_EQ };

	parameter.spelled = percent_decode(arena, pair, name, true);
	parameter.value = equals ? percent_decode(arena, equals + 1, length - name - 1, true) : "";
	parameter.name = parameter.spelled;
	if (!parameter.spelled || !parameter.value ||
		text_utf8_length(parameter.spelled, strlen(parameter.spelled)) < 0 ||
		text_utf8_length(parameter.value, strlen(parameter.value)) < 0) {
		fault_add_parameter(faults, "query", "encoding", "must be percent-encoded UTF-8");
		return;
	}
	if (query->count == QUERY_PARAMETERS_MAX) {
		fault_add_parameter(faults, parameter.spelled, "count", "at most %d parameters", QUERY_PARAMETERS_MAX);
		return;
	}
	query->items[query->count++] = parameter;
}

enum fault query_pairs(struct arena *arena, const char *text, struct query *query, struct fault_list *faults)
{
	size_t before = faults->count;

	query->count = 0;
	for (const char *at = text ? text : ""; *at;) {
		size_t length = strcspn(at, "&");

		if (length)
			pair_take(arena, at, length, query, faults);
		at += length + (at[length] == '&');
	}
	return faults->count == before ? FAULT_NONE : FAULT_BAD_QUERY;
}

enum fault query_parse(struct arena *arena, const char *text, struct query *query, struct fault_list *faults)
{
	enum fault fault = query_pairs(arena, text, query, faults);

	for (size_t i = 0; i < query->count; i++)
		name_split(arena, &query->items[i]);
	return fault;
}

const char *query_value(const struct query *query, const char *name)
{
	for (size_t i = 0; i < query->count; i++)
		if (query->items[i].comparison == COMPARE_EQ && strcmp(query->items[i].name, name) == 0)
			return query->items[i].value;
	return NULL;
}
