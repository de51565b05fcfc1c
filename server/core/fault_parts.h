/*
 * What the parts of the faults say to each other: fault.c has the rules and calls, fault_moments.c the port, connections
 * and handshakes. Nobody else includes this.
 */
#ifndef CPGW_CORE_FAULT_PARTS_H
#define CPGW_CORE_FAULT_PARTS_H

#include "core/fault.h"

/* The rule is in force, its states are active and its time has come. */
bool fault_is_in_time(const struct emulator *emulator, const struct fault_state *state);

/* It acts, and no other rule is before it. */
bool fault_is_done(const struct fault_decision *decision);

/* Does what the rule says to what `on` names. */
void fault_do(const struct emulator *emulator, const struct fault_state *state, const struct fault_act *on);

/* Writes down one rule's decision. */
void fault_record_one(struct emulator *emulator, const struct fault_candidate *candidate,
                      const struct fault_decision *decision, enum fault_outcome outcome);

#endif
