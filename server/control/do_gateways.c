/*
 * The gateways of the process: made, shown, ended.
 */
#include "control/answer.h"
#include "control/handlers.h"
#include "control/route.h"
#include "control/setup.h"

#include <string.h>

/* ---- showing ---- */

static void add_base(const struct call *call, const char *scheme, unsigned port, struct buffer *out)
{
	const char *address = call->options->gateway_host;
	const bool is_v6 = strchr(address, ':') != NULL;

	buffer_add_format(out, "%s://%s%s%s:%u", scheme, is_v6 ? "[" : "", address, is_v6 ? "]" : "", port);
}

/* {"name","url","port","admin_path","scenario","seed","clock"} */
static void add_gateway(const struct call *call, const struct entry *entry, struct buffer *out)
{
	const struct gateway *gateway = entry->gateway;

	buffer_add_text(out, "{\"name\":");
	answer_add_text(out, entry->name);
	buffer_add_text(out, ",\"url\":\"");
	add_base(call, gateway->tls ? "https" : "http", gateway->port, out);
	buffer_add_format(out, "\",\"port\":%u,\"admin_path\":\"" CONTROL_ROOT CONTROL_GATEWAYS "%s\",\"scenario\":",
	                  gateway->port, entry->name);
	answer_add_text(out, entry->machine->machine.name);
	buffer_add_format(out, ",\"seed\":%llu,\"clock\":", (unsigned long long)gateway->emulator.seed);
	answer_add_clock(out, gateway);
	buffer_add_text(out, "}");
}

struct listing {
	const struct call *call;
	struct buffer *out;
	const char *between;
};

static void list_one(void *context, struct entry *entry)
{
	struct listing *listing = context;

	buffer_add_text(listing->out, listing->between);
	add_gateway(listing->call, entry, listing->out);
	listing->between = ",";
}

void do_gateways_list(struct call *call)
{
	struct listing listing = { call, call_answer_json(call, MHD_HTTP_OK), "" };

	buffer_add_text(listing.out, "{\"gateways\":[");
	registry_each(call->options->registry, list_one, &listing);
	buffer_add_text(listing.out, "]}\n");
}

void do_gateway_show(struct call *call)
{
	struct buffer *out = call_answer_json(call, MHD_HTTP_OK);

	add_gateway(call, call->entry, out);
	buffer_add_text(out, "\n");
}

/* ---- making ---- */

static const struct field gateway_fields[] = {
	{ "name", FIELD_TEXT, false },
	{ "journal_size", FIELD_NUMBER, false },
	SETUP_FIELDS,
	{ NULL, 0, false },
};

void do_gateways_add(struct call *call)
{
	struct call_json json;
	struct setup setup = { 0 };
	struct entry *added = NULL;

	if (call_json_begin(call, true, &json)) {
		if (setup_read(call, &json, "a gateway", gateway_fields, &setup) &&
		    setup_answer(
			call,
			registry_add(call->options->registry, &setup.request, &added, &setup.problems, &setup.error),
			&setup)) {
			struct buffer *out = call_answer_json(call, MHD_HTTP_CREATED);

			add_gateway(call, added, out);
			buffer_add_text(out, "\n");
			buffer_add_format(&call->location, CONTROL_ROOT CONTROL_GATEWAYS "%s", added->name);
		}
		setup_release(&setup);
	}
	call_json_end(&json);
}

void do_gateway_remove(struct call *call)
{
	struct entry *entry = call->entry;

	if (entry == registry_first(call->options->registry)) {
		call_problem(call, MHD_HTTP_CONFLICT,
		             "the first gateway lives as long as the process: " CONTROL_ROOT "/shutdown ends both");
		return;
	}
	call->entry = NULL;
	registry_remove(call->options->registry, entry);
	call_answer_text(call, MHD_HTTP_NO_CONTENT, TYPE_TEXT, "");
}
