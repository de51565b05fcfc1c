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

enum source_kind {
	SOURCE_SCENARIO, /* "gateway", or a path that ends in ".json" */
	SOURCE_FIXTURE,  /* "2026/replies/tickle", or a path that starts with "./": beside the file that names it */
	SOURCE_PACK,     /* "2026": its pack.json */
	SOURCE_PAGE,     /* "2026/pages/login.html", any text; or "./x.html", beside the file that names it */
};

/* One file that was read: zeros, into which a source puts what it has. Both texts are malloc'ed. */
struct source_text {
	char *file; /* the name to show in messages */
	char *text; /* zero-terminated */
	size_t length;
	bool is_lent; /* `text` is the source's, which has it for good */
};

void source_text_release(struct source_text *text);

/* The loader's only tie to the outside: the caller fetches files and knows what there is. */
struct source {
	/* `beside` is the file that names it, or NULL. False when there is no such thing; when it is there but cannot
	 * be read, `why` says so. */
	bool (*read)(void *context, enum source_kind kind, const char *name, const char *beside,
	             struct source_text *result, struct error *why);
	/* Calls `each` with every name of that kind, for the nearest one to a mistyped name. */
	void (*list)(void *context, enum source_kind kind, void (*each)(void *each_context, const char *name),
	             void *each_context);
	void *context;
	bool has_no_files; /* whoever asks it cannot name any: nobody is told to */
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
