#include "listen.h"

#include "text.h"

#include <fcntl.h>
#include <microhttpd.h>
#include <netdb.h>
#include <string.h>
#include <unistd.h>

bool listen_address(const char *text, struct sockaddr_storage *address)
{
	const char *colon = strrchr(text, ':');
	struct addrinfo hints = { .ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE };
	struct addrinfo *found = NULL;
	char host[256];

	if (!colon || (size_t)(colon - text) >= sizeof(host))
		return false;
	memcpy(host, text, (size_t)(colon - text));
	host[colon - text] = '\0';
	if (host[0] == '[' && text_ends(host, "]")) {
		memmove(host, host + 1, strlen(host));
		host[strlen(host) - 1] = '\0';
	}
	if (getaddrinfo(host[0] ? host : NULL, colon + 1, &hints, &found) != 0)
		return false;
	memcpy(address, found->ai_addr, found->ai_addrlen);
	freeaddrinfo(found);
	return true;
}

void listen_end(struct MHD_Daemon *daemon)
{
	MHD_socket listening = MHD_quiesce_daemon(daemon);
	struct sockaddr_storage address;
	socklen_t length = sizeof(address);
	int accepted;

	if (listening == MHD_INVALID_SOCKET)
		return;
	/* Closing would reset what waits to be accepted, with its requests on the way. */
	fcntl(listening, F_SETFL, fcntl(listening, F_GETFL) | O_NONBLOCK);
	while ((accepted = accept(listening, (struct sockaddr *)&address, &length)) >= 0) {
		/* One that libmicrohttpd doesn't take is closed by it. */
		MHD_add_connection(daemon, accepted, (const struct sockaddr *)&address, length);
		length = sizeof(address);
	}
	close(listening);
}
