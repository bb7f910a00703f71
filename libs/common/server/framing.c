#include "framing.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#define LENGTH_DIGITS_MAX 18 /* fits 64 bits */
#define SIZE_DIGITS_MAX   15 /* likewise, hexadecimal */

/* What the head says of itself, while it is read. */
struct head {
	const char *target;
	size_t target_length;
	const char *host;
	size_t host_length;
	uint64_t length;
	size_t lines;
	size_t size; /* of names and values */
	int lengths;
	int codings;
	int hosts;
	bool old; /* HTTP/1.0 */
};

static enum framing_found refuse(struct framing *framing, enum fault fault, const char *why)
{
	framing->refused = fault;
	framing->why = why;
	return FRAMING_REFUSED;
}

/* A control character, but the tab is none here. */
static bool is_control(unsigned char c)
{
	return (c < 0x20 && c != '\t') || c == 0x7F;
}

/* The next line, without its end. Only CRLF ends one, and nothing else in it is a control character but the tab. */
static enum framing_found line_find(const char *bytes, size_t length, size_t *line)
{
	const unsigned char *at = (const unsigned char *)bytes;
	const unsigned char *end = at + length;

	while (at < end && !is_control(*at))
		at++;
	if (at == end || (*at == '\r' && at + 1 == end))
		return FRAMING_PART;
	*line = (size_t)(at - (const unsigned char *)bytes);
	return at[0] == '\r' && at[1] == '\n' ? FRAMING_WHOLE : FRAMING_REFUSED;
}

static bool token_letter(char c)
{
	return isalnum((unsigned char)c) || (c && strchr("!#$%&'*+-.^_`|~", c));
}

/* RFC 9110 section 5.6.2. */
static size_t token_length(const char *bytes, size_t length)
{
	size_t n = 0;

	while (n < length && token_letter(bytes[n]))
		n++;
	return n;
}

static bool is(const char *bytes, size_t length, const char *word)
{
	return length == strlen(word) && strncasecmp(bytes, word, length) == 0;
}

/* method SP target SP version, each blank one byte. */
static enum framing_found request_line(struct framing *framing, struct head *head, const char *line, size_t length)
{
	static const char wrong[] = "The request line is not METHOD TARGET HTTP/1.1.";
	size_t method = token_length(line, length);
	const char *target = line + method + 1;
	const char *end = line + length;
	const char *blank;

	if (method == 0 || method > FRAMING_METHOD_MAX || target >= end || target[-1] != ' ')
		return refuse(framing, FAULT_MALFORMED, wrong);
	blank = memchr(target, ' ', (size_t)(end - target));
	if (!blank || blank == target ||
		(!is(blank + 1, (size_t)(end - blank - 1), "HTTP/1.1") &&
			!is(blank + 1, (size_t)(end - blank - 1), "HTTP/1.0")))
		return refuse(framing, FAULT_MALFORMED, wrong);
	for (const char *c = target; c < blank; c++)
		if (*c <= ' ' || *c > '~' || *c == '#')
			return refuse(framing, FAULT_MALFORMED, "The address must be percent-encoded ASCII.");
	head->target = target;
	head->target_length = (size_t)(blank - target);
	head->old = end[-1] == '0';
	framing->method = method;
	framing->target = head->target_length;
	if (head->target_length <= REQUEST_URI_MAX)
		return FRAMING_WHOLE;
	blank = memchr(target, '?', REQUEST_URI_MAX);
	framing->target = blank ? (size_t)(blank - target) : 0; /* the path tells enough */
	return refuse(framing, FAULT_URI_TOO_LONG, NULL);
}

static bool digits_read(const char *value, size_t length, uint64_t *number)
{
	*number = 0;
	for (size_t i = 0; i < length; i++) {
		if (value[i] < '0' || value[i] > '9')
			return false;
		*number = *number * 10 + (uint64_t)(value[i] - '0');
	}
	return length > 0 && length <= LENGTH_DIGITS_MAX;
}

static bool host_valid(const char *host, size_t length)
{
	for (size_t i = 0; i < length; i++)
		if (!isalnum((unsigned char)host[i]) && !strchr("-._~%!$&'()*+;=:[]", host[i]))
			return false;
	return length > 0;
}

