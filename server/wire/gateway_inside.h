/*
 * A gateway from inside: shared by the gateway….c files and by nothing else.
 */
#ifndef CPGW_WIRE_GATEWAY_INSIDE_H
#define CPGW_WIRE_GATEWAY_INSIDE_H

#include "wire/gateway.h"

/* gateway.c. Whoever follows the journal is told of what is new in it. */
void gateway_observe(struct gateway *gateway);
/* The same, and then websockets with something to say are touched: no byte leaves before the observer knows. Other
 * connections may be in the middle of something, so that they say it when they are settled. */
void gateway_tell(struct gateway *gateway);
/* Lets happen what has become due by the machine's clock. */
void gateway_catch_up_now(struct gateway *gateway);

/* gateway_held.c */
void gateway_let_go_until(struct gateway *gateway, int64_t until_ms);
/* No held answer may be early: a clock that goes by itself was rounded down when the request came. */
int64_t gateway_margin_ms(const struct gateway *gateway);
/* What a fault holds up goes on once that is not in force any more, for whatever reason but its being taken away. */
void gateway_end_stalls(struct gateway *gateway);

#endif
