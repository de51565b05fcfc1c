/*
 * What a gateway runs: the scenarios there are, the one it has, another one, and back to the start.
 */
#include "control/answer.h"
#include "control/handlers.h"
#include "control/setup.h"

/* ---- showing ---- */

struct listing {
	struct buffer *out;
	const char *between;
};

static void list_one(void *context, const char *name)
{
	struct listing *listing = context;

	buffer_add_text(listing->out, listing->between);
	answer_add_text(listing->out, name);
	listing->between = ",";
}

static void add_current(const struct call *call, struct buffer *out)
{
	const struct machine *machine = &call->entry->machine->machine;

	buffer_add_text(out, "{\"name\":");
	answer_add_text(out, machine->name);
	buffer_add_text(out, ",\"title\":");
	answer_add_text(out, machine->title ? machine->title : "");
	buffer_add_text(out, ",\"fixtures\":");
	answer_add_text(out, machine->pack);
	buffer_add_format(out, ",\"seed\":%llu,\"clock\":", (unsigned long long)call->entry->gateway->emulator.seed);
	answer_add_clock(out, call->entry->gateway);
	buffer_add_text(out, "}");
}

void do_scenarios_list(struct call *call)
{
	struct listing listing = { call_answer_json(call, MHD_HTTP_OK), "" };

	buffer_add_text(listing.out, "{\"current\":");
	add_current(call, listing.out);
	buffer_add_text(listing.out, ",\"scenarios\":[");
	registry_list(call->options->registry, SOURCE_SCENARIO, list_one, &listing);
	listing.between = "";
	buffer_add_text(listing.out, "],\"fixtures\":[");
	registry_list(call->options->registry, SOURCE_PACK, list_one, &listing);
	buffer_add_text(listing.out, "]}\n");
}

void do_scenarios_current(struct call *call)
{
	struct buffer *out = call_answer_json(call, MHD_HTTP_OK);

	add_current(call, out);
	buffer_add_text(out, "\n");
}

/* ---- changing ---- */

static const struct field load_fields[] = {
	SETUP_FIELDS,
	{ NULL, 0, false },
};

void do_scenarios_load(struct call *call)
{
	struct call_json json;
	struct setup setup = { 0 };

	if (call_json_begin(call, false, &json)) {
		if (setup_read(call, &json, "a scenario to load", load_fields, &setup) &&
		    setup_answer(call,
		                 registry_load(call->options->registry, call->entry, &setup.request, &setup.problems,
		                               &setup.error),
		                 &setup))
			do_scenarios_current(call);
		setup_release(&setup);
	}
	call_json_end(&json);
}

void do_scenarios_reset(struct call *call)
{
	struct error error;

	if (registry_restart(call->options->registry, call->entry, &error))
		do_scenarios_current(call);
	else
		call_problem(call, MHD_HTTP_INTERNAL_SERVER_ERROR, "%s", error.text);
}

void do_reset(struct call *call)
{
	struct error error;

	if (registry_reset(call->options->registry, call->entry, &error))
		do_scenarios_current(call);
	else
		call_problem(call, MHD_HTTP_INTERNAL_SERVER_ERROR, "%s", error.text);
}
