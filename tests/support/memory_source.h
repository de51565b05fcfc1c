/*
 * A source of scenarios and fixtures that lives in memory: a table from file names to texts, so that a test shows the
 * files it is about. Files are named as in a folder that holds scenarios and packs side by side: "top.json",
 * "2026/pack.json", "2026/replies/ok.json".
 */
#ifndef CPGW_TESTS_MEMORY_SOURCE_H
#define CPGW_TESTS_MEMORY_SOURCE_H

#include "core/scenario.h"

struct memory_file {
	char *name;
	char *text;
	size_t length;
	const char *broken; /* why it cannot be read, though it is there; else NULL */
};

struct memory_source {
	struct memory_file *files; /* owned */
	size_t count;
};

void memory_source_release(struct memory_source *memory);

/* A later file takes the place of an earlier one of the same name. */
void memory_source_add(struct memory_source *memory, const char *name, const char *text);
void memory_source_add_bytes(struct memory_source *memory, const char *name, const void *bytes, size_t length);
/* The same, with each ' as a ": JSON that can be read inside C. Places stay what they are. */
void memory_source_add_quoted(struct memory_source *memory, const char *name, const char *text);
void memory_source_add_broken(struct memory_source *memory, const char *name, const char *why);

/* For scenario_load(); `memory` must outlive it. */
struct source memory_source_of(struct memory_source *memory);

#endif
