/*
 * Answers that are held back, as far as the journal is concerned: when each leaves with its last byte. The wire keeps one of
 * these beside every answer that it holds, and says so; the emulator writes the record when its clock comes by, in
 * order with everything else that happens by itself.
 */
#ifndef CPGW_CORE_DEPARTURE_H
#define CPGW_CORE_DEPARTURE_H

#include <stdbool.h>
#include <stdint.h>

struct emulator;

struct departure {
	struct departure *next, *previous;
	int64_t at_ms;    /* gateway time */
	int64_t since_ms; /* when it was asked for */
	uint64_t request; /* number of its record in the journal */
	const char *name; /* the request's endpoint */
	bool is_waiting;  /* the emulator has it */
};

/* By at_ms, those of one time in the order in which they came. Not owned. */
struct departures {
	struct departure *first, *last;
};

/* The answer to request number `request` will leave at `at_ms`. The departure stays where it is until then or until it is
 * called off. */
void departure_wait(struct emulator *emulator, struct departure *departure, uint64_t request, int64_t at_ms);

/* It will not: its client has gone, or the connection. Does nothing when it has left, or never was to. */
void departure_call_off(struct emulator *emulator, struct departure *departure);

/* When the first of them leaves: EMULATOR_NEVER when none does. */
int64_t departures_due_ms(const struct emulator *emulator);
/* Writes down that the first of them leaves now. */
void departures_leave(struct emulator *emulator);

#endif
