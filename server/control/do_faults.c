/*
 * Faults: what goes wrong, added and taken away while the gateway runs.
 */
#include "control/answer.h"
#include "control/handlers.h"
#include "core/fault_read.h"
#include "core/names.h"

#include <stdlib.h>
#include <string.h>

/* ---- showing ---- */

static void add_fault(const struct emulator *emulator, const struct fault_state *state, struct buffer *out)
{
	buffer_add_text(out, "{\"id\":");
	answer_add_text(out, state->fault.name);
	buffer_add_format(out, ",\"kind\":\"%s\",\"layer\":\"%s\",\"from\":\"%s\"", state->fault.kind->name,
	                  fault_layer_names[state->fault.kind->layer], state->arena ? "control" : "scenario");
	buffer_add_format(out, ",\"in_force\":%s,\"calls\":%u,\"acted\":%u,\"fault\":%s}",
	                  emulator_still_acts(emulator, state->serial) ? "true" : "false", state->ordinal, state->acted,
	                  state->fault.text);
}

static void add_faults(const struct gateway *gateway, struct buffer *out)
{
	const struct faults *faults = &gateway->emulator.faults;

	buffer_add_text(out, "{\"faults\":[");
	for (size_t i = 0; i < faults->count; i++) {
		buffer_add_text(out, i > 0 ? "," : "");
		add_fault(&gateway->emulator, &faults->items[i], out);
	}
	buffer_add_text(out, "]}\n");
}

void do_faults_list(struct call *call)
{
	gateway_advance(call->entry->gateway);
	add_faults(call->entry->gateway, call_answer_json(call, MHD_HTTP_OK));
}

/* ---- adding ---- */

struct adding {
	struct fault faults[FAULTS_MAX];
	struct arena *arenas[FAULTS_MAX]; /* of those that no gateway has yet */
	size_t count;
};

static void read_one(struct call_json *json, const struct machine *machine, const cJSON *item, struct adding *adding)
{
	struct arena *arena = arena_new();
	const struct reader reader = { .places = &json->places, .problems = &json->problems, .arena = arena };

	if (!arena) {
		reader_problem(&reader, item, NULL, "out of memory");
		return;
	}
	adding->arenas[adding->count] = arena;
	fault_read(&reader, machine, item, &adding->faults[adding->count++]);
}

static void read_all(struct call_json *json, const struct machine *machine, struct adding *adding)
{
	const struct reader reader = { .places = &json->places, .problems = &json->problems };

	if (!reader_type(&reader, json->tree, "faults by their names", FIELD_OBJECT))
		return;
	if (!json->tree->child)
		reader_problem(&reader, json->tree, NULL, "wanted at least one fault: {\"name\": {\"on\": …}}");
	for (const cJSON *item = json->tree->child; item; item = item->next) {
		if (adding->count == FAULTS_MAX) {
			reader_key_problem(&reader, item, NULL, "too many faults in one call; at most %d are allowed",
			                   FAULTS_MAX);
			return;
		}
		read_one(json, machine, item, adding);
	}
}

static bool add_all(struct call *call, struct adding *adding)
{
	struct error error;

	for (size_t i = 0; i < adding->count; i++) {
		if (!gateway_fault_add(call->entry->gateway, &adding->faults[i], adding->arenas[i], &error)) {
			call_problem(call, MHD_HTTP_INSUFFICIENT_STORAGE, "%s; %zu of %zu faults were added before it",
			             error.text, i, adding->count);
			return false;
		}
		adding->arenas[i] = NULL;
	}
	return true;
}

void do_faults_add(struct call *call)
{
	struct call_json json;
	struct adding *adding = calloc(1, sizeof *adding);

	if (!adding) {
		call_problem(call, MHD_HTTP_INTERNAL_SERVER_ERROR, "memory ran out");
		return;
	}
	if (call_json_begin(call, false, &json)) {
		read_all(&json, &call->entry->machine->machine, adding);
		if (call_json_passed(call, &json) && add_all(call, adding))
			add_faults(call->entry->gateway, call_answer_json(call, MHD_HTTP_CREATED));
	}
	call_json_end(&json);
	for (size_t i = 0; i < adding->count; i++)
		arena_free(adding->arenas[i]);
	free(adding);
}

/* ---- taking away ---- */

static void refuse_name(struct call *call, const char *name)
{
	const struct faults *faults = &call->entry->gateway->emulator.faults;
	struct nearest nearest;

	nearest_begin(&nearest, name);
	for (size_t i = 0; i < faults->count; i++)
		nearest_offer(&nearest, faults->items[i].fault.name);
	call_unknown(call, MHD_HTTP_NOT_FOUND, "there is no fault", name, &nearest);
}

void do_fault_remove(struct call *call)
{
	char name[NAME_LENGTH_MAX + 1] = "";

	if (call->parameter.length <= NAME_LENGTH_MAX)
		memcpy(name, call->parameter.at, call->parameter.length);
	if (gateway_fault_remove(call->entry->gateway, name))
		call_answer_text(call, MHD_HTTP_NO_CONTENT, TYPE_TEXT, "");
	else
		refuse_name(call, name);
}

void do_faults_clear(struct call *call)
{
	gateway_faults_clear(call->entry->gateway);
	call_answer_text(call, MHD_HTTP_NO_CONTENT, TYPE_TEXT, "");
}
