/*
 * How often things have happened to one gateway since it began, whatever its journal still keeps: for metrics.
 */
#ifndef CPGW_CORE_TALLY_H
#define CPGW_CORE_TALLY_H

#include "core/journal.h"

#include <stddef.h>
#include <stdint.h>

/* Statuses that are told apart; the rest is counted together. */
#define TALLY_STATUSES_MAX 32

struct tally_status {
	int status; /* 0: never answered */
	uint64_t count;
};

struct tally {
	uint64_t records[RECORD_KIND_COUNT];
	struct tally_status statuses[TALLY_STATUSES_MAX]; /* in the order in which they first came */
	size_t status_count;
	uint64_t other_statuses;
	uint64_t unmatched; /* calls that no endpoint of the machine's own was meant for */
};

void tally_reply(struct tally *tally, int status);

#endif
