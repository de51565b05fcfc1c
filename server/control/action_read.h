/*
 * Actions as JSON: the same objects as the cues of a scenario's timeline, without their times.
 */
#ifndef CPGW_CONTROL_ACTION_READ_H
#define CPGW_CONTROL_ACTION_READ_H

#include "core/machine.h"
#include "core/reader.h"

/* {"event": NAME}, {"enter": STATE} or {"set": {SETTING: VALUE}}. What it says points into the tree. False when something is
 * wrong: the problem has been added. */
bool action_read(const struct reader *reader, const struct machine *machine, const cJSON *item, struct action *action);

/* What is already known to be a text: an event of the machine. */
bool action_read_event(const struct reader *reader, const struct machine *machine, const cJSON *item,
                       struct action *action);

/* {SETTING: VALUE, …}: one action each, at most SETTINGS_MAX; returns how many. */
size_t action_read_settings(const struct reader *reader, const struct machine *machine, const cJSON *object,
                            struct action *actions);

#endif
