/*
 * libmicrohttpd: parses whatever requests the express lane does not take (quick.h), with bodies of any framing and in
 * any number of pieces. It gets one at a time, and of its head the request line and what frames the body: nothing else
 * matters to it, and what it makes of odd heads is not what the gateway does (intake.h). It does not write answers: an answer is composed and delivered to the link at once (exchange.h), and libmicrohttpd is given an empty
 * response, the marker, which it writes into the pair, where it is thrown away every now and then. Whatever else it
 * writes are errors that it found by itself: the real gateway ends the connection then, without a byte
 * (docs/gateway.md#http).
 *
 * One libmicrohttpd daemon, without a thread, serves all gateways of a server. The pairs are ours at both ends, so
 * nothing happens in it unless we did something before: http_run() right after is enough, its epoll set need not be
 * watched.
 */
#ifndef CPGW_WIRE_HTTP_H
#define CPGW_WIRE_HTTP_H

#include "core/error.h"
#include "wire/hub.h"

#include <microhttpd.h>
#include <stdbool.h>

struct reading;

struct http {
	struct hub *hub;
	struct MHD_Daemon *daemon;
	struct MHD_Response *marker;
};

bool http_init(struct http *http, struct hub *hub, struct error *error);
/* All links must be dead. */
void http_release(struct http *http);

/* Gives the link a parser: a pair, one end of it in libmicrohttpd. */
bool http_join(struct http *http, struct link *link);

/* Parses all that was fed and answers it. Clears hub->parser_pending, or leaves it set when there was too much. */
void http_run(struct http *http);

/* Frees a request that is being read; NULL is none. */
void reading_free(struct reading *reading);

#endif
