/*
 * What happened to one gateway, in order: a bounded ring of records, each with a little text. It grows as it fills, up
 * to what it was given; then the oldest give way. `written` counts all that ever were, so a reader that remembers it
 * knows what it has missed. A record's number is its index among all written; people see that plus one, its id.
 *
 * Secrets never get in: journal_redact.h takes them out of what clients send.
 */
#ifndef CPGW_CORE_JOURNAL_H
#define CPGW_CORE_JOURNAL_H

#include "core/limits.h"
#include "core/message.h"

#include <stdbool.h>
#include <stdint.h>

enum record_kind {
	RECORD_REQUEST,     /* a client's call was answered */
	RECORD_TRANSITION,  /* a region changed its state */
	RECORD_TIMER,       /* a timer fired */
	RECORD_CUE,         /* the scenario's timeline acted */
	RECORD_ACTION,      /* somebody acted from outside */
	RECORD_CLOCK,       /* somebody moved or changed the clock; `text` says how */
	RECORD_CONNECTION,  /* a connection never came to a request; `text` says why */
	RECORD_EXPECTATION, /* an expectation about the client was broken; `text` says how */
	RECORD_FAULT,       /* a fault decided about the request whose record follows; `text` says what */
	RECORD_KIND_COUNT
};

/* "request" …: as logs, files and the control API name them. */
extern const char *const record_kind_names[RECORD_KIND_COUNT];

struct record {
	enum record_kind kind;
	enum http_method method;
	int64_t at_ms;    /* gateway time */
	int64_t wall_ms;  /* the machine's time, as the caller told it; 0 where it tells none */
	uint64_t before;  /* active states, one bit each, before */
	uint64_t after;   /* and after */
	const char *name; /* endpoint, timer, event, setting, expectation …: belongs to the machine, or is static */
	int64_t delay_ms; /* how long the answer is held back; -1 for ever */
	int32_t status;   /* 0: no answer will come */
	int16_t endpoint; /* index, or INDEX_NONE; requests only */
	bool matched;     /* false: no endpoint of the machine's own was meant: unknown path, wrong method … */

	/* Text, in the order target, headers, body; of other kinds than requests only `target` is used, as "text". */
	uint16_t target_length;  /* kept */
	uint16_t headers_length; /* whole lines, "Name: value\r\n" each; kept */
	uint16_t body_length;    /* kept */
	bool cut;                /* more was sent than is kept */
	uint64_t text_at;        /* in the journal's text; use record_text() and kin */
};

struct journal {
	struct record *ring; /* owned */
	char *text;          /* owned */
	uint32_t capacity;   /* records, grown up to `most` */
	uint32_t most;
	size_t text_size; /* grown up to text_most */
	size_t text_most;
	uint64_t first;   /* number of the first record that it was given */
	uint64_t written; /* records ever, those before it included */
	uint64_t oldest;  /* number of the oldest that is still whole */
	uint64_t text_written;
	int64_t wall_ms;     /* what the next records are stamped with: the caller keeps it up to date */
	struct record spare; /* what is written when memory ran out */
};

/* Keeps at least JOURNAL_RECORDS_MIN records; with 0 no text either. Takes no memory yet. */
void journal_init(struct journal *journal, uint32_t most);
void journal_release(struct journal *journal);

/* Has the records' numbers begin with `first`, for a journal that goes on where another ended. Before the first record. */
void journal_count_from(struct journal *journal, uint64_t first);

/* The next record, for the caller to fill; zeroed but for `wall_ms`. */
struct record *journal_next(struct journal *journal);

/* Adds the text of the record that journal_next() gave last: what is longer than JOURNAL_…_MAX is cut. */
void journal_add_text(struct journal *journal, struct record *record, struct span text);
/* Likewise a request's target, headers and body, without their secrets. */
void journal_add_request(struct journal *journal, struct record *record, const struct request *request);

/* Record number `index` of all written, or NULL when it has been overwritten or is yet to come. */
const struct record *journal_at(const struct journal *journal, uint64_t index);

/* How many records from number `since` on have been overwritten. */
uint64_t journal_lost_since(const struct journal *journal, uint64_t since);

/* What a record holds; the spans live until the next record is written. */
struct span record_text(const struct journal *journal, const struct record *record);
struct span record_headers(const struct journal *journal, const struct record *record);
struct span record_body(const struct journal *journal, const struct record *record);
/* The value of a header, its name in any case; `at` is NULL when the request did not have it. */
struct span record_header(const struct journal *journal, const struct record *record, const char *name);

#endif
