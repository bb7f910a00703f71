/*
 * gate: stands between a socket and libmicrohttpd, and lets through one whole request at a time, whose framing has been
 * read strictly (framing.h). libmicrohttpd 0.9.75 takes bare line feeds, folded lines, blanks before colons, two lengths
 * and a length beside a coding, waits for ever behind a coding that it doesn't know, and has no option against any of
 * it; it reads its sockets with recv(), so the gate is a recv() of this program's own, which dynamic linking puts in
 * front of libc's. On sockets that have no gate it is libc's.
 *
 * Of a refused request nothing goes on but its method and address: the gate says "METHOD TARGET" with no header but a
 * Host and the end of the connection, so that the refusal is answered, logged and counted like any other answer.
 *
 * A gate belongs to the thread of its connection, save for gate_open and gate_close. Internal to server.
 */
#ifndef AFTERCARE_SERVER_GATE_H
#define AFTERCARE_SERVER_GATE_H

#include "fault.h"

#include <stdbool.h>

#define GATE_SOCKETS_MAX  65536 /* file descriptors below this can have one */
#define GATE_LINGER_MS    2000  /* how long the rest of a refused request is swallowed, so that its answer arrives */
#define GATE_LINGER_BYTES ((size_t)8 * 1024 * 1024)

struct gate;

/* Whether libmicrohttpd reads by the gate's recv(). */
bool gate_works(void);

/* `begins` is called at the first byte of each request. NULL when the socket is beyond GATE_SOCKETS_MAX. */
struct gate *gate_open(int socket, void (*begins)(void *context), void *context);
void gate_close(struct gate *gate);

/* Why the request that libmicrohttpd reads now is refused; *why is a constant sentence, or NULL when it is a limit. */
enum fault gate_refused(const struct gate *gate, const char **why);

/* After the answer of a refused request: ends what we say, and swallows what the client still says. */
void gate_linger(struct gate *gate);

#endif
