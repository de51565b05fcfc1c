/*
 * A search for what a request meant: shared by near_miss.c and near_miss_path.c, and by nothing else.
 */
#ifndef CPGW_CORE_NEAR_MISS_PARTS_H
#define CPGW_CORE_NEAR_MISS_PARTS_H

#include "core/near_miss.h"

/* Where the API begins, in every description of it; what a machine's aliases name is tried too. */
#define API_BASE "/v1/api/"
#define BASES_MAX (2 * ALIASES_MAX + 1)
/* What a sentence shows of a path. */
#define PATH_SHOWN 120
#define METHOD_LIST_SIZE 64

struct searching {
	const struct emulator *emulator;
	const struct machine *machine;
	const struct record *record;
	const char *method;
	struct near_miss *misses;
	size_t count;
	char path[PATH_LENGTH_MAX + 1]; /* as it came, without the query */
	const char *bases[BASES_MAX];
	size_t base_count;
};

/* One sentence more, unless there are enough; `endpoint` may be NULL, `path` empty. */
void near_miss_add(struct searching *searching, const struct endpoint *endpoint, const char *path, const char *format,
                   ...) __attribute__((format(printf, 4, 5)));

/* "GET and POST"; HEAD goes without saying where there is GET. */
const char *near_miss_methods(uint32_t methods, char list[static METHOD_LIST_SIZE]);

/* The endpoint that a route leads to; NULL for one that nobody means. */
const struct endpoint *near_miss_endpoint(const struct machine *machine, const struct route *route);

/* The endpoint at a path in any case, the best is one that answers the method; `path` gets the case that is right. */
const struct endpoint *near_miss_find(const struct searching *searching, char *path);

/* What the path of the request may have been meant to be: one sentence or more. */
void near_miss_explain_path(struct searching *searching);

#endif
