/*
 * What a client probably meant by a request that no endpoint of the machine's own was meant for, in the domain's words:
 * "POST /tickle has no /v1/api prefix: did you mean /v1/api/tickle?"
 */
#ifndef CPGW_CORE_NEAR_MISS_H
#define CPGW_CORE_NEAR_MISS_H

#include "core/emulator.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define NEAR_MISSES_MAX 4

struct near_miss {
	char text[512];       /* one sentence, printable ASCII */
	const char *endpoint; /* of the machine; NULL: it is not about one */
	char
	    path[PATH_LENGTH_MAX + 1]; /* what is to be asked for instead; empty: that was not wrong, or is not known */
};

/* The likeliest first; returns how many: at least one for a request that was not matched, none for other records. */
size_t near_misses(const struct emulator *emulator, const struct record *record,
                   struct near_miss misses[NEAR_MISSES_MAX]);

/* Whether near_miss_add_json() has something to say: of requests that were not matched, and of connections that never came to
 * a request, whose own text says why. */
bool near_miss_is_due(const struct record *record);

/* Appends {"request": …, "near_misses": [{"message", "endpoint", "path"}, …]} without a newline; the request is as
 * record_json.h has it, the last two are null where they say nothing. */
void near_miss_add_json(const struct emulator *emulator, uint64_t index, const struct record *record,
                        struct buffer *out);

#endif
