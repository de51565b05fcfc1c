/*
 * What the clients of all gateways of a stage did wrong, said on standard error for whoever has to mend them: broken
 * expectations with what led to them, warnings in a line, calls that nothing was meant for with what was probably meant.
 *
 *   verdict_begin → … → verdict_reach
 *
 * In between, a gateway that is ended, reset, or given another scenario is judged as it goes, if anybody has called it.
 */
#ifndef CPGW_CLI_VERDICT_H
#define CPGW_CLI_VERDICT_H

#include "cli/junit.h"
#include "cli/stage.h"

struct verdict {
	struct follower follower; /* first */
	struct registry *registry;
	bool strict;
	struct junit *junit;
	uint64_t broken;            /* that count as failures */
	uint64_t warned;            /* broken duties that do not */
	uint64_t unmatched;         /* calls that nothing was meant for */
	struct buffer broken_names; /* ", " between them */
	struct buffer warned_names;
};

/* What it judges it adds to `junit`. Both live until verdict_reach(), and the stage's gateways too. */
void verdict_begin(struct verdict *verdict, const struct stage *stage, struct junit *junit);
/* Judges those that are left, and sums up. EXIT_FINE, EXIT_BROKEN or, under --strict, EXIT_UNMATCHED. */
enum exit_code verdict_reach(struct verdict *verdict);
/* Works on a zeroed one. */
void verdict_release(struct verdict *verdict);

#endif
