#include "wire/http.h"

#include "core/limits.h"
#include "wire/exchange.h"
#include "wire/link.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* libmicrohttpd's memory for one connection, half of which takes what is read: a request line and one header at the
 * gateway's limits. It is cleared after every request. */
#define PARSER_MEMORY (28 * 1024)
/* A status that libmicrohttpd never chooses by itself. */
#define MARKER_STATUS 204
#define MARKER_LENGTH_MAX 128
/* So many markers may lie in a pair before they are thrown away: far less than its socket buffer holds. */
#define MARKERS_MAX 64
/* Rounds of libmicrohttpd before the loop looks at its other work. */
#define RUNS_MAX 64

/* Passed to libmicrohttpd as the client's address: comes back with each connection. */
struct parser_address {
	struct sockaddr address; /* of no family */
	struct link *link;
};

/* One request while it is read. Belongs to its link. */
struct reading {
	struct link *link;
	struct exchange exchange;
	struct buffer body;                    /* what is kept of it */
	bool has_begun;                        /* the headers have been looked at */
	char version[HTTP_VERSION_LENGTH + 1]; /* what the client really said */
	char target[];
};

void reading_free(struct reading *reading)
{
	if (!reading)
		return;
	buffer_release(&reading->body);
	free(reading);
}

static struct link *link_of(struct MHD_Connection *connection)
{
	const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);

	return ((const struct parser_address *)(const void *)info->client_addr)->link;
}

/* ---- answers ---- */

/* The request is answered: libmicrohttpd may go on to the next. */
static enum MHD_Result queue_marker(struct reading *reading, struct MHD_Connection *connection)
{
	struct link *link = reading->link;

	link->markers++;
	link->reading = NULL;
	reading_free(reading);
	return MHD_queue_response(connection, MARKER_STATUS, link->hub->http->marker);
}

static enum MHD_Result answer(struct reading *reading, struct MHD_Connection *connection)
{
	reading->exchange.request.body = (struct span){ .at = reading->body.data, .length = reading->body.length };
	link_answered(reading->link);
	exchange_answer(&reading->exchange, reading->version, reading->link);
	return queue_marker(reading, connection);
}

/* ---- requests ---- */

/* The headers are here. */
static enum MHD_Result begin(struct reading *reading, struct MHD_Connection *connection, const char *method)
{
	struct exchange *exchange = &reading->exchange;
	struct request *request = &exchange->request;

	reading->has_begun = true;
	request->method_text = method;
	request->method = method_of(method);
	request->headers = (struct span){ .at = reading->link->headers.data, .length = reading->link->headers.length };
	exchange_note_lines(exchange, request->headers);
	exchange_end_headers(exchange);

	/* libmicrohttpd would wait for such a body until the client leaves. */
	if (request->has_transfer_encoding && !exchange->is_chunked)
		return answer(reading, connection);
	return MHD_YES;
}

static void keep_body(struct reading *reading, const char *bytes, size_t length)
{
	const size_t room = REQUEST_BODY_KEPT_MAX - reading->body.length;

	if (room > 0)
		buffer_add(&reading->body, bytes, length < room ? length : room);
}

static enum MHD_Result on_request(void *context, struct MHD_Connection *connection, const char *path,
                                  const char *method, const char *version, const char *bytes, size_t *length,
                                  void **memory)
{
	struct reading *reading = *memory;
	struct link *link = link_of(connection);

	(void)context;
	(void)path;    /* percent-decoded; the gateway goes by the raw target */
	(void)version; /* the link knows what the client really said */
	if (link->phase != LINK_OPEN || link->parser != connection || link->close_after || !reading)
		return MHD_NO;
	if (!reading->has_begun)
		return begin(reading, connection, method);
	if (*length > 0) {
		keep_body(reading, bytes, *length);
		*length = 0;
		return MHD_YES;
	}
	*memory = NULL;
	return answer(reading, connection);
}

