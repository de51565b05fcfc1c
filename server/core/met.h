/*
 * Whether the client of a gateway has met the failure that its scenario is in the catalogue for: a client that never asked
 * for what fails has not survived it. What must have come is data: steps, one after the other, each a call that was
 * answered in some way, a fault that acted, or a frame that a websocket was sent.
 */
#ifndef CPGW_CORE_MET_H
#define CPGW_CORE_MET_H

#include "core/emulator.h"

#include <stdbool.h>
#include <stdint.h>

/* A call has its answer; `before` are the states in which it came, `reply` is INDEX_NONE where no fixture was given. */
void met_call(struct emulator *emulator, int endpoint, uint64_t before, int reply, const struct reply *given);

/* A websocket was sent a frame. */
void met_frame(struct emulator *emulator, int frame);

/* Whether all of it has come. Where the scenario says nothing, any call will do. */
bool met_is_whole(struct emulator *emulator);

/* What has not come yet, in words, "tickle while sso_expired"; NULL when all has. */
const char *met_missing(struct emulator *emulator);

#endif
