#include "rest_lines.h"

#include "arena.h"

#include <string.h>
#include <strings.h>

/* What libcurl adds to a request unless it is told not to. */
static const char *const added[] = { "Accept", "Content-Type", "Expect" };
#define ADDED (sizeof(added) / sizeof(added[0]))

static const char *const refused[] = { "Connection", "Content-Length", "Expect", "Keep-Alive", "Proxy-Connection", "TE",
	"Trailer", "Transfer-Encoding", "Upgrade" };
#define REFUSED (sizeof(refused) / sizeof(refused[0]))

static bool listed(const char *const names[], size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++)
		if (strcasecmp(names[i], name) == 0)
			return true;
	return false;
}

static bool is_token(const char *name, size_t length)
{
	static const char marks[] = "!#$%&'*+-.^_`|~";

	for (size_t i = 0; i < length; i++) {
		char c = name[i];
		bool word = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');

		if (!word && (c == '\0' || !strchr(marks, c)))
			return false;
	}
	return length > 0;
}

static bool is_field_value(const char *value)
{
	for (; *value; value++)
		if (((unsigned char)*value < ' ' && *value != '\t') || *value == 0x7F)
			return false;
	return true;
}

static char *append(char *to, const char *from, size_t length)
{
	memcpy(to, from, length);
	return to + length;
}

/* "Name: value"; an empty value is spelt "Name;", because "Name:" would take the header out. */
static char *line_make(struct arena *arena, const struct rest_header *header)
{
	size_t name = strlen(header->name);
	size_t value = strlen(header->value);
	char *line = arena_alloc(arena, name + value + 3);
	char *at = append(line, header->name, name);

	if (value == 0) {
		append(at, ";", 1);
		return line;
	}
	at = append(at, ": ", 2);
	append(at, header->value, value);
	return line;
}

static char *removal_make(struct arena *arena, const char *name)
{
	size_t length = strlen(name);
	char *line = arena_alloc(arena, length + 2);

	append(append(line, name, length), ":", 1);
	return line;
}

enum fault rest_lines_make(struct arena *arena, const struct rest_header *headers, struct curl_slist **list)
{
	static const struct rest_header none[] = { { NULL, NULL } };
	struct curl_slist *nodes;
	size_t count = 0;
	bool given[ADDED] = { false };

	headers = headers ? headers : none;
	while (headers[count].name)
		count++;
	nodes = arena_array(arena, count + ADDED, sizeof(*nodes));
	for (size_t i = 0; i < count; i++) {
		const char *name = headers[i].name;

		if (!is_token(name, strlen(name)) || !is_field_value(headers[i].value) ||
			listed(refused, REFUSED, name))
			return FAULT_BAD_HEADER;
		for (size_t j = 0; j < ADDED; j++)
			given[j] = given[j] || strcasecmp(added[j], name) == 0;
		nodes[i].data = line_make(arena, &headers[i]);
	}
	for (size_t j = 0; j < ADDED; j++)
		if (!given[j])
			nodes[count++].data = removal_make(arena, added[j]);
	for (size_t i = 0; i + 1 < count; i++)
		nodes[i].next = &nodes[i + 1];
	*list = count > 0 ? nodes : NULL;
	return FAULT_NONE;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

bool rest_line_read(struct arena *arena, const char *line, size_t length, struct rest_header *header)
{
	const char *colon = memchr(line, ':', length);
	const char *end = line + length;
	const char *value;

	if (!colon || !is_token(line, (size_t)(colon - line)))
		return false;
	value = colon + 1;
	while (value < end && is_blank(*value))
		value++;
	while (end > value && is_blank(end[-1]))
		end--;
	header->name = arena_strndup(arena, line, (size_t)(colon - line));
	header->value = arena_strndup(arena, value, (size_t)(end - value));
	return is_field_value(header->value);
}
