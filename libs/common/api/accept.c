#include "accept.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <strings.h>

#define BLANKS " \t"

struct element {
	const char *name;
	size_t length;
	int weight; /* -1: ill-formed */
};

/* 0[.ddd] or 1[.000]; -1 when it is neither. */
static int weight_read(const char *at, size_t length)
{
	int weight = 0;
	int scale = ACCEPT_MOST;

	if (length == 0 || length > 5 || (*at != '0' && *at != '1') || (length > 1 && at[1] != '.'))
		return -1;
	for (size_t i = 0; i < length; i++) {
		if (i == 1)
			continue;
		if (at[i] < '0' || at[i] > '9')
			return -1;
		weight += (at[i] - '0') * scale;
		scale /= 10;
	}
	return weight <= ACCEPT_MOST ? weight : -1;
}

/* The end of a parameter, which a quoted value may hide: the next ; or , or the end. */
static const char *parameter_end(const char *at)
{
	bool quoted = false;

	for (; *at && (quoted || (*at != ';' && *at != ',')); at++) {
		if (quoted && *at == '\\' && at[1])
			at++;
		else if (*at == '"')
			quoted = !quoted;
	}
	return at;
}

static size_t trimmed(const char *at, const char *end)
{
	while (end > at && strchr(BLANKS, end[-1]))
		end--;
	return (size_t)(end - at);
}

/* Takes the next element off the list; false at its end. */
static bool element_next(const char **list, struct element *element)
{
	const char *at = *list + strspn(*list, BLANKS ",");
	const char *end = parameter_end(at);

	if (!*at)
		return false;
	*element = (struct element){ at, trimmed(at, end), ACCEPT_MOST };
	while (*end == ';') {
		at = end + 1 + strspn(end + 1, BLANKS);
		end = parameter_end(at);
		if ((*at == 'q' || *at == 'Q') && at[1] == '=')
			element->weight = weight_read(at + 2, trimmed(at + 2, end));
	}
	*list = end;
	return true;
}

static bool is(const struct element *element, const char *name, size_t length)
{
	return element->length == length && strncasecmp(element->name, name, length) == 0;
}

/* How much of what is asked for an element names: 0 nothing of it, then the more the better. */
typedef int (*naming)(const struct element *element, const char *wanted);

static int names_type(const struct element *element, const char *type)
{
	size_t slash = strcspn(type, "/");

	if (is(element, type, strlen(type)))
		return 3;
	if (element->length == slash + 2 && strncasecmp(element->name, type, slash) == 0 &&
		strncmp(element->name + slash, "/*", 2) == 0)
		return 2;
	return is(element, "*/*", 3) ? 1 : 0;
}

static int names_coding(const struct element *element, const char *coding)
{
	return is(element, coding, strlen(coding)) ? 2 : is(element, "*", 1) ? 1 : 0;
}

static int names_language(const struct element *element, const char *language)
{
	size_t length = strlen(language);

	if (is(element, language, length))
		return 3;
	if (element->length > length && element->name[length] == '-' &&
		strncasecmp(element->name, language, length) == 0)
		return 2;
	return is(element, "*", 1) ? 1 : 0;
}

static int weigh(const char *list, const char *wanted, naming names)
{
	struct element element;
	int best = 0;
	int weight = 0;

	while (element_next(&list, &element)) {
		int named = element.weight < 0 ? 0 : names(&element, wanted);

		if (named > best || (named && named == best && element.weight > weight)) {
			best = named;
			weight = element.weight;
		}
	}
	return weight;
}

int accept_type(const char *accept, const char *type)
{
	return accept && *accept ? weigh(accept, type, names_type) : ACCEPT_MOST;
}

int accept_coding(const char *accept_encoding, const char *coding)
{
	return accept_encoding ? weigh(accept_encoding, coding, names_coding) : 0;
}

int accept_language(const char *accept_language, const char *language)
{
	return accept_language ? weigh(accept_language, language, names_language) : 0;
}
