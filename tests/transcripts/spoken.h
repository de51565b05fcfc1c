/*
 * Requests and replies as a story writes them.
 *
 *   > METHOD TARGET [(WISH, WISH…)] [BODY]
 *   < STATUS [after DURATION] [BODY]
 */
#ifndef CPGW_TESTS_SPOKEN_H
#define CPGW_TESTS_SPOKEN_H

#include "core/message.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct spoken {
	struct request request;
	char method[16];
	char target[8192];
	char peer[128];
	char wanted[256]; /* "only NAME NAME": the members to show */
	bool in_full;     /* show the reply as it leaves, head and all */
	bool status_only;
	bool as_before; /* say only whether the reply is the one before, byte for byte */
};

/* Reads a line that starts with "> ". NULL when it is fine, else what was wanted. The request points into `spoken` and
 * `line`. */
const char *spoken_parse(struct spoken *spoken, const char *line);

/* Appends all that a client can tell one reply from another by. */
void spoken_add_whole(const struct reply *reply, int64_t now_ms, struct buffer *out);

/* Appends the reply's lines. `expected` are the story's own below the request: they say which headers it looks at. */
void spoken_add_reply(const struct spoken *spoken, const struct reply *reply, int64_t now_ms, char *const *expected,
                      size_t expected_count, struct buffer *out);

#endif
