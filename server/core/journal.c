#include "core/journal.h"

#include "core/redact.h"

#include <stdlib.h>
#include <string.h>

/* What a journal takes at first, once something happens. */
#define RECORDS_FIRST 16
#define TEXT_FIRST 4096

const char *const record_kind_names[RECORD_KIND_COUNT] = {
	[RECORD_REQUEST] = "request",       [RECORD_TRANSITION] = "transition",
	[RECORD_TIMER] = "timer",           [RECORD_CUE] = "cue",
	[RECORD_ACTION] = "action",         [RECORD_CLOCK] = "clock",
	[RECORD_CONNECTION] = "connection", [RECORD_EXPECTATION] = "expectation",
	[RECORD_FAULT] = "fault",
};

void journal_init(struct journal *journal, uint32_t most)
{
	if (most > JOURNAL_RECORDS_MAX)
		most = JOURNAL_RECORDS_MAX;
	*journal = (struct journal){
		.most = most < JOURNAL_RECORDS_MIN ? JOURNAL_RECORDS_MIN : most,
		.text_most = (size_t)most * JOURNAL_TEXT_PER_RECORD,
	};
}

void journal_release(struct journal *journal)
{
	free(journal->ring);
	free(journal->text);
	*journal = (struct journal){ 0 };
}

void journal_count_from(struct journal *journal, uint64_t first)
{
	journal->first = journal->oldest = journal->written = first;
}

/* ---- records ---- */

static struct record *place_of(const struct journal *journal, uint64_t index)
{
	return &journal->ring[(index - journal->first) % journal->capacity];
}

/* Until the ring is as large as it may become, record n is at place n: it can simply be made longer. */
static void grow_ring(struct journal *journal)
{
	uint32_t capacity = journal->capacity ? journal->capacity * 2 : RECORDS_FIRST;
	struct record *ring;

	if (journal->written - journal->first < journal->capacity || journal->capacity >= journal->most ||
	    journal->oldest > journal->first)
		return;
	if (capacity > journal->most)
		capacity = journal->most;
	ring = realloc(journal->ring, capacity * sizeof *ring);
	if (!ring)
		return; /* the oldest give way earlier */
	journal->ring = ring;
	journal->capacity = capacity;
}

struct record *journal_next(struct journal *journal)
{
	struct record *record;

	grow_ring(journal);
	record = journal->capacity ? place_of(journal, journal->written) : &journal->spare;
	*record = (struct record){ .wall_ms = journal->wall_ms, .text_at = journal->text_written };
	journal->written++;
	if (journal->written - journal->oldest > journal->capacity)
		journal->oldest = journal->written - journal->capacity;
	return record;
}

const struct record *journal_at(const struct journal *journal, uint64_t index)
{
	if (index < journal->oldest || index >= journal->written)
		return NULL;
	return place_of(journal, index);
}

uint64_t journal_lost_since(const struct journal *journal, uint64_t since)
{
	const uint64_t from = since > journal->first ? since : journal->first;

	return journal->oldest > from ? journal->oldest - from : 0;
}

/* ---- their text ---- */

static bool grow_text(struct journal *journal, size_t length)
{
	size_t size = journal->text_size ? journal->text_size : TEXT_FIRST;
	char *text;

	if (journal->text_written > journal->text_size) /* it has gone round */
		return false;
	while (size < journal->text_written + length)
		size *= 2;
	if (size > journal->text_most)
		size = journal->text_most;
	if (size <= journal->text_size)
		return false;
	text = realloc(journal->text, size);
	if (!text)
		return false;
	journal->text = text;
	journal->text_size = size;
	return true;
}

/* The records whose text is about to be overwritten are no longer whole. */
static void give_way(struct journal *journal)
{
	const uint64_t lost =
	    journal->text_written > journal->text_size ? journal->text_written - journal->text_size : 0;

	while (journal->oldest + 1 < journal->written && journal_at(journal, journal->oldest)->text_at < lost)
		journal->oldest++;
}

/* Room for `length` bytes in one piece, or NULL. They count as written. */
static char *take_text(struct journal *journal, size_t length)
{
	size_t left;
	char *place;

	if (journal->text_written + length > journal->text_size && !grow_text(journal, length) &&
	    (journal->text_size < journal->text_most || length > journal->text_size))
		return NULL;
	left = journal->text_size - journal->text_written % journal->text_size;
	if (length > left)
		journal->text_written += left;
	place = journal->text + journal->text_written % journal->text_size;
	journal->text_written += length;
	give_way(journal);
	return place;
}

static size_t at_most(size_t length, size_t most)
{
	return length < most ? length : most;
}

void journal_add_text(struct journal *journal, struct record *record, struct span text)
{
	const size_t kept = at_most(text.length, JOURNAL_TARGET_MAX);
	char *place = kept > 0 ? take_text(journal, kept) : NULL;

	record->cut = text.length > 0 && (!place || kept < text.length);
	if (!place)
		return;
	record->text_at = journal->text_written - kept;
	record->target_length = (uint16_t)kept;
	memcpy(place, text.at, kept);
}

void journal_add_request(struct journal *journal, struct record *record, const struct request *request)
{
	const size_t target = at_most(request->target.length, JOURNAL_TARGET_MAX);
	const size_t headers = redact_whole_lines(request->headers, JOURNAL_HEADERS_MAX);
	const size_t body = at_most(request->body.length, JOURNAL_BODY_MAX);
	const size_t kept = target + headers + body;
	char *place = kept > 0 ? take_text(journal, kept) : NULL;

	record->cut = (kept > 0 && !place) || target < request->target.length || headers < request->headers.length ||
	              body < request->body.length;
	if (!place)
		return;
	record->text_at = journal->text_written - kept;
	record->target_length = (uint16_t)target;
	record->headers_length = (uint16_t)headers;
	record->body_length = (uint16_t)body;
	memcpy(place, request->target.at, target);
	redact_query(place, target);
	if (headers > 0)
		memcpy(place + target, request->headers.at, headers);
	redact_headers(place + target, headers);
	if (body > 0)
		memcpy(place + target + headers, request->body.at, body);
	redact_body(place + target + headers, body);
}

static struct span part(const struct journal *journal, const struct record *record, size_t from, size_t length)
{
	if (length == 0)
		return (struct span){ .at = "", .length = 0 };
	return (struct span){ .at = journal->text + record->text_at % journal->text_size + from, .length = length };
}

struct span record_text(const struct journal *journal, const struct record *record)
{
	return part(journal, record, 0, record->target_length);
}

struct span record_headers(const struct journal *journal, const struct record *record)
{
	return part(journal, record, record->target_length, record->headers_length);
}

struct span record_body(const struct journal *journal, const struct record *record)
{
	return part(journal, record, (size_t)record->target_length + record->headers_length, record->body_length);
}

struct span record_header(const struct journal *journal, const struct record *record, const char *name)
{
	struct span rest = record_headers(journal, record);
	struct span line;

	while (header_line_next(&rest, &line)) {
		struct span value;

		if (header_line_is(line, name, &value))
			return value;
	}
	return (struct span){ 0 };
}
