/*
 * Whether a client made the calls, said the messages, did whatever a test expects of it, and where it did not, what came nearest: the report is meant
 * to be read by whoever has to mend the client.
 *
 * The journal is a ring: calls that it has lost cannot be seen any more. What they could have changed is not proven, and
 * fails with that reason: "at most" and "exactly", always; never what was seen to be so.
 */
#ifndef CPGW_CORE_VERIFY_H
#define CPGW_CORE_VERIFY_H

#include "core/query.h"

#include <stdbool.h>

struct verify {
	struct query query;
	const cJSON *pattern; /* as it was written, for the report */
	int64_t at_least;
	int64_t at_most; /* INT64_MAX: no end */
};

struct verify_sequence {
	struct query queries[VERIFY_SEQUENCE_MAX];
	const cJSON *patterns; /* the list */
	size_t count;
};

/* {"request": PATTERN, "times": N | {"at_least": N, "at_most": N}, "since": ID}. Without "times": at least once. MockServer's
 * "httpRequest", "atLeast" and "atMost" are understood too, and "record", which reads better of a frame. "since" is the pattern's own, if that has one. False when
 * something is wrong: the problems have been added. Both structs point into the tree. */
bool verify_read(const struct reader *reader, const struct machine *machine, const cJSON *item, struct verify *verify);
/* {"requests": [PATTERN, …], "since": ID}: in that order, others may lie between. "httpRequests" and "records" are understood too. */
bool verify_sequence_read(const struct reader *reader, const struct machine *machine, const cJSON *item,
                          struct verify_sequence *sequence);

/* True when it is so. Else `report` gets some lines for a person, at most VERIFY_REPORT_MAX bytes: what was wanted, what was
 * found, what came nearest and what is wrong with it. */
bool verify_run(const struct verify *verify, const struct emulator *emulator, struct buffer *report);
bool verify_sequence_run(const struct verify_sequence *sequence, const struct emulator *emulator,
                         struct buffer *report);

#endif
