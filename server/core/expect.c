#include "core/expect.h"

#include "core/expect_broken.h"
#include "core/websocket.h"

#include <stdlib.h>
#include <string.h>

_Static_assert(EXPECTATIONS_MAX <= 64, "a set of expectations is one uint64_t");

const char *const expectation_outcome_names[] = {
	[EXPECTATION_MET] = "met",
	[EXPECTATION_BROKEN] = "broken",
	[EXPECTATION_PENDING] = "pending",
};

/* ---- beginning and end ---- */

bool expect_init(struct emulator *emulator)
{
	const struct machine *machine = emulator->machine;
	const size_t count = machine->expectation_count;
	size_t times = 0;
	struct expect *expect;

	if (count == 0)
		return true;
	for (size_t i = 0; i < count; i++)
		times += has_ring(expectation_at(emulator, i)) ? expectation_at(emulator, i)->count : 0;
	expect = calloc(1, sizeof *expect);
	emulator->expect = expect;
	if (!expect)
		return false;
	expect->items = calloc(count, sizeof *expect->items);
	expect->times = calloc(times + 1, sizeof *expect->times);
	if (machine->expects_pacing)
		expect->paces = pacing_windows_new(machine);
	if (!expect->items || !expect->times || (machine->expects_pacing && !expect->paces)) {
		expect_release(emulator);
		return false;
	}
	times = 0;
	for (size_t i = 0; i < count; i++) {
		expect->items[i].times = expect->times + times;
		times += has_ring(expectation_at(emulator, i)) ? expectation_at(emulator, i)->count : 0;
	}
	return true;
}

void expect_release(struct emulator *emulator)
{
	struct expect *expect = emulator->expect;

	if (!expect)
		return;
	for (size_t i = 0; expect->items && i < emulator->machine->expectation_count; i++)
		free(expect->items[i].kept);
	free(expect->items);
	free(expect->times);
	free(expect->paces);
	free(expect);
	emulator->expect = NULL;
}

/* ---- spans ---- */

static void find_due(struct emulator *emulator)
{
	int64_t due_ms = EMULATOR_NEVER;

	for (size_t i = 0; i < emulator->machine->expectation_count; i++)
		if (state_at(emulator, i)->due_ms < due_ms)
			due_ms = state_at(emulator, i)->due_ms;
	emulator->expect->due_ms = due_ms;
}

static void set_due(struct emulator *emulator, size_t index, int64_t due_ms)
{
	struct expect_state *state = state_at(emulator, index);
	const int64_t before_ms = state->due_ms;

	state->due_ms = due_ms;
	if (due_ms < emulator->expect->due_ms)
		emulator->expect->due_ms = due_ms;
	else if (before_ms == emulator->expect->due_ms)
		find_due(emulator);
}

/* Decided, or over. */
static void close_span(struct emulator *emulator, size_t index)
{
	state_at(emulator, index)->open = false;
	set_due(emulator, index, EMULATOR_NEVER);
}

static void begin_span(struct emulator *emulator, size_t index)
{
	const struct expectation *expectation = expectation_at(emulator, index);
	struct expect_state *state = state_at(emulator, index);

	state->open = true;
	state->excess = state->excess && has_ring(expectation); /* a window goes on, whatever ends and begins */
	state->ended = false;
	state->count = 0;
	state->step = 0;
	state->limits = 0;
	state->began_ms = emulator->now_ms;
	set_due(emulator, index,
	        expectation->kind != EXPECT_AT_MOST && expectation->has_within
	            ? emulator->now_ms + within_ms(emulator, expectation)
	            : EMULATOR_NEVER);
}

/* What is still missing when nothing more can come. */
static void judge_end(struct emulator *emulator, size_t index)
{
	const struct expectation *expectation = expectation_at(emulator, index);
	struct expect_state *state = state_at(emulator, index);

	if (!state->open || state->ended || expectation->has_within)
		return;
	if (expectation->kind != EXPECT_AT_LEAST && expectation->kind != EXPECT_ORDER)
		return;
	state->ended = true;
	if (expectation->kind == EXPECT_AT_LEAST)
		broken_too_few(emulator, index);
	else
		broken_not_called(emulator, index);
}

