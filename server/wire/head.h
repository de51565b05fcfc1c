/*
 * From a reply to the bytes that leave: status line, header lines, framing, body. Pure: nothing but its arguments
 * decides, so tests need no socket. What is written where, and in which order, is the real gateway's doing
 * (docs/gateway.md#relaying, #http); its HTTP stack sets "Connection" when the head is written: behind everything but
 * "Transfer-Encoding".
 */
#ifndef CPGW_WIRE_HEAD_H
#define CPGW_WIRE_HEAD_H

#include "core/message.h"

#include <stdbool.h>
#include <stddef.h>

/* What the client's request decides about the answer's form. */
struct head_request {
	const char *version; /* as sent, "HTTP/1.1": the answer echoes it, even "HTTP/9.9" */
	bool keep_alive;     /* the connection goes on after this answer */
	bool is_head;
};

/*
 * Whether the connection goes on after a request of this version: HTTP/1.1 unless the client said "close", HTTP/1.0
 * only if it said "keep-alive", any other version never.
 */
bool head_keeps_alive(const char *version, bool said_close, bool said_keep_alive);

/* Appends the whole answer to `out`, in the form that the reply's plan has for it. Returns how many bytes of it are the
 * head. A buffer at its ceiling remembers: ask buffer_failed(). */
size_t head_compose(const struct head_request *request, const struct reply *reply, struct buffer *out);

/* The two answers that the gateway gives before it has understood a request (docs/gateway.md#http); the second follows
 * the version that the client said. It closes the connection after either. */
extern const char HEAD_LINE_TOO_LONG[];
extern const char HEAD_HEADERS_TOO_LARGE[];

#endif
