#include "gate.h"

#include "clock.h"
#include "framing.h"

#include <dlfcn.h>
#include <errno.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#define SWALLOW_BYTES ((size_t)16 * 1024)

struct gate {
	int socket;
	struct framing framing;
	uint64_t open; /* bytes that may go on unread by us */
	bool begun;    /* the first byte of a request is there */
	bool waits;    /* for more than one byte: SO_RCVLOWAT is raised */
	bool shut;     /* it refused a request: nothing more goes on */
	void (*begins)(void *context);
	void *context;
};

/* The one thing that recv() knows is the socket. Written when connections open and close, read without a lock. */
static _Atomic(struct gate *) gates[GATE_SOCKETS_MAX];

bool gate_works(void)
{
	ssize_t (*ours)(int, void *, size_t, int) = recv;
	void *found = dlsym(RTLD_DEFAULT, "recv");

	return memcmp(&found, &ours, sizeof(found)) == 0;
}

struct gate *gate_open(int socket, void (*begins)(void *context), void *context)
{
	struct gate *gate;

	if (socket < 0 || socket >= GATE_SOCKETS_MAX)
		return NULL;
	gate = calloc(1, sizeof(*gate));
	if (!gate)
		abort();
	gate->socket = socket;
	gate->begins = begins;
	gate->context = context;
	atomic_store_explicit(&gates[socket], gate, memory_order_release);
	return gate;
}

void gate_close(struct gate *gate)
{
	if (!gate)
		return;
	atomic_store_explicit(&gates[gate->socket], NULL, memory_order_release);
	free(gate);
}

enum fault gate_refused(const struct gate *gate, const char **why)
{
	*why = gate->framing.why;
	return gate->framing.refused;
}

static ssize_t receive(struct gate *gate, void *buffer, size_t size, int flags)
{
	return recvfrom(gate->socket, buffer, size, flags, NULL, NULL);
}

/* Whether no more than `have` bytes will ever come: the client has ended its side. */
static bool ended(const struct gate *gate, size_t have)
{
	struct pollfd fd = { .fd = gate->socket, .events = POLLRDHUP };
	int waiting = 0;

	return poll(&fd, 1, 0) > 0 && ioctl(gate->socket, FIONREAD, &waiting) == 0 && (size_t)waiting <= have;
}

/* Bytes wait in the socket, but too few: it is ready again when there are more than `have`, or at its end. */
static ssize_t wait_for_more(struct gate *gate, size_t have)
{
	int least = (int)have + 1;

	if (ended(gate, have))
		return 0;
	gate->waits = true;
	setsockopt(gate->socket, SOL_SOCKET, SO_RCVLOWAT, &least, sizeof(least));
	errno = EAGAIN;
	return -1;
}

static void wait_end(struct gate *gate)
{
	int least = 1;

	if (gate->waits)
		setsockopt(gate->socket, SOL_SOCKET, SO_RCVLOWAT, &least, sizeof(least));
	gate->waits = false;
}

/* What libmicrohttpd reads in place of what was refused; the end of the connection where there is no room for it. */
static ssize_t shut(struct gate *gate, int length, size_t size)
{
	gate->shut = true;
	return length > 0 && (size_t)length < size ? length : 0;
}

/* A request that libmicrohttpd can answer in place of the refused one, of which it sees only the method and address. */
static ssize_t stand_in(struct gate *gate, const char *head, char *buffer, size_t size)
{
	static const char rest[] = " HTTP/1.1\r\nHost: refused\r\nConnection: close\r\n\r\n";
	const struct framing *framing = &gate->framing;
	const char *line = framing->target ? head : "GET /";
	size_t length = framing->target ? framing->method + 1 + framing->target : strlen(line);

	if (length + sizeof(rest) <= size) {
		memmove(buffer, line, length); /* the head may lie in the buffer itself */
		memcpy(buffer + length, rest, sizeof(rest));
	}
	return shut(gate, (int)(length + sizeof(rest) - 1), size);
}

/* An empty line in front of a request is none of it (RFC 9112 section 2.2). */
static void blank_skip(struct gate *gate, char *head, ssize_t *got)
{
	if (*got < 2 || head[0] != '\r' || head[1] != '\n')
		return;
	receive(gate, head, 2, 0);
	*got -= 2;
	memmove(head, head + 2, (size_t)*got);
}

