#include "cli/tls_probe.h"

#include "wire/hub.h"
#include "wire/tls.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <openssl/err.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

SSL_CTX *tls_probe_context(struct error *error)
{
	SSL_CTX *context = SSL_CTX_new(TLS_client_method());

	if (!context) {
		error_set(error, "OpenSSL has no memory for a client");
		return NULL;
	}
	SSL_CTX_set_verify(context, SSL_VERIFY_NONE, NULL);
	/* Whatever the server is made to speak counts. */
	SSL_CTX_set_security_level(context, 0);
	return context;
}

/* False when the time ran out. */
static bool wait_for(int fd, short events, int64_t deadline_ms)
{
	struct pollfd poll_fd = { .fd = fd, .events = events };
	const int64_t left_ms = deadline_ms - monotonic_ms();

	return poll(&poll_fd, 1, left_ms > 0 ? (int)left_ms : 0) > 0;
}

static bool shake_hands(SSL *session, int fd, int64_t deadline_ms)
{
	for (;;) {
		int result;

		ERR_clear_error();
		result = SSL_connect(session);
		if (result == 1)
			return true;
		switch (SSL_get_error(session, result)) {
		case SSL_ERROR_WANT_READ:
			if (!wait_for(fd, POLLIN, deadline_ms))
				return false;
			break;
		case SSL_ERROR_WANT_WRITE:
			if (!wait_for(fd, POLLOUT, deadline_ms))
				return false;
			break;
		default:
			return false;
		}
	}
}

/* A connected, non-blocking socket, or -1 with errno. */
static int open_connection(const struct sockaddr *address, socklen_t size, int64_t deadline_ms)
{
	const int fd = socket(address->sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	socklen_t reason_size = sizeof(int);
	int reason = 0;

	if (fd < 0)
		return -1;
	if (connect(fd, address, size) != 0) {
		reason = errno;
		if (reason == EINPROGRESS && !wait_for(fd, POLLOUT, deadline_ms))
			reason = ETIMEDOUT;
		else if (reason == EINPROGRESS)
			getsockopt(fd, SOL_SOCKET, SO_ERROR, &reason, &reason_size);
	}
	if (reason == 0)
		return fd;
	close(fd);
	errno = reason;
	return -1;
}

struct peer {
	union {
		struct sockaddr any;
		struct sockaddr_in v4;
		struct sockaddr_in6 v6;
	} address;
	socklen_t size;
};

static struct peer peer_of(const char *address, uint16_t port)
{
	struct peer peer = { .address.v4 = { .sin_family = AF_INET, .sin_port = htons(port) },
		             .size = sizeof peer.address.v4 };

	if (inet_pton(AF_INET, address, &peer.address.v4.sin_addr) == 1)
		return peer;
	peer = (struct peer){ .address.v6 = { .sin6_family = AF_INET6, .sin6_port = htons(port) },
		              .size = sizeof peer.address.v6 };
	inet_pton(AF_INET6, address, &peer.address.v6.sin6_addr);
	return peer;
}

static bool probe(SSL_CTX *context, const struct peer *peer, int64_t patience_ms, bool *connected)
{
	const int64_t deadline_ms = monotonic_ms() + patience_ms;
	const int fd = open_connection(&peer->address.any, peer->size, deadline_ms);
	SSL *session = NULL;
	bool fine = false;

	if (fd < 0)
		return false;
	*connected = true;
	session = SSL_new(context);
	if (session && SSL_set_fd(session, fd) == 1 && SSL_set_tlsext_host_name(session, TLS_LOOKER) == 1 &&
	    shake_hands(session, fd, deadline_ms)) {
		SSL_shutdown(session);
		fine = true;
	}
	SSL_free(session);
	ERR_clear_error();
	close(fd);
	return fine;
}

bool tls_probe(SSL_CTX *context, const char *address, uint16_t port, int64_t patience_ms, struct error *why)
{
	const char *const addresses[] = { address ? address : "127.0.0.1", address ? NULL : "::1" };
	bool connected = false;

	for (size_t i = 0; i < sizeof addresses / sizeof *addresses && addresses[i]; i++) {
		const struct peer peer = peer_of(addresses[i], port);

		if (probe(context, &peer, patience_ms, &connected))
			return true;
	}
	error_set(why,
	          connected ? "port %u%s%s takes connections, but completes no TLS handshake"
	                    : "nothing listens on port %u%s%s",
	          port, address ? " of " : "", address ? address : "");
	return false;
}
