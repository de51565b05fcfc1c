#include "core/expect_broken.h"

#include "core/calendar.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- words ---- */

/* "04:07:01", of the day in UTC, as everywhere else */
static void add_clock(struct buffer *out, int64_t at_ms)
{
	struct buffer instant = { 0 };

	instant_add(&instant, at_ms);
	if (instant.length > 19)
		buffer_add(out, instant.data + 11, 8);
	buffer_release(&instant);
}

static void add_since(struct buffer *out, int64_t since_ms, int64_t now_ms)
{
	duration_add(out, now_ms > since_ms ? now_ms - since_ms : 0);
}

static const char *name_of(const struct emulator *emulator, int endpoint)
{
	return endpoint == INDEX_NONE ? "none" : emulator->machine->endpoints[endpoint].name;
}

/* ", 2m after logout (at 04:05:00)", ", while competing" */
static void add_when(const struct emulator *emulator, size_t index, struct buffer *out)
{
	const struct expectation *expectation = expectation_at(emulator, index);
	const struct expect_state *state = state_at(emulator, index);

	if (expectation->has_after) {
		buffer_add_text(out, ", ");
		add_since(out, state->after_ms, emulator->now_ms);
		buffer_add_format(out, " after %s (at ", expectation->after_text);
		add_clock(out, state->after_ms);
		buffer_add_text(out, ")");
	} else if (expectation->when_text) {
		buffer_add_format(out, ", while %s", expectation->when_text);
	}
}

/* "last tickle 5m30s before (at 04:07:01)", or that there was none */
static void add_last(const struct emulator *emulator, size_t index, struct buffer *out)
{
	const struct expect_state *state = state_at(emulator, index);

	if (state->last_ms == INT64_MIN) {
		buffer_add_format(out, "without any %s before", expectation_at(emulator, index)->last_text);
		return;
	}
	buffer_add_format(out, "last %s ", name_of(emulator, state->last_endpoint));
	add_since(out, state->last_ms, emulator->now_ms);
	buffer_add_text(out, " before (at ");
	add_clock(out, state->last_ms);
	buffer_add_text(out, ")");
}

/* ---- broken ---- */

/* When what led to it began: from where a report shows what happened. */
static int64_t since_ms(const struct emulator *emulator, size_t index)
{
	const struct expectation *expectation = expectation_at(emulator, index);
	const struct expect_state *state = state_at(emulator, index);

	if (has_ring(expectation))
		return emulator->now_ms - within_ms(emulator, expectation);
	if ((expectation->kind == EXPECT_EVERY || expectation->last_text) && state->last_ms > state->began_ms)
		return state->last_ms;
	return state->began_ms;
}

static void keep(struct emulator *emulator, size_t index, const char *text)
{
	struct expect_state *state = state_at(emulator, index);
	struct violation *violation;

	if (!state->kept)
		state->kept = calloc(EXPECTATION_KEPT_MAX, sizeof *state->kept);
	if (!state->kept || state->kept_count == EXPECTATION_KEPT_MAX)
		return; /* counted all the same */
	violation = &state->kept[state->kept_count++];
	violation->at_ms = emulator->now_ms;
	violation->since_ms = since_ms(emulator, index);
	violation->record = emulator->journal.written;
	snprintf(violation->text, sizeof violation->text, "%s", text);
}

/* `details` is used up. */
static void broken(struct emulator *emulator, size_t index, struct buffer *details)
{
	const struct expectation *expectation = expectation_at(emulator, index);
	struct buffer text = { 0 };

	if (expectation->says)
		buffer_add_format(&text, "%s: ", expectation->says);
	buffer_add(&text, details->data, details->length);
	keep(emulator, index, text.data ? text.data : "");
	emulator_note(emulator, RECORD_EXPECTATION, expectation->name, text.data ? text.data : "");
	buffer_release(&text);
	buffer_release(details);
}

/* "call of", "events" … */
static const char *subject_noun(const struct expectation *expectation, bool several)
{
	switch (expectation->subject) {
	case SUBJECT_EVENTS:
		return several ? "events" : "event";
	case SUBJECT_FRAMES:
		return several ? "messages" : "message";
	case SUBJECT_CALLS:
	case SUBJECT_PACING:
		break;
	}
	return several ? "calls of" : "call of";
}

void broken_too_few(struct emulator *emulator, size_t index)
{
	const struct expectation *expectation = expectation_at(emulator, index);
	const struct expect_state *state = state_at(emulator, index);
	struct buffer details = { 0 };

	if (state->count == 0)
		buffer_add_format(&details, "no %s %s", subject_noun(expectation, false), expectation->subject_text);
	else
		buffer_add_format(&details, "%" PRIu32 " of %" PRIu32 " %s %s", state->count, expectation->count,
		                  subject_noun(expectation, true), expectation->subject_text);
	if (expectation->has_within) {
		buffer_add_text(&details, " within ");
		duration_add(&details, emulator->now_ms - state->began_ms);
	}
	if (expectation->has_after) {
		buffer_add_format(&details, " after %s (at ", expectation->after_text);
		add_clock(&details, state->after_ms);
		buffer_add_text(&details, ")");
	} else if (expectation->when_text) {
		buffer_add_format(&details, " while %s", expectation->when_text);
	}
	state_at(emulator, index)->broken++;
	broken(emulator, index, &details);
}

/* ", at most 3 are expected" */
static void add_allowed(const struct emulator *emulator, const struct expectation *expectation, struct buffer *out)
{
	if (expectation->has_within) {
		buffer_add_text(out, " within ");
		duration_add(out, within_ms(emulator, expectation));
	}
	buffer_add_format(out, ", at most %" PRIu32 " %s expected", expectation->count,
	                  expectation->count == 1 ? "is" : "are");
}

