/*
 * A machine small enough to keep in mind, with one of everything that a scenario can say: what the unit tests and the
 * fuzz targets extend and bend. Its scenario is called "gateway", its fixture pack "2026"; see small_machine.c.
 */
#ifndef CPGW_TESTS_SMALL_MACHINE_H
#define CPGW_TESTS_SMALL_MACHINE_H

#include "core/emulator.h"
#include "core/machine.h"
#include "support/memory_source.h"

#include <stdint.h>

/* Adds the files: "gateway.json", "2026/pack.json", "2026/replies/…", "2026/headers/…". */
void small_machine_add(struct memory_source *memory);

/* Loads one scenario of the source. Problems become lines "file:line:column: message (nearest)" in `report`; an empty
 * report means that `machine` is ready, to be released by the caller. */
void load_with_report(struct memory_source *memory, const char *name, struct machine *machine, struct buffer *report);

/* Loads the small machine, extended by `top` with ' for ", or as it is when that is NULL. Must succeed: else the
 * program ends, and shows why. */
struct machine small_machine_load(const char *top);

/* Starts a gateway of it, likewise. It begins when the machine's clock does. */
void small_machine_start(const struct machine *machine, uint64_t seed, struct emulator *emulator);

#endif
