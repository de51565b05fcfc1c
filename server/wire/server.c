#include "wire/server.h"

#include "core/limits.h"
#include "wire/link.h"
#include "wire/link_break.h"
#include "wire/port.h"

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

/* The struct whose member `pointer` points to. */
#define OWNER(type, member, pointer) ((type *)(void *)((char *)(pointer)-offsetof(type, member)))

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

static void accept_or_not(struct server *server, bool accepting)
{
	server->hub.is_accepting = accepting;
	server->accept_again_ms = server->hub.now_ms + ACCEPT_PAUSE_MS;
	for (struct gateway *gateway = server->gateways; gateway; gateway = gateway->next)
		port_watch(gateway);
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
		struct accept_plan plan;
		struct link *link;
		socklen_t size = sizeof peer;
		const int fd = accept4(listener, (struct sockaddr *)&peer, &size, SOCK_NONBLOCK | SOCK_CLOEXEC);

		if (fd < 0) {
			if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM)
				accept_or_not(server, false);
			return; /* else there are no more, or one has left already */
		}
		gateway->connections++;
		link = link_open(hub, gateway, gateway->tls, fd, (const struct sockaddr *)&peer);
		if (link && gateway_accept(gateway, &plan))
			link_begin(link, &plan);
		if (gateway->port_state != PORT_OPEN)
			return;
	}
	if (hub->link_count >= server->link_max)
		accept_or_not(server, false);
}

static void listener_ready(struct watch *watch, uint32_t events)
{
	struct listener *listener = (struct listener *)watch;

	(void)events;
	/* removed, or closed by a fault, in this very turn */
	if (listener->fd < 0 || listener->gateway->port_state != PORT_OPEN)
		return;
	accept_some(server_of(listener->gateway->hub), listener->gateway, listener->fd);
}

/* Accepts again once there is room, or it is time to see whether there is. */
static void resume_accepting(struct server *server)
{
	const bool ended = server->hub.link_ended;

	server->hub.link_ended = false;
	if (server->hub.is_accepting || server->hub.link_count >= server->link_max)
		return;
	if (ended || server->hub.now_ms >= server->accept_again_ms)
		accept_or_not(server, true);
}

/* ---- gateways ---- */

/* Listeners take theirs before connections do. */
static void reckon_link_max(struct server *server)
{
	const size_t taken = FDS_ELSE + server->gateway_count * LISTENERS_MAX;
	const size_t links = server->fd_max > taken ? (server->fd_max - taken) / FDS_PER_LINK : 0;

	server->link_max = links < CONNECTIONS_MAX ? links : CONNECTIONS_MAX;
	if (server->link_max == 0)
		server->link_max = 1;
}

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
	if (!schedule_add(&server->schedule, &gateway->scheduled)) {
		gateway_release(gateway);
		free(gateway);
		error_set(error, "memory ran out");
		return LISTEN_FAILED;
	}
	for (size_t i = 0; i < gateway->listener_count; i++)
		gateway->listeners[i].watch.ready = listener_ready;
	port_watch(gateway);
	gateway->next = server->gateways;
	if (gateway->next)
		gateway->next->previous = gateway;
	server->gateways = gateway;
	server->gateway_count++;
	reckon_link_max(server);
	*added = gateway;
	return LISTEN_OK;
}

void server_remove_gateway(struct server *server, struct gateway *gateway)
{
	gateway_close_links(gateway);
	schedule_remove(&server->schedule, &gateway->scheduled);
	if (gateway->previous)
		gateway->previous->next = gateway->next;
	else
		server->gateways = gateway->next;
	if (gateway->next)
		gateway->next->previous = gateway->previous;
	server->gateway_count--;
	reckon_link_max(server);
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

static int64_t due_ms_of(const struct scheduled *scheduled)
{
	return gateway_due_ms(OWNER(const struct gateway, scheduled, scheduled));
}

static void advance_gateways(struct server *server)
{
	struct scheduled *due;

	while ((due = schedule_take_due(&server->schedule, server->hub.now_ms)))
		gateway_advance(OWNER(struct gateway, scheduled, due));
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
	if (!server->hub.is_accepting && server->hub.link_count < server->link_max)
		sleep = earlier(sleep, now_ms, server->accept_again_ms);
	return earlier(sleep, now_ms, schedule_first_ms(&server->schedule));
}

/* Once the last quiet parser has gone, its memory goes back to the machine. */
static void trim_memory(struct hub *hub)
{
	if (!hub->parsers_retired || hub->parser_pending)
		return;
	hub->parsers_retired = false;
	malloc_trim(0);
}

static void tell_watches(struct server *server, struct epoll_event *events, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct watch *watch = events[i].data.ptr;

		server->events = events + i + 1;
		server->event_count = count - i - 1;
		if (watch)
			watch->ready(watch, events[i].events);
	}
	server->event_count = 0;
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
		hub_read_clocks(&server->hub);
		tell_watches(server, events, count > 0 ? (size_t)count : 0);
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

bool server_watch_change(struct server *server, int fd, uint32_t events, struct watch *watch)
{
	return hub_watch_change(&server->hub, fd, events, watch);
}

void server_unwatch(struct server *server, int fd, struct watch *watch)
{
	hub_unwatch(&server->hub, fd);
	for (size_t i = 0; i < server->event_count; i++)
		if (server->events[i].data.ptr == watch)
			server->events[i].data.ptr = NULL;
}

/* ---- beginning and end ---- */

static size_t raise_descriptor_limit(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
		return 0;
	if (limit.rlim_cur < limit.rlim_max) {
		limit.rlim_cur = limit.rlim_max;
		setrlimit(RLIMIT_NOFILE, &limit);
		getrlimit(RLIMIT_NOFILE, &limit);
	}
	return limit.rlim_cur;
}

static void signals_ready(struct watch *watch, uint32_t events)
{
	struct server *server = OWNER(struct server, signals, watch);
	struct signalfd_siginfo info;

	(void)events;
	if (read(server->signal_fd, &info, sizeof info) != (ssize_t)sizeof info)
		return;
	if (!server->signalled || server->signalled(server->signal_context, (int)info.ssi_signo))
		server->stopping = true;
}

/* The terminal has gone. Under nohup that is ignored, and stays so: blocked, it would come all the same. */
static bool heeds_hangup(void)
{
	struct sigaction before;

	return sigaction(SIGHUP, NULL, &before) == 0 && before.sa_handler != SIG_IGN;
}

static bool take_signals(struct server *server)
{
	sigset_t signals;

	signal(SIGPIPE, SIG_IGN);
	sigemptyset(&signals);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGINT);
	if (heeds_hangup())
		sigaddset(&signals, SIGHUP);
	if (sigprocmask(SIG_BLOCK, &signals, &server->signals_before) != 0)
		return false;
	server->signal_fd = signalfd(-1, &signals, SFD_NONBLOCK | SFD_CLOEXEC);
	server->signals.ready = signals_ready;
	return server->signal_fd >= 0 && server_watch(server, server->signal_fd, EPOLLIN, &server->signals);
}

bool server_init(struct server *server, struct error *error)
{
	*server = (struct server){ .hub = { .epoll = -1 }, .signal_fd = -1 };
	server->fd_max = raise_descriptor_limit();
	reckon_link_max(server);
	server->schedule.reckon = due_ms_of;
	if (!hub_init(&server->hub, error))
		return false;
	server->hub.is_accepting = true;
	server->hub.http = &server->http;
	server->hub.schedule = &server->schedule;
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
	schedule_release(&server->schedule);
	*server = (struct server){ .hub = { .epoll = -1 }, .signal_fd = -1 };
}
