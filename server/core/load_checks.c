/*
 * What only the whole machine shows: states that nothing leads to, timers that cannot fire or that nobody hears,
 * answers that are always hidden, endpoints without one.
 */
#include "core/loading.h"
#include "core/names.h"

#include <string.h>

/* So many letters wrong are a slip of the hand, and no name of one's own. */
#define SLIP_MAX 2

bool load_is_own(const struct loading *loading, const cJSON *item)
{
	return item && json_key_place_of(loading->reader.places, item).file == loading->top_file;
}

/* A name that the file brings in itself: no file that it extends has it. */
static bool is_new(const struct loading *loading, const cJSON *item)
{
	return load_is_own(loading, item) && !(item->type & JSON_OVERRIDES);
}

/* ---- reachable states ---- */

static uint64_t reachable_states(const struct machine *machine)
{
	uint64_t reached = 0;
	uint64_t before;

	for (size_t i = 0; i < machine->region_count; i++)
		reached |= 1ULL << machine->regions[i].initial;
	for (size_t i = 0; i < machine->cue_count; i++)
		if (machine->cues[i].action.kind == ACTION_ENTER)
			reached |= 1ULL << machine_find_state(machine, machine->cues[i].action.name);
	do {
		before = reached;
		for (size_t i = 0; i < machine->state_count * machine->event_count; i++) {
			const struct transition_list *list = &machine->transitions[i];

			for (size_t j = 0; j < list->count; j++)
				if (reached >> (i / machine->event_count) & 1U)
					reached |= 1ULL << list->items[j].to;
		}
	} while (reached != before);
	return reached;
}

static void check_states(struct loading *loading)
{
	const struct machine *machine = loading->machine;
	const uint64_t reached = reachable_states(machine);

	for (size_t i = 0; i < machine->state_count; i++) {
		const cJSON *state = json_member(json_member(loading->tree, "states"), machine->states[i].name);

		if (!(reached >> i & 1U) && load_is_own(loading, state)) {
			struct nearest nearest;

			/* It may have been meant as one that is there already. */
			nearest_begin(&nearest, machine->states[i].name);
			for (size_t j = 0; j < machine->state_count; j++)
				if (j != i)
					nearest_offer(&nearest, machine->states[j].name);
			reader_key_problem(&loading->reader, state, nearest.best, "nothing leads to state \"%s\"",
			                   machine->states[i].name);
		}
	}
}

/* ---- names that nothing uses ---- */

static void check_settings(struct loading *loading)
{
	const struct machine *machine = loading->machine;
	const cJSON *settings = json_member(loading->tree, "settings");

	for (size_t i = 0; i < machine->setting_count; i++) {
		const cJSON *item = json_member(settings, machine->settings[i].name);
		struct nearest nearest;

		if (loading->setting_used[i] || !is_new(loading, item))
			continue;
		nearest_begin(&nearest, machine->settings[i].name);
		for (size_t j = 0; j < machine->setting_count; j++)
			if (loading->setting_used[j])
				nearest_offer(&nearest, machine->settings[j].name);
		reader_key_problem(&loading->reader, item, nearest.best, "nothing uses setting \"%s\"",
		                   machine->settings[i].name);
	}
}

/* Whether only this file's own states show a name. */
static bool shown_is_new(const struct loading *loading, const char *name)
{
	const cJSON *states = json_member(loading->tree, "states");

	for (const cJSON *state = states->child; state; state = state->next) {
		const cJSON *item = json_member(json_member(state, "shows"), name);

		if (item && !is_new(loading, item))
			return false;
	}
	return true;
}

static void check_shown(struct loading *loading)
{
	const struct machine *machine = loading->machine;
	const cJSON *states = json_member(loading->tree, "states");

	for (size_t i = 0; i < machine->shown_count; i++) {
		struct nearest nearest;

		if (loading->shown_used[i] || !shown_is_new(loading, machine->shown[i]))
			continue;
		nearest_begin(&nearest, machine->shown[i]);
		for (size_t j = 0; j < machine->shown_count; j++)
			if (loading->shown_used[j])
				nearest_offer(&nearest, machine->shown[j]);
		for (const cJSON *state = states->child; state; state = state->next) {
			const cJSON *item = json_member(json_member(state, "shows"), machine->shown[i]);

			if (item)
				reader_key_problem(&loading->reader, item, nearest.best, "no reply uses \"%s\"",
				                   machine->shown[i]);
		}
	}
}

/* ---- answers ---- */

