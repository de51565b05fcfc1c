/*
 * What a client must have met before it can be said to have survived a scenario of the catalogue: met.h judges it.
 */
#include "core/loading.h"

#include "core/fault.h"
#include "core/names.h"
#include "core/websocket.h"

#include <string.h>

#define NAMES (FIELD_TEXT | FIELD_LIST)

static const struct field step_fields[] = {
	{ "on", NAMES, false },
	{ "while", NAMES, false },
	{ "reply", NAMES, false },
	{ "held", FIELD_TEXT, false },
	{ "fault", FIELD_TEXT, false },
	{ "frame", FIELD_TEXT, false },
	{ 0 },
};

/* Calls `take` with each text of a list, or with the one that stands for it. */
static void each_name(struct loading *loading, const cJSON *names, struct met_step *step,
                      void (*take)(struct loading *loading, const cJSON *name, struct met_step *step))
{
	const bool many = cJSON_IsArray(names);

	if (many && !names->child)
		reader_problem(&loading->reader, names, NULL, "\"%s\" must name at least one", names->string);
	for (const cJSON *item = many ? names->child : names; item; item = many ? item->next : NULL)
		if (reader_type(&loading->reader, item, "a name here", FIELD_TEXT))
			take(loading, item, step);
}

static void take_endpoint(struct loading *loading, const cJSON *name, struct met_step *step)
{
	struct endpoint_set set = { 0 };

	if (load_endpoint_set(loading, name, name->valuestring, &set))
		for (size_t i = 0; i < sizeof set.bits / sizeof *set.bits; i++)
			step->on.bits[i] |= set.bits[i];
}

/* One that nothing here gives would be waited for in vain. */
static void take_reply(struct loading *loading, const cJSON *name, struct met_step *step)
{
	const struct machine *machine = loading->machine;
	struct nearest nearest;

	step->has_replies = true;
	for (size_t i = 0; i < machine->reply_count; i++) {
		if (strcmp(machine->replies[i].name, name->valuestring) != 0)
			continue;
		step->replies[i / 64] |= 1ULL << (i % 64);
		return;
	}
	nearest_begin(&nearest, name->valuestring);
	for (size_t i = 0; i < machine->reply_count; i++)
		nearest_offer(&nearest, machine->replies[i].name);
	reader_problem(&loading->reader, name, nearest.best, "no answer of this scenario gives the reply \"%s\"",
	               name->valuestring);
}

static void take_fault(struct loading *loading, const cJSON *name, struct met_step *step)
{
	const struct machine *machine = loading->machine;
	struct nearest nearest;

	for (size_t i = 0; i < machine->fault_count; i++)
		if (strcmp(machine->faults[i].name, name->valuestring) == 0)
			step->fault = machine->faults[i].name;
	if (step->fault)
		return;
	nearest_begin(&nearest, name->valuestring);
	for (size_t i = 0; i < machine->fault_count; i++)
		nearest_offer(&nearest, machine->faults[i].name);
	reader_problem(&loading->reader, name, nearest.best, "there is no fault \"%s\" in this scenario",
	               name->valuestring);
}

static void take_frame(struct loading *loading, const cJSON *name, struct met_step *step)
{
	const struct websocket *websocket = loading->machine->websocket;
	struct nearest nearest;

	step->has_frame = true;
	for (size_t i = 0; websocket && i < websocket->template_count; i++) {
		if (strcmp(websocket->templates[i].name, name->valuestring) != 0)
			continue;
		step->frame = (int16_t)i;
		return;
	}
	nearest_begin(&nearest, name->valuestring);
	for (size_t i = 0; websocket && i < websocket->template_count; i++)
		nearest_offer(&nearest, websocket->templates[i].name);
	reader_problem(&loading->reader, name, nearest.best, "no websocket of this scenario is sent a frame \"%s\"",
	               name->valuestring);
}

/* ---- in words ---- */

static void add_names(struct buffer *out, const char *before, const cJSON *names)
{
	const bool many = cJSON_IsArray(names);
	const char *between = before;

	for (const cJSON *item = many ? names->child : names; item; item = many ? item->next : NULL) {
		buffer_add_format(out, "%s%s", between, cJSON_IsString(item) ? item->valuestring : "");
		between = " or ";
	}
}

/* "tickle or @iserver while brokerage_lost, answered with no_bridge, after 5s or more" */
static const char *describe(struct loading *loading, const cJSON *item)
{
	const cJSON *held = json_member(item, "held");
	struct buffer text = { 0 };
	const char *kept;

	if (json_member(item, "fault"))
		add_names(&text, "the fault ", json_member(item, "fault"));
	else if (json_member(item, "frame"))
		add_names(&text, "the frame ", json_member(item, "frame"));
	else if (json_member(item, "on"))
		add_names(&text, "", json_member(item, "on"));
	else
		buffer_add_text(&text, "any call");
	add_names(&text, " while ", json_member(item, "while"));
	add_names(&text, ", answered with ", json_member(item, "reply"));
	if (held)
		buffer_add_format(&text, ", answered after %s or more", held->valuestring);
	kept = reader_copy(&loading->reader, buffer_failed(&text) ? "" : text.data);
	buffer_release(&text);
	return kept;
}

/* ---- the whole ---- */

static void load_step(struct loading *loading, const cJSON *item, struct met_step *step)
{
	const cJSON *fault = json_member(item, "fault");
	const cJSON *on = json_member(item, "on");
	const cJSON *reply = json_member(item, "reply");
	const cJSON *held = json_member(item, "held");
	const size_t members = (size_t)cJSON_GetArraySize(item);

	if (members == 0 || (fault && members > 1)) {
		reader_problem(
		    &loading->reader, item, NULL,
		    members
			? "\"fault\" stands for itself: a step of \"met\" has it alone"
			: "a step of \"met\" must have \"on\", \"while\", \"reply\", \"held\", \"fault\" or \"frame\"");
		return;
	}
	if (json_member(item, "frame") && (on || reply || held || fault)) {
		reader_problem(&loading->reader, json_member(item, "frame"), NULL,
		               "\"frame\" goes with \"while\" and nothing else");
		return;
	}
	if (fault)
		take_fault(loading, fault, step);
	if (json_member(item, "frame"))
		take_frame(loading, json_member(item, "frame"), step);
	if (on)
		each_name(loading, on, step, take_endpoint);
	else
		memset(&step->on, 0xff, sizeof step->on);
	if (reply)
		each_name(loading, reply, step, take_reply);
	if (held)
		reader_duration(&loading->reader, held, 1, &step->held_ms);
	step->when = load_state_set(loading, json_member(item, "while"));
	step->says = describe(loading, item);
}

void load_met(struct loading *loading)
{
	struct catalogue_entry *entry = &loading->machine->catalogue;
	const cJSON *met = json_member(json_member(loading->tree, "catalogue"), "met");
	const bool many = cJSON_IsArray(met);
	struct met_step *steps;

	/* What is wrong with its type was said. */
	if (!met || (!many && !cJSON_IsObject(met)))
		return;
	if (many && (!met->child || cJSON_GetArraySize(met) > MET_STEPS_MAX)) {
		reader_problem(&loading->reader, met, NULL, "\"met\" must have 1 to %d steps", MET_STEPS_MAX);
		return;
	}
	steps = arena_alloc(loading->machine->arena, MET_STEPS_MAX * sizeof *steps);
	for (const cJSON *item = many ? met->child : met; item; item = many ? item->next : NULL)
		if (reader_object(&loading->reader, item, "a step of \"met\"", step_fields))
			load_step(loading, item, &steps[entry->met_count++]);
	entry->met = steps;
}
