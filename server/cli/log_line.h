/*
 * A journal record as one line of the log.
 *
 * For people:
 *   2026-03-02T14:30:05.120Z POST /v1/api/tickle authenticated 200
 *   2026-03-02T14:30:09.004Z POST /v1/api/iserver/auth/ssodh/init brokerage_lost -> authenticated 200 after 10s
 *   2026-03-02T14:31:00.000Z GET /v1/api/portfolio/accounts authenticated+upstream_dead never
 *   2026-03-02T14:35:00.000Z timer session_idle
 * Time is the gateway's. A target stands as it was sent; blanks, control characters, backslashes and what is not ASCII
 * are "\x" and two digits, and "…" follows one that was too long to keep.
 */
#ifndef CPGW_CLI_LOG_LINE_H
#define CPGW_CLI_LOG_LINE_H

#include "core/buffer.h"
#include "core/emulator.h"

void log_line_add_text(const struct emulator *emulator, const struct record *record, struct buffer *out);

/*
 * The same as one JSON object: "time", "kind" (request, transition, timer, cue, action), then for requests "method",
 * "target" (with the same escapes), "target_length" (as sent), "endpoint"; for the rest "name"; "before" and "after";
 * for requests "status" and "delay_ms", both null when no answer will come.
 */
void log_line_add_json(const struct emulator *emulator, const struct record *record, struct buffer *out);

#endif
