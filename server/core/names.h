/*
 * Names that people type, and the nearest known one when they mistype.
 */
#ifndef CPGW_CORE_NAMES_H
#define CPGW_CORE_NAMES_H

#include "core/limits.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

/* For long lists: most names differ in their first letter. */
static inline bool name_is(const char *name, const char *wanted)
{
	return *name == *wanted && strcmp(name, wanted) == 0;
}

/* A running search for the known name nearest to what was written. */
struct nearest {
	const char *wanted; /* not owned */
	const char *best;   /* points into `copy`; NULL while none is near enough */
	size_t distance;
	char copy[2 * NAME_LENGTH_MAX + 1];
};

void nearest_begin(struct nearest *nearest, const char *wanted);
/* `known` may be gone after the call. */
void nearest_offer(struct nearest *nearest, const char *known);

#endif