/* The request line is here, still raw. What is returned comes back as the handler's memory. */
static void *on_target(void *context, const char *target, struct MHD_Connection *connection)
{
	struct link *link = link_of(connection);
	const size_t length = target ? strlen(target) : 0;
	struct reading *reading;

	(void)context;
	if (link->phase != LINK_OPEN || link->parser != connection)
		return NULL;
	reading = malloc(sizeof *reading + length + 1);
	if (!reading)
		return NULL;
	*reading = (struct reading){ .link = link };
	memcpy(reading->target, target ? target : "", length + 1);
	reading->exchange.request.target = (struct span){ .at = reading->target, .length = length };
	reading->exchange.request.peer = link->peer;
	memcpy(reading->version, link->intake.version, sizeof reading->version);
	reading_free(link->reading);
	link->reading = reading;
	return reading;
}

/* ---- connections ---- */

/* Throws away what libmicrohttpd has written into the pair. */
static void drain(struct link *link)
{
	char text[MARKERS_MAX * MARKER_LENGTH_MAX];

	link->markers = 0;
	while (recv(link->pair, text, sizeof text, 0) == (ssize_t)sizeof text)
		;
}

static void on_connection(void *context, struct MHD_Connection *connection, void **memory,
                          enum MHD_ConnectionNotificationCode what)
{
	struct link *link = link_of(connection);

	(void)context;
	(void)memory;
	if (what == MHD_CONNECTION_NOTIFY_STARTED) {
		link->parser = connection;
		link->parsers_alive++;
		return;
	}
	link->parsers_alive--;
	if (link->parser == connection)
		link_parser_ended(link);
}

/* ---- the daemon ---- */

bool http_init(struct http *http, struct hub *hub, struct error *error)
{
	const unsigned int flags = MHD_USE_NO_LISTEN_SOCKET | MHD_USE_EPOLL | MHD_USE_SUPPRESS_DATE_NO_CLOCK;

	*http = (struct http){ .hub = hub };
	http->marker = MHD_create_response_from_buffer(0, NULL, MHD_RESPMEM_PERSISTENT);
	http->daemon = MHD_start_daemon(flags, 0, NULL, NULL, on_request, http, MHD_OPTION_URI_LOG_CALLBACK, on_target,
	                                http, MHD_OPTION_NOTIFY_CONNECTION, on_connection, http,
	                                MHD_OPTION_CONNECTION_LIMIT, (unsigned int)(2 * CONNECTIONS_MAX),
	                                MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)PARSER_MEMORY, MHD_OPTION_END);
	if (http->marker && http->daemon)
		return true;
	error_set(error, "libmicrohttpd did not start");
	http_release(http);
	return false;
}

void http_release(struct http *http)
{
	if (http->daemon)
		MHD_stop_daemon(http->daemon);
	if (http->marker)
		MHD_destroy_response(http->marker);
	*http = (struct http){ 0 };
}

bool http_join(struct http *http, struct link *link)
{
	struct parser_address address = { .link = link };
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, pair) != 0)
		return false;
	link->pair = pair[0];
	/* libmicrohttpd closes its end, whatever comes of this. */
	return MHD_add_connection(http->daemon, pair[1], &address.address, sizeof address) == MHD_YES;
}

/* Throws markers away where they have piled up. */
static void drain_full_pairs(const struct hub *hub)
{
	for (struct link *link = hub->touched; link; link = link->next_touched)
		if (link->markers >= MARKERS_MAX && link->pair >= 0)
			drain(link);
}

void http_run(struct http *http)
{
	MHD_UNSIGNED_LONG_LONG wait_ms;

	for (int runs = 0; runs < RUNS_MAX && http->hub->parser_pending; runs++) {
		http->hub->parser_pending = false;
		MHD_run(http->daemon);
		drain_full_pairs(http->hub);
		if (MHD_get_timeout(http->daemon, &wait_ms) == MHD_YES && wait_ms == 0)
			http->hub->parser_pending = true;
	}
}
