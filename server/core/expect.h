/*
 * What a scenario expects of the client, judged as it goes, on the gateway's clock. The emulator tells of each call,
 * event and change of states, and of time; what is broken becomes a record of the journal, at its instant.
 *
 * Each expectation is judged in spans, as machine.h says. Whatever ends a span, the next one needs another of `after`. What must be done by an instant may still be done at that
 * instant: it is missing right after, and its record has the instant itself. A span of "at least", of an order or of a state
 * is over once it is fulfilled or broken; before that, the event that began it changes nothing. A span of "at most" or of
 * "every" is begun afresh by each such event. Broken again and again, an expectation writes a record for each time that
 * it begins to be broken, and counts all.
 *
 * All is bounded: EXPECTATIONS_MAX, EXPECTATION_KEPT_MAX, EXPECTATION_WINDOW_MAX.
 */
#ifndef CPGW_CORE_EXPECT_H
#define CPGW_CORE_EXPECT_H

#include "core/emulator.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum expectation_outcome {
	EXPECTATION_MET,     /* never broken, and nothing is left open */
	EXPECTATION_BROKEN,  /* at least once */
	EXPECTATION_PENDING, /* not broken so far: its time has not run out, or only the end can tell */
};

/* "met" … */
extern const char *const expectation_outcome_names[];

struct violation {
	int64_t at_ms;
	int64_t since_ms; /* when what led to it began */
	uint64_t record;  /* its number in the journal */
	char text[320];   /* one sentence */
};

struct expectation_result {
	const char *name;
	bool is_warning; /* as the scenario says; "strict" is the caller's affair */
	enum expectation_outcome outcome;
	uint64_t count;   /* how often it was broken */
	int64_t first_ms; /* when first; 0 when never */
	const char *wanted;
	const char *text;                   /* how it was broken first; "" when it was not */
	const char *because;                /* NULL: the scenario does not say */
	const struct violation *violations; /* the first of them */
	size_t violation_count;
};

/* ---- results ---- */

/* Judges what only the end can tell, as if the end were now: final states, calls that are still missing where no time was
 * given. Again later, it judges again; what it has found broken stays so and is recorded once. */
void expect_conclude(struct emulator *emulator);

/* How many expectations are broken that make a run fail: warnings count where `strict`. */
size_t expect_failed(const struct emulator *emulator, bool strict);

/* Result number `index`; false past the last. It lives until the emulator goes on. */
bool expect_result(const struct emulator *emulator, size_t index, struct expectation_result *result);

/* ---- for the emulator ---- */

struct expect_state {
	bool armed;  /* `after` has come and `until` has not */
	bool held;   /* `when` holds */
	bool open;   /* a span runs, and is not yet decided */
	bool excess; /* "at most": this excess has its record */
	bool ended;  /* judged by expect_conclude() and broken */
	bool final;  /* the end was judged, and well */
	uint32_t count;
	size_t step;           /* of an order: how many were made */
	int64_t began_ms;      /* the span */
	int64_t after_ms;      /* the event that it waited for */
	int64_t due_ms;        /* EMULATOR_NEVER */
	int64_t last_ms;       /* the last call of interest; INT64_MIN: none */
	int16_t last_endpoint; /* INDEX_NONE */
	uint64_t limits;       /* of pacing: those that have their record, one bit each */
	int64_t *times;        /* "at most" in a time: a ring of as many as are allowed */
	uint32_t next;
	uint32_t used;
	uint64_t broken;
	struct violation *kept; /* owned; NULL until there is one */
	size_t kept_count;
};

struct expect {
	struct expect_state *items; /* owned: one per expectation */
	int64_t *times;             /* owned: all rings */
	struct rate_window *paces;  /* owned: NULL when nobody asks */
	int64_t due_ms;             /* the first of all */
	uint64_t active;            /* the states when last looked at */
	uint64_t starting;          /* whose event has come just now */
};

/* Nothing is expected: emulator->expect stays NULL. False when memory ran out. */
bool expect_init(struct emulator *emulator);
void expect_release(struct emulator *emulator);
/* The first spans, once the initial states stand. */
void expect_begin(struct emulator *emulator);

/* These only while emulator->expect is set. */
void expect_call(struct emulator *emulator, int endpoint); /* before its events */
void expect_frame(struct emulator *emulator, int topic);   /* a client's message */
void expect_event(struct emulator *emulator, int event);   /* after it has changed states, or not */
void expect_states(struct emulator *emulator);             /* after something else may have */
void expect_due(struct emulator *emulator);                /* all that is due first; now_ms is that instant */

/* A call went beyond a rate limit. */
void expect_too_fast(struct emulator *emulator, size_t limit);
/* In which calls are counted while the limits are not enforced; NULL: they need not be. */
static inline struct rate_window *expect_windows(const struct emulator *emulator)
{
	return emulator->expect ? emulator->expect->paces : NULL;
}

static inline int64_t expect_due_ms(const struct emulator *emulator)
{
	return emulator->expect ? emulator->expect->due_ms : EMULATOR_NEVER;
}

#endif
