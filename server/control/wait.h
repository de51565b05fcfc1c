/*
 * Calls that wait for something to happen to a gateway. They cost a suspended connection each, no thread and no time:
 * every record that the gateway's journal gets is shown to those who wait for it. A wait ends when it fits, when its time is
 * over, when its client leaves, when the gateway goes or starts anew, or with the process.
 */
#ifndef CPGW_CONTROL_WAIT_H
#define CPGW_CONTROL_WAIT_H

#include "control/call.h"

enum wait_end {
	WAIT_FITS,
	WAIT_TIMED_OUT,
	WAIT_LEFT, /* the client; the answer goes into the void, or to one who has only shut its own side down */
	WAIT_GATEWAY_GONE, /* call->entry must not be touched: NULL */
	WAIT_GATEWAY_RESET,
	WAIT_STOPPING,
};

struct wait {
	struct control *control;
	struct call *call; /* NULL: this slot is free */
	bool is_suspended; /* its connection */
	int64_t until_ms;  /* monotonic */
	/* Whether a new record brings what is waited for. May be asked after the fact too. */
	bool (*fits)(struct call *call, uint64_t index, const struct record *record);
	/* NULL, or what is to be done meanwhile, a little each time the loop comes round: true when it is all done. */
	bool (*work)(struct call *call);
	/* Fills the answer. */
	void (*finish)(struct call *call, enum wait_end end);
	void *context;                  /* the handler's */
	void (*release)(void *context); /* frees it; may be NULL */
};

/* Has the call wait for `timeout_ms` of real time at the most. The caller has looked whether it need wait at all. False, and
 * the answer says so, when too many wait already; the context has been released then. */
bool wait_begin(struct call *call, int64_t timeout_ms,
                bool (*fits)(struct call *call, uint64_t index, const struct record *record),
                void (*finish)(struct call *call, enum wait_end end), void *context, void (*release)(void *context));

/* After wait_begin(): has the call do `work` until that says that it is done, and so is the wait. */
void wait_works(struct call *call, bool (*work)(struct call *call));

/* What a wait can do without knowing what it waits for: answers 504, 410, 409 or 503. */
void wait_answer_end(struct call *call, enum wait_end end, const char *what);

#endif
