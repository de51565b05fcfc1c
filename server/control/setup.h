/*
 * What a call may say about a gateway that is to be made, or a scenario that is to be loaded.
 */
#ifndef CPGW_CONTROL_SETUP_H
#define CPGW_CONTROL_SETUP_H

#include "control/call.h"
#include "control/registry.h"
#include "core/reader.h"

/* "scenario" is a name, or a whole scenario as an object. */
#define SETUP_FIELDS                                                                                                   \
	{ "scenario", FIELD_TEXT | FIELD_OBJECT, false }, { "fixtures", FIELD_TEXT, false },                           \
	    { "seed", FIELD_NUMBER, false }, { "clock", FIELD_TEXT, false },                                           \
	{                                                                                                              \
		"start", FIELD_TEXT, false                                                                             \
	}

struct setup {
	struct entry_request request; /* points into the call's JSON and into what follows */
	struct clock clock;
	char *scenario; /* owned: a scenario that was an object, as text again */
	struct problems problems;
	struct error error;
};

/* Reads the body; an empty one says nothing. False, and the answer says why, when something is wrong with it. */
bool setup_read(struct call *call, struct call_json *json, const char *what, const struct field *fields,
                struct setup *setup);
void setup_release(struct setup *setup);

/* True when all went well; else the answer says what did not. */
bool setup_answer(struct call *call, enum registry_outcome outcome, const struct setup *setup);

#endif
