#include "core/expect_report.h"

#include "core/calendar.h"
#include "core/frame_topic.h"
#include "core/record_json.h"

#include <inttypes.h>
#include <string.h>

/* Moments shown of what led to a violation. */
#define MOMENTS_MAX 12

/* ---- what led to it ---- */

static bool is_event_of(const struct emulator *emulator, size_t index, const char *name)
{
	const struct machine *machine = emulator->machine;
	const int event = name ? machine_find_event(machine, name) : INDEX_NONE;

	return event != INDEX_NONE && (machine->expects_event[event] >> index & 1U);
}

/* Where a timer has several events, its record says which it was. */
static bool is_timer_of(const struct emulator *emulator, size_t index, const struct record *record)
{
	const struct machine *machine = emulator->machine;
	const struct span said = record_text(&emulator->journal, record);

	for (size_t i = 0; i < machine->timer_count; i++) {
		const struct timer *timer = &machine->timers[i];

		if (timer->name != record->name)
			continue;
		for (size_t j = 0; j < machine->event_count; j++)
			if (timer_raises(timer, (int)j) &&
			    (said.length == 0 || span_equals(said, machine->events[j])) &&
			    is_event_of(emulator, index, machine->events[j]))
				return true;
	}
	return false;
}

/* The states of all regions that the expectation asks about, and the session's always. */
static uint64_t states_of(const struct machine *machine, const struct expectation *expectation)
{
	uint64_t states = machine->regions[machine->session_region].states;

	for (size_t i = 0; i < machine->region_count; i++)
		if (machine->regions[i].states & (expectation->when.breaks | expectation->state.breaks))
			states |= machine->regions[i].states;
	return states;
}

/* A call's own change stands in its own line, which follows. */
static bool is_of_call(const struct emulator *emulator, uint64_t at)
{
	const struct record *transition = journal_at(&emulator->journal, at);
	const struct record *next;

	while ((next = journal_at(&emulator->journal, ++at)) && next->at_ms == transition->at_ms)
		if (next->kind == RECORD_REQUEST)
			return next->before == transition->before || next->after == transition->after;
		else if (next->kind != RECORD_TRANSITION && next->kind != RECORD_EXPECTATION &&
		         next->kind != RECORD_FAULT && next->kind != RECORD_LOGIN)
			break;
	return false;
}

/* A client's message of one of the topics that the expectation counts. */
static bool is_frame_of(const struct emulator *emulator, size_t index, const struct record *record)
{
	const struct websocket *websocket = emulator->machine->websocket;
	const int topic = strcmp(record->name, "frame_in") == 0 && websocket
	                      ? websocket_find_topic(websocket, frame_topic_in(record_text(&emulator->journal, record)))
	                      : INDEX_NONE;

	return topic != INDEX_NONE && (websocket->topics[topic].expectations >> index & 1U);
}

/* The first that opens and the last that closes are events. */
static bool is_stream_of(const struct emulator *emulator, size_t index, const struct record *record)
{
	const struct machine *machine = emulator->machine;
	const struct websocket *websocket = machine->websocket;
	int16_t event = INDEX_NONE;

	if (websocket && strcmp(record->name, "opened") == 0)
		event = websocket->opened;
	else if (websocket && strcmp(record->name, "closed") == 0)
		event = websocket->closed;
	return event != INDEX_NONE && (machine->expects_event[event] >> index & 1U);
}

static bool is_relevant(const struct emulator *emulator, size_t index, uint64_t at, const struct record *record)
{
	const struct machine *machine = emulator->machine;
	const struct expectation *expectation = &machine->expectations[index];
	const bool moves = ((record->before ^ record->after) & states_of(machine, &machine->expectations[index])) != 0;

	switch ((enum record_kind)record->kind) {
	case RECORD_REQUEST:
		if (record->endpoint == INDEX_NONE)
			return false;
		if (expectation->subject == SUBJECT_PACING)
			return machine->endpoints[record->endpoint].proxied;
		return (machine->expects_call[record->endpoint] >> index & 1U) ||
		       is_event_of(emulator, index, record->name) || moves;
	case RECORD_TRANSITION:
		return moves && !is_of_call(emulator, at);
	case RECORD_TIMER:
		return is_timer_of(emulator, index, record);
	case RECORD_CUE:
	case RECORD_ACTION:
	case RECORD_CLOCK:
		return true;
	case RECORD_ANSWER:
	case RECORD_CONNECTION:
	case RECORD_EXPECTATION:
	case RECORD_FAULT:
	case RECORD_KIND_COUNT:
		break;
	case RECORD_LOGIN:
		return is_event_of(emulator, index, record->name);
	case RECORD_STREAM:
		return is_stream_of(emulator, index, record);
	case RECORD_FRAME:
		return is_frame_of(emulator, index, record);
	}
	return false;
}

/* So is who tried to log in, after what came of it. */
static uint64_t end_of_event(const struct emulator *emulator, size_t index, const struct violation *violation)
{
	const struct record *record;

	for (uint64_t at = violation->record + 1; (record = journal_at(&emulator->journal, at)); at++) {
		if (record->at_ms != violation->at_ms || record->kind == RECORD_REQUEST)
			break;
		if (record->kind == RECORD_LOGIN && is_event_of(emulator, index, record->name))
			return at + 1;
	}
	return violation->record;
}

