#include "core/emulator_parts.h"

#include "core/expect.h"
#include "core/names.h"
#include "core/setting.h"
#include "core/stream_parts.h"

#include <stdlib.h>
#include <string.h>

/* ---- beginning and end ---- */

bool emulator_init(struct emulator *emulator, const struct emulator_options *options, struct error *error)
{
	const struct machine *machine = options->machine;

	*emulator = (struct emulator){
		.machine = machine,
		.seed = options->seed,
		.start_ms = options->start_ms,
		.now_ms = options->start_ms,
	};
	journal_init(&emulator->journal, options->journal_size, options->journal_bytes);
	journal_count_from(&emulator->journal, options->journal_first);
	emulator->rates = pacing_windows_new(machine);
	emulator->settings = calloc(machine->setting_count + 1, sizeof *emulator->settings);
	emulator->setting_texts = calloc(machine->setting_count + 1, sizeof *emulator->setting_texts);
	if (!emulator->rates || !emulator->settings || !emulator->setting_texts || !faults_init(emulator) ||
	    !expect_init(emulator)) {
		emulator_release(emulator);
		error_set(error, "out of memory");
		return false;
	}
	for (size_t i = 0; i < machine->setting_count; i++)
		emulator->settings[i] = machine->settings[i].value;
	for (size_t i = 0; i < machine->region_count; i++) {
		emulator->state[i] = machine->regions[i].initial;
		emulator->active |= 1ULL << machine->regions[i].initial;
	}
	timers_begin(emulator);
	faults_settle_port(emulator);
	expect_begin(emulator);
	return true;
}

void emulator_release(struct emulator *emulator)
{
	for (size_t i = 0; emulator->setting_texts && i < emulator->machine->setting_count; i++)
		free(emulator->setting_texts[i]);
	free(emulator->setting_texts);
	free(emulator->settings);
	free(emulator->rates);
	streams_release(emulator);
	faults_release(emulator);
	expect_release(emulator);
	journal_release(&emulator->journal);
	*emulator = (struct emulator){ 0 };
}

/* ---- journal ---- */

static struct record *fill(struct emulator *emulator, struct record *record, enum record_kind kind, const char *name,
                           uint64_t before)
{
	emulator->tally.records[kind]++;
	record->kind = kind;
	record->at_ms = emulator->now_ms;
	record->before = before;
	record->after = emulator->active;
	record->name = name;
	record->endpoint = INDEX_NONE;
	return record;
}

struct record *emulator_write_record(struct emulator *emulator, enum record_kind kind, const char *name,
                                     uint64_t before)
{
	return fill(emulator, journal_next(&emulator->journal), kind, name, before);
}

struct record *emulator_write_tick(struct emulator *emulator, enum record_kind kind, const char *name)
{
	return fill(emulator, journal_next_tick(&emulator->journal), kind, name, emulator->active);
}

void emulator_note(struct emulator *emulator, enum record_kind kind, const char *name, const char *text)
{
	struct record *record = emulator_write_record(emulator, kind, name, emulator->active);

	journal_add_text(&emulator->journal, record, span_of(text));
}

int64_t emulator_amount_ms(const struct emulator *emulator, const struct amount *amount)
{
	return amount->setting == INDEX_NONE ? amount->ms : emulator->settings[amount->setting].number;
}

/* ---- events: the one place where states change ---- */

static const struct transition *find_transition(const struct emulator *emulator, size_t region, int event)
{
	const struct machine *machine = emulator->machine;
	const struct transition_list *list =
	    &machine->transitions[(size_t)emulator->state[region] * machine->event_count + (size_t)event];

	for (size_t i = 0; i < list->count; i++)
		if (state_set_holds(list->items[i].when, emulator->active))
			return &list->items[i];
	return NULL;
}

static void enter(struct emulator *emulator, size_t region, uint8_t state)
{
	emulator->active &= ~(1ULL << emulator->state[region]);
	emulator->state[region] = state;
	emulator->active |= 1ULL << state;
}

/* All regions hear the event at once: who goes where is decided by the states before it. */
void emulator_raise(struct emulator *emulator, int event)
{
	const struct machine *machine = emulator->machine;
	const struct transition *taken[REGIONS_MAX];
	const uint64_t before = emulator->active;

	for (size_t i = 0; i < machine->region_count; i++)
		taken[i] = find_transition(emulator, i, event);
	for (size_t i = 0; i < machine->region_count; i++)
		if (taken[i])
			enter(emulator, i, taken[i]->to);
	if (event_set_has(&machine->new_session, event))
		emulator->session_ordinal++;
	timers_update(emulator, event);
	if (emulator->active != before)
		emulator_write_record(emulator, RECORD_TRANSITION, machine->events[event], before);
	if (emulator->streams.count > 0)
		streams_changed(emulator);
	if (emulator->faults.count > 0)
		faults_event(emulator, event);
	if (emulator->expect)
		expect_event(emulator, event);
}

