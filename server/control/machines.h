/*
 * The machines that a process's gateways run. One is compiled once per scenario and pack, kept, and shared: there are no
 * more of them than built-in scenarios times packs. One that came as a body belongs to whoever asked for it and goes with
 * the last who runs it.
 *
 * Who asks can name what is built in, and what the first gateway was started with; no other file is ever opened for them.
 */
#ifndef CPGW_CONTROL_MACHINES_H
#define CPGW_CONTROL_MACHINES_H

#include "core/scenario.h"

#include <stdbool.h>
#include <stddef.h>

/* What a scenario is called that came as a body, in problems and, unless it has a name, elsewhere. */
#define MACHINES_BODY_NAME "(body)"

/* A compiled scenario. */
struct stage_machine {
	struct machine machine;
	char *scenario; /* owned: as it was asked for; NULL: made from a body, not shared and not kept */
	char *pack;     /* owned; NULL: the scenario's */
	size_t users;
	struct stage_machine *next;
};

struct machines {
	/* All scenarios and packs, files too: for the first. What it lists is built in. Not owned. */
	const struct source *source;
	struct stage_machine *list;  /* owned */
	struct stage_machine *first; /* of the list; what whoever names nothing gets */
};

struct machine_wanted {
	const char
	    *scenario; /* a built-in name; or the first's, as it was named then or by its own name. NULL: the first's */
	struct span body; /* or a whole scenario as JSON text: what it extends must be built in */
	const char *pack; /* built in; NULL: the scenario's, or the first's */
};

/* Compiles the first, which may be any file. False with problems. */
bool machines_init(struct machines *machines, const struct source *source, const char *scenario, const char *pack,
                   struct problems *problems);
/* Nobody may run one any more. Works on a zeroed one. */
void machines_release(struct machines *machines);

/* Gives the machine to one more user. NULL with problems, and `is_there` says whether scenario and pack were found. */
struct stage_machine *machines_get(struct machines *machines, const struct machine_wanted *wanted, bool *is_there,
                                   struct problems *problems);
/* One more, and one less; the latter works on NULL. */
struct stage_machine *machines_use(struct stage_machine *machine);
void machines_leave(struct machines *machines, struct stage_machine *machine);

#endif
