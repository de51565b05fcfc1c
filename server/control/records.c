#include "control/records.h"

#include "control/answer.h"
#include "core/limits.h"
#include "core/record_json.h"

#include <stdio.h>
#include <string.h>

static bool is_fired(const struct record *record)
{
	return record->kind != RECORD_REQUEST && record->kind != RECORD_CLOCK && record->kind != RECORD_CONNECTION;
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
	uint64_t count = 0;

	for (uint64_t index = from; index < journal->written; index++)
		count += is_fired(journal_at(journal, index));
	return count;
}

/* Of more than fit, the last: they say how it came to be as it is now. */
void records_add_fired(const struct emulator *emulator, uint64_t from, struct buffer *out)
{
	const struct journal *journal = &emulator->journal;
	const uint64_t lost = from < journal->oldest ? journal->oldest - from : 0;
	const uint64_t fired = count_fired(journal, from + lost);
	const uint64_t left_out = fired > CONTROL_RECORDS_MAX ? fired - CONTROL_RECORDS_MAX : 0;
	const struct record *before = NULL;
	uint64_t seen = 0;

	buffer_add_text(out, "\"fired\":[");
	for (uint64_t index = from + lost; index < journal->written; index++) {
		const struct record *record = journal_at(journal, index);

		if (is_fired(record) && seen++ >= left_out) {
			buffer_add_text(out, seen > left_out + 1 ? "," : "");
			add_one(emulator, index, record, before, out);
		}
		before = record;
	}
	buffer_add_format(out, "],\"fired_left_out\":%llu,\"fired_lost\":%llu", (unsigned long long)left_out,
	                  (unsigned long long)lost);
}

void records_add_list(const struct emulator *emulator, const struct record_listing *listing, const char *name,
                      struct buffer *out)
{
	const struct journal *journal = &emulator->journal;
	const uint64_t from = listing->since > journal->oldest ? listing->since : journal->oldest;
	uint64_t next = journal->written;
	size_t added = 0;
	size_t left_out = 0;

	buffer_add_format(out, "\"%s\":[", name);
	for (uint64_t index = from; index < journal->written; index++) {
		const struct record *record = journal_at(journal, index);

		if (!listing->fits(listing->context, emulator, index, record))
			continue;
		if (added == listing->limit) {
			next = left_out++ == 0 ? index : next;
			continue;
		}
		buffer_add_text(out, added++ > 0 ? "," : "");
		record_add_json(emulator, index, record, RECORD_WHOLE, out);
	}
	buffer_add_format(out, "],\"count\":%zu,\"left_out\":%zu,\"lost\":%llu,\"next\":%llu", added, left_out,
	                  (unsigned long long)journal_lost_since(journal, listing->since),
	                  (unsigned long long)next + 1);
}
