/*
 * A gateway's clock: turns the machine's monotonic time, which the caller reads, into the gateway's own time in
 * milliseconds since 1970. Three modes: real, scaled (n times faster), manual (stands until it is set).
 */
#ifndef CPGW_CORE_CLOCK_H
#define CPGW_CORE_CLOCK_H

#include "core/buffer.h"
#include "core/error.h"
#include "core/limits.h"

#include <stdbool.h>
#include <stdint.h>

enum clock_mode { CLOCK_REAL, CLOCK_SCALED, CLOCK_MANUAL };

#define CLOCK_FOREVER (-1)

struct clock {
	enum clock_mode mode;
	int64_t scale;     /* gateway milliseconds per real millisecond; 1 unless scaled */
	int64_t origin_ms; /* gateway time at monotonic_ms */
	int64_t monotonic_ms;
};

/* Reads "real", "manual" or "scaled:60" into mode and scale; false with a sentence in `error`. */
bool clock_parse(struct clock *clock, const char *text, struct error *error);

/* Starts the clock: at `monotonic_ms` of the machine it shows `start_ms`. */
void clock_start(struct clock *clock, int64_t start_ms, int64_t monotonic_ms);

int64_t clock_now_ms(const struct clock *clock, int64_t monotonic_ms);

/* Real milliseconds until the clock shows `deadline_ms`, rounded up; 0 when it has passed; CLOCK_FOREVER when it will
 * not come by itself. */
int64_t clock_wait_ms(const struct clock *clock, int64_t deadline_ms, int64_t monotonic_ms);

/* Changes how the clock goes on from what it shows. */
void clock_change(struct clock *clock, enum clock_mode mode, int64_t scale, int64_t monotonic_ms);

/* How it goes, as clock_parse() reads it. */
void clock_describe(const struct clock *clock, struct buffer *out);

/* Moves the clock to `to_ms`; it goes on from there in its mode. Never backwards: false then. */
bool clock_set(struct clock *clock, int64_t to_ms, int64_t monotonic_ms);

#endif
