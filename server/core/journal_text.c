#include "core/journal_parts.h"
#include "core/redact.h"

#include <stdlib.h>
#include <string.h>

/* The segment of the record that was given last; the spare one has none. */
static struct segment *written_to(const struct journal *journal, const struct record *record)
{
	if (record == &journal->spare)
		return NULL;
	if (journal->events.last && record == &journal->events.last->records[record->place])
		return journal->events.last;
	return journal->ticks.last;
}

/* The segment of any, which lies in it. */
static const struct segment *home_of(const struct record *record)
{
	const char *first = (const char *)(record - record->place);

	return (const struct segment *)(const void *)(first - offsetof(struct segment, records));
}

/* Room for `length` bytes in one piece behind what the segment has, or NULL. */
static char *open_text(struct journal *journal, struct segment *segment, size_t length)
{
	size_t size = segment->text_size ? segment->text_size : TEXT_FIRST;
	char *text;

	if (segment->text_used + length <= segment->text_size)
		return segment->text + segment->text_used;
	while (size < segment->text_used + length)
		size *= 2;
	/* Its own segment does not give way: it is being written. */
	journal_make_room(journal, size - segment->text_size);
	text = realloc(segment->text, size);
	if (!text)
		return NULL;
	journal->bytes += size - segment->text_size;
	segment->text = text;
	segment->text_size = (uint32_t)size;
	return text + segment->text_used;
}

/* Where a text lies in its segment, and how long it is. */
struct lying {
	uint16_t at;
	uint16_t length;
};

enum part { PART_TARGET, PART_HEADERS, PART_BODY };

static struct lying lying(const struct record *record, enum part part)
{
	switch (part) {
	case PART_TARGET:
		return (struct lying){ record->target_at, record->target_length };
	case PART_HEADERS:
		return (struct lying){ record->headers_at, record->headers_length };
	case PART_BODY:
		break;
	}
	return (struct lying){ record->body_at, record->body_length };
}

/* Whether an earlier request of the segment said the same there; the newest is asked first. */
static bool was_said(const struct segment *segment, const struct record *record, enum part part, const char *text,
                     size_t length, uint16_t *at)
{
	for (unsigned place = record->place; place-- > segment->begin;) {
		const struct record *earlier = &segment->records[place];
		struct lying other;

		if (earlier->kind != RECORD_REQUEST)
			continue;
		other = lying(earlier, part);
		if (other.length != length || memcmp(segment->text + other.at, text, length) != 0)
			continue;
		*at = other.at;
		return true;
	}
	return false;
}

/* Puts the bytes behind the segment's text, redacted, and keeps them unless it has them already. */
static struct lying keep(struct segment *segment, const struct record *record, enum part part, const char *bytes,
                         size_t length, void (*redact)(char *text, size_t length))
{
	struct lying kept = { .at = (uint16_t)segment->text_used, .length = (uint16_t)length };
	char *text = segment->text + segment->text_used;

	if (length == 0)
		return kept;
	memcpy(text, bytes, length);
	redact(text, length);
	if (!was_said(segment, record, part, text, length, &kept.at))
		segment->text_used += (uint32_t)length;
	return kept;
}

static size_t at_most(size_t length, size_t most)
{
	return length < most ? length : most;
}

void journal_add_text(struct journal *journal, struct record *record, struct span text)
{
	const size_t length = at_most(text.length, JOURNAL_TARGET_MAX);
	struct segment *segment = written_to(journal, record);
	char *place = segment && journal->keeps_text && length > 0 ? open_text(journal, segment, length) : NULL;

	record->cut = text.length > 0 && (!place || length < text.length);
	if (!place)
		return;
	memcpy(place, text.at, length);
	record->target_at = (uint16_t)segment->text_used;
	record->target_length = (uint16_t)length;
	segment->text_used += (uint32_t)length;
}

void journal_add_request(struct journal *journal, struct record *record, const struct request *request)
{
	const size_t target = at_most(request->target.length, JOURNAL_TARGET_MAX);
	const size_t headers = redact_whole_lines(request->headers, JOURNAL_HEADERS_MAX);
	const size_t body = at_most(request->body.length, JOURNAL_BODY_MAX);
	const size_t length = target + headers + body;
	struct segment *segment = written_to(journal, record);
	const bool has_place =
	    segment && journal->keeps_text && length > 0 && open_text(journal, segment, length) != NULL;
	struct lying kept;

	record->cut = (length > 0 && !has_place) || target < request->target.length ||
	              headers < request->headers.length || body < request->body.length;
	if (!has_place)
		return;
	kept = keep(segment, record, PART_TARGET, request->target.at, target, redact_query);
	record->target_at = kept.at;
	record->target_length = kept.length;
	kept = keep(segment, record, PART_HEADERS, request->headers.at, headers, redact_headers);
	record->headers_at = kept.at;
	record->headers_length = kept.length;
	kept = keep(segment, record, PART_BODY, request->body.at, body, redact_body);
	record->body_at = kept.at;
	record->body_length = kept.length;
}

static struct span part_of(const struct record *record, enum part part)
{
	const struct lying where = lying(record, part);

	if (where.length == 0 || (part != PART_TARGET && record->kind != RECORD_REQUEST))
		return (struct span){ .at = "", .length = 0 };
	return (struct span){ .at = home_of(record)->text + where.at, .length = where.length };
}

struct span record_text(const struct journal *journal, const struct record *record)
{
	(void)journal; /* a record lies beside its text */
	return part_of(record, PART_TARGET);
}

struct span record_headers(const struct journal *journal, const struct record *record)
{
	(void)journal; /* a record lies beside its text */
	return part_of(record, PART_HEADERS);
}

struct span record_body(const struct journal *journal, const struct record *record)
{
	(void)journal; /* a record lies beside its text */
	return part_of(record, PART_BODY);
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
