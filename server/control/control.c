#include "control/control.h"

#include "control/framing.h"
#include "control/parts.h"
#include "control/route.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <unistd.h>

/* libmicrohttpd's memory for one connection: a request line and headers. */
#define CONNECTION_MEMORY (16 * 1024)
/* A connection on which nothing happens is closed: seconds. */
#define IDLE_TIMEOUT_S 120
/* Rounds of libmicrohttpd before the loop looks at its other work. */
#define RUNS_MAX 64

#define OWNER(type, member, pointer) ((type *)(void *)((char *)(pointer)-offsetof(type, member)))

/* ---- libmicrohttpd in the loop ---- */

static void end_if_asked(struct control *control)
{
	if (!control->shutdown_asked || control->is_stopping)
		return;
	control->shutdown_asked = false;
	control->options.shutdown(control->options.context);
}

static bool has_more_to_do(struct control *control)
{
	MHD_UNSIGNED_LONG_LONG wait_ms = 0;

	return control->has_resumed || (MHD_get_timeout(control->daemon, &wait_ms) == MHD_YES && wait_ms == 0);
}

void control_run(struct control *control)
{
	for (int runs = 0; runs < RUNS_MAX; runs++) {
		control->has_resumed = false;
		MHD_run(control->daemon);
		if (!has_more_to_do(control) && !connections_tell_ends(control))
			break;
	}
	control_set_timer(control);
	end_if_asked(control);
}

static void daemon_ready(struct watch *watch, uint32_t events)
{
	(void)events;
	control_run(OWNER(struct control, daemon_watch, watch));
}

void control_set_timer(struct control *control)
{
	MHD_UNSIGNED_LONG_LONG idle_ms = 0;
	const int64_t due_ms = waits_due_ms(control);
	const int64_t wait_ms = due_ms - monotonic_ms();
	struct itimerspec when = { 0 };
	int64_t sleep_ms = -1;

	if (due_ms >= 0)
		sleep_ms = wait_ms > 0 ? wait_ms : 0;
	if (control->has_resumed)
		sleep_ms = 0;
	if (MHD_get_timeout(control->daemon, &idle_ms) == MHD_YES && (sleep_ms < 0 || (int64_t)idle_ms < sleep_ms))
		sleep_ms = (int64_t)idle_ms;
	if (sleep_ms >= 0) {
		when.it_value.tv_sec = sleep_ms / 1000;
		when.it_value.tv_nsec = sleep_ms % 1000 * 1000000 + 1; /* 0 would switch it off */
	}
	timerfd_settime(control->timer, 0, &when, NULL);
}

static void timer_ready(struct watch *watch, uint32_t events)
{
	struct control *control = OWNER(struct control, timer_watch, watch);
	uint64_t count;

	(void)events;
	if (read(control->timer, &count, sizeof count) < 0 && errno != EAGAIN)
		return;
	waits_expire(control);
	waits_work(control);
	control_run(control);
}

void control_resume(struct control *control, struct MHD_Connection *connection)
{
	MHD_resume_connection(connection);
	/* Its descriptor does not tell of it while there is no listening socket. */
	control->has_resumed = true;
	control_set_timer(control);
}

/* No descriptors are left. A client that is not taken would keep the loop busy: the spare one is for sending it away. */
static void turn_away(struct control *control, int listener)
{
	close(control->spare);
	close(accept4(listener, NULL, NULL, SOCK_CLOEXEC));
	control->spare = open("/dev/null", O_RDONLY | O_CLOEXEC);
}

/* ---- connections ---- */

static void listener_ready(struct watch *watch, uint32_t events)
{
	struct control_listener *listener = (struct control_listener *)(void *)watch;
	struct control *control = listener->control;
	struct sockaddr_storage peer;
	socklen_t size = sizeof peer;
	const int fd = accept4(listener->fd, (struct sockaddr *)&peer, &size, SOCK_NONBLOCK | SOCK_CLOEXEC);

	(void)events;
	if (fd < 0) {
		if (errno == EMFILE || errno == ENFILE)
			turn_away(control, listener->fd);
		return;
	}
	if (control->connections >= CONTROL_CONNECTIONS_MAX)
		connections_end_quietest(control);
	/* libmicrohttpd closes it when it cannot take it. */
	MHD_add_connection(control->daemon, fd, (struct sockaddr *)&peer, size);
	control_run(control);
}

