#include "wire/listener.h"

#include "wire/port_holder.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* Tries for a port that is free on both loopback addresses: the first almost always is. */
#define FREE_PORT_TRIES 50

union any_address {
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
};

static bool read_address(const char *text, uint16_t port, union any_address *address, socklen_t *size)
{
	memset(address, 0, sizeof *address);
	if (inet_pton(AF_INET, text, &address->v4.sin_addr) == 1) {
		address->v4.sin_family = AF_INET;
		address->v4.sin_port = htons(port);
		*size = sizeof address->v4;
		return true;
	}
	if (inet_pton(AF_INET6, text, &address->v6.sin6_addr) == 1) {
		address->v6.sin6_family = AF_INET6;
		address->v6.sin6_port = htons(port);
		*size = sizeof address->v6;
		return true;
	}
	return false;
}

/* Only who asks for "::" gets a socket for both families. */
static void set_options(int fd, const union any_address *address)
{
	const int on = 1;
	const int v6_only = memcmp(&address->v6.sin6_addr, &in6addr_any, sizeof in6addr_any) != 0;

	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
	/* Accepted sockets inherit it: answers are sent whole, there is nothing to wait for. */
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
	if (address->any.sa_family == AF_INET6)
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &v6_only, sizeof v6_only);
}

static uint16_t port_of(int fd)
{
	union any_address address = { 0 };
	socklen_t size = sizeof address;

	if (getsockname(fd, &address.any, &size) != 0)
		return 0;
	return ntohs(address.any.sa_family == AF_INET6 ? address.v6.sin6_port : address.v4.sin_port);
}

/* A port that is free, bound and not listened to. A socket that was bound to any keeps none when it stops listening
 * (port.c), so that the one which will listen is bound to this one, by its number. -1 with errno. */
static int reserve_port(union any_address *address, socklen_t size)
{
	const int fd = socket(address->any.sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	const int on = 1;

	if (fd < 0)
		return -1;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
	if (bind(fd, &address->any, size) == 0 && getsockname(fd, &address->any, &size) == 0)
		return fd;
	const int reason = errno;
	close(fd);
	errno = reason;
	return -1;
}

static int listen_at(const union any_address *address, socklen_t size)
{
	const int fd = socket(address->any.sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -1;
	set_options(fd, address);
	if (bind(fd, &address->any, size) == 0 && listen(fd, LISTENER_BACKLOG) == 0)
		return fd;
	const int reason = errno;
	close(fd);
	errno = reason;
	return -1;
}

/* A listening socket, or -1 with errno. */
static int listen_on(const char *text, uint16_t port)
{
	union any_address address;
	socklen_t size;
	int reserved;
	int fd;

	if (!read_address(text, port, &address, &size)) {
		errno = EADDRNOTAVAIL;
		return -1;
	}
	if (port != 0)
		return listen_at(&address, size);
	reserved = reserve_port(&address, size);
	if (reserved < 0)
		return -1;
	fd = listen_at(&address, size);
	close(reserved);
	return fd;
}

static enum listen_outcome explain(const char *address, uint16_t port, int reason, struct error *error)
{
	struct port_holder holder;

	switch (reason) {
	case EADDRINUSE:
		if (port != 0 && port_holder_find(port, &holder))
			error_set(error, "port %u is in use by %s (pid %ld)", port, holder.name, holder.pid);
		else
			error_set(error, "port %u is in use", port);
		return LISTEN_PORT_TAKEN;
	case EACCES:
		error_set(error, "port %u is not ours to take: ports below 1024 need a privilege", port);
		return LISTEN_PORT_DENIED;
	case EADDRNOTAVAIL:
	case EAFNOSUPPORT:
		error_set(error, "cannot listen on %s: it is not a numeric address of this machine", address);
		return LISTEN_BAD_ADDRESS;
	case EMFILE:
	case ENFILE:
		error_set(error,
		          "no file descriptors are left to listen with: fewer gateways, or a higher 'ulimit -n'");
		return LISTEN_FAILED;
	default:
		error_set(error, "cannot listen on %s port %u: %s", address, port, strerror(reason));
		return LISTEN_FAILED;
	}
}

static bool lacks_address(int reason)
{
	return reason == EADDRNOTAVAIL || reason == EAFNOSUPPORT;
}

static enum listen_outcome open_loopback(uint16_t port, int fds[LISTENERS_MAX], size_t *count, uint16_t *bound_port,
                                         struct error *error)
{
	const int tries = port == 0 ? FREE_PORT_TRIES : 1;
	int reason = 0;

	for (int i = 0; i < tries; i++) {
		const int v4 = listen_on("127.0.0.1", port);
		uint16_t taken;
		int v6;

		if (v4 < 0)
			return explain("127.0.0.1", port, errno, error);
		taken = port_of(v4);
		v6 = listen_on("::1", taken);
		reason = errno;
		if (v6 >= 0 || lacks_address(reason)) {
			fds[0] = v4;
			fds[1] = v6;
			*count = v6 >= 0 ? 2 : 1;
			*bound_port = taken;
			return LISTEN_OK;
		}
		close(v4);
	}
	return explain("::1", port, reason, error);
}

enum listen_outcome listener_open(const char *address, uint16_t port, int fds[LISTENERS_MAX], size_t *count,
                                  uint16_t *bound_port, struct error *error)
{
	int fd;

	if (!address)
		return open_loopback(port, fds, count, bound_port, error);
	fd = listen_on(address, port);
	if (fd < 0)
		return explain(address, port, errno, error);
	fds[0] = fd;
	*count = 1;
	*bound_port = port_of(fd);
	return LISTEN_OK;
}
