/*
 * One gateway: a session machine, the time on its clock, and what has happened to it. Pure: time and requests go
 * in, replies and journal records come out. A value: copy nothing, share nothing but the machine, which is constant.
 *
 *   emulator_init → { emulator_advance, emulator_handle | emulator_apply }* → emulator_release
 *
 * Time only moves in emulator_advance(). A caller advances to "now" before it hands over a request.
 */
#ifndef CPGW_CORE_EMULATOR_H
#define CPGW_CORE_EMULATOR_H

#include "core/departure.h"
#include "core/error.h"
#include "core/fault.h"
#include "core/journal.h"
#include "core/login.h"
#include "core/machine.h"
#include "core/message.h"
#include "core/pacing.h"
#include "core/stream.h"
#include "core/tally.h"

#include <stdbool.h>
#include <stdint.h>

/* "Nothing will ever happen by itself". */
#define EMULATOR_NEVER INT64_MAX

struct emulator {
	const struct machine *machine; /* not owned; outlives the emulator */
	uint64_t seed;
	int64_t start_ms;
	int64_t now_ms;
	uint8_t state[REGIONS_MAX]; /* the active state of each region: indexes machine->states */
	uint64_t active;            /* the same as one bit per state */
	int64_t timer_started_ms[TIMERS_MAX];
	int64_t timer_due_ms[TIMERS_MAX]; /* EMULATOR_NEVER while it does not run */
	int64_t
	    timer_rested_ms[TIMERS_MAX];  /* before which it does not fire again: TIMER_PERIOD_MIN_MS after the last */
	uint16_t timer_fired[TIMERS_MAX]; /* since it started, of those that fire so many times */
	uint32_t timer_holds;             /* timers whose states are active, one bit each: fired ones too */
	uint32_t calls[ENDPOINTS_MAX];
	struct rate_window *rates; /* owned: pacing.h */
	struct faults faults;      /* fault.h */
	struct expect *expect;     /* owned: what is expected of the client, expect.h; NULL: nothing */
	struct value *settings;    /* owned: this gateway's values */
	char **setting_texts;      /* owned: texts that were set after the start, or NULL each */
	size_t cue_next;
	size_t met;                   /* how much of machine->catalogue.met has come: met.h */
	uint64_t session_ordinal;     /* counts sessions: ids are derived from it and the seed */
	struct streams streams;       /* stream.h */
	struct login login;           /* who is logging in: login.h */
	struct departures departures; /* answers that are held back */
	struct tally tally;
	struct journal journal;
};

struct emulator_options {
	const struct machine *machine; /* not owned; outlives the emulator */
	uint64_t seed;
	int64_t start_ms;
	uint32_t journal_size; /* records that the journal keeps, and bytes: journal_init() */
	size_t journal_bytes;
	uint64_t journal_first; /* number of its first record */
};

/* Starts a gateway. False only when memory ran out. */
bool emulator_init(struct emulator *emulator, const struct emulator_options *options, struct error *error);
void emulator_release(struct emulator *emulator);

/* Fires the timers and cues that are due until `to_ms`, earliest first, judges what was expected by then, and shows `to_ms`. A time in the past is
 * ignored: the clock never runs backwards. */
void emulator_advance(struct emulator *emulator, int64_t to_ms);

/* The same in steps: lets the next thing happen that is due until then, or, when there is none, shows `to_ms`, and false. Who
 * follows the journal between the steps misses nothing. */
bool emulator_step(struct emulator *emulator, int64_t to_ms);

/* When something would happen next without a request; EMULATOR_NEVER. */
int64_t emulator_deadline_ms(const struct emulator *emulator);

/* Does one action now. False, with a sentence, when the machine has no such event, state or setting, or the setting may
 * not have such a value; nothing has changed then. Names and texts may come from anybody. */
bool emulator_apply(struct emulator *emulator, const struct action *action, struct error *error);

/* Answers one request at the time to which the emulator was last advanced. Cannot fail: bad input has its answers in
 * the machine. */
void emulator_handle(struct emulator *emulator, const struct request *request, struct reply *reply);

/* Writes down what happened outside of the core: a handshake that failed, a clock that was moved. `name` is static or the
 * machine's; the text is copied. */
void emulator_note(struct emulator *emulator, enum record_kind kind, const char *name, const char *text);

/* The states that are active, joined by "+": the session's first and always, the others unless they are "quiet". */
void emulator_describe(const struct emulator *emulator, uint64_t active, struct buffer *out);

#endif
