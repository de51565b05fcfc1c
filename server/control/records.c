#include "control/records.h"

#include "control/answer.h"
#include "core/limits.h"
#include "core/record_json.h"

#include <stdio.h>
#include <string.h>

static bool is_fired(const struct record *record)
{
	return record->kind != RECORD_REQUEST && record->kind != RECORD_CLOCK && record->kind != RECORD_CONNECTION &&
	       record->kind != RECORD_STREAM && record->kind != RECORD_FRAME;
}

static void add_states(const struct emulator *emulator, const char *name, uint64_t active, struct buffer *out)
{
	struct buffer words = { 0 };

	emulator_describe(emulator, active, &words);
	buffer_add_format(out, ",\"%s\":", name);
	answer_add_text(out, words.data ? words.data : "");
	buffer_release(&words);
}

/* A change of state follows right upon what brought it about. */
static void add_reason(const struct emulator *emulator, const struct record *record, const struct record *before,
                       struct buffer *out)
{
	const struct span text = record_text(&emulator->journal, record);
	char reason[NAME_LENGTH_MAX * 2];

	buffer_add_text(out, ",\"why\":");
	if (text.length > 0) {
		buffer_add_quoted(out, text.at, text.length);
		return;
	}
	if (record->kind == RECORD_TRANSITION && before && before->kind != RECORD_REQUEST &&
	    before->at_ms == record->at_ms)
		snprintf(reason, sizeof reason, "%s %s", record_kind_names[before->kind], before->name);
	else
		snprintf(reason, sizeof reason, "%s %s",
		         record->kind == RECORD_TRANSITION ? "event" : record_kind_names[record->kind], record->name);
	answer_add_text(out, reason);
}

static void add_one(const struct emulator *emulator, uint64_t index, const struct record *record,
                    const struct record *before, struct buffer *out)
{
	buffer_add_format(out, "{\"id\":%llu,\"time\":", (unsigned long long)index + 1);
	answer_add_instant(out, record->at_ms);
	buffer_add_format(out, ",\"kind\":\"%s\",\"name\":", record_kind_names[record->kind]);
	answer_add_text(out, record->name);
	add_states(emulator, "from", record->before, out);
	add_states(emulator, "to", record->after, out);
	add_reason(emulator, record, before, out);
	buffer_add_text(out, "}");
}

static uint64_t count_fired(const struct journal *journal, uint64_t from)
{
	struct journal_walk walk = journal_walk_from(journal, from);
	const struct record *record;
	uint64_t count = 0;

	while ((record = journal_walk_next(&walk, NULL)))
		count += is_fired(record);
	return count;
}

/* Of more than fit, the last: they say how it came to be as it is now. */
void records_add_fired(const struct emulator *emulator, uint64_t from, struct buffer *out)
{
	const struct journal *journal = &emulator->journal;
	const uint64_t fired = count_fired(journal, from);
	const uint64_t left_out = fired > CONTROL_RECORDS_MAX ? fired - CONTROL_RECORDS_MAX : 0;
	struct journal_walk walk = journal_walk_from(journal, from);
	const struct record *record;
	const struct record *before = NULL;
	uint64_t expected = from;
	uint64_t seen = 0;
	uint64_t index;

	buffer_add_text(out, "\"fired\":[");
	for (; (record = journal_walk_next(&walk, &index)); before = record, expected = index + 1) {
		if (!is_fired(record) || seen++ < left_out)
			continue;
		buffer_add_text(out, seen > left_out + 1 ? "," : "");
		add_one(emulator, index, record, index == expected ? before : NULL, out);
	}
	buffer_add_format(out, "],\"fired_left_out\":%llu,\"fired_lost\":%llu", (unsigned long long)left_out,
	                  (unsigned long long)journal_lost_since(journal, from));
}

static uint64_t count_lost(const struct journal *journal, const struct record_listing *listing, uint64_t since)
{
	return listing->requests_only ? journal_events_lost_since(journal, since) : journal_lost_since(journal, since);
}

void records_add_list(const struct emulator *emulator, const struct record_listing *listing, const char *name,
                      struct buffer *out)
{
	const struct journal *journal = &emulator->journal;
	struct journal_walk walk = journal_walk_from(journal, listing->since);
	uint64_t next = journal->written;
	const struct record *record;
	size_t added = 0;
	size_t left_out = 0;
	uint64_t index;

	buffer_add_format(out, "\"%s\":[", name);
	while ((record = journal_walk_next(&walk, &index))) {
		if (!listing->fits(listing->context, emulator, index, record))
			continue;
		if (added == listing->limit) {
			next = left_out++ == 0 ? index : next;
			continue;
		}
		buffer_add_text(out, added++ > 0 ? "," : "");
		record_add_json(emulator, index, record, RECORD_WHOLE, out);
	}
	buffer_add_format(
	    out, "],\"count\":%zu,\"left_out\":%zu,\"lost\":%llu,\"next\":%llu", added, left_out,
	    (unsigned long long)(count_lost(journal, listing, listing->since) - count_lost(journal, listing, next)),
	    (unsigned long long)next + 1);
}
