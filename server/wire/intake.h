/*
 * A request's head before anybody interprets it: finds its end in bytes that come in pieces of any size, holds it to the
 * gateway's limits, and gives it the plain form that the parsers behind it take without a doubt. What it does is what
 * the real gateway's decoder does (docs/gateway.md#http):
 *
 *  - blanks and line ends before a request are passed over;
 *  - the request line has three words, however many blanks apart, and ends with a version "HTTP/d.d", which the answer
 *    echoes; behind here every version is HTTP/1.1;
 *  - a line that begins with a blank goes on with the value of the line before, one space apart;
 *  - every other line has a colon;
 *  - neither limit counts the lines' ends.
 *
 * A CR that ends no line makes it no request (assumed). Pure. The bytes of a head lie in one piece, from its first on, and stay with the caller.
 */
#ifndef CPGW_WIRE_INTAKE_H
#define CPGW_WIRE_INTAKE_H

#include "core/buffer.h"

#include <stdbool.h>
#include <stddef.h>

#define HTTP_VERSION_LENGTH 8 /* "HTTP/1.1" */

enum intake_result {
	INTAKE_MORE,  /* the head goes on */
	INTAKE_WHOLE, /* `length` bytes are the head, the empty line included */
	INTAKE_NO_REQUEST,
	INTAKE_LINE_TOO_LONG,
	INTAKE_HEADERS_TOO_LARGE,
};

struct intake {
	size_t length;                         /* bytes of the head that were looked at */
	size_t line_start;                     /* where the line begins that they end in */
	size_t headers_start;                  /* behind the request line; 0 until that has ended */
	size_t headers_length;                 /* of whole header lines, as the limit counts */
	bool is_plain;                         /* nothing to rewrite so far */
	char version[HTTP_VERSION_LENGTH + 1]; /* as the client said it; empty until the line has ended */
};

/* To be called where a request begins. */
void intake_clear(struct intake *intake);

/* How many bytes at the beginning belong to no request. */
size_t intake_skip(const char *bytes, size_t length);

/* Looks at what it has not seen of the `length` bytes of the head that are here. Nothing more to look at after anything
 * but INTAKE_MORE. */
enum intake_result intake_look(struct intake *intake, const char *head, size_t length);

/* Gives a whole head its plain form, in place, which never takes more room: the rewritten head ends where it ended, and
 * begins so many bytes later as are returned. */
size_t intake_rewrite(struct intake *intake, char *head);

/* The header lines of a whole head: neither the request line nor the empty line. */
struct span intake_headers(const struct intake *intake, const char *head);

#endif