/* True when every state of a region that comes before `region` and that is active side by side with it answers for the
 * endpoint without a guard: then no later region is ever asked. */
static bool is_hidden(const struct machine *machine, size_t region, size_t endpoint)
{
	for (size_t r = 0; r < region; r++) {
		bool all = true;

		for (size_t s = 0; s < machine->state_count; s++) {
			const struct answer_list *list = &machine->answers[s * machine->endpoint_count + endpoint];
			const struct answer *last = list->count ? &list->items[list->count - 1] : NULL;

			if (machine->states[s].region == r && (!last || !guard_is_open(&last->guard)))
				all = false;
		}
		if (all)
			return true;
	}
	return false;
}

static void check_answers(struct loading *loading)
{
	const struct machine *machine = loading->machine;
	const cJSON *states = json_member(loading->tree, "states");
	const cJSON *endpoints = json_member(loading->tree, "endpoints");

	for (size_t s = 0; s < machine->state_count; s++) {
		const cJSON *answers = json_member(json_member(states, machine->states[s].name), "answers");

		for (const cJSON *item = answers ? answers->child : NULL; item; item = item->next) {
			struct endpoint_set set = { 0 };
			bool shown = false;

			load_endpoint_set(loading, item, item->string, &set);
			for (size_t e = 0; e < machine->endpoint_count; e++)
				shown |= endpoint_set_has(&set, e) && !is_hidden(machine, machine->states[s].region, e);
			if (!shown)
				reader_key_problem(
				    &loading->reader, item, NULL,
				    "this answer is never given: a region that comes first always answers");
		}
	}
	for (size_t e = 0; e < machine->endpoint_count; e++) {
		const cJSON *endpoint = json_member(endpoints, machine->endpoints[e].name);
		bool answered = json_member(endpoint, "answer") != NULL;

		for (size_t r = 0; r < machine->region_count && !answered; r++) {
			answered = true;
			for (size_t s = 0; s < machine->state_count; s++)
				answered &= machine->states[s].region != r ||
				            machine->answers[s * machine->endpoint_count + e].count;
		}
		if (!answered)
			reader_key_problem(&loading->reader, endpoint, NULL,
			                   "endpoint \"%s\" has no \"answer\", and not every state has one for it",
			                   machine->endpoints[e].name);
	}
}

/* ---- events and timers ---- */

static bool is_heard(const struct machine *machine, int event)
{
	for (size_t s = 0; s < machine->state_count; s++)
		if (machine->transitions[s * machine->event_count + (size_t)event].count)
			return true;
	for (size_t t = 0; t < machine->timer_count; t++)
		if (event_set_has(&machine->timers[t].restart, event))
			return true;
	return event_set_has(&machine->new_session, event);
}

/* Whether a call, an answer, a timer, a limit or a cue of the machine raises it. */
static bool is_raised(const struct machine *machine, int event)
{
	const size_t answer_lists = (machine->state_count + 1) * machine->endpoint_count;

	for (size_t e = 0; e < machine->endpoint_count; e++)
		if (machine->endpoints[e].event == event)
			return true;
	for (size_t l = 0; l < answer_lists; l++)
		for (size_t i = 0; i < machine->answers[l].count; i++)
			if (machine->answers[l].items[i].event == event)
				return true;
	for (size_t t = 0; t < machine->timer_count; t++)
		if (timer_raises(&machine->timers[t], event))
			return true;
	for (size_t c = 0; c < machine->cue_count; c++)
		if (machine->cues[c].action.kind == ACTION_EVENT &&
		    strcmp(machine->cues[c].action.name, machine->events[event]) == 0)
			return true;
	return machine->rate_exceeded_event == event;
}

/* Whether a state of a file that this one extends listens for it. */
static bool is_inherited(const struct loading *loading, const char *event)
{
	const cJSON *states = json_member(loading->tree, "states");

	for (const cJSON *state = states->child; state; state = state->next) {
		const cJSON *item = json_member(json_member(state, "on"), event);

		if (item && !is_new(loading, item))
			return true;
	}
	return false;
}

static void report_slip(struct loading *loading, const char *event, const char *nearest)
{
	const cJSON *states = json_member(loading->tree, "states");

	for (const cJSON *state = states->child; state; state = state->next) {
		const cJSON *item = json_member(json_member(state, "on"), event);

		if (item)
			reader_key_problem(&loading->reader, item, nearest, "nothing raises the event \"%s\"", event);
	}
}