/* name ":" value. A blank in front folds the line into the one before (obs-fold), one before the colon hides the name. */
static enum framing_found field_line(struct framing *framing, struct head *head, const char *line, size_t length)
{
	size_t name = token_length(line, length);
	const char *value = line + name + 1;
	size_t size;

	if (name == 0 || name == length || line[name] != ':')
		return refuse(framing, FAULT_BAD_HEADER, "A header line is not NAME: VALUE.");
	while (value < line + length && (*value == ' ' || *value == '\t'))
		value++;
	size = (size_t)(line + length - value);
	head->size += name + size;
	if (++head->lines > REQUEST_LINES_MAX || head->size > REQUEST_HEADERS_MAX)
		return refuse(framing, FAULT_HEADERS_TOO_LARGE, NULL);
	if (is(line, name, "Content-Length")) {
		head->lengths++;
		if (!digits_read(value, size, &head->length))
			return refuse(framing, FAULT_BAD_HEADER, "Content-Length is not one number.");
	} else if (is(line, name, "Transfer-Encoding")) {
		head->codings++;
		if (!is(value, size, "chunked"))
			return refuse(framing, FAULT_BAD_HEADER, "The only Transfer-Encoding taken is chunked.");
	} else if (is(line, name, "Host")) {
		head->hosts++;
		head->host = value;
		head->host_length = size;
		if (!host_valid(value, size))
			return refuse(framing, FAULT_BAD_HEADER, "Host is not a host.");
	}
	return FRAMING_WHOLE;
}

/* A whole URI names the host a second time (RFC 9112 section 3.2.2): it must be the same one. */
static bool target_fits(const struct head *head)
{
	const char *at = head->target;
	size_t scheme;

	if (*at == '/' || is(at, head->target_length, "*"))
		return true;
	scheme = strncasecmp(at, "http://", 7) == 0 ? 7 : strncasecmp(at, "https://", 8) == 0 ? 8 : 0;
	return scheme && head->target_length >= scheme + head->host_length &&
		strncasecmp(at + scheme, head->host, head->host_length) == 0 &&
		(head->target_length == scheme + head->host_length || strchr("/?", at[scheme + head->host_length]));
}

static enum framing_found head_judge(struct framing *framing, const struct head *head)
{
	if (head->hosts != 1)
		return refuse(framing, FAULT_BAD_HEADER, "Exactly one Host is required.");
	if (!target_fits(head))
		return refuse(framing, FAULT_BAD_HEADER, "The address names another host than Host does.");
	if (head->lengths > 1)
		return refuse(framing, FAULT_BAD_HEADER, "Content-Length is not one number.");
	if (head->codings > 1)
		return refuse(framing, FAULT_BAD_HEADER, "The only Transfer-Encoding taken is chunked.");
	if (head->lengths && head->codings)
		return refuse(
			framing, FAULT_BAD_HEADER, "Content-Length and Transfer-Encoding together are ambiguous.");
	if (head->codings && head->old)
		return refuse(framing, FAULT_BAD_HEADER, "HTTP/1.0 has no Transfer-Encoding.");
	if (head->length > REQUEST_BODY_MAX)
		return refuse(framing, FAULT_TOO_LARGE, NULL);
	framing->left = head->length;
	framing->chunked = head->codings == 1;
	return FRAMING_WHOLE;
}

enum framing_found framing_head(struct framing *framing, const char *bytes, size_t length)
{
	struct head head = { 0 };
	size_t at = 0;

	*framing = (struct framing){ 0 };
	while (at < length) {
		size_t line = 0;
		enum framing_found found = line_find(bytes + at, length - at, &line);

		if (found == FRAMING_REFUSED)
			return refuse(framing, FAULT_MALFORMED,
				"A line of the head ends with CRLF and holds no other control character.");
		if (found == FRAMING_PART)
			break;
		if (at && line == 0) {
			framing->head = at + 2;
			return head_judge(framing, &head);
		}
		found = at ? field_line(framing, &head, bytes + at, line) : request_line(framing, &head, bytes, line);
		if (found == FRAMING_REFUSED)
			return FRAMING_REFUSED;
		at += line + 2;
	}
	if (at == 0 && length > REQUEST_URI_MAX + FRAMING_METHOD_MAX)
		return refuse(framing, FAULT_URI_TOO_LONG, NULL);
	return length < FRAMING_HEAD_MAX ? FRAMING_PART : refuse(framing, FAULT_HEADERS_TOO_LARGE, NULL);
}

