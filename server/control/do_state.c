/*
 * A gateway's state: shown, changed, waited for.
 */
#include "control/action_read.h"
#include "control/answer.h"
#include "control/handlers.h"
#include "control/wait.h"

#include <stdlib.h>
#include <string.h>

/* As many as one call may do. */
#define ACTIONS_MAX 256

/* ---- showing ---- */

static void add_regions(const struct emulator *emulator, struct buffer *out)
{
	const struct machine *machine = emulator->machine;

	buffer_add_text(out, ",\"regions\":{");
	for (size_t i = 0; i < machine->region_count; i++) {
		buffer_add_text(out, i > 0 ? "," : "");
		answer_add_text(out, machine->regions[i].name);
		buffer_add_text(out, ":");
		answer_add_text(out, machine->states[emulator->state[i]].name);
	}
	buffer_add_text(out, "}");
}

static void add_timers(const struct emulator *emulator, struct buffer *out)
{
	const char *between = "";

	buffer_add_text(out, ",\"timers\":{");
	for (size_t i = 0; i < emulator->machine->timer_count; i++) {
		if (emulator->timer_due_ms[i] == EMULATOR_NEVER)
			continue;
		buffer_add_text(out, between);
		answer_add_text(out, emulator->machine->timers[i].name);
		buffer_add_text(out, ":");
		answer_add_instant(out, emulator->timer_due_ms[i]);
		between = ",";
	}
	buffer_add_text(out, "}");
}

static void add_state(const struct gateway *gateway, struct buffer *out)
{
	const struct emulator *emulator = &gateway->emulator;
	struct buffer words = { 0 };

	emulator_describe(emulator, emulator->active, &words);
	buffer_add_text(out, "{\"state\":");
	answer_add_text(out, words.data ? words.data : "");
	buffer_release(&words);
	buffer_add_text(out, ",\"time\":");
	answer_add_instant(out, gateway_now_ms(gateway));
	add_regions(emulator, out);
	add_timers(emulator, out);
	buffer_add_text(out, "}\n");
}

/* The clock may have moved on since anything happened: what is due happens first. */
static const struct gateway *present(struct call *call)
{
	gateway_advance(call->entry->gateway);
	return call->entry->gateway;
}

void do_state_show(struct call *call)
{
	add_state(present(call), call_answer_json(call, MHD_HTTP_OK));
}

/* ---- actions ---- */

static bool apply_all(struct call *call, const struct action *actions, size_t count)
{
	struct error error;

	for (size_t i = 0; i < count; i++) {
		if (gateway_apply(call->entry->gateway, &actions[i], &error))
			continue;
		call_problem(call, MHD_HTTP_BAD_REQUEST, "%s; %zu of %zu actions were done before it", error.text, i,
		             count);
		return false;
	}
	return true;
}

/* What they send lies in the arena. */
static size_t read_actions(struct call_json *json, const struct machine *machine, struct arena *arena,
                           struct action actions[ACTIONS_MAX])
{
	const struct reader reader = { .places = &json->places, .problems = &json->problems, .arena = arena };
	const cJSON *item = cJSON_IsArray(json->tree) ? json->tree->child : json->tree;
	size_t count = 0;

	for (; item; item = cJSON_IsArray(json->tree) ? item->next : NULL) {
		if (count == ACTIONS_MAX) {
			reader_problem(&reader, item, NULL, "too many actions in one call; at most %d are allowed",
			               ACTIONS_MAX);
			return 0;
		}
		count += action_read(&reader, machine, item, &actions[count]);
	}
	return count;
}

void do_actions(struct call *call)
{
	struct call_json json;
	struct action *actions = calloc(ACTIONS_MAX, sizeof *actions);
	struct arena *arena = arena_new();
	size_t count;

	if (arena && actions && call_json_begin(call, false, &json)) {
		count = read_actions(&json, &call->entry->machine->machine, arena, actions);
		if (call_json_passed(call, &json) && apply_all(call, actions, count))
			add_state(call->entry->gateway, call_answer_json(call, MHD_HTTP_OK));
	}
	if (arena && actions)
		call_json_end(&json);
	arena_free(arena);
	free(actions);
}

static const struct field event_fields[] = {
	{ "event", FIELD_TEXT, true },
	{ NULL, 0, false },
};

void do_state_put(struct call *call)
{
	struct call_json json;
	struct action action;

	if (call_json_begin(call, false, &json)) {
		const struct reader reader = { .places = &json.places, .problems = &json.problems };

		if (reader_object(&reader, json.tree, "a change of state", event_fields))
			action_read_event(&reader, &call->entry->machine->machine, json_member(json.tree, "event"),
			                  &action);
		if (call_json_passed(call, &json) && apply_all(call, &action, 1))
			add_state(call->entry->gateway, call_answer_json(call, MHD_HTTP_OK));
	}
	call_json_end(&json);
}

