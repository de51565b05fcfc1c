/*
 * The event loop: one thread, any number of gateways.
 *
 *   server_init → server_add_gateway… → server_run (until SIGTERM, SIGINT, SIGHUP or server_stop) → server_release
 *
 * server_init() raises the descriptor limit, ignores SIGPIPE and blocks SIGTERM, SIGINT and SIGHUP: the loop takes them
 * from a descriptor. Nothing here is safe to call from another thread.
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

struct epoll_event;

struct server {
	struct hub hub;
	struct http http;
	struct gateway *gateways; /* owned */
	struct gateway *removed;  /* owned: to be freed at the end of the turn */
	size_t gateway_count;
	struct schedule schedule;   /* of the gateways */
	size_t fd_max;              /* descriptors that the process may have */
	size_t link_max;            /* CONNECTIONS_MAX, or what the descriptors allow */
	struct epoll_event *events; /* of this turn, those that are still to be told */
	size_t event_count;
	struct watch signals;
	int signal_fd;
	/* Told of SIGTERM, SIGINT and SIGHUP, which end the loop then only when it says so; NULL: they always do. */
	bool (*signalled)(void *context, int number);
	void *signal_context;
	sigset_t signals_before;
	bool stopping;
	int64_t accept_again_ms; /* monotonic; while the hub is not accepting */
};

bool server_init(struct server *server, struct error *error);
void server_release(struct server *server);

/* Starts another gateway; before or while the loop runs. `added` belongs to the server. */
enum listen_outcome server_add_gateway(struct server *server, const struct gateway_options *options,
                                       struct gateway **added, struct error *error);
/* Ends it with all its connections. Not from within its observer. */
void server_remove_gateway(struct server *server, struct gateway *gateway);

/* Has `watch` called when the descriptor has one of the epoll events; level-triggered, until it is closed or unwatched.
 * The server owns neither. */
bool server_watch(struct server *server, int fd, uint32_t events, struct watch *watch);
bool server_watch_change(struct server *server, int fd, uint32_t events, struct watch *watch);
/* `watch` is not called any more, not even for what has been seen already: it may go. */
void server_unwatch(struct server *server, int fd, struct watch *watch);

/* Runs until it is told to stop; open connections are closed then. False when the loop itself failed. */
bool server_run(struct server *server, struct error *error);
void server_stop(struct server *server);

#endif
