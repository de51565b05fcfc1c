/*
 * What happened to one gateway, in order, as far as there is room for it: so many records, and so many bytes. When it is
 * full the oldest give way: first those of timers that changed nothing, since a gateway that nobody calls ticks on, and
 * what a client did must not be lost for that; then the oldest of all. `written` counts all that ever were, so a
 * reader that remembers it knows what it has missed. A record's number is its index among all written; people see that plus
 * one, its id. Numbers that have been given up leave holes.
 *
 * Records lie in segments of a few, with their texts; what several requests of a segment said alike, their headers above
 * all, is kept once. A record stays where it is until it gives way.
 *
 * Secrets never get in: redact.h takes them out of what clients send.
 */
#ifndef CPGW_CORE_JOURNAL_H
#define CPGW_CORE_JOURNAL_H

#include "core/limits.h"
#include "core/message.h"

#include <stdbool.h>
#include <stdint.h>

enum record_kind {
	RECORD_REQUEST,     /* a client's call was answered */
	RECORD_ANSWER,      /* an answer that was held back leaves, with its last byte; `text` says to which request */
	RECORD_TRANSITION,  /* a region changed its state */
	RECORD_TIMER,       /* a timer fired */
	RECORD_CUE,         /* the scenario's timeline acted */
	RECORD_ACTION,      /* somebody acted from outside */
	RECORD_CLOCK,       /* somebody moved or changed the clock; `text` says how */
	RECORD_CONNECTION,  /* a connection never came to a request; `text` says why */
	RECORD_EXPECTATION, /* an expectation about the client was broken; `text` says how */
	RECORD_FAULT,       /* a fault decided about the request whose record follows; `text` says what */
	RECORD_LOGIN,       /* somebody tried to log in: the event that it came to, `text` says who; no secrets */
	RECORD_STREAM,      /* a websocket: opened, closed, dropped … */
	RECORD_FRAME,       /* a message of one: frame_in, frame_out; `text` is what it says, without session ids */
	RECORD_KIND_COUNT
};

/* "request" …: as logs, files and the control API name them. */
extern const char *const record_kind_names[RECORD_KIND_COUNT];

struct record {
	int64_t at_ms;    /* gateway time */
	int64_t wall_ms;  /* the machine's time, as the caller told it; 0 where it tells none */
	uint64_t before;  /* active states, one bit each, before */
	uint64_t after;   /* and after */
	const char *name; /* endpoint, timer, event, setting, expectation …: belongs to the machine, or is static */
	union {
		int64_t delay_ms;      /* requests: how long the answer is held back; -1 for ever */
		const char *hidden_by; /* faults: the rule that hides it, or NULL */
		uint32_t stream;       /* streams and frames: the stream's number, from 1 */
	};
	enum record_kind kind : 8;
	enum http_method method : 8;
	union {
		int16_t status;          /* requests: 0: no answer will come */
		struct {                 /* faults; `name` is the rule's, `endpoint` the one whose call it looked at */
			uint8_t fault;   /* index of its kind: fault_kinds[] */
			uint8_t outcome; /* enum fault_outcome */
		};
	};
	int16_t endpoint; /* index, or INDEX_NONE; requests and faults only */
	bool matched : 1; /* false: no endpoint of the machine's own was meant: unknown path, wrong method … */
	bool cut : 1;     /* more was sent than is kept */

	/* The journal's own: use record_text() and its kin. Of other kinds than requests only the target is used, as "text". */
	uint8_t place;    /* in its segment */
	uint32_t ordinal; /* its number, less that of its segment's first */
	uint16_t target_at;
	uint16_t target_length; /* kept */
	union {
		struct {
			uint16_t headers_at;
			uint16_t headers_length; /* whole lines, "Name: value\r\n" each; kept */
			uint16_t body_at;
			uint16_t body_length; /* kept */
		};
		struct {                    /* faults */
			uint32_t draw;      /* in FAULT_DRAWS, when it drew */
			uint32_t threshold; /* FAULT_DRAWS: it did not */
		};
	};
};

struct segment;

/* Records of one sort, the oldest first. */
struct lane {
	struct segment *first, *last; /* owned */
	uint32_t kept;
};

struct journal {
	struct lane events;
	struct lane ticks; /* timers that changed nothing */
	uint32_t most;     /* records, of both */
	size_t bytes;      /* that segments and texts take */
	size_t bytes_most;
	bool keeps_text;
	uint64_t first;           /* number of the first record that it was given */
	uint64_t written;         /* records ever, those before it included */
	uint64_t oldest;          /* number of the oldest that is kept; as `written` when none is */
	uint64_t events_lost;     /* how many gave way */
	uint64_t events_lost_end; /* and the number after the last of them */
	int64_t wall_ms;          /* what the next records are stamped with: the caller keeps it up to date */
	struct record spare;      /* what is written when memory ran out */
};

/* Keeps at least JOURNAL_RECORDS_MIN records as long as bytes allow; with 0 no text either. `bytes_most` 0: as many as
 * records of usual length take. Takes no memory yet. */
void journal_init(struct journal *journal, uint32_t most, size_t bytes_most);
void journal_release(struct journal *journal);

/* Has the records' numbers begin with `first`, for a journal that goes on where another ended. Before the first record. */
void journal_count_from(struct journal *journal, uint64_t first);

/* Forgets all records. Numbers go on; what has been forgotten so is not lost. */
void journal_clear(struct journal *journal);

/* The next record, for the caller to fill; zeroed but for `wall_ms` and what is the journal's own. */
struct record *journal_next(struct journal *journal);
/* The same for a timer that changes nothing. */
struct record *journal_next_tick(struct journal *journal);

/* Adds the text of the record that was given last: what is longer than JOURNAL_…_MAX is cut. */
void journal_add_text(struct journal *journal, struct record *record, struct span text);
/* Likewise a request's target, headers and body, without their secrets. */
void journal_add_request(struct journal *journal, struct record *record, const struct request *request);

/* Record number `index` of all written, or NULL when it has given way or is yet to come. The newest are found fastest. */
const struct record *journal_at(const struct journal *journal, uint64_t index);
/* How many are kept. */
uint64_t journal_kept(const struct journal *journal);

/* Goes through the records that are kept. What is walked must not be written meanwhile. */
struct journal_walk {
	struct {
		const struct segment *segment; /* NULL: no more of this lane */
		unsigned place;
	} lane[2];
};
/* From number `since` on, the oldest first: journal_walk_next() gives one after the other, then NULL. `number` may be NULL. */
struct journal_walk journal_walk_from(const struct journal *journal, uint64_t since);
const struct record *journal_walk_next(struct journal_walk *walk, uint64_t *number);
/* Those before number `until`, the newest first. */
struct journal_walk journal_walk_back_from(const struct journal *journal, uint64_t until);
const struct record *journal_walk_back(struct journal_walk *walk, uint64_t *number);

/* How many records from number `since` on have given way. */
uint64_t journal_lost_since(const struct journal *journal, uint64_t since);
/* How many of them, at most, were not timers that changed nothing. */
uint64_t journal_events_lost_since(const struct journal *journal, uint64_t since);

/* What a record holds; the spans live until the next record is written. */
struct span record_text(const struct journal *journal, const struct record *record);
struct span record_headers(const struct journal *journal, const struct record *record);
struct span record_body(const struct journal *journal, const struct record *record);
/* The value of a header, its name in any case; `at` is NULL when the request did not have it. */
struct span record_header(const struct journal *journal, const struct record *record, const char *name);

#endif