static void end_span(struct emulator *emulator, size_t index)
{
	judge_end(emulator, index);
	close_span(emulator, index);
}

/* Whether the event that begins a span is heard while one is undecided. */
static bool begins_afresh(const struct emulator *emulator, size_t index)
{
	const enum expectation_kind kind = expectation_at(emulator, index)->kind;

	return !state_at(emulator, index)->open || kind == EXPECT_AT_MOST || kind == EXPECT_EVERY;
}

void expect_begin(struct emulator *emulator)
{
	if (!emulator->expect)
		return;
	emulator->expect->due_ms = EMULATOR_NEVER;
	for (size_t i = 0; i < emulator->machine->expectation_count; i++) {
		const struct expectation *expectation = expectation_at(emulator, i);
		struct expect_state *state = state_at(emulator, i);

		state->due_ms = EMULATOR_NEVER;
		state->last_ms = INT64_MIN;
		state->last_endpoint = INDEX_NONE;
		state->began_ms = emulator->now_ms;
		state->armed = !expectation->has_after;
		emulator->expect->starting |= 1ULL << i;
	}
	expect_states(emulator);
}

void expect_states(struct emulator *emulator)
{
	struct expect *expect = emulator->expect;
	const uint64_t starting = expect->starting;

	if (!starting && expect->active == emulator->active)
		return;
	expect->starting = 0;
	expect->active = emulator->active;
	for (uint64_t left = emulator->machine->expects_states | starting; left; left &= left - 1) {
		const size_t i = (size_t)__builtin_ctzll(left);
		const struct expectation *expectation = expectation_at(emulator, i);
		struct expect_state *state = state_at(emulator, i);
		const bool holds = state_set_holds(expectation->when, emulator->active);
		const bool begins = holds && state->armed && (!state->held || (starting >> i & 1U));

		if (!holds && state->held && state->armed) {
			end_span(emulator, i);
			state->armed = !expectation->has_after || (starting >> i & 1U);
		}
		state->held = holds;
		if (begins && begins_afresh(emulator, i))
			begin_span(emulator, i);
		if (expectation->kind == EXPECT_STATE && state->open &&
		    state_set_holds(expectation->state, emulator->active))
			close_span(emulator, i);
	}
}

/* ---- calls and events ---- */

/* Whether one more is one too many. */
static bool is_too_many(struct emulator *emulator, size_t index)
{
	const struct expectation *expectation = expectation_at(emulator, index);
	struct expect_state *state = state_at(emulator, index);
	bool full;

	if (!expectation->has_within)
		return ++state->count > expectation->count;
	full = state->used == expectation->count &&
	       emulator->now_ms - state->times[state->next] < within_ms(emulator, expectation);
	state->times[state->next] = emulator->now_ms;
	state->next = (state->next + 1) % expectation->count;
	if (state->used < expectation->count)
		state->used++;
	return full;
}

/* Counts one too many; true when it has no record yet. */
static bool begins_excess(struct emulator *emulator, size_t index)
{
	struct expect_state *state = state_at(emulator, index);
	bool begins = false;

	if (is_too_many(emulator, index)) {
		state->broken++;
		begins = !state->excess;
		state->excess = true;
	} else {
		state->excess = false;
	}
	return begins;
}

static void count_up(struct emulator *emulator, size_t index)
{
	struct expect_state *state = state_at(emulator, index);

	if (++state->count >= expectation_at(emulator, index)->count)
		close_span(emulator, index);
}

static bool is_of_step(const struct order_step *step, const struct order_event *event)
{
	switch (event->subject) {
	case SUBJECT_EVENTS:
		return event_set_has(&step->events, event->which);
	case SUBJECT_FRAMES:
		return step->frames >> event->which & 1U;
	case SUBJECT_CALLS:
	case SUBJECT_PACING:
		break;
	}
	return endpoint_set_has(&step->calls, (size_t)event->which);
}

