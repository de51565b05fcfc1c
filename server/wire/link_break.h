/*
 * How faults break a link, or hold it up before anything is read from it. See core/message.h (enum answer_end) and
 * core/connection_plan.h for what they may ask for.
 */
#ifndef CPGW_WIRE_LINK_BREAK_H
#define CPGW_WIRE_LINK_BREAK_H

#include "core/connection_plan.h"
#include "core/message.h"

#include <stdbool.h>
#include <stdint.h>

struct link;

/* ---- as it is accepted ---- */

/* Does to a link that was just opened what the plan says. It may be dead then. */
void link_begin(struct link *link, const struct accept_plan *plan);

/* Its time has come, or the fault has: all goes on as usual. */
void link_end_stall(struct link *link);

/* ---- around an answer ---- */

/* Takes over what is to become of the link once the answer, which is not delivered yet, has left. */
void link_plan_end(struct link *link, const struct fault_plan *plan);

/* Another request has come, and a fault ends the link on that. */
bool link_ends_on_reuse(const struct link *link);

/* Forgets that: the fault has gone. */
void link_disarm(struct link *link);

/* All has been given to the socket, and the plan was no end in good order: does it. False when it was. */
bool link_break(struct link *link);

/* Its client sees RST. What the socket has taken and not sent is lost. */
void link_reset(struct link *link);

#endif
