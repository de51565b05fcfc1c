/*
 * `list`: what there is, asked of the loaded thing itself.
 */
#include "cli/command.h"
#include "cli/library.h"
#include "cli/say.h"
#include "cli/scenario_open.h"
#include "cli/table.h"
#include "core/fault.h"
#include "core/json.h"
#include "core/scenario.h"
#include "wire/write_all.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* What goes wrong with a built-in file, which is not to happen. */
static bool tell(const struct problems *problems)
{
	struct buffer text = { 0 };

	problems_render_text(problems, &text);
	if (text.data)
		write_all(STDERR_FILENO, text.data, text.length);
	buffer_release(&text);
	return problems->total == 0;
}

struct listing {
	struct table table;
	struct table apart; /* what people see below it; for programs all is in one */
	bool failed;
};

/* ---- scenarios ---- */

static void list_scenario(void *context, const char *name)
{
	const struct scenario_request request = { .name = name };
	struct listing *listing = context;
	struct problems problems = { 0 };
	struct machine machine;

	if (scenario_load(library_source(), &request, &machine, &problems)) {
		struct table *table =
		    machine.catalogue.id && listing->apart.columns ? &listing->apart : &listing->table;

		table_add(table, name);
		table_add(table, machine.title ? machine.title : "");
		if (!listing->apart.columns)
			table_add(table, machine.catalogue.id ? machine.catalogue.id : "");
		machine_release(&machine);
	}
	listing->failed |= !tell(&problems);
	problems_release(&problems);
}

static enum exit_code list_scenarios(const struct options *options, struct listing *listing)
{
	static const char *const columns[] = { "name", "title", NULL };
	static const char *const all_columns[] = { "name", "title", "catalogue", NULL };
	static const char *const catalogue_columns[] = { "known_failure", "title", NULL };

	listing->table.columns = options->format == FORMAT_JSON ? all_columns : columns;
	listing->apart.columns = options->format == FORMAT_JSON ? NULL : catalogue_columns;
	library_list(SOURCE_SCENARIO, list_scenario, listing);
	return listing->failed ? EXIT_SCENARIO : EXIT_FINE;
}

/* ---- fixtures ---- */

static void add_pack(struct listing *listing, const char *name, const struct source_text *file)
{
	struct json_places places = { 0 };
	struct problems problems = { 0 };
	cJSON *pack = json_read(&places, file->file, file->text, file->length, &problems);
	const cJSON *title = pack ? json_member(pack, "title") : NULL;

	table_add(&listing->table, name);
	table_add(&listing->table, title && cJSON_IsString(title) ? title->valuestring : "");
	listing->failed |= !tell(&problems);
	json_places_release(&places);
	problems_release(&problems);
}

static void list_pack(void *context, const char *name)
{
	const struct source *source = library_source();
	struct listing *listing = context;
	struct source_text file = { 0 };
	struct error why = { 0 };

	if (!source->read(source->context, SOURCE_PACK, name, NULL, &file, &why)) {
		say_error(EXIT_SCENARIO, &why);
		listing->failed = true;
		return;
	}
	add_pack(listing, name, &file);
	source_text_release(&file);
}

static enum exit_code list_fixtures(const struct options *options, struct listing *listing)
{
	static const char *const columns[] = { "name", "title", NULL };

	(void)options;
	listing->table.columns = columns;
	library_list(SOURCE_PACK, list_pack, listing);
	return listing->failed ? EXIT_SCENARIO : EXIT_FINE;
}

/* ---- endpoints ---- */

/* Stands where other endpoints have a path. */
static const char *describe_match(enum special_match match)
{
	switch (match) {
	case MATCH_PATH:
		return "(no path)";
	case MATCH_WEBSOCKET:
		return "(any, an upgrade to a websocket)";
	case MATCH_WEBSOCKET_VERSION:
		return "(any, an upgrade to a websocket of a version other than 13)";
	case MATCH_PEER_FILTER_BROKEN:
		return "(any, while the address filter is not valid)";
	case MATCH_PEER_DENIED:
		return "(any, from a client that the address filter refuses)";
	case MATCH_PREFLIGHT:
		return "(any, a CORS preflight)";
	case MATCH_MALFORMED_TARGET:
		return "(a malformed target)";
	case MATCH_NO_USER_AGENT:
		return "(the upstream's, without a User-Agent)";
	case MATCH_NO_CONTENT_LENGTH:
		return "(the upstream's, a body without a Content-Length)";
	case MATCH_WRONG_METHOD:
		return "(a path above, by another method)";
	case MATCH_UNKNOWN_PATH:
		return "(any other path)";
	case MATCH_COUNT:
		break;
	}
	return "";
}

static void add_methods(const struct endpoint *endpoint, struct buffer *out)
{
	const uint32_t all = (1U << METHOD_COUNT) - 1;

	if (endpoint->match != MATCH_PATH || (endpoint->methods & all) == all) {
		buffer_add_text(out, "any");
		return;
	}
	for (int method = 0; method < METHOD_COUNT; method++)
		if (endpoint->methods & (1U << method))
			buffer_add_format(out, "%s%s", out->length > 0 ? "," : "",
			                  method_name((enum http_method)method));
}

