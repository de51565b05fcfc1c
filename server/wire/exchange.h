/*
 * One request and what becomes of it: what its headers say is noted, the gateway is asked, the answer is composed and
 * delivered. Where the request was parsed makes no difference (quick.h, http.h).
 */
#ifndef CPGW_WIRE_EXCHANGE_H
#define CPGW_WIRE_EXCHANGE_H

#include "core/message.h"
#include "wire/link.h"
#include "wire/websocket.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct exchange {
	struct request request;  /* for the gateway; the parser fills in all that does not come from a header line */
	struct span framing;     /* the header line that says where the body ends, without its end; empty: none does */
	uint64_t content_length; /* what it begins with */
	bool said_close;         /* Connection: close, keep-alive */
	bool said_keep_alive;
	bool is_chunked; /* Transfer-Encoding: chunked, the one that libmicrohttpd knows */
	bool has_origin;
	bool has_requested_method;
	bool said_upgrade; /* Connection: upgrade */
	bool is_websocket; /* Upgrade: websocket */
	struct span websocket_key;
	char websocket_accept[WEBSOCKET_ACCEPT_SIZE]; /* the request's */
};

/* Takes note of one header line, within which both texts lie. */
void exchange_note_header(struct exchange *exchange, struct span name, struct span value);

/* Takes note of whole header lines, whose form is plain (intake.h). */
void exchange_note_lines(struct exchange *exchange, struct span lines);

/* To be called after the last header line. */
void exchange_end_headers(struct exchange *exchange);

/* Asks the gateway, once, and delivers what it says. `version` is what the client said, "HTTP/1.1". */
void exchange_answer(const struct exchange *exchange, const char *version, struct link *link);

/* Delivers a fixed answer without asking the gateway, and closes. */
void exchange_refuse(const char *answer, struct link *link);

#endif
