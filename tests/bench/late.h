/*
 * How punctual delayed answers are: many connections ask at once, and each answer's arrival is held against the instant at which
 * its request left.
 */
#ifndef CPGW_BENCH_LATE_H
#define CPGW_BENCH_LATE_H

#include "tls.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Prints how many answers came before their time, and p50, p99 and the most of how late they were, in ms. False when a
 * connection or an answer did not come. */
bool measure_lateness(struct client *client, uint16_t port, size_t count, double delay_ms);

#endif
