/*
 * Listening sockets. A gateway listens on 127.0.0.1 and ::1 on one port, because "localhost" means either; where the
 * machine has no ::1, on 127.0.0.1 alone. Two programs never share a port: SO_REUSEPORT stays off.
 */
#ifndef CPGW_WIRE_LISTENER_H
#define CPGW_WIRE_LISTENER_H

#include "core/error.h"
#include "wire/hub.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LISTENERS_MAX 2
#define LISTENER_BACKLOG 4096

struct gateway;

struct listener {
	struct watch watch;
	struct gateway *gateway;
	int fd;
	bool is_watched;
	bool is_lost; /* somebody else took the port while nobody listened there */
};

/* Why there is no gateway. The caller turns it into an exit code. */
enum listen_outcome {
	LISTEN_OK,
	LISTEN_PORT_TAKEN,  /* somebody else listens there */
	LISTEN_PORT_DENIED, /* a port below 1024 */
	LISTEN_BAD_ADDRESS, /* not numeric, or not this machine's */
	LISTEN_FAILED,      /* memory, descriptors */
};

/*
 * Opens non-blocking listening sockets: on `address` (numeric) or, when it is NULL, on the loopback addresses.
 * `port` 0 takes one that is free on all of them. On success `fds` and `count` are set, and `bound_port` is the port.
 */
enum listen_outcome listener_open(const char *address, uint16_t port, int fds[LISTENERS_MAX], size_t *count,
                                  uint16_t *bound_port, struct error *error);

#endif
