/*
 * The repository's own scenarios and fixtures, read from disk into a source in memory. Tests run in the repository's
 * root; that is where "scenarios" and "fixtures" are looked for.
 */
#ifndef CPGW_TESTS_REPOSITORY_H
#define CPGW_TESTS_REPOSITORY_H

#include "support/memory_source.h"

/* Must succeed: else the program ends, and says why. */
void repository_add(struct memory_source *memory);

#endif
