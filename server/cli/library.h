/*
 * Where scenarios and fixtures come from: those that are built in, by name, and files on disk, by path. A path is
 * what starts with "/", "./" or "../", or, for a scenario, ends in ".json"; it is taken from the folder of the file that
 * names it, or from the working directory. What is in the catalogue of known failures is found by its id as well.
 */
#ifndef CPGW_CLI_LIBRARY_H
#define CPGW_CLI_LIBRARY_H

#include "core/scenario.h"

/* For scenario_load(). Stateless. */
const struct source *library_source(void);

/* Calls `each` with every built-in name of a kind, sorted: "authenticated" … and then the catalogue, "GW-001-…" …; "2026" …;
 * "2026/replies/tickle" …. */
void library_list(enum source_kind kind, void (*each)(void *context, const char *name), void *context);

#endif