/* ---- settings ---- */

void do_settings_show(struct call *call)
{
	const struct emulator *emulator = &present(call)->emulator;
	struct buffer *out = call_answer_json(call, MHD_HTTP_OK);

	buffer_add_text(out, "{");
	for (size_t i = 0; i < emulator->machine->setting_count; i++) {
		buffer_add_text(out, i > 0 ? "," : "");
		answer_add_text(out, emulator->machine->settings[i].name);
		buffer_add_text(out, ":");
		value_add_json(&emulator->settings[i], out);
	}
	buffer_add_text(out, "}\n");
}

/* {"name": value, …}: one action each. */
void do_settings_put(struct call *call)
{
	struct call_json json;
	struct action actions[SETTINGS_MAX];
	size_t count = 0;

	if (call_json_begin(call, false, &json)) {
		const struct reader reader = { .places = &json.places, .problems = &json.problems };

		if (reader_type(&reader, json.tree, "the settings", FIELD_OBJECT))
			count = action_read_settings(&reader, &call->entry->machine->machine, json.tree, actions);
		if (call_json_passed(call, &json) && apply_all(call, actions, count))
			do_settings_show(call);
	}
	call_json_end(&json);
}

/* ---- waiting ---- */

/* States, one bit each: the wait is for any of them. */
static bool read_states(struct call *call, uint64_t *states)
{
	const struct machine *machine = &call->entry->machine->machine;
	struct buffer names = { 0 };
	bool good = false;
	char *rest;
	char *name;

	*states = 0;
	if (!call_argument(call, "state", &names) || strspn(names.data, ",") == names.length) {
		call_problem(call, MHD_HTTP_BAD_REQUEST,
		             "wanted ?state= and the name of a state, or of several with "
		             "commas between them");
		buffer_release(&names);
		return false;
	}
	for (name = strtok_r(names.data, ",", &rest); name; name = strtok_r(NULL, ",", &rest)) {
		const int found = machine_find_state(machine, name);

		good = found != INDEX_NONE;
		if (!good) {
			answer_no_state(call, machine, name);
			break;
		}
		*states |= 1ULL << found;
	}
	buffer_release(&names);
	return good;
}

static bool state_fits(struct call *call, uint64_t index, const struct record *record)
{
	const uint64_t *states = call->wait->context;

	(void)index;
	return (record->after & *states) != 0;
}

static void answer_other_state(struct call *call)
{
	const struct emulator *emulator = &call->entry->gateway->emulator;
	const uint64_t *states = call->wait->context;
	struct buffer detail = { 0 };
	const char *between = "";

	buffer_add_text(&detail, "wanted ");
	for (size_t i = 0; i < emulator->machine->state_count; i++) {
		if (!(*states >> i & 1U))
			continue;
		buffer_add_format(&detail, "%s%s", between, emulator->machine->states[i].name);
		between = " or ";
	}
	buffer_add_text(&detail, ", found ");
	emulator_describe(emulator, emulator->active, &detail);
	buffer_add_text(&detail, " until the time was over");
	call_long_problem(call, MHD_HTTP_GATEWAY_TIMEOUT, detail.data ? detail.data : "");
	buffer_release(&detail);
}

static void finish_state(struct call *call, enum wait_end end)
{
	if (end == WAIT_FITS)
		add_state(call->entry->gateway, call_answer_json(call, MHD_HTTP_OK));
	else if (end == WAIT_TIMED_OUT)
		answer_other_state(call);
	else
		wait_answer_end(call, end, "a state");
}

void do_state_wait(struct call *call)
{
	const struct gateway *gateway = present(call);
	uint64_t *states = malloc(sizeof *states);
	int64_t timeout_ms;

	if (!states) {
		call_problem(call, MHD_HTTP_INTERNAL_SERVER_ERROR, "memory ran out");
		return;
	}
	if (!read_states(call, states) ||
	    !call_duration(call, "timeout", CONTROL_WAIT_MAX_MS, CONTROL_WAIT_DEFAULT_MS, &timeout_ms)) {
		free(states);
	} else if (gateway->emulator.active & *states) {
		free(states);
		add_state(gateway, call_answer_json(call, MHD_HTTP_OK));
	} else {
		wait_begin(call, timeout_ms, state_fits, finish_state, states, free);
	}
}
