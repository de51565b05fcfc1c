/*
 * What a gateway's journal says has happened, as lines of a story:
 *
 *   * at 5m30s timer idle: authenticated -> brokerage_lost
 */
#ifndef CPGW_TESTS_HAPPENED_H
#define CPGW_TESTS_HAPPENED_H

#include "core/emulator.h"

struct happened {
	const struct emulator *emulator; /* not owned */
	uint64_t seen;                   /* records that have been written out */
	const char *timer;               /* has fired `times` in a row, and nothing changed; NULL when none has */
	const char *event;               /* which of its events it was; NULL where it has one */
	int64_t first_ms;
	int64_t last_ms;
	unsigned times;
};

void happened_begin(struct happened *happened, const struct emulator *emulator);

/* Appends what is new. */
void happened_add(struct happened *happened, struct buffer *out);

/* Appends what was held back to be counted: at the end of each step. */
void happened_end(struct happened *happened, struct buffer *out);

#endif
