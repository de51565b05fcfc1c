#include "cli/tls_probe.h"

#include "wire/hub.h"

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

static bool probe(SSL_CTX *context, const struct sockaddr *address, socklen_t size, int64_t patience_ms,
                  bool *connected)
{
	const int64_t deadline_ms = monotonic_ms() + patience_ms;
	const int fd = open_connection(address, size, deadline_ms);
	SSL *session = NULL;
	bool fine = false;

	*connected = fd >= 0;
	if (fd < 0)
		return false;
	session = SSL_new(context);
	if (session && SSL_set_fd(session, fd) == 1 && shake_hands(session, fd, deadline_ms)) {
		SSL_shutdown(session);
		fine = true;
	}
	SSL_free(session);
	ERR_clear_error();
	close(fd);
	return fine;
}

bool tls_probe(SSL_CTX *context, uint16_t port, int64_t patience_ms, struct error *why)
{
	const struct sockaddr_in v4 = { .sin_family = AF_INET,
		                        .sin_port = htons(port),
		                        .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	const struct sockaddr_in6 v6 = { .sin6_family = AF_INET6,
		                         .sin6_port = htons(port),
		                         .sin6_addr = in6addr_loopback };
	bool connected_v4;
	bool connected_v6;

	if (probe(context, (const struct sockaddr *)&v4, sizeof v4, patience_ms, &connected_v4))
		return true;
	if (probe(context, (const struct sockaddr *)&v6, sizeof v6, patience_ms, &connected_v6))
		return true;
	if (connected_v4 || connected_v6)
		error_set(why, "port %u takes connections, but completes no TLS handshake", port);
	else
		error_set(why, "nothing listens on port %u", port);
	return false;
}
