#include "happened.h"

#include "core/calendar.h"

#include <assert.h>

void happened_begin(struct happened *happened, const struct emulator *emulator)
{
	*happened = (struct happened){ .emulator = emulator, .seen = emulator->journal.written };
}

static void add_time(const struct happened *happened, const char *word, int64_t at_ms, struct buffer *out)
{
	buffer_add_text(out, word);
	duration_add(out, at_ms - happened->emulator->start_ms);
}

/* Of a timer that has several to choose from. */
static void add_event_name(const char *event, struct buffer *out)
{
	if (event)
		buffer_add_format(out, " %s", event);
}

static const char *event_name(const struct emulator *emulator, const struct record *record)
{
	const struct span said = record_text(&emulator->journal, record);

	for (size_t i = 0; i < emulator->machine->event_count && said.length > 0; i++)
		if (span_equals(said, emulator->machine->events[i]))
			return emulator->machine->events[i];
	return NULL;
}

void happened_end(struct happened *happened, struct buffer *out)
{
	if (!happened->timer)
		return;
	add_time(happened, "* at ", happened->first_ms, out);
	if (happened->times > 1)
		add_time(happened, " to ", happened->last_ms, out);
	buffer_add_format(out, " timer %s", happened->timer);
	add_event_name(happened->event, out);
	if (happened->times > 1)
		buffer_add_format(out, ", %u times", happened->times);
	buffer_add_text(out, "\n");
	happened->timer = NULL;
}

static void add_change(const struct happened *happened, const struct record *record, struct buffer *out)
{
	emulator_describe(happened->emulator, record->before, out);
	buffer_add_text(out, " -> ");
	emulator_describe(happened->emulator, record->after, out);
	buffer_add_text(out, "\n");
}

static void add_named_change(const struct happened *happened, const struct record *record, struct buffer *out)
{
	buffer_add_format(out, "* %s: ", record->name);
	add_change(happened, record, out);
}

/* A timer or cue, and the change that follows from it, if there is one, on one line. */
static void add_by_itself(struct happened *happened, const struct record *record, const struct record *next,
                          struct buffer *out)
{
	const bool is_timer = record->kind == RECORD_TIMER;
	const char *event = is_timer ? event_name(happened->emulator, record) : NULL;
	const bool moves = next && next->kind == RECORD_TRANSITION && next->at_ms == record->at_ms;

	if (is_timer && !moves) {
		if (happened->timer != record->name || happened->event != event)
			happened_end(happened, out);
		if (!happened->timer)
			*happened = (struct happened){ .emulator = happened->emulator,
				                       .seen = happened->seen,
				                       .timer = record->name,
				                       .event = event,
				                       .first_ms = record->at_ms };
		happened->last_ms = record->at_ms;
		happened->times++;
		return;
	}
	happened_end(happened, out);
	add_time(happened, "* at ", record->at_ms, out);
	buffer_add_format(out, " %s %s", is_timer ? "timer" : "cue", record->name);
	add_event_name(event, out);
	if (moves || record->before != record->after) {
		buffer_add_text(out, ": ");
		add_change(happened, moves ? next : record, out);
	} else {
		buffer_add_text(out, "\n");
	}
	happened->seen += moves;
}

void happened_add(struct happened *happened, struct buffer *out)
{
	const struct journal *journal = &happened->emulator->journal;

	while (happened->seen < journal->written) {
		const struct record *record = journal_at(journal, happened->seen++);
		const struct record *next = journal_at(journal, happened->seen);

		if (!record)
			continue; /* it has given way: timers tick on */
		switch ((enum record_kind)record->kind) {
		case RECORD_REQUEST:
		case RECORD_ANSWER:
		case RECORD_CLOCK:
		case RECORD_CONNECTION:
		case RECORD_STREAM:
		case RECORD_FRAME:
		case RECORD_KIND_COUNT:
			break;
		case RECORD_LOGIN:
			happened_end(happened, out);
			buffer_add_format(out, "* login %s: ", record->name);
			buffer_add(out, record_text(journal, record).at, record_text(journal, record).length);
			buffer_add_text(out, "\n");
			break;
		case RECORD_FAULT:
			happened_end(happened, out);
			buffer_add_format(out, "* fault %s: ", record->name);
			buffer_add(out, record_text(journal, record).at, record_text(journal, record).length);
			buffer_add_text(out, "\n");
			break;
		case RECORD_EXPECTATION:
			happened_end(happened, out);
			add_time(happened, "* at ", record->at_ms, out);
			buffer_add_format(out, " broken %s: ", record->name);
			buffer_add(out, record_text(journal, record).at, record_text(journal, record).length);
			buffer_add_text(out, "\n");
			break;
		case RECORD_TIMER:
		case RECORD_CUE:
			add_by_itself(happened, record, next, out);
			break;
		case RECORD_TRANSITION:
			add_named_change(happened, record, out);
			break;
		case RECORD_ACTION:
			if (record->before != record->after)
				add_named_change(happened, record, out);
			break;
		}
	}
}
