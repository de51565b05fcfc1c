#include "wire/server.h"

#include "core/limits.h"
#include "wire/link.h"

#include <assert.h>
#include <errno.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <unistd.h>

#define EVENTS_PER_TURN 256
/* Connections taken from one listener before others get theirs. */
#define ACCEPTS_PER_TURN 64
/* Descriptors that one connection may need, and those that are not for connections. */
#define FDS_PER_LINK 3
#define FDS_ELSE 64
/* When descriptors ran out: how long until another try, unless a connection ends before. */
#define ACCEPT_PAUSE_MS 100
/* Rounds of one turn before the loop looks at its descriptors again. */
#define ROUNDS_PER_TURN 16
/* epoll's longest sleep; more than a day. */
#define SLEEP_MAX_MS 100000000

/* ---- accepting ---- */

static void watch_listeners(struct server *server, const struct gateway *gateway, uint32_t events)
{
	for (size_t i = 0; i < gateway->listener_count; i++) {
		struct listener *listener = (struct listener *)&gateway->listeners[i];

		hub_watch_change(&server->hub, listener->fd, events, &listener->watch);
	}
}

static void accept_or_not(struct server *server, bool accepting)
{
	server->is_accepting = accepting;
	server->accept_again_ms = server->hub.now_ms + ACCEPT_PAUSE_MS;
	for (struct gateway *gateway = server->gateways; gateway; gateway = gateway->next)
		watch_listeners(server, gateway, accepting ? EPOLLIN : 0);
}

static struct server *server_of(struct hub *hub)
{
	return (struct server *)hub; /* its first member */
}

static void accept_some(struct server *server, struct gateway *gateway, int listener)
{
	struct hub *hub = &server->hub;

	for (int i = 0; i < ACCEPTS_PER_TURN && hub->link_count < server->link_max; i++) {
		struct sockaddr_storage peer;
		socklen_t size = sizeof peer;
		const int fd = accept4(listener, (struct sockaddr *)&peer, &size, SOCK_NONBLOCK | SOCK_CLOEXEC);

		if (fd < 0) {
			if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM)
				accept_or_not(server, false);
			return; /* else there are no more, or one has left already */
		}
		gateway->connections++;
		link_open(hub, gateway, gateway->tls, fd, (const struct sockaddr *)&peer);
	}
	if (hub->link_count >= server->link_max)
		accept_or_not(server, false);
}

static void listener_ready(struct watch *watch, uint32_t events)
{
	struct listener *listener = (struct listener *)watch;

	(void)events;
	if (listener->fd < 0) /* removed in this very turn */
		return;
	accept_some(server_of(listener->gateway->hub), listener->gateway, listener->fd);
}

/* Accepts again once there is room, or it is time to see whether there is. */
static void resume_accepting(struct server *server)
{
	const bool ended = server->hub.link_ended;

	server->hub.link_ended = false;
	if (server->is_accepting || server->hub.link_count >= server->link_max)
		return;
	if (ended || server->hub.now_ms >= server->accept_again_ms)
		accept_or_not(server, true);
}

/* ---- gateways ---- */

enum listen_outcome server_add_gateway(struct server *server, const struct gateway_options *options,
                                       struct gateway **added, struct error *error)
{
	enum listen_outcome outcome = LISTEN_FAILED;
	struct gateway *gateway;

	if (server->gateway_count >= GATEWAYS_MAX) {
		error_set(error, "no more than %d gateways fit into one process", GATEWAYS_MAX);
		return LISTEN_FAILED;
	}
	gateway = malloc(sizeof *gateway);
	if (!gateway) {
		error_set(error, "memory ran out");
		return LISTEN_FAILED;
	}
	outcome = gateway_init(gateway, &server->hub, options, error);
	if (outcome != LISTEN_OK) {
		free(gateway);
		return outcome;
	}
	for (size_t i = 0; i < gateway->listener_count; i++) {
		struct listener *listener = &gateway->listeners[i];

		listener->watch.ready = listener_ready;
		hub_watch(&server->hub, listener->fd, server->is_accepting ? EPOLLIN : 0, &listener->watch);
	}
	gateway->next = server->gateways;
	server->gateways = gateway;
	server->gateway_count++;
	*added = gateway;
	return LISTEN_OK;
}

static void close_links(struct server *server, const struct gateway *gateway)
{
	struct link *next;

	for (struct link *link = server->hub.links; link; link = next) {
		next = link->next;
		if (link->gateway == gateway)
			link_close(link);
	}
}

void server_remove_gateway(struct server *server, struct gateway *gateway)
{
	struct gateway **place = &server->gateways;

	close_links(server, gateway);
	while (*place != gateway)
		place = &(*place)->next;
	*place = gateway->next;
	server->gateway_count--;
	gateway_release(gateway);
	gateway->next = server->removed;
	server->removed = gateway;
}

/* Events of this turn may still have named them. */
static void free_removed(struct server *server)
{
	while (server->removed) {
		struct gateway *gateway = server->removed;

		server->removed = gateway->next;
		free(gateway);
	}
}

static bool advance_gateways(struct server *server)
{
	bool advanced = false;

	for (struct gateway *gateway = server->gateways; gateway; gateway = gateway->next) {
		if (gateway_due_ms(gateway) > server->hub.now_ms)
			continue;
		gateway_advance(gateway);
		advanced = true;
	}
	return advanced;
}

/* ---- turns ---- */

static void settle_links(struct hub *hub)
{
	struct link *link = hub->touched;

	hub->touched = NULL;
	while (link) {
		struct link *next = link->next_touched;

		link->is_touched = false;
		link_settle(link);
		link = next;
	}
}

