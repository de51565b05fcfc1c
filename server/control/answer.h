/*
 * What several answers of the control API have in common.
 */
#ifndef CPGW_CONTROL_ANSWER_H
#define CPGW_CONTROL_ANSWER_H

#include "control/call.h"
#include "core/buffer.h"
#include "wire/gateway.h"

/* A text in quotes, escaped. */
void answer_add_text(struct buffer *out, const char *text);
/* An instant in quotes. */
void answer_add_instant(struct buffer *out, int64_t at_ms);
/* {"mode","scale","now"}: "real", "scaled" or "manual". */
void answer_add_clock(struct buffer *out, const struct gateway *gateway);
/* A problem: there is no such state, the nearest is …. */
void answer_no_state(struct call *call, const struct machine *machine, const char *name);

#endif
