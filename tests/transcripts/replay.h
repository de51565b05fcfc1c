/*
 * Plays a story in virtual time and writes it anew, with what happens now in place of what it says happened.
 */
#ifndef CPGW_TESTS_REPLAY_H
#define CPGW_TESTS_REPLAY_H

#include "story.h"

#include "core/buffer.h"
#include "core/machine.h"

/* Appends the story to `out`. False, with a sentence that starts with the place, when a step cannot be read. */
bool replay(const struct story *story, const struct machine *machine, struct buffer *out, struct error *error);

#endif
