#include "option.h"

#include "arena.h"
#include "text.h"

#include <arpa/inet.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#define HOST_MAX 253 /* RFC 1035 section 2.3.4, without the final dot */

const char *option_flag(const struct option *option, char flag[OPTION_FLAG_MAX])
{
	const char *name = option->name + strlen(OPTION_PREFIX);
	size_t length = 0;

	for (; length < OPTION_FLAG_MAX - 1 && name[length]; length++) {
		char c = name[length];

		flag[length] = (char)(c == '_' ? '-' : c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
	}
	flag[length] = '\0';
	return flag;
}

const char *option_placeholder(const struct option *option)
{
	static const char *const placeholders[] = {
		[OPTION_TEXT] = "TEXT",
		[OPTION_INTEGER] = "NUMBER",
		[OPTION_BOOLEAN] = "true or false",
		[OPTION_CHOICE] = "WORD",
		[OPTION_ADDRESS] = "HOST:PORT",
		[OPTION_URL] = "URL",
		[OPTION_SECRET] = "SECRET",
	};

	return placeholders[option->type];
}

static void bad(struct fault_list *faults, const struct option *option, const char *code, const char *rule)
{
	fault_add_parameter(faults, option->name, code, "%s %s", option->name, rule);
}

static void text_check(const struct option_value *value, struct fault_list *faults)
{
	const struct option *option = value->option;
	long max = option->max > 0 && option->max < CONFIG_TEXT_MAX ? option->max : CONFIG_TEXT_MAX;
	long length = text_utf8_length(value->text, strlen(value->text));
	const char *rule = option->broken ? option->broken(value->text) : NULL;

	if (length < 0)
		bad(faults, option, "type", "is not UTF-8");
	else if (length < option->min || length > max)
		fault_add_parameter(faults, option->name, "length", "%s must have %ld to %ld characters, not %ld",
			option->name, option->min, max, length);
	else if (rule)
		bad(faults, option, "format", rule);
}

static void integer_check(struct option_value *value, struct fault_list *faults)
{
	const struct option *option = value->option;
	bool bounded = option->min != 0 || option->max != 0;
	const char *digit = value->text + (value->text[0] == '-');
	char *end;
	long number;

	errno = 0;
	number = strtol(value->text, &end, 10);
	if (*digit < '0' || *digit > '9' || *end != '\0')
		bad(faults, option, "type", "must be a whole number");
	else if (errno == ERANGE || (bounded && (number < option->min || number > option->max)))
		fault_add_parameter(faults, option->name, "range", "%s must be between %ld and %ld", option->name,
			bounded ? option->min : LONG_MIN, bounded ? option->max : LONG_MAX);
	else
		value->integer = number;
}

static void boolean_check(struct option_value *value, struct fault_list *faults)
{
	value->boolean = text_same(value->text, "true");
	if (!value->boolean && !text_same(value->text, "false"))
		bad(faults, value->option, "type", "must be true or false");
}

static void choice_check(const struct option_value *value, struct fault_list *faults)
{
	const char *choice = value->option->choices;
	size_t length = strlen(value->text);

	while (*choice) {
		size_t word = strcspn(choice, " ");

		if (word == length && length > 0 && memcmp(choice, value->text, length) == 0)
			return;
		choice += word;
		choice += strspn(choice, " ");
	}
	fault_add_parameter(faults, value->option->name, "choice", "%s must be one of: %s", value->option->name,
		value->option->choices);
}

static bool host_name_valid(const char *host, size_t length)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._";

	return length > 0 && length <= HOST_MAX && strspn(host, allowed) >= length;
}

/* host:port or [IPv6]:port */
static bool address_valid(const char *text)
{
	char inner[INET6_ADDRSTRLEN];
	unsigned char ipv6[16];
	const char *colon = strrchr(text, ':');
	size_t length;
	char *end;

	if (!colon || colon[1] < '0' || colon[1] > '9')
		return false;
	if (strtol(colon + 1, &end, 10) > 65535 || *end != '\0' || end - colon > 6)
		return false;
	length = (size_t)(colon - text);
	if (text[0] != '[')
		return host_name_valid(text, length);
	if (length < 3 || colon[-1] != ']' || length - 2 >= sizeof(inner))
		return false;
	memcpy(inner, text + 1, length - 2);
	inner[length - 2] = '\0';
	return inet_pton(AF_INET6, inner, ipv6) == 1;
}

/* host, host:port, [IPv6] or [IPv6]:port */
static bool authority_valid(const char *authority, size_t length)
{
	char address[HOST_MAX + sizeof(":65535") + sizeof(":1")];

	if (length == 0 || length > HOST_MAX + strlen(":65535"))
		return false;
	if (host_name_valid(authority, length))
		return true;
	memcpy(address, authority, length);
	address[length] = '\0';
	if (address[length - 1] == ']')
		memcpy(address + length, ":1", sizeof(":1"));
	return address_valid(address);
}

/* http(s)://host[:port][/path], printable ASCII, without user name or fragment. */
static bool url_valid(const char *url)
{
	const char *authority;

	for (const char *at = url; *at; at++)
		if (*at <= ' ' || *at >= 0x7F || strchr("\"<>\\^`{|}#", *at))
			return false;
	if (text_starts(url, "http://"))
		authority = url + strlen("http://");
	else if (text_starts(url, "https://"))
		authority = url + strlen("https://");
	else
		return false;
	return authority_valid(authority, strcspn(authority, "/?"));
}

static void url_check(const struct option_value *value, struct fault_list *faults)
{
	if (strlen(value->text) > CONFIG_TEXT_MAX || !url_valid(value->text))
		bad(faults, value->option, "type",
			"must be an http:// or https:// address without user name or fragment");
}

void option_check(struct option_value *value, struct fault_list *faults)
{
	switch (value->option->type) {
	case OPTION_TEXT:
	case OPTION_SECRET:
		text_check(value, faults);
		break;
	case OPTION_INTEGER:
		integer_check(value, faults);
		break;
	case OPTION_BOOLEAN:
		boolean_check(value, faults);
		break;
	case OPTION_CHOICE:
		choice_check(value, faults);
		break;
	case OPTION_ADDRESS:
		if (!address_valid(value->text))
			bad(faults, value->option, "type", "must be host:port, with an IPv6 host in brackets");
		break;
	case OPTION_URL:
		url_check(value, faults);
		break;
	}
}
