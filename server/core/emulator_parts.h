/*
 * What the parts of the emulator say to each other: emulator.c has what happens by itself and what a test does,
 * emulator_timers.c the timers, handle.c what a request does. Nobody else includes this.
 */
#ifndef CPGW_CORE_EMULATOR_PARTS_H
#define CPGW_CORE_EMULATOR_PARTS_H

#include "core/emulator.h"

/* The next record of the journal, with what all have. `name` is static or the machine's. */
struct record *emulator_write_record(struct emulator *emulator, enum record_kind kind, const char *name,
                                     uint64_t before);

/* The same of what comes again and again and changes nothing: it gives way before anything else. */
struct record *emulator_write_tick(struct emulator *emulator, enum record_kind kind, const char *name);

/* How long it is by this gateway's settings. */
int64_t emulator_amount_ms(const struct emulator *emulator, const struct amount *amount);

/* Lets all regions hear an event: the one place where states change by themselves. */
void emulator_raise(struct emulator *emulator, int event);

/* Whether it would change a state now. */
bool emulator_hears(const struct emulator *emulator, int event);

/* ---- emulator_timers.c ---- */

/* At the start: those whose states are active run. */
void timers_begin(struct emulator *emulator);

/* After every change, and what brought it about, or INDEX_NONE: timers whose states have just become active start, those
 * whose states have ended stop, and those that wait for this event start afresh. */
void timers_update(struct emulator *emulator, int event);

/* The timer that is due first, or INDEX_NONE; among equals the one that the scenario names first. */
int timers_first(const struct emulator *emulator);

/* Lets one happen that is due now. */
void timers_fire(struct emulator *emulator, size_t index);

#endif
