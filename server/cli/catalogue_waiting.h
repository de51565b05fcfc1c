/*
 * Known failures of the real gateway that are no scenario yet. Their ids are theirs for ever: when one can be played,
 * its row goes and a file in scenarios/catalogue comes.
 */
#ifndef CPGW_CLI_CATALOGUE_WAITING_H
#define CPGW_CLI_CATALOGUE_WAITING_H

#include "core/error.h"

struct waiting {
	const char *name; /* "GW-012-second-host-unbound" */
	const char *layer;
	const char *title;
	const char *waits_for; /* what is missing here */
};

/* Sorted by name; ended by a row without one. */
extern const struct waiting catalogue_waiting[];

/* Says why there is no such scenario, where `name` means one of these; else leaves `why` alone. */
void catalogue_waits(const char *name, struct error *why);

#endif
