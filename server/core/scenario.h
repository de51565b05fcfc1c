/*
 * Scenario files and fixture packs → one machine. Reading files is the caller's work: it hands over texts.
 *
 * A document set holds every file that takes part: the scenario, what it extends, the fixtures of its pack. Names are
 * what files call each other: "gateway" for a scenario, "2026/replies/tickle" for a fixture, "./mine.json" for a file
 * beside the scenario.
 */
#ifndef CPGW_CORE_SCENARIO_H
#define CPGW_CORE_SCENARIO_H

#include "core/error.h"
#include "core/json.h"
#include "core/machine.h"

#include <stdbool.h>
#include <stddef.h>

/* What the caller is asked for, once per name: fills `text` (allocated with malloc, zero-terminated; the callee frees
 * it) and `length`, and `file`, the name to show in messages (malloc'ed as well). False when there is no such thing.
 * The loader keeps no other tie to the outside. */
struct source {
	bool (*read)(void *context, const char *name, const char *beside, char **text, size_t *length, char **file);
	/* Lists all names of one kind, for "nearest name" and `list`: calls `each` for every one. */
	void (*list)(void *context, const char *kind, void (*each)(void *each_context, const char *name), void *each_context);
	void *context;
};

struct scenario_request {
	const char *name; /* scenario name or file */
	const char *pack; /* fixture pack, or NULL for the scenario's own choice, else "2026" */
};

/* Loads and checks. True when there was no problem: `machine` is ready then, to be released by the caller. All
 * problems are reported, not just the first. */
bool scenario_load(const struct source *source, const struct scenario_request *request, struct machine *machine,
                   struct problems *problems);

#endif
