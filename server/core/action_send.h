/*
 * What an action sends to the websockets, as JSON says it, in a scenario's cue or over the control API:
 *
 *   {"send": "script"}, {"send": {a frame}}, {"notify": "text"}, {"bulletin": "text"}
 *
 * "notify" and "bulletin" are scripts of these names, with a text to tell.
 */
#ifndef CPGW_CORE_ACTION_SEND_H
#define CPGW_CORE_ACTION_SEND_H

#include "core/machine.h"
#include "core/reader.h"

/* How many of these members an action has: one at the most is fine. */
int action_count_sends(const cJSON *item);

/* Reads the one that there is. Its text lies in the reader's arena. False, and a problem, when it cannot be sent. */
bool action_read_send(const struct reader *reader, const struct machine *machine, const cJSON *item,
                      struct action *action);

#endif
