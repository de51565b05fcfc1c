/*
 * A look at a request's first line before libmicrohttpd sees it, for what the real gateway does and libmicrohttpd does
 * not (docs/gateway.md#http): it answers as soon as a line is too long, and it takes any "HTTP/d.d" and echoes it,
 * where libmicrohttpd would answer 505. Such a version is noted and replaced by one that libmicrohttpd takes.
 *
 * What is covered: request lines that begin where a request is sure to begin, that is on a fresh connection and after
 * all earlier requests have been answered. An odd version must arrive in one piece. A request that is pipelined behind
 * another is left to libmicrohttpd: an odd version then closes the connection, an overlong line is found a little
 * later.
 */
#ifndef CPGW_WIRE_INTAKE_H
#define CPGW_WIRE_INTAKE_H

#include <stdbool.h>
#include <stddef.h>

#define HTTP_VERSION_LENGTH 8 /* "HTTP/1.1" */

struct intake {
	size_t line_length;                        /* bytes of the line seen so far, line end not counted */
	bool ends_in_cr;                           /* the last of them was a CR, which is not among them yet */
	bool line_complete;                        /* nothing more to look at until intake_clear() */
	char odd_version[HTTP_VERSION_LENGTH + 1]; /* empty unless the line named one that was replaced */
};

/* To be called where a request is sure to begin. */
void intake_clear(struct intake *intake);

/* Looks at the next bytes, and may change them. False when the line is longer than REQUEST_LINE_MAX. */
bool intake_look(struct intake *intake, char *bytes, size_t length);

#endif
