/* listen: the address of a server, and the end of its listening. Internal to server. */
#ifndef AFTERCARE_SERVER_LISTEN_H
#define AFTERCARE_SERVER_LISTEN_H

#include <stdbool.h>
#include <sys/socket.h>

struct MHD_Daemon;

/* Reads host:port, [host]:port or :port; false when it is none of them. */
bool listen_address(const char *text, struct sockaddr_storage *address);

/* Takes no more connections; those that the kernel has taken already are served. */
void listen_end(struct MHD_Daemon *daemon);

#endif