static void step_order(struct emulator *emulator, size_t index, const struct order_event *event)
{
	const struct expectation *expectation = expectation_at(emulator, index);
	struct expect_state *state = state_at(emulator, index);

	if (is_of_step(&expectation->order[state->step], event)) {
		if (++state->step == expectation->order_count)
			close_span(emulator, index);
		return;
	}
	for (size_t i = 0; i < state->step; i++)
		if (is_of_step(&expectation->order[i], event))
			return; /* once more what came before */
	broken_too_early(emulator, index, event);
	close_span(emulator, index);
}

static void called(struct emulator *emulator, size_t index, int endpoint)
{
	const struct expectation *expectation = expectation_at(emulator, index);

	switch (expectation->kind) {
	case EXPECT_AT_LEAST:
		count_up(emulator, index);
		break;
	case EXPECT_AT_MOST:
		if (begins_excess(emulator, index))
			broken_too_many_calls(emulator, index, endpoint);
		break;
	case EXPECT_EVERY:
		set_due(emulator, index, emulator->now_ms + within_ms(emulator, expectation));
		break;
	case EXPECT_ORDER:
		step_order(
		    emulator, index,
		    &(struct order_event){ SUBJECT_CALLS, endpoint, emulator->machine->endpoints[endpoint].name });
		break;
	case EXPECT_STATE:
	case EXPECT_FINAL_STATE:
		break;
	}
}

void expect_call(struct emulator *emulator, int endpoint)
{
	for (uint64_t left = emulator->machine->expects_call[endpoint]; left; left &= left - 1) {
		const size_t i = (size_t)__builtin_ctzll(left);
		struct expect_state *state = state_at(emulator, i);

		if (state->open && endpoint_set_has(&expectation_at(emulator, i)->calls, (size_t)endpoint))
			called(emulator, i, endpoint);
		state->last_ms = emulator->now_ms;
		state->last_endpoint = (int16_t)endpoint;
	}
}

void expect_frame(struct emulator *emulator, int topic)
{
	const struct topic *of = &emulator->machine->websocket->topics[topic];

	for (uint64_t left = of->expectations; left; left &= left - 1) {
		const size_t i = (size_t)__builtin_ctzll(left);
		const struct expectation *expectation = expectation_at(emulator, i);
		struct expect_state *state = state_at(emulator, i);

		if (state->open && expectation->kind == EXPECT_AT_LEAST)
			count_up(emulator, i);
		else if (state->open && expectation->kind == EXPECT_ORDER)
			step_order(emulator, i, &(struct order_event){ SUBJECT_FRAMES, topic, of->name });
		else if (state->open && expectation->kind == EXPECT_EVERY)
			set_due(emulator, i, emulator->now_ms + within_ms(emulator, expectation));
		else if (state->open && begins_excess(emulator, i))
			broken_too_many_events(emulator, i, of->name);
		state->last_ms = emulator->now_ms;
	}
}

void expect_event(struct emulator *emulator, int event)
{
	for (uint64_t left = emulator->machine->expects_event[event]; left; left &= left - 1) {
		const size_t i = (size_t)__builtin_ctzll(left);
		const struct expectation *expectation = expectation_at(emulator, i);
		struct expect_state *state = state_at(emulator, i);

		if (state->open && event_set_has(&expectation->events, event)) {
			if (expectation->kind == EXPECT_AT_LEAST)
				count_up(emulator, i);
			else if (expectation->kind == EXPECT_ORDER)
				step_order(
				    emulator, i,
				    &(struct order_event){ SUBJECT_EVENTS, event, emulator->machine->events[event] });
			else if (begins_excess(emulator, i))
				broken_too_many_events(emulator, i, emulator->machine->events[event]);
		}
		if (event_set_has(&expectation->until, event)) {
			end_span(emulator, i);
			state->armed = false;
		}
		if (event_set_has(&expectation->after, event)) {
			state->armed = true;
			if (begins_afresh(emulator, i))
				state->after_ms = emulator->now_ms;
			emulator->expect->starting |= 1ULL << i;
		}
	}
	expect_states(emulator);
}

