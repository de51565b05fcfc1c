/*
 * A story: a text file that says what is done to a gateway and what came of it. README.md beside this file explains
 * the format to people. Reading one yields its lines, and from its first part the machine to play it on.
 */
#ifndef CPGW_TESTS_STORY_H
#define CPGW_TESTS_STORY_H

#include "core/error.h"
#include "core/machine.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define STORY_FILES_MAX 16

/* A file that the story brings along: its scenario, or a fixture beside it. */
struct story_file {
	char *name; /* "./mine.json"; for the scenario, the story's own path */
	char *text; /* blank up to where it stands in the story, so that problems name the story's lines */
};

struct story {
	const char *path; /* not owned */
	char *text;       /* owned: the whole file, as read */
	char *cut;        /* owned: the same with ends of lines cut; `lines` point into it */
	char **lines;     /* owned */
	size_t line_count;
	size_t first_step; /* the line at which things begin to happen */

	const char *scenario; /* a built-in one, or `path` when the story has its own */
	const char *pack;     /* NULL: the scenario's */
	bool has_seed;
	uint64_t seed;
	bool has_start;
	int64_t start_ms;
	struct story_file files[STORY_FILES_MAX];
	size_t file_count;
};

/* Reads the file. False, with a sentence that starts with the place, when it is no story. */
bool story_read(struct story *story, const char *path, struct error *error);
void story_release(struct story *story);

/* Loads the story's machine from what is built in and what the story brings along. */
bool story_load(const struct story *story, struct machine *machine, struct problems *problems);

/* The story's own seed and start, else the scenario's, else 1 and 2026-03-02T14:30:00Z. */
uint64_t story_seed(const struct story *story, const struct machine *machine);
int64_t story_start_ms(const struct story *story, const struct machine *machine);

#endif