static void add_endpoint(struct table *table, const struct endpoint *endpoint, const char *methods, const char *path)
{
	table_add(table, methods);
	table_add(table, path);
	table_add(table, endpoint->proxied ? "upstream" : "gateway");
	table_add(table, endpoint->name);
}

/* A line for each path. */
static void list_endpoint(struct listing *listing, const struct endpoint *endpoint)
{
	struct buffer methods = { 0 };

	add_methods(endpoint, &methods);
	if (buffer_failed(&methods) || !methods.data)
		listing->failed = true;
	else if (endpoint->path_count == 0)
		add_endpoint(&listing->table, endpoint, methods.data, describe_match(endpoint->match));
	for (size_t i = 0; methods.data && i < endpoint->path_count; i++)
		add_endpoint(&listing->table, endpoint, methods.data, endpoint->paths[i]);
	buffer_release(&methods);
}

static enum exit_code list_endpoints(const struct options *options, struct listing *listing)
{
	static const char *const columns[] = { "methods", "path", "answered_by", "name", NULL };
	struct machine machine;
	const enum exit_code code = scenario_open(options, &machine);

	if (code != EXIT_FINE)
		return code;
	listing->table.columns = columns;
	for (size_t i = 0; i < machine.endpoint_count; i++)
		list_endpoint(listing, &machine.endpoints[i]);
	machine_release(&machine);
	return listing->failed ? EXIT_INTERNAL : EXIT_FINE;
}

/* ---- faults ---- */

static void add_parameters(const struct fault_kind *kind, struct buffer *out)
{
	for (const struct fault_parameter *parameter = kind->parameters; parameter->name; parameter++)
		buffer_add_format(out, "%s%s%s", out->length > 0 ? ", " : "", parameter->name,
		                  parameter->required ? "*" : "");
}

static enum exit_code list_faults(struct listing *listing)
{
	static const char *const columns[] = { "name", "layer", "parameters", "what", NULL };

	listing->table.columns = columns;
	for (const struct fault_kind *kind = fault_kinds; kind->name; kind++) {
		struct buffer parameters = { 0 };

		add_parameters(kind, &parameters);
		table_add(&listing->table, kind->name);
		table_add(&listing->table, fault_layer_names[kind->layer]);
		table_add(&listing->table, parameters.data ? parameters.data : "");
		table_add(&listing->table, kind->says);
		buffer_release(&parameters);
	}
	return EXIT_FINE;
}

/* ---- the whole ---- */

static const char *const subjects[] = { "scenarios", "endpoints", "fixtures", "faults", NULL };

static enum exit_code gather(const struct options *options, struct listing *listing)
{
	const char *subject = options->operands[0];

	if (strcmp(subject, "scenarios") == 0)
		return list_scenarios(options, listing);
	if (strcmp(subject, "endpoints") == 0)
		return list_endpoints(options, listing);
	if (strcmp(subject, "faults") == 0)
		return list_faults(listing);
	return list_fixtures(options, listing);
}

static enum exit_code list_run(const struct options *options)
{
	struct listing listing = { 0 };
	struct buffer text = { 0 };
	enum exit_code code;

	if (strcmp(options->operands[0], "endpoints") != 0 &&
	    options_source(options, "scenario") == SOURCE_COMMAND_LINE) {
		struct error error;

		error_set(&error, "--scenario is for \"list endpoints\", found \"list %s\"", options->operands[0]);
		return say_usage("list", &error);
	}
	code = gather(options, &listing);
	if (code == EXIT_FINE) {
		if (options->format == FORMAT_JSON)
			table_render_json(&listing.table, &text);
		else
			table_render_text(&listing.table, &text);
		if (listing.apart.cells.length > 0) {
			buffer_add_text(&text, "\n");
			table_render_text(&listing.apart, &text);
		}
		code = say_result(&text);
	}
	buffer_release(&text);
	table_release(&listing.table);
	table_release(&listing.apart);
	return code;
}

const struct command command_list = {
	.name = "list",
	.bit = FOR_LIST,
	.operands = "scenarios|endpoints|fixtures|faults",
	.operands_min = 1,
	.operands_max = 1,
	.choices = subjects,
	.summary = "say what scenarios, endpoints, fixture packs or faults there are",
	.about = "Lists the built-in scenarios, the endpoints of a scenario, the built-in fixture packs, "
		 "or the kinds of faults.\n"
		 "Scenarios that are known failures of the real gateway come apart: 'cpgw-mock catalogue' "
		 "tells more about them.\n"
		 "An endpoint is answered by the gateway itself, whatever has become of the rest, or "
		 "by the upstream behind it: the brokerage. Those that no path tells apart come in "
		 "parentheses.\n"
		 "Faults are what a scenario, or whoever uses the control API, can have go wrong; "
		 "parameters with a star must be given, and the first may stand for all.",
	.run = list_run,
};