void expect_too_fast(struct emulator *emulator, size_t limit)
{
	for (uint64_t left = emulator->machine->expects_pacing; left; left &= left - 1) {
		const size_t i = (size_t)__builtin_ctzll(left);
		struct expect_state *state = state_at(emulator, i);

		if (!state->open || !is_too_many(emulator, i))
			continue;
		state->broken++;
		if (state->limits >> limit & 1U)
			continue;
		state->limits |= 1ULL << limit;
		broken_too_fast(emulator, i, &emulator->machine->rate_limits[limit]);
	}
}

/* ---- time ---- */

void expect_due(struct emulator *emulator)
{
	const int64_t due_ms = emulator->expect->due_ms;

	for (size_t i = 0; i < emulator->machine->expectation_count; i++) {
		if (state_at(emulator, i)->due_ms != due_ms)
			continue;
		state_at(emulator, i)->due_ms = EMULATOR_NEVER;
		switch (expectation_at(emulator, i)->kind) {
		case EXPECT_AT_LEAST:
			broken_too_few(emulator, i);
			state_at(emulator, i)->open = false;
			break;
		case EXPECT_EVERY:
			broken_too_late(emulator, i); /* once, until it is called again */
			break;
		case EXPECT_ORDER:
			broken_not_called(emulator, i);
			state_at(emulator, i)->open = false;
			break;
		case EXPECT_STATE:
			broken_not_there(emulator, i);
			state_at(emulator, i)->open = false;
			break;
		case EXPECT_AT_MOST:
		case EXPECT_FINAL_STATE:
			break;
		}
	}
	find_due(emulator);
}

/* ---- results ---- */

void expect_conclude(struct emulator *emulator)
{
	for (size_t i = 0; emulator->expect && i < emulator->machine->expectation_count; i++) {
		const struct expectation *expectation = expectation_at(emulator, i);
		struct expect_state *state = state_at(emulator, i);

		judge_end(emulator, i);
		if (expectation->kind != EXPECT_FINAL_STATE)
			continue;
		state->final = state_set_holds(expectation->state, emulator->active);
		if (state->final || state->ended)
			continue;
		state->ended = true;
		broken_not_there(emulator, i);
	}
}

static enum expectation_outcome outcome_of(const struct emulator *emulator, size_t index)
{
	const struct expect_state *state = state_at(emulator, index);

	if (state->broken)
		return EXPECTATION_BROKEN;
	switch (expectation_at(emulator, index)->kind) {
	case EXPECT_AT_LEAST:
	case EXPECT_ORDER:
	case EXPECT_STATE:
		return state->open ? EXPECTATION_PENDING : EXPECTATION_MET;
	case EXPECT_FINAL_STATE:
		return state->final ? EXPECTATION_MET : EXPECTATION_PENDING;
	case EXPECT_AT_MOST:
	case EXPECT_EVERY:
		break;
	}
	return EXPECTATION_MET;
}

size_t expect_failed(const struct emulator *emulator, bool strict)
{
	size_t failed = 0;

	for (size_t i = 0; emulator->expect && i < emulator->machine->expectation_count; i++)
		failed += state_at(emulator, i)->broken && (strict || !expectation_at(emulator, i)->is_warning);
	return failed;
}

bool expect_result(const struct emulator *emulator, size_t index, struct expectation_result *result)
{
	const struct expectation *expectation;
	const struct expect_state *state;

	if (!emulator->expect || index >= emulator->machine->expectation_count)
		return false;
	expectation = expectation_at(emulator, index);
	state = state_at(emulator, index);
	*result = (struct expectation_result){
		.name = expectation->name,
		.is_warning = expectation->is_warning,
		.outcome = outcome_of(emulator, index),
		.count = state->broken,
		.first_ms = state->kept_count ? state->kept[0].at_ms : 0,
		.wanted = expectation->wanted,
		.text = state->kept_count ? state->kept[0].text : "",
		.because = expectation->because,
		.violations = state->kept,
		.violation_count = state->kept_count,
	};
	return true;
}