/* ---- one call ---- */

static void call_free(struct call *call)
{
	if (call->wait)
		wait_drop(call->wait);
	buffer_release(&call->body);
	buffer_release(&call->answer);
	buffer_release(&call->location);
	free(call);
}

/* The request line is here, still raw. What is returned comes back as the handler's memory. */
static void *on_target(void *context, const char *target, struct MHD_Connection *connection)
{
	struct control *control = context;
	const size_t length = strlen(target);
	struct call *call = calloc(1, sizeof *call + length + 1);
	const char *query;

	if (!call)
		return NULL;
	memcpy(call->target, target, length + 1);
	query = strchr(call->target, '?');
	call->control = control;
	call->options = &control->options;
	call->connection = connection;
	call->path = (struct span){ call->target, query ? (size_t)(query - call->target) : length };
	call->query = query ? span_of(query + 1) : (struct span){ "", 0 };
	call->body.size_max = CONTROL_BODY_MAX;
	connection_heard_of(control, connection, call);
	return call;
}

static void on_completed(void *context, struct MHD_Connection *connection, void **memory,
                         enum MHD_RequestTerminationCode how)
{
	(void)how;
	connection_heard_of(context, connection, NULL);
	if (*memory)
		call_free(*memory);
	*memory = NULL;
}

static void add_header(struct MHD_Response *response, const char *name, const char *value)
{
	if (value)
		MHD_add_response_header(response, name, value);
}

static enum MHD_Result send_answer(struct call *call)
{
	struct MHD_Response *response;
	enum MHD_Result result;
	char *bytes;
	size_t length;

	if (buffer_failed(&call->answer) || call->status == 0)
		call_problem(call, 500, "the answer could not be made: memory ran out");
	bytes = call->answer.data;
	length = call->answer.length;
	response = MHD_create_response_from_buffer(length, bytes ? bytes : (char *)"",
	                                           bytes ? MHD_RESPMEM_MUST_FREE : MHD_RESPMEM_PERSISTENT);
	if (!response)
		return MHD_NO;
	call->answer = (struct buffer){ 0 }; /* libmicrohttpd frees it */
	add_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, length > 0 ? call->type : NULL);
	add_header(response, MHD_HTTP_HEADER_ALLOW, call->allow);
	add_header(response, MHD_HTTP_HEADER_LOCATION, call->location.data);
	add_header(response, MHD_HTTP_HEADER_CACHE_CONTROL, "no-store");
	add_header(response, MHD_HTTP_HEADER_X_CONTENT_TYPE_OPTIONS, "nosniff");
	if (call->status == MHD_HTTP_UNAUTHORIZED)
		add_header(response, MHD_HTTP_HEADER_WWW_AUTHENTICATE, "Bearer realm=\"cpgw-mock\"");
	if (call->body_too_large || call->ends_connection)
		add_header(response, MHD_HTTP_HEADER_CONNECTION, "close");
	result = MHD_queue_response(call->connection, (unsigned)call->status, response);
	MHD_destroy_response(response);
	return result;
}

static void take_body(struct call *call, const char *bytes, size_t *length)
{
	buffer_add(&call->body, bytes, *length);
	call->body_too_large |= buffer_failed(&call->body);
	*length = 0;
}

/* The request is whole. */
static void handle(struct call *call)
{
	if (!guard_admits(call) || !route_find(call))
		return;
	if (call->body_too_large)
		call_problem(call, MHD_HTTP_CONTENT_TOO_LARGE, "the body is too large: wanted at most %d bytes",
		             CONTROL_BODY_MAX);
	else if (!call->route->example && !call_body_is_empty(call))
		call_problem(call, MHD_HTTP_BAD_REQUEST, "this call takes no body: found %zu bytes", call->body.length);
	else if (call->route->takes_pattern || call_arguments_known(call))
		call->route->handle(call);
}

