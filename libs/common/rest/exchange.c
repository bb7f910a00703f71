#include "rest.h"

#include "arena.h"
#include "clock.h"
#include "rest_lines.h"
#include "rest_pool.h"
#include "rest_url.h"
#include "text.h"

#include <stdint.h>
#include <string.h>
#include <strings.h>

struct rest_exchange {
	struct rest_client *client;
	struct arena *arena;
	struct rest_handle *handle;  /* NULL once ended */
	struct rest_header *headers; /* of the answer: REST_HEADERS_MAX and the end */
	int header_count;
	size_t head_bytes;
	int status;
	int sent;        /* how often libcurl began to send the request */
	bool repeatable; /* it may do so more than once */
	bool head_done;
	bool paused; /* libcurl holds bytes that didn't fit into the window */
	bool done;   /* the transfer ended, well or not */
	CURLcode result;
	int idle_ms;
	int64_t total_until; /* clock_monotonic, or INT64_MAX */
	struct rest_failure failure;
};

/* libcurl is about to send the request, maybe for the second time because the kept connection was dead. */
static int sending(void *context, char *remote, char *local, int remote_port, int local_port)
{
	struct rest_exchange *exchange = context;

	(void)remote;
	(void)local;
	(void)remote_port;
	(void)local_port;
	if (exchange->sent > 0 && !exchange->repeatable)
		return CURL_PREREQFUNC_ABORT;
	exchange->sent++;
	return CURL_PREREQFUNC_OK;
}

/* Takes one line of the answer's head. Anything but `length` returned ends the transfer. */
static size_t head_take(char *line, size_t one, size_t length, void *context)
{
	struct rest_exchange *exchange = context;
	long status = 0;

	(void)one;
	if (exchange->head_done)
		return length; /* a trailer behind the body */
	exchange->head_bytes += length;
	if (exchange->head_bytes > REST_HEAD_MAX)
		return 0;
	if (length > 5 && memcmp(line, "HTTP/", 5) == 0) {
		exchange->header_count = 0; /* what came before was an interim answer (RFC 9110 section 15.2) */
	} else if (line[0] == '\r' || line[0] == '\n') {
		curl_easy_getinfo(exchange->handle->easy, CURLINFO_RESPONSE_CODE, &status);
		exchange->status = (int)status;
		exchange->head_done = status >= 200;
	} else if (exchange->header_count == REST_HEADERS_MAX ||
		!rest_line_read(exchange->arena, line, length, &exchange->headers[exchange->header_count++])) {
		return 0;
	}
	return length;
}

static size_t body_take(char *bytes, size_t one, size_t length, void *context)
{
	struct rest_exchange *exchange = context;
	struct rest_handle *handle = exchange->handle;

	(void)one;
	if (handle->start == handle->length)
		handle->start = handle->length = 0;
	if (length > REST_WINDOW - handle->length) {
		exchange->paused = true;
		return CURL_WRITEFUNC_PAUSE;
	}
	memcpy(handle->window + handle->length, bytes, length);
	handle->length += length;
	return length;
}

static void method_set(CURL *easy, const struct rest_request *request)
{
	const char *method = request->method ? request->method : "GET";
	bool sends = request->body_length > 0 || strcmp(method, "POST") == 0 || strcmp(method, "PUT") == 0 ||
		strcmp(method, "PATCH") == 0;

	/* The body is borrowed: libcurl reads it where it lies. Setting it makes a POST, so the method comes
	 * last. */
	curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->body_length);
	curl_easy_setopt(easy, CURLOPT_POSTFIELDS, request->body_length > 0 ? request->body : "");
	if (strcmp(method, "HEAD") == 0)
		curl_easy_setopt(easy, CURLOPT_NOBODY, 1L);
	else if (sends)
		curl_easy_setopt(easy, CURLOPT_POST, 1L);
	else
		curl_easy_setopt(easy, CURLOPT_HTTPGET, 1L);
	curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, method);
}

static void request_set(struct rest_exchange *exchange, const struct rest_request *request, struct curl_slist *lines)
{
	CURL *easy = exchange->handle->easy;

	method_set(easy, request);
	curl_easy_setopt(easy, CURLOPT_URL, request->url);
	curl_easy_setopt(easy, CURLOPT_HTTPHEADER, lines);
	curl_easy_setopt(
		easy, CURLOPT_CONNECTTIMEOUT_MS, (long)(request->connect_ms ? request->connect_ms : REST_CONNECT_MS));
	curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, sending);
	curl_easy_setopt(easy, CURLOPT_PREREQDATA, exchange);
	curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, head_take);
	curl_easy_setopt(easy, CURLOPT_HEADERDATA, exchange);
	curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, body_take);
	curl_easy_setopt(easy, CURLOPT_WRITEDATA, exchange);
}

/* Notes why it failed, by how far it got; gives the fault for it. */
static enum fault failed(struct rest_exchange *exchange, bool timed_out, const char *detail)
{
	enum rest_stage stage = exchange->sent == 0 ? REST_UNSENT
		: exchange->head_done               ? REST_ANSWERING
						    : REST_UNANSWERED;

	exchange->failure = (struct rest_failure){ stage, timed_out, detail };
	if (stage == REST_UNSENT)
		return FAULT_UNAVAILABLE;
	return timed_out ? FAULT_GATEWAY_TIMEOUT : FAULT_BAD_GATEWAY;
}

/* The fault of a transfer that is done. */
static enum fault outcome(struct rest_exchange *exchange)
{
	if (exchange->result == CURLE_OK)
		return FAULT_NONE;
	return failed(exchange, exchange->result == CURLE_OPERATION_TIMEDOUT, curl_easy_strerror(exchange->result));
}

