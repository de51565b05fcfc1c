/*
 * A journal record as a line for people, and as one JSON object: the log, the journal's file and the control API all show
 * the same.
 *
 * For people:
 *   2026-03-02T14:30:05.120Z POST /v1/api/tickle authenticated 200
 *   2026-03-02T14:30:09.004Z POST /v1/api/iserver/auth/ssodh/init brokerage_lost -> authenticated 200 after 10s
 *   2026-03-02T14:31:00.000Z GET /v1/api/portfolio/accounts authenticated+upstream_dead never
 *   2026-03-02T14:35:00.000Z timer session_idle
 * Time is the gateway's. A target stands as it was sent; blanks, control characters, backslashes and what is not ASCII
 * are "\x" and two digits, and "…" follows what was too long to keep.
 */
#ifndef CPGW_CORE_RECORD_JSON_H
#define CPGW_CORE_RECORD_JSON_H

#include "core/buffer.h"
#include "core/emulator.h"

enum record_detail {
	RECORD_BRIEF, /* what fits a log line */
	RECORD_WHOLE, /* a request's headers and body too */
};

/* Appends one line without its newline. */
void record_add_line(const struct emulator *emulator, const struct record *record, struct buffer *out);

/*
 * Appends one object without a newline: "id" (counts from 1), "time" (the gateway's), "wall_time" (null where nobody
 * told it), "kind" (journal.h has the names); then for requests "method", "target" (escaped as above), "cut" (more was
 * sent than is kept), "endpoint", "matched"; for the rest "name", and "text" where there is one; "before" and "after";
 * for requests "status" and "delay_ms", both null when no answer will come, and, whole, "headers" (an object; several of
 * one name become one, joined by ", ") and "body" (null when there was none; escaped as above where it is not UTF-8).
 */
void record_add_json(const struct emulator *emulator, uint64_t index, const struct record *record,
                     enum record_detail detail, struct buffer *out);

#endif
