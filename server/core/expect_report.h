/*
 * What was expected of the client and what came of it, for people and for programs.
 *
 * For people, one broken expectation:
 *
 *   broken: tickles_in_time (warning)
 *     expected: no event idle after @session, @iserver or @portfolio
 *     2026-03-02T14:30:00.000Z POST /v1/api/tickle authenticated 200
 *     2026-03-02T14:35:30.000Z timer idle
 *     2026-03-02T14:35:30.000Z the client let the session die: last tickle 5m30s before (at 14:30:00)
 *     to do: call tickle about once a minute, even while there is nothing else to do
 *
 * What led to it is taken from the journal, as far as it is still there. When it was broken more than once, the first
 * time is shown, and then how often.
 */
#ifndef CPGW_CORE_EXPECT_REPORT_H
#define CPGW_CORE_EXPECT_REPORT_H

#include "core/buffer.h"
#include "core/expect.h"

#include <stdbool.h>

/* Appends one broken expectation, as above, whole lines; nothing when there is no such or it is not broken. `strict` leaves
 * the "(warning)" out. For the emulator that the result came from. */
void expect_report_one(const struct emulator *emulator, size_t index, bool strict, struct buffer *out);

/* Appends all that are broken, failures first, an empty line between two; then a line for each that is pending: "pending:
 * NAME: WANTED". Nothing when all are met. */
void expect_report(const struct emulator *emulator, bool strict, struct buffer *out);

/* Appends a JSON array, without a newline, of one object per expectation, in the scenario's order:
 *   {"id", "severity": "failure" | "warning", "outcome": "met" | "broken" | "pending", "failed", "count",
 *    "expected", "text", "because", "first_time", "violations": [{"time", "text", "record"}]}
 * "failed" is true when it makes a run fail, given `strict`. "text" and "first_time" are of the first violation, null
 * when there is none; "because" is null where the scenario does not say; "record" is the id of the record in the journal;
 * of the violations only the first EXPECTATION_KEPT_MAX are there. */
void expect_report_json(const struct emulator *emulator, bool strict, struct buffer *out);

#endif
