/*
 * The express lane: recognizes a plain request that has arrived whole, which is what nearly all are, and saves it the
 * way through a socketpair and libmicrohttpd (four system calls, 24 KiB a connection). Pure. It is a recognizer rather
 * than a parser: it takes what leaves no room for interpretation, and anything else, however slightly odd or merely
 * incomplete, is libmicrohttpd's. Whoever answers, the answer is the same; a test compares the two.
 *
 * Taken: HTTP/1.1, one space apart, CR LF line ends, plain header lines within the gateway's limits, a body by
 * Content-Length that is here in full. Not taken: folded or odd lines, Transfer-Encoding, Expect, a repeated
 * Content-Length.
 */
#ifndef CPGW_WIRE_QUICK_H
#define CPGW_WIRE_QUICK_H

#include "wire/exchange.h"

#include <stdbool.h>
#include <stddef.h>

#define QUICK_METHOD_MAX 16

struct quick {
	struct exchange exchange; /* its spans point into the bytes that were given */
	char method[QUICK_METHOD_MAX + 1];
	size_t length; /* of the whole request, body included */
	size_t content_length;
};

/* False: not for the express lane; `quick` is unusable then. */
bool quick_recognize(const char *bytes, size_t length, struct quick *quick);

#endif
