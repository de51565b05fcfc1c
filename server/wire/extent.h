/*
 * How far a request's body reaches: of bytes that come in pieces of any size, how many still belong to it. So
 * libmicrohttpd gets one request at a time and never sees what is pipelined behind. Pure.
 *
 * It goes by the same rules as libmicrohttpd: Transfer-Encoding wins over Content-Length, of several the first counts.
 * What is no good is libmicrohttpd's to find: it ends the connection then.
 */
#ifndef CPGW_WIRE_EXTENT_H
#define CPGW_WIRE_EXTENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct exchange;

enum extent_part {
	EXTENT_BODY,
	EXTENT_CHUNK_SIZE,
	EXTENT_CHUNK,
	EXTENT_CHUNK_END,
	EXTENT_TRAILER,
	EXTENT_ENDED,
	EXTENT_UNKNOWN, /* reaches to the connection's end */
};

struct extent {
	enum extent_part part;
	uint64_t left;           /* of the body, the chunk; of a chunk's size: what its digits say so far */
	bool digits_ended;       /* a chunk's extension follows its size */
	bool line_has_something; /* a trailer line is not empty */
};

/* To be called where a body begins. What the header lines say has been noted. */
void extent_begin(struct extent *extent, const struct exchange *exchange);

/* Goes on by as many of the bytes as belong to the request; how many that are. */
size_t extent_take(struct extent *extent, const char *bytes, size_t length);

#endif