/* Of a head that was looked at: whole and good, it is open; refused, its stand-in is in the buffer. */
static ssize_t head_take(struct gate *gate, char *head, ssize_t got, char *buffer, size_t size)
{
	enum framing_found found;

	blank_skip(gate, head, &got);
	found = framing_head(&gate->framing, head, (size_t)got);
	if (found == FRAMING_PART)
		return wait_for_more(gate, (size_t)got);
	wait_end(gate);
	if (found == FRAMING_REFUSED)
		return stand_in(gate, head, buffer, size);
	gate->open = gate->framing.head + (gate->framing.chunked ? 0 : gate->framing.left);
	return 1;
}

/* A head that the buffer has no room for. */
static ssize_t long_head_look(struct gate *gate, char *buffer, size_t size)
{
	char *head = malloc(FRAMING_HEAD_MAX);
	ssize_t got;

	if (!head)
		abort();
	got = receive(gate, head, FRAMING_HEAD_MAX, MSG_PEEK);
	if (got > 0) {
		ssize_t seen = got;

		got = head_take(gate, head, got, buffer, size);
		explicit_bzero(head, (size_t)seen);
	}
	free(head);
	return got;
}

/* Looks at the next head without taking it: in the buffer where it goes when it is good. */
static ssize_t head_look(struct gate *gate, char *buffer, size_t size)
{
	ssize_t got = receive(gate, buffer, size, MSG_PEEK);

	if (got > 0 && !gate->begun) {
		gate->begun = true;
		gate->begins(gate->context);
	}
	if (got <= 0)
		return got;
	return (size_t)got < size ? head_take(gate, buffer, got, buffer, size) : long_head_look(gate, buffer, size);
}

/* Looks at the next piece of a chunked body. Refused, the body ends in the buffer. */
static ssize_t chunk_look(struct gate *gate, char *buffer, size_t size)
{
	ssize_t got = receive(gate, buffer, size, MSG_PEEK);

	if (got <= 0)
		return got;
	gate->open = framing_body(&gate->framing, buffer, (size_t)got);
	if (gate->open) {
		gate->framing.refused = FAULT_NONE; /* what is behind is looked at again when it is its turn */
		wait_end(gate);
		return 1;
	}
	if (!gate->framing.refused && (size_t)got < size)
		return wait_for_more(gate, (size_t)got);
	if (!gate->framing.refused) /* trailers longer than the room that is left for them */
		gate->framing.refused = FAULT_HEADERS_TOO_LARGE;
	return shut(gate, snprintf(buffer, size, "%s", framing_ending(&gate->framing)), size);
}

static ssize_t gate_receive(struct gate *gate, char *buffer, size_t size)
{
	ssize_t got = 1;

	if (gate->shut)
		return 0;
	if (gate->open == 0)
		got = gate->framing.chunked ? chunk_look(gate, buffer, size) : head_look(gate, buffer, size);
	if (got <= 0 || gate->open == 0)
		return got;
	got = receive(gate, buffer, size < gate->open ? size : (size_t)gate->open, 0);
	if (got > 0)
		gate->open -= (uint64_t)got;
	if (gate->open == 0 && !gate->framing.chunked)
		gate->begun = false;
	return got;
}

ssize_t recv(int socket, void *buffer, size_t size, int flags)
{
	struct gate *gate = socket >= 0 && socket < GATE_SOCKETS_MAX
		? atomic_load_explicit(&gates[socket], memory_order_acquire)
		: NULL;

	return gate && flags == 0 ? gate_receive(gate, buffer, size)
				  : recvfrom(socket, buffer, size, flags, NULL, NULL);
}

void gate_linger(struct gate *gate)
{
	int64_t deadline = clock_monotonic() + GATE_LINGER_MS;
	struct pollfd fd = { .fd = gate->socket, .events = POLLIN };
	char swallowed[SWALLOW_BYTES];
	size_t total = 0;

	shutdown(gate->socket, SHUT_WR);
	while (total < GATE_LINGER_BYTES) {
		int64_t left = deadline - clock_monotonic();
		ssize_t got =
			left > 0 && poll(&fd, 1, (int)left) > 0 ? receive(gate, swallowed, sizeof(swallowed), 0) : 0;

		if (got <= 0)
			return;
		total += (size_t)got;
	}
}
