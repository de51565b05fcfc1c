/*
 * The catalogue of the real gateway's known failures, gathered from the scenarios that play them.
 */
#ifndef CPGW_CLI_KNOWN_FAILURES_H
#define CPGW_CLI_KNOWN_FAILURES_H

#include "core/arena.h"
#include "core/machine.h"

#include <stdbool.h>
#include <stddef.h>

#define KNOWN_FAILURES_MAX 256

struct known_failure {
	const char *name; /* "GW-001-tickle-no-session" */
	const char *title;
	struct catalogue_entry facts; /* `met` is below */
	const char *met;              /* what a client has met that has met it, in words; NULL: any call will do */
};

struct known_failures {
	struct known_failure items[KNOWN_FAILURES_MAX]; /* by name */
	size_t count;
	bool failed;         /* a built-in file is not valid: standard error says how */
	struct arena *arena; /* owns the texts; NULL: there was no memory */
};

/* False when there is no memory, or a built-in file is not valid. In any case to be released. */
bool known_failures_gather(struct known_failures *failures);
void known_failures_release(struct known_failures *failures);

#endif
