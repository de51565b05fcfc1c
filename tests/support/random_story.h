/*
 * Stories made from a seed: what clients, time and people may do to a gateway, sensible or not. The same seed and
 * machine give the same story.
 */
#ifndef CPGW_TESTS_RANDOM_STORY_H
#define CPGW_TESTS_RANDOM_STORY_H

#include "core/machine.h"
#include "core/message.h"

#include <stddef.h>
#include <stdint.h>

enum story_step {
	STORY_WAIT,
	STORY_REQUEST,
	STORY_EVENT,
	STORY_ENTER,
	STORY_SET,
	STORY_OPEN, /* a websocket, and so on: story_streams.h */
	STORY_SAY,
	STORY_READ,
	STORY_CLOSE,
};

struct step {
	enum story_step kind;
	int64_t wait_ms;
	struct request request;
	struct action action;
	size_t which;        /* of the websockets */
	struct span message; /* STORY_SAY */
};

struct dice {
	uint64_t seed;
	uint64_t thrown;
};

/* A number below `sides`. */
size_t dice_throw(struct dice *dice, size_t sides);

/* All that the results point to is constant, or belongs to the machine. */
struct request random_request(struct dice *dice);
struct step random_step(struct dice *dice, const struct machine *machine);

#endif