/* ---- actions ---- */

/* Ends a sentence with the name that may have been meant. */
static void add_nearest(struct error *error, const struct nearest *nearest)
{
	const struct error sentence = *error;

	if (nearest->best)
		error_set(error, "%s; did you mean \"%s\"?", sentence.text, nearest->best);
}

static bool refuse(const struct machine *machine, const char *name, const char *sentence,
                   void (*find_nearest)(const struct machine *machine, const char *name, struct nearest *nearest),
                   struct error *error)
{
	struct nearest nearest;

	find_nearest(machine, name, &nearest);
	error_set(error, "%s \"%s\"", sentence, name);
	add_nearest(error, &nearest);
	return false;
}

static bool set_setting(struct emulator *emulator, const struct action *action, struct error *error)
{
	const int index = machine_find_setting(emulator->machine, action->name);
	struct value value = action->value;
	struct nearest nearest;
	char *text = NULL;

	if (index == INDEX_NONE)
		return refuse(emulator->machine, action->name, "there is no setting", machine_nearest_setting, error);
	if (!setting_allows(&emulator->machine->settings[index], &value, &nearest, error)) {
		add_nearest(error, &nearest);
		return false;
	}
	if (value.text) {
		const size_t size = strlen(value.text) + 1;

		text = malloc(size);
		if (!text) {
			error_set(error, "out of memory");
			return false;
		}
		memcpy(text, value.text, size);
		value.text = text;
	}
	free(emulator->setting_texts[index]);
	emulator->setting_texts[index] = text;
	emulator->settings[index] = value;
	return true;
}

static bool enter_state(struct emulator *emulator, const char *name, struct error *error)
{
	const int state = machine_find_state(emulator->machine, name);

	if (state == INDEX_NONE)
		return refuse(emulator->machine, name, "there is no state", machine_nearest_state, error);
	enter(emulator, emulator->machine->states[state].region, (uint8_t)state);
	timers_update(emulator, INDEX_NONE);
	faults_settle_port(emulator);
	return true;
}

static bool refuse_script(const struct websocket *websocket, const char *name, struct error *error)
{
	struct nearest nearest;

	nearest_begin(&nearest, name);
	for (size_t i = 0; websocket && i < websocket->script_count; i++)
		nearest_offer(&nearest, websocket->scripts[i].name);
	error_set(error, "\"websocket\" has no script \"%s\"", name);
	add_nearest(error, &nearest);
	return false;
}

/* Nobody need be there to hear it. */
static bool send_to_streams(struct emulator *emulator, const struct action *action, enum record_kind kind,
                            struct error *error)
{
	const struct websocket *websocket = emulator->machine->websocket;
	const struct span text = span_of(action->value.text ? action->value.text : "");
	const int script = websocket && action->name ? websocket_find_script(websocket, action->name) : INDEX_NONE;

	if (!websocket || (action->name && script == INDEX_NONE))
		return refuse_script(websocket, action->name ? action->name : "", error);
	if (text.length > (action->name ? SETTING_TEXT_MAX : STREAM_FRAME_MAX)) {
		error_set(error, "what is sent has at most %d bytes",
		          action->name ? SETTING_TEXT_MAX : STREAM_FRAME_MAX);
		return false;
	}
	emulator_write_record(emulator, kind, script == INDEX_NONE ? "send" : websocket->scripts[script].name,
	                      emulator->active);
	streams_send(emulator, script == INDEX_NONE ? NULL : &websocket->scripts[script], text);
	return true;
}

static bool apply(struct emulator *emulator, const struct action *action, enum record_kind kind, struct error *error)
{
	const uint64_t before = emulator->active;
	struct record *record;
	int event;

	switch (action->kind) {
	case ACTION_EVENT:
		event = machine_find_event(emulator->machine, action->name);
		if (event == INDEX_NONE)
			return refuse(emulator->machine, action->name, "no state listens for an event",
			              machine_nearest_event, error);
		emulator_write_record(emulator, kind, emulator->machine->events[event], before);
		emulator_raise(emulator, event);
		return true;
	case ACTION_ENTER:
		if (!enter_state(emulator, action->name, error))
			return false;
		break;
	case ACTION_SET:
		if (!set_setting(emulator, action, error))
			return false;
		break;
	case ACTION_SEND:
		return send_to_streams(emulator, action, kind, error);
	}
	record = emulator_write_record(emulator, kind, NULL, before);
	if (action->kind == ACTION_ENTER)
		record->name = emulator->machine->states[machine_find_state(emulator->machine, action->name)].name;
	else
		record->name = emulator->machine->settings[machine_find_setting(emulator->machine, action->name)].name;
	if (emulator->streams.count > 0)
		streams_changed(emulator);
	if (emulator->expect)
		expect_states(emulator);
	return true;
}

