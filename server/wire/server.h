/*
 * The event loop: one thread, any number of gateways.
 *
 *   server_init → server_add_gateway… → server_run (until SIGTERM, SIGINT or server_stop) → server_release
 *
 * server_init() raises the descriptor limit, ignores SIGPIPE and blocks SIGTERM and SIGINT: the loop takes them from
 * a descriptor. Nothing here is safe to call from another thread.
 */
#ifndef CPGW_WIRE_SERVER_H
#define CPGW_WIRE_SERVER_H

#include "core/error.h"
#include "wire/gateway.h"
#include "wire/http.h"
#include "wire/hub.h"
#include "wire/listener.h"

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct server {
	struct hub hub;
	struct http http;
	struct gateway *gateways; /* owned */
	struct gateway *removed;  /* owned: to be freed at the end of the turn */
	size_t gateway_count;
	size_t link_max; /* CONNECTIONS_MAX, or what the descriptor limit allows */
	struct watch signals;
	int signal_fd;
	sigset_t signals_before;
	bool stopping;
	bool is_accepting;
	int64_t accept_again_ms; /* monotonic; while not accepting */
};

bool server_init(struct server *server, struct error *error);
void server_release(struct server *server);

/* Starts another gateway; before or while the loop runs. `added` belongs to the server. */
enum listen_outcome server_add_gateway(struct server *server, const struct gateway_options *options,
                                       struct gateway **added, struct error *error);
/* Ends it with all its connections. Not from within its observer. */
void server_remove_gateway(struct server *server, struct gateway *gateway);

/* Has `watch` called when the descriptor has one of the epoll events; level-triggered, until it is closed. The server
 * owns neither. */
bool server_watch(struct server *server, int fd, uint32_t events, struct watch *watch);

/* Runs until it is told to stop; open connections are closed then. False when the loop itself failed. */
bool server_run(struct server *server, struct error *error);
void server_stop(struct server *server);

#endif
