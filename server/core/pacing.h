/*
 * How often which paths may be called: the machine's documented rate limits, and windows in which calls are counted
 * against them. Who counts decides what comes of a call too many.
 */
#ifndef CPGW_CORE_PACING_H
#define CPGW_CORE_PACING_H

#include "core/machine.h"
#include "core/message.h"

#include <stdbool.h>
#include <stdint.h>

struct rate_window {
	int64_t *at_ms;  /* when the last calls were let through, a ring of as many as the limit allows */
	int64_t last_ms; /* when the last came, let through or not */
	uint16_t next;
	uint16_t used;
};

/* One per limit of the machine; free() releases them all. NULL when memory ran out. */
struct rate_window *pacing_windows_new(const struct machine *machine);

/* Counts a call to an endpoint. False when it is one too many: `exceeded` then is the first limit that it goes beyond. A call
 * too many for a limit is not counted in that limit's window. With `by_instant` all calls of one instant count as one: where
 * the clock stands still, nothing can be said of a client's pace. `path` has no query. */
bool pacing_count(const struct machine *machine, struct rate_window *windows, const struct endpoint *endpoint,
                  const struct request *request, struct span path, int64_t now_ms, bool by_instant, int *exceeded);

/* The limits that calls to these paths can fall under, one bit each: what need not be looked at later. A path ends with
 * "*" when it stands for all below it. */
uint64_t pacing_limits_of(const struct machine *machine, const char *const *paths, size_t count);

#endif