bool emulator_apply(struct emulator *emulator, const struct action *action, struct error *error)
{
	return apply(emulator, action, RECORD_ACTION, error);
}

/* ---- time ---- */

static int64_t next_cue_ms(const struct emulator *emulator)
{
	if (emulator->cue_next >= emulator->machine->cue_count)
		return EMULATOR_NEVER;
	return emulator->start_ms + emulator->machine->cues[emulator->cue_next].at_ms;
}

int64_t emulator_deadline_ms(const struct emulator *emulator)
{
	const int timer = timers_first(emulator);
	const int64_t cue_ms = next_cue_ms(emulator);
	const int64_t expect_ms = expect_due_ms(emulator);
	const int64_t port_ms = faults_port_due_ms(emulator);
	const int64_t answer_ms = departures_due_ms(emulator);
	int64_t first_ms = cue_ms < port_ms ? cue_ms : port_ms;

	if (answer_ms < first_ms)
		first_ms = answer_ms;
	if (streams_due_ms(emulator) < first_ms)
		first_ms = streams_due_ms(emulator);
	if (timer != INDEX_NONE && emulator->timer_due_ms[timer] < first_ms)
		first_ms = emulator->timer_due_ms[timer];
	/* What is expected by an instant may still be done at that instant: it is found missing right after. */
	return expect_ms < first_ms ? expect_ms + 1 : first_ms;
}

bool emulator_hears(const struct emulator *emulator, int event)
{
	for (size_t i = 0; i < emulator->machine->region_count; i++) {
		const struct transition *transition = find_transition(emulator, i, event);

		if (transition && transition->to != emulator->state[i])
			return true;
	}
	return false;
}

static void do_cue(struct emulator *emulator)
{
	struct error impossible; /* the scenario was checked when it was loaded */

	apply(emulator, &emulator->machine->cues[emulator->cue_next++].action, RECORD_CUE, &impossible);
}

static int64_t sooner(int64_t a_ms, int64_t b_ms)
{
	return a_ms < b_ms ? a_ms : b_ms;
}

static void reach(struct emulator *emulator, int64_t at_ms)
{
	if (at_ms > emulator->now_ms)
		emulator->now_ms = at_ms;
}

bool emulator_step(struct emulator *emulator, int64_t to_ms)
{
	const int timer = timers_first(emulator);
	const int64_t cue_ms = next_cue_ms(emulator);
	const int64_t timer_ms = timer == INDEX_NONE ? EMULATOR_NEVER : emulator->timer_due_ms[timer];
	const int64_t answer_ms = departures_due_ms(emulator);
	const int64_t stream_ms = streams_due_ms(emulator);
	const int64_t acts_ms = sooner(sooner(cue_ms, timer_ms), sooner(answer_ms, stream_ms));
	const int64_t expect_ms = expect_due_ms(emulator);
	const int64_t port_ms = faults_port_due_ms(emulator);

	if (port_ms <= to_ms && port_ms <= acts_ms && port_ms <= expect_ms) {
		emulator->now_ms = port_ms;
		faults_settle_port(emulator);
		return true;
	}
	if (expect_ms < to_ms && expect_ms < acts_ms) {
		reach(emulator, expect_ms);
		expect_due(emulator);
		return true;
	}
	if (acts_ms > to_ms) {
		reach(emulator, to_ms);
		return false;
	}
	/* At the same instant the scenario's own cue comes first, and what leaves comes last. */
	reach(emulator, acts_ms);
	if (cue_ms == acts_ms)
		do_cue(emulator);
	else if (timer_ms == acts_ms)
		timers_fire(emulator, (size_t)timer);
	else if (stream_ms == acts_ms)
		streams_due(emulator, to_ms);
	else
		departures_leave(emulator);
	return true;
}

void emulator_advance(struct emulator *emulator, int64_t to_ms)
{
	while (emulator_step(emulator, to_ms))
		;
}

/* ---- in words ---- */

void emulator_describe(const struct emulator *emulator, uint64_t active, struct buffer *out)
{
	const struct machine *machine = emulator->machine;
	const size_t session = machine->session_region;

	for (size_t i = 0; i < machine->state_count; i++)
		if ((active >> i & 1U) && machine->states[i].region == session)
			buffer_add_text(out, machine->states[i].name);
	for (size_t i = 0; i < machine->state_count; i++) {
		const size_t region = machine->states[i].region;

		if (!(active >> i & 1U) || region == session || machine->states[i].quiet)
			continue;
		buffer_add_text(out, "+");
		buffer_add_text(out, machine->states[i].name);
	}
}
