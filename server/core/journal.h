/*
 * What happened to one gateway, in order: a bounded ring of records. The oldest give way. `written` counts all that
 * ever were, so a reader that remembers it knows what it has missed.
 */
#ifndef CPGW_CORE_JOURNAL_H
#define CPGW_CORE_JOURNAL_H

#include "core/limits.h"
#include "core/message.h"

#include <stdbool.h>
#include <stdint.h>

enum record_kind {
	RECORD_REQUEST,    /* a client's call was answered */
	RECORD_TRANSITION, /* a region changed its state */
	RECORD_TIMER,      /* a timer fired */
	RECORD_CUE,        /* the scenario's timeline acted */
	RECORD_ACTION,     /* somebody acted from outside */
};

struct record {
	enum record_kind kind;
	int64_t at_ms;    /* gateway time */
	uint64_t before;  /* active states, one bit each, before */
	uint64_t after;   /* and after */
	const char *name; /* endpoint, timer, event or action: belongs to the machine */
	enum http_method method;
	int status;             /* 0: no answer will come */
	int64_t delay_ms;       /* how long the answer is held back; -1 for ever */
	uint16_t target_length; /* as sent, which may be longer than what is kept */
	char target[JOURNAL_TARGET_MAX];
};

struct journal {
	struct record *ring; /* owned */
	uint64_t written;
};

/* False when memory ran out. */
bool journal_init(struct journal *journal);
void journal_release(struct journal *journal);

/* The next record, for the caller to fill whole. */
struct record *journal_next(struct journal *journal);

/* Record number `index` of all written, or NULL when it has been overwritten or is yet to come. */
const struct record *journal_at(const struct journal *journal, uint64_t index);

#endif
