#include "listen.h"

#include "text.h"

#include <errno.h>
#include <linux/filter.h>
#include <microhttpd.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#define LISTEN_SETTLE_MS 100 /* for a handshake that was half done; longer than a network's round trip */

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

/*
 * Drops what asks for a connection, SYN without ACK, and lets pass all else. A socket filter sees the TCP header, whose
 * byte 13 holds the flags (RFC 9293 section 3.1).
 */
static void knocks_ignore(int listening)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 13),
		BPF_STMT(BPF_ALU | BPF_AND | BPF_K, TH_SYN | TH_ACK),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, TH_SYN, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, 0),
		BPF_STMT(BPF_RET | BPF_K, UINT32_MAX),
	};
	const struct sock_fprog filter = { sizeof(code) / sizeof(code[0]), code };

	setsockopt(listening, SOL_SOCKET, SO_ATTACH_FILTER, &filter, sizeof(filter));
}

/*
 * Closing a listening socket resets the connections that wait to be accepted, their requests on the way. So first
 * nobody gets in any more (who knocks now tries again in a second, and is refused or finds another), then those
 * inside are served.
 */
void listen_end(struct MHD_Daemon *daemon)
{
	MHD_socket listening = MHD_quiesce_daemon(daemon);
	struct pollfd fd = { .fd = listening, .events = POLLIN };

	if (listening == MHD_INVALID_SOCKET)
		return;
	knocks_ignore(listening);
	for (;;) {
		struct sockaddr_storage address;
		socklen_t length = sizeof(address);
		int ready = poll(&fd, 1, LISTEN_SETTLE_MS);
		int accepted = ready > 0 ? accept4(listening, (struct sockaddr *)&address, &length, SOCK_CLOEXEC) : -1;

		if (ready && accepted < 0 && errno == EINTR)
			continue;
		if (accepted < 0)
			break;
		/* One that libmicrohttpd doesn't take is closed by it. */
		MHD_add_connection(daemon, accepted, (const struct sockaddr *)&address, length);
	}
	close(listening);
}