static size_t body_refuse(struct framing *framing, enum fault fault, const char *why)
{
	refuse(framing, fault, why);
	return 0;
}

/* Extensions and trailers say nothing to us (RFC 9112 section 7.1); they only must be lines like others. */
static size_t tail_length(struct framing *framing, const char *bytes, size_t length)
{
	struct framing scratch = { 0 };
	struct head head = { 0 };
	size_t at = 0;

	while (at < length) {
		size_t line = 0;
		enum framing_found found = line_find(bytes + at, length - at, &line);

		if (found == FRAMING_PART)
			break;
		if (found == FRAMING_REFUSED ||
			(line && field_line(&scratch, &head, bytes + at, line) == FRAMING_REFUSED))
			return body_refuse(framing, FAULT_MALFORMED, "The trailers of the body are not header lines.");
		at += line + 2;
		if (line == 0)
			return at;
	}
	return length <= FRAMING_TAIL_MAX ? 0 : body_refuse(framing, FAULT_HEADERS_TOO_LARGE, NULL);
}

static bool size_read(const char *line, size_t length, uint64_t *size)
{
	size_t digits = 0;

	*size = 0;
	while (digits < length && isxdigit((unsigned char)line[digits])) {
		char c = line[digits++];

		if (digits > SIZE_DIGITS_MAX)
			return false;
		*size = *size * 16 + (uint64_t)(c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10);
	}
	return digits > 0 && (digits == length || line[digits] == ';');
}

/* The line with the size of a chunk; behind the last one the trailers too. */
static size_t size_line(struct framing *framing, const char *bytes, size_t length)
{
	static const char wrong[] = "The body is not chunked as Transfer-Encoding says.";
	uint64_t size = 0;
	size_t line = 0;
	size_t tail;
	enum framing_found found = line_find(bytes, length, &line);

	if (found == FRAMING_PART && length < FRAMING_SIZE_MAX)
		return 0;
	if (found != FRAMING_WHOLE || !size_read(bytes, line, &size))
		return body_refuse(framing, FAULT_MALFORMED, wrong);
	if (size == 0) {
		tail = tail_length(framing, bytes + line + 2, length - line - 2);
		framing->chunked = tail == 0;
		return tail ? line + 2 + tail : 0;
	}
	framing->body += size;
	if (framing->body > REQUEST_BODY_MAX)
		return body_refuse(framing, FAULT_TOO_LARGE, NULL);
	framing->left = size;
	framing->chunk = FRAMING_CHUNK_DATA;
	return line + 2;
}

static size_t data_take(struct framing *framing, size_t length)
{
	size_t taken = framing->left < length ? (size_t)framing->left : length;

	framing->left -= taken;
	if (framing->left == 0)
		framing->chunk = FRAMING_CHUNK_END;
	return taken;
}

static size_t data_end(struct framing *framing, const char *bytes, size_t length)
{
	if (bytes[0] != '\r' || (length > 1 && bytes[1] != '\n'))
		return body_refuse(framing, FAULT_MALFORMED, "A chunk of the body does not end where it says.");
	if (length < 2)
		return 0;
	framing->chunk = FRAMING_CHUNK_SIZE;
	return 2;
}

size_t framing_body(struct framing *framing, const char *bytes, size_t length)
{
	size_t at = 0;

	if (!framing->chunked)
		return data_take(framing, length);
	while (framing->chunked && at < length) {
		size_t taken;

		if (framing->chunk == FRAMING_CHUNK_DATA)
			taken = data_take(framing, length - at);
		else if (framing->chunk == FRAMING_CHUNK_END)
			taken = data_end(framing, bytes + at, length - at);
		else
			taken = size_line(framing, bytes + at, length - at);
		if (taken == 0)
			break;
		at += taken;
	}
	return at;
}

const char *framing_ending(const struct framing *framing)
{
	return framing->chunk == FRAMING_CHUNK_END ? "\r\n0\r\n\r\n" : "0\r\n\r\n";
}