static bool has_head(const struct rest_exchange *exchange)
{
	return exchange->head_done;
}

static bool has_bytes(const struct rest_exchange *exchange)
{
	return exchange->handle->start < exchange->handle->length;
}

/* Lets libcurl work until the condition holds or the transfer is done; false when the time is over before. */
static bool pump(struct rest_exchange *exchange, bool (*enough)(const struct rest_exchange *exchange), int64_t until)
{
	CURLM *multi = exchange->handle->multi;

	while (!enough(exchange) && !exchange->done) {
		int running;
		int left;
		const CURLMsg *message;

		curl_multi_perform(multi, &running);
		message = running == 0 ? curl_multi_info_read(multi, &left) : NULL;
		if (message && message->msg == CURLMSG_DONE) {
			exchange->done = true;
			exchange->result = message->data.result;
		} else if (!enough(exchange)) {
			int64_t wait = until - clock_monotonic();

			if (wait <= 0)
				return false;
			curl_multi_poll(multi, NULL, 0, wait < INT32_MAX ? (int)wait : INT32_MAX, NULL);
		}
	}
	return true;
}

static void exchange_release(void *exchange)
{
	rest_end(exchange);
}

static struct rest_exchange *exchange_new(
	struct rest_client *client, struct arena *arena, const struct rest_request *request, const struct rest_url *url)
{
	struct rest_exchange *exchange = arena_alloc(arena, sizeof(*exchange));

	exchange->client = client;
	exchange->arena = arena;
	exchange->headers = arena_array(arena, REST_HEADERS_MAX + 1, sizeof(*exchange->headers));
	exchange->repeatable = request->repeatable;
	exchange->idle_ms = request->idle_ms ? request->idle_ms : REST_IDLE_MS;
	exchange->total_until = request->total_ms ? clock_monotonic() + request->total_ms : INT64_MAX;
	exchange->handle = rest_handle_take(client, request->url, url->origin_length);
	arena_defer(arena, exchange_release, exchange);
	return exchange;
}

static int64_t deadline(const struct rest_exchange *exchange, int milliseconds)
{
	int64_t until = clock_monotonic() + milliseconds;

	return until < exchange->total_until ? until : exchange->total_until;
}

enum fault rest_begin(struct rest_client *client, struct arena *arena, const struct rest_request *request,
	struct rest_exchange **exchange, struct rest_failure *failure)
{
	struct rest_failure ignored = { 0 };
	struct rest_exchange *begun;
	struct curl_slist *lines;
	struct rest_url url;
	enum fault fault;

	failure = failure ? failure : &ignored;
	*failure = (struct rest_failure){ REST_UNSENT, false, "the request can't be sent like this" };
	if (!rest_url_read(request->url, &url) || (!url.secure && !url.loopback && !request->plain))
		return FAULT_MALFORMED;
	fault = rest_lines_make(arena, request->headers, &lines);
	if (fault != FAULT_NONE)
		return fault;
	begun = exchange_new(client, arena, request, &url);
	request_set(begun, request, lines);
	curl_multi_add_handle(begun->handle->multi, begun->handle->easy);
	if (!pump(begun, has_head, deadline(begun, request->answer_ms ? request->answer_ms : REST_ANSWER_MS)))
		fault = failed(begun, true, "no answer in time");
	else if (!begun->head_done)
		fault = begun->result == CURLE_OK ? failed(begun, false, "no answer") : outcome(begun);
	if (fault != FAULT_NONE) {
		*failure = begun->failure;
		rest_end(begun);
		return fault;
	}
	begun->headers[begun->header_count] = (struct rest_header){ NULL, NULL };
	*exchange = begun;
	return FAULT_NONE;
}

int rest_status(const struct rest_exchange *exchange)
{
	return exchange->status;
}

const struct rest_header *rest_headers(const struct rest_exchange *exchange)
{
	return exchange->headers;
}

const char *rest_header(const struct rest_exchange *exchange, const char *name)
{
	for (const struct rest_header *header = exchange->headers; header->name; header++)
		if (strcasecmp(header->name, name) == 0)
			return header->value;
	return NULL;
}

const struct rest_failure *rest_failed(const struct rest_exchange *exchange)
{
	return &exchange->failure;
}

enum fault rest_read(struct rest_exchange *exchange, void *buffer, size_t size, size_t *length)
{
	struct rest_handle *handle = exchange->handle;
	size_t waiting;

	while (handle && !has_bytes(exchange) && !exchange->done) {
		if (exchange->paused) {
			exchange->paused = false;
			curl_easy_pause(handle->easy, CURLPAUSE_CONT);
		} else if (!pump(exchange, has_bytes, deadline(exchange, exchange->idle_ms))) {
			exchange->done = true;
			exchange->result = CURLE_OPERATION_TIMEDOUT;
		}
	}
	if (handle && has_bytes(exchange)) {
		waiting = handle->length - handle->start;
		*length = waiting < size ? waiting : size;
		memcpy(buffer, handle->window + handle->start, *length);
		handle->start += *length;
		return FAULT_NONE;
	}
	rest_end(exchange);
	if (exchange->result != CURLE_OK)
		return outcome(exchange);
	*length = 0;
	return FAULT_NONE;
}

void rest_end(struct rest_exchange *exchange)
{
	struct rest_handle *handle = exchange ? exchange->handle : NULL;

	if (!handle)
		return;
	exchange->handle = NULL;
	curl_multi_remove_handle(handle->multi, handle->easy);
	rest_handle_give(exchange->client, handle, exchange->done && exchange->result == CURLE_OK);
	/* Ended before its end: reading on would not be the rest of the body. */
	if (!exchange->done)
		exchange->result = CURLE_ABORTED_BY_CALLBACK;
}