static bool has_work(const struct hub *hub)
{
	return hub->parser_pending || hub->touched;
}

/* Does everything that the descriptors' news have set off. */
static void finish_turn(struct server *server)
{
	struct hub *hub = &server->hub;

	advance_gateways(server);
	for (int round = 0; round < ROUNDS_PER_TURN && has_work(hub); round++) {
		http_run(&server->http);
		settle_links(hub);
	}
	link_bury(hub);
	free_removed(server);
	resume_accepting(server);
}

static int earlier(int sleep_ms, int64_t now_ms, int64_t due_ms)
{
	const int64_t wait_ms = due_ms > now_ms ? due_ms - now_ms : 0;

	return wait_ms < sleep_ms ? (int)wait_ms : sleep_ms;
}

/* How long the loop may sleep. */
static int sleep_ms(struct server *server)
{
	const int64_t now_ms = server->hub.now_ms;
	const int64_t queues_ms = link_queues_expire(&server->hub);
	int sleep = SLEEP_MAX_MS;

	if (has_work(&server->hub))
		return 0;
	if (queues_ms >= 0)
		sleep = earlier(sleep, now_ms, queues_ms);
	if (!server->is_accepting && server->hub.link_count < server->link_max)
		sleep = earlier(sleep, now_ms, server->accept_again_ms);
	for (struct gateway *gateway = server->gateways; gateway; gateway = gateway->next)
		sleep = earlier(sleep, now_ms, gateway_due_ms(gateway));
	return sleep;
}

/* Once the last quiet parser has gone, its memory goes back to the machine. */
static void trim_memory(struct hub *hub)
{
	if (!hub->parsers_retired || hub->parser_pending)
		return;
	hub->parsers_retired = false;
	malloc_trim(0);
}

bool server_run(struct server *server, struct error *error)
{
	struct epoll_event events[EVENTS_PER_TURN];

	server->stopping = false;
	while (!server->stopping) {
		const int count = epoll_wait(server->hub.epoll, events, EVENTS_PER_TURN, sleep_ms(server));

		if (count < 0 && errno != EINTR) {
			error_set(error, "the event loop failed: %s", strerror(errno));
			return false;
		}
		server->hub.now_ms = monotonic_ms();
		for (int i = 0; i < count; i++) {
			struct watch *watch = events[i].data.ptr;

			watch->ready(watch, events[i].events);
		}
		finish_turn(server);
		trim_memory(&server->hub);
	}
	return true;
}

void server_stop(struct server *server)
{
	server->stopping = true;
}

bool server_watch(struct server *server, int fd, uint32_t events, struct watch *watch)
{
	return hub_watch(&server->hub, fd, events, watch);
}

/* ---- beginning and end ---- */

static size_t raise_descriptor_limit(void)
{
	struct rlimit limit;
	size_t links;

	if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
		return 1;
	if (limit.rlim_cur < limit.rlim_max) {
		limit.rlim_cur = limit.rlim_max;
		setrlimit(RLIMIT_NOFILE, &limit);
		getrlimit(RLIMIT_NOFILE, &limit);
	}
	links = limit.rlim_cur > FDS_ELSE ? (size_t)(limit.rlim_cur - FDS_ELSE) / FDS_PER_LINK : 1;
	return links < CONNECTIONS_MAX ? links : CONNECTIONS_MAX;
}

static void signals_ready(struct watch *watch, uint32_t events)
{
	struct server *server = (struct server *)((char *)watch - offsetof(struct server, signals));
	struct signalfd_siginfo info;

	(void)events;
	if (read(server->signal_fd, &info, sizeof info) == (ssize_t)sizeof info)
		server->stopping = true;
}

static bool take_signals(struct server *server)
{
	sigset_t signals;

	signal(SIGPIPE, SIG_IGN);
	sigemptyset(&signals);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGINT);
	if (sigprocmask(SIG_BLOCK, &signals, &server->signals_before) != 0)
		return false;
	server->signal_fd = signalfd(-1, &signals, SFD_NONBLOCK | SFD_CLOEXEC);
	server->signals.ready = signals_ready;
	return server->signal_fd >= 0 && server_watch(server, server->signal_fd, EPOLLIN, &server->signals);
}

bool server_init(struct server *server, struct error *error)
{
	*server = (struct server){ .hub = { .epoll = -1 }, .signal_fd = -1, .is_accepting = true };
	server->link_max = raise_descriptor_limit();
	if (!hub_init(&server->hub, error))
		return false;
	server->hub.http = &server->http;
	if (!http_init(&server->http, &server->hub, error))
		goto out;
	if (!take_signals(server)) {
		error_set(error, "cannot wait for signals: %s", strerror(errno));
		goto out;
	}
	return true;
out:
	server_release(server);
	return false;
}

void server_release(struct server *server)
{
	while (server->gateways)
		server_remove_gateway(server, server->gateways);
	if (server->http.daemon) {
		server->hub.parser_pending = true;
		http_run(&server->http);
		settle_links(&server->hub);
		link_bury(&server->hub);
	}
	assert(!server->hub.links);
	http_release(&server->http);
	link_bury(&server->hub);
	free_removed(server);
	if (server->signal_fd >= 0) {
		close(server->signal_fd);
		sigprocmask(SIG_SETMASK, &server->signals_before, NULL);
	}
	hub_release(&server->hub);
	*server = (struct server){ .hub = { .epoll = -1 }, .signal_fd = -1 };
}