/* The call itself is written down after what it has broken. */
static uint64_t end_of(const struct emulator *emulator, size_t index, const struct violation *violation)
{
	const struct expectation *expectation = &emulator->machine->expectations[index];
	uint64_t end = violation->record + 1;
	const struct record *record;

	if (expectation->subject == SUBJECT_EVENTS)
		return end_of_event(emulator, index, violation);
	if (expectation->kind != EXPECT_AT_MOST && expectation->kind != EXPECT_ORDER)
		return violation->record;
	while ((record = journal_at(&emulator->journal, end)) && record->at_ms == violation->at_ms) {
		end++;
		if (record->kind == RECORD_REQUEST || record->kind == RECORD_TIMER || record->kind == RECORD_CUE)
			return record->kind == RECORD_REQUEST ? end : violation->record;
	}
	return violation->record;
}

static void add_moment(const struct emulator *emulator, const struct record *record, struct buffer *out)
{
	buffer_add_text(out, "  ");
	record_add_line(emulator, record, out);
	buffer_add_text(out, "\n");
}

static void add_moments(const struct emulator *emulator, size_t index, const struct violation *violation,
                        struct buffer *out)
{
	const struct journal *journal = &emulator->journal;
	struct journal_walk walk = journal_walk_back_from(journal, end_of(emulator, index, violation));
	const struct record *record;
	const struct record *moments[MOMENTS_MAX];
	size_t count = 0;
	bool more = false;
	uint64_t at;

	while (!more && (record = journal_walk_back(&walk, &at))) {
		if (record->at_ms < violation->since_ms)
			break;
		if (!is_relevant(emulator, index, at, record))
			continue;
		more = count == MOMENTS_MAX;
		if (!more)
			moments[count++] = record;
	}
	if (!journal_at(journal, violation->record))
		buffer_add_text(out, "  (the journal no longer has what led to it)\n");
	else if (more)
		buffer_add_text(out, "  …\n");
	while (count-- > 0)
		add_moment(emulator, moments[count], out);
}

/* ---- for people ---- */

void expect_report_one(const struct emulator *emulator, size_t index, bool strict, struct buffer *out)
{
	struct expectation_result result;

	if (!expect_result(emulator, index, &result) || result.outcome != EXPECTATION_BROKEN)
		return;
	buffer_add_format(out, "broken: %s%s\n  expected: %s\n", result.name,
	                  result.is_warning && !strict ? " (warning)" : "", result.wanted);
	if (result.violation_count > 0) {
		add_moments(emulator, index, &result.violations[0], out);
		buffer_add_text(out, "  ");
		instant_add(out, result.first_ms);
		buffer_add_format(out, " %s\n", result.text);
	}
	if (result.count > 1)
		buffer_add_format(out, "  in all %" PRIu64 " times\n", result.count);
	if (result.because)
		buffer_add_format(out, "  to do: %s\n", result.because);
}

static void add_broken(const struct emulator *emulator, bool strict, bool warnings, struct buffer *out)
{
	struct expectation_result result;

	for (size_t i = 0; expect_result(emulator, i, &result); i++) {
		if (result.outcome != EXPECTATION_BROKEN || (result.is_warning && !strict) != warnings)
			continue;
		if (out->length > 0)
			buffer_add_text(out, "\n");
		expect_report_one(emulator, i, strict, out);
	}
}

void expect_report(const struct emulator *emulator, bool strict, struct buffer *out)
{
	struct expectation_result result;

	add_broken(emulator, strict, false, out);
	add_broken(emulator, strict, true, out);
	for (size_t i = 0; expect_result(emulator, i, &result); i++)
		if (result.outcome == EXPECTATION_PENDING)
			buffer_add_format(out, "pending: %s: %s\n", result.name, result.wanted);
}

/* ---- as JSON ---- */

static void add_time(const char *name, const int64_t *at_ms, struct buffer *out)
{
	buffer_add_format(out, "\"%s\":", name);
	if (!at_ms) {
		buffer_add_text(out, "null");
		return;
	}
	buffer_add_text(out, "\"");
	instant_add(out, *at_ms);
	buffer_add_text(out, "\"");
}

static void add_violations(const struct expectation_result *result, struct buffer *out)
{
	buffer_add_text(out, "\"violations\":[");
	for (size_t i = 0; i < result->violation_count; i++) {
		const struct violation *violation = &result->violations[i];

		buffer_add_text(out, i ? ",{" : "{");
		add_time("time", &violation->at_ms, out);
		buffer_add_text(out, ",");
		buffer_add_member(out, "text", violation->text);
		buffer_add_format(out, ",\"record\":%" PRIu64 "}", violation->record + 1);
	}
	buffer_add_text(out, "]");
}

void expect_report_json(const struct emulator *emulator, bool strict, struct buffer *out)
{
	struct expectation_result result;

	buffer_add_text(out, "[");
	for (size_t i = 0; expect_result(emulator, i, &result); i++) {
		const bool is_broken = result.outcome == EXPECTATION_BROKEN;

		buffer_add_text(out, i ? ",{" : "{");
		buffer_add_member(out, "id", result.name);
		buffer_add_text(out, ",");
		buffer_add_member(out, "severity", result.is_warning ? "warning" : "failure");
		buffer_add_text(out, ",");
		buffer_add_member(out, "outcome", expectation_outcome_names[result.outcome]);
		buffer_add_format(out, ",\"failed\":%s,\"count\":%" PRIu64 ",",
		                  is_broken && (strict || !result.is_warning) ? "true" : "false", result.count);
		buffer_add_member(out, "expected", result.wanted);
		buffer_add_text(out, ",");
		buffer_add_member(out, "text", result.violation_count ? result.text : NULL);
		buffer_add_text(out, ",");
		buffer_add_member(out, "because", result.because);
		buffer_add_text(out, ",");
		add_time("first_time", result.violation_count ? &result.first_ms : NULL, out);
		buffer_add_text(out, ",");
		add_violations(&result, out);
		buffer_add_text(out, "}");
	}
	buffer_add_text(out, "]");
}