static enum MHD_Result on_request(void *context, struct MHD_Connection *connection, const char *path,
                                  const char *method, const char *version, const char *bytes, size_t *length,
                                  void **memory)
{
	struct call *call = *memory;

	(void)context;
	(void)connection;
	(void)path; /* percent-decoded: a name could hold a "/" then */
	(void)version;
	if (!call)
		return MHD_NO;
	if (!call->has_begun) {
		call->has_begun = true;
		call->method = method_of(method);
		return framing_is_clear(call) ? MHD_YES : send_answer(call);
	}
	if (*length > 0) {
		take_body(call, bytes, length);
		return MHD_YES;
	}
	if (!call->status && !call->wait) {
		handle(call);
		if (call->wait)
			return MHD_YES; /* comes back at once */
	}
	if (!call->wait)
		return send_answer(call);
	wait_suspend(call->wait); /* comes back when the wait has ended */
	return MHD_YES;
}

/* ---- beginning and end ---- */

static bool start_daemon(struct control *control)
{
	const unsigned int flags = MHD_USE_NO_LISTEN_SOCKET | MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME;
	const union MHD_DaemonInfo *info;

	control->daemon = MHD_start_daemon(flags, 0, NULL, NULL, on_request, control, MHD_OPTION_URI_LOG_CALLBACK,
	                                   on_target, control, MHD_OPTION_NOTIFY_COMPLETED, on_completed, control,
	                                   MHD_OPTION_NOTIFY_CONNECTION, connection_notified, control,
	                                   MHD_OPTION_CONNECTION_LIMIT, (unsigned)CONTROL_CONNECTIONS_MAX + 1,
	                                   MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)CONNECTION_MEMORY,
	                                   MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)IDLE_TIMEOUT_S, MHD_OPTION_END);
	if (!control->daemon)
		return false;
	info = MHD_get_daemon_info(control->daemon, MHD_DAEMON_INFO_EPOLL_FD);
	control->daemon_watch.ready = daemon_ready;
	return info && server_watch(control->options.server, info->epoll_fd, EPOLLIN, &control->daemon_watch);
}

static bool start_timer(struct control *control)
{
	control->timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
	control->timer_watch.ready = timer_ready;
	return control->timer >= 0 &&
	       server_watch(control->options.server, control->timer, EPOLLIN, &control->timer_watch);
}

static enum listen_outcome listen_on(struct control *control, struct error *error)
{
	int fds[LISTENERS_MAX];
	const enum listen_outcome outcome = listener_open(control->options.address, control->options.port, fds,
	                                                  &control->listener_count, &control->port, error);

	if (outcome != LISTEN_OK) {
		control->listener_count = 0;
		return outcome;
	}
	for (size_t i = 0; i < control->listener_count; i++) {
		struct control_listener *listener = &control->listeners[i];

		*listener = (struct control_listener){ { listener_ready }, control, fds[i] };
		server_watch(control->options.server, fds[i], EPOLLIN, &listener->watch);
	}
	return LISTEN_OK;
}

enum listen_outcome control_start(struct control **control, const struct control_options *options, struct error *error)
{
	struct control *started = calloc(1, sizeof *started);
	enum listen_outcome outcome;

	*control = NULL;
	if (!started) {
		error_set(error, "memory ran out");
		return LISTEN_FAILED;
	}
	started->options = *options;
	started->timer = -1;
	started->spare = open("/dev/null", O_RDONLY | O_CLOEXEC);
	started->started_ms = monotonic_ms();
	waits_init(started);
	outcome = listen_on(started, error);
	if (outcome == LISTEN_OK && !(start_daemon(started) && start_timer(started))) {
		error_set(error, "the control API did not start");
		outcome = LISTEN_FAILED;
	}
	if (outcome != LISTEN_OK) {
		control_stop(started);
		return outcome;
	}
	registry_follow(options->registry, &started->follower);
	*control = started;
	return LISTEN_OK;
}

uint16_t control_port(const struct control *control)
{
	return control->port;
}

void control_stop(struct control *control)
{
	if (!control)
		return;
	control->is_stopping = true;
	for (size_t i = 0; i < control->listener_count; i++)
		close(control->listeners[i].fd);
	waits_stop(control);
	if (control->daemon) {
		control_run(control); /* what has been answered leaves */
		MHD_stop_daemon(control->daemon);
	}
	if (control->timer >= 0)
		close(control->timer);
	close(control->spare);
	registry_unfollow(control->options.registry, &control->follower);
	free(control);
}