void broken_too_many_events(struct emulator *emulator, size_t index, const char *event)
{
	const struct expectation *expectation = expectation_at(emulator, index);
	struct buffer details = { 0 };

	if (expectation->count > 0) {
		buffer_add_format(&details, "%s was %s %" PRIu32, event, subject_noun(expectation, false),
		                  expectation->count + 1);
		add_allowed(emulator, expectation, &details);
	} else if (!expectation->says || !expectation->last_text) {
		buffer_add_format(&details, "%s came", event);
	}
	if (expectation->last_text) {
		buffer_add_text(&details, details.length > 0 ? ", " : "");
		add_last(emulator, index, &details);
	}
	broken(emulator, index, &details);
}

void broken_too_many_calls(struct emulator *emulator, size_t index, int endpoint)
{
	const struct expectation *expectation = expectation_at(emulator, index);
	struct buffer details = { 0 };

	if (expectation->count == 0) {
		buffer_add_format(&details, "%s was called", name_of(emulator, endpoint));
	} else {
		buffer_add_format(&details, "%s was call %" PRIu32, name_of(emulator, endpoint),
		                  expectation->count + 1);
		add_allowed(emulator, expectation, &details);
	}
	add_when(emulator, index, &details);
	broken(emulator, index, &details);
}

void broken_too_late(struct emulator *emulator, size_t index)
{
	const struct expectation *expectation = expectation_at(emulator, index);
	const struct expect_state *state = state_at(emulator, index);
	const bool called = state->last_ms >= state->began_ms;
	struct buffer details = { 0 };

	buffer_add_format(&details, "no %s %s for ", subject_noun(expectation, false), expectation->subject_text);
	add_since(&details, called ? state->last_ms : state->began_ms, emulator->now_ms);
	if (called) {
		buffer_add_text(&details, ", the last was at ");
		add_clock(&details, state->last_ms);
	} else {
		buffer_add_text(&details, ", since ");
		add_clock(&details, state->began_ms);
	}
	if (expectation->when_text)
		buffer_add_format(&details, ", while %s", expectation->when_text);
	state_at(emulator, index)->broken++;
	broken(emulator, index, &details);
}

void broken_not_called(struct emulator *emulator, size_t index)
{
	const struct expectation *expectation = expectation_at(emulator, index);
	const struct expect_state *state = state_at(emulator, index);
	struct buffer details = { 0 };

	buffer_add_format(&details, "%s %s", expectation->order[state->step].text,
	                  expectation->order_is_of_calls ? "was not called" : "did not come");
	if (state->step > 0)
		buffer_add_format(&details, " after %s", expectation->order[state->step - 1].text);
	if (expectation->has_within) {
		buffer_add_text(&details, " within ");
		duration_add(&details, emulator->now_ms - state->began_ms);
	}
	state_at(emulator, index)->broken++;
	broken(emulator, index, &details);
}

void broken_too_early(struct emulator *emulator, size_t index, const struct order_event *event)
{
	const struct expectation *expectation = expectation_at(emulator, index);
	const char *kind = event->subject == SUBJECT_EVENTS   ? "event "
	                   : event->subject == SUBJECT_FRAMES ? "message "
	                                                      : "";
	struct buffer details = { 0 };

	buffer_add_format(&details, "%s%s %s before %s", kind, event->name, *kind ? "came" : "was called",
	                  expectation->order[state_at(emulator, index)->step].text);
	state_at(emulator, index)->broken++;
	broken(emulator, index, &details);
}

void broken_not_there(struct emulator *emulator, size_t index)
{
	const struct expectation *expectation = expectation_at(emulator, index);
	const struct expect_state *state = state_at(emulator, index);
	struct buffer details = { 0 };

	buffer_add_text(&details, "still ");
	emulator_describe(emulator, emulator->active, &details);
	if (expectation->kind == EXPECT_FINAL_STATE) {
		buffer_add_text(&details, " at the end");
	} else {
		buffer_add_text(&details, " ");
		duration_add(&details, emulator->now_ms - state->began_ms);
		buffer_add_format(&details, " after %s (at ",
		                  expectation->has_after   ? expectation->after_text
		                  : expectation->when_text ? expectation->when_text
		                                           : "the start");
		add_clock(&details, expectation->has_after ? state->after_ms : state->began_ms);
		buffer_add_text(&details, ")");
	}
	buffer_add_format(&details, ", not %s", expectation->state_text);
	state_at(emulator, index)->broken++;
	broken(emulator, index, &details);
}

/* ", and is call 6 too many within 1m" */
static void add_tolerance(const struct emulator *emulator, size_t index, struct buffer *out)
{
	const struct expectation *expectation = expectation_at(emulator, index);

	if (expectation->count == 0)
		return;
	buffer_add_format(out, ", and is call %" PRIu32 " too many", expectation->count + 1);
	if (expectation->has_within) {
		buffer_add_text(out, " within ");
		duration_add(out, within_ms(emulator, expectation));
	}
}

void broken_too_fast(struct emulator *emulator, size_t index, const struct rate_limit *rate)
{
	struct buffer details = { 0 };

	buffer_add_format(&details, "%s was called more than ", rate->all ? "the API" : rate->path);
	if (rate->count == 1)
		buffer_add_text(&details, "once in ");
	else
		buffer_add_format(&details, "%u times in ", rate->count);
	duration_add(&details, rate->window_ms);
	add_tolerance(emulator, index, &details);
	add_when(emulator, index, &details);
	broken(emulator, index, &details);
}