/* An event that only somebody outside can raise is a fine thing to listen for, unless it is a known one but for a letter
 * or two. A machine from nothing has no others than its own. */
static void check_events(struct loading *loading)
{
	const struct machine *machine = loading->machine;
	bool known[EVENTS_MAX];

	if (!json_member(loading->tree, "extends"))
		return;
	for (size_t e = 0; e < machine->event_count; e++)
		known[e] = is_raised(machine, (int)e) || is_inherited(loading, machine->events[e]);
	for (size_t e = 0; e < machine->event_count; e++) {
		struct nearest nearest;

		if (known[e])
			continue;
		nearest_begin(&nearest, machine->events[e]);
		if (nearest.distance > SLIP_MAX + 1)
			nearest.distance = SLIP_MAX + 1; /* no others need be looked at */
		for (size_t i = 0; i < machine->event_count; i++)
			if (known[i])
				nearest_offer(&nearest, machine->events[i]);
		if (nearest.best)
			report_slip(loading, machine->events[e], nearest.best);
	}
}

bool load_set_is_reachable(const struct machine *machine, struct state_set set, uint64_t reached)
{
	for (size_t r = 0; r < machine->region_count; r++)
		if ((machine->regions[r].states & reached & ~set.breaks) == 0)
			return false;
	return true;
}

static void check_timer_event(struct loading *loading, const struct timer *timer, const cJSON *item, int event)
{
	if (!is_heard(loading->machine, event))
		reader_problem(&loading->reader, item, NULL, "timer \"%s\" raises \"%s\", but no state listens for it",
		               timer->name, loading->machine->events[event]);
}

/* `item` is the timer's "event": one, or a list, which was loaded whole or not at all. */
static void check_timer_events(struct loading *loading, const struct timer *timer, const cJSON *item, uint64_t reached)
{
	const cJSON *each = cJSON_IsArray(item) ? item->child : item;

	for (size_t i = 0; i < timer->event_count && each; i++, each = each->next) {
		const struct timer_event *event = &timer->events[i];
		const struct state_set both = { timer->when.breaks | event->when.breaks };

		check_timer_event(loading, timer, cJSON_IsObject(each) ? json_member(each, "event") : each,
		                  event->event);
		if (event->when.breaks && !load_set_is_reachable(loading->machine, both, reached))
			reader_problem(&loading->reader, each, NULL,
			               "this event is never raised: its states are never active while the timer runs");
	}
}

static void check_timers(struct loading *loading)
{
	const struct machine *machine = loading->machine;
	const uint64_t reached = reachable_states(machine);
	const cJSON *timers = json_member(loading->tree, "timers");

	for (size_t t = 0; t < machine->timer_count; t++) {
		const struct timer *timer = &machine->timers[t];
		const cJSON *item = json_member(timers, timer->name);

		if (!load_is_own(loading, item))
			continue;
		check_timer_events(loading, timer, json_member(item, "event"), reached);
		if (timer->then != INDEX_NONE)
			check_timer_event(loading, timer, json_member(item, "then"), timer->then);
		if (!load_set_is_reachable(machine, timer->when, reached))
			reader_key_problem(&loading->reader, item, NULL,
			                   "timer \"%s\" can never fire: nothing leads to the states in its \"while\"",
			                   timer->name);
	}
}

static void check_cues(struct loading *loading)
{
	const struct machine *machine = loading->machine;
	const cJSON *timeline = json_member(loading->tree, "timeline");

	for (const cJSON *cue = timeline ? timeline->child : NULL; cue; cue = cue->next) {
		const char *name = reader_text(cue, "event");
		const int event = name ? machine_find_event(machine, name) : INDEX_NONE;

		if (event != INDEX_NONE && !is_heard(machine, event))
			reader_problem(&loading->reader, json_member(cue, "event"), NULL,
			               "no state listens for an event \"%s\"", name);
	}
}

/* A pack of another vintage, chosen on the command line, need not show all that the file knows. */
static bool pack_is_own(const struct loading *loading)
{
	const char *own = reader_text(loading->tree, "fixtures");

	return strcmp(loading->machine->pack, own ? own : "2026") == 0;
}

void load_checks(struct loading *loading)
{
	check_states(loading);
	if (pack_is_own(loading)) {
		check_settings(loading);
		check_shown(loading);
	}
	check_answers(loading);
	check_timers(loading);
	check_cues(loading);
	check_events(loading);
	load_expectation_checks(loading, reachable_states(loading->machine));
	load_fault_checks(loading, reachable_states(loading->machine));
}
