#include "core/scenario.h"

#include "core/loading.h"
#include "core/setting.h"

#include <stdlib.h>
#include <string.h>

static const struct field scenario_fields[] = {
	{ "$schema", FIELD_TEXT, false },       { "name", FIELD_TEXT, false },
	{ "title", FIELD_TEXT, false },         { "extends", FIELD_TEXT, false },
	{ "catalogue", FIELD_OBJECT, false },   { "seed", FIELD_NUMBER, false },
	{ "clock", FIELD_OBJECT, false },       { "fixtures", FIELD_TEXT, false },
	{ "settings", FIELD_OBJECT, false },    { "regions", FIELD_LIST, false },
	{ "initial", FIELD_LIST, true },        { "new_session_on", FIELD_LIST, false },
	{ "groups", FIELD_OBJECT, false },      { "states", FIELD_OBJECT, true },
	{ "aliases", FIELD_OBJECT, false },     { "websocket", FIELD_OBJECT, false },
	{ "variants", FIELD_OBJECT, false },    { "accounts", FIELD_OBJECT, false },
	{ "endpoints", FIELD_OBJECT, true },    { "timers", FIELD_OBJECT, false },
	{ "rate_exceeded", FIELD_TEXT, false }, { "rate_limits", FIELD_OBJECT, false },
	{ "timeline", FIELD_LIST, false },      { "expect", FIELD_OBJECT, false },
	{ "faults", FIELD_OBJECT, false },      { 0 },
};

static bool is_scenario_field(const char *name)
{
	for (const struct field *field = scenario_fields; field->name; field++)
		if (strcmp(field->name, name) == 0)
			return true;
	return false;
}

/* A setting at the top of the file is one level too high: it is taken for what it is, and out of the way. */
static void check_stray_settings(struct loading *loading)
{
	const cJSON *settings = json_member(loading->tree, "settings");
	cJSON *next;

	for (cJSON *item = loading->tree->child; item; item = next) {
		next = item->next;
		if (is_scenario_field(item->string) || !json_member(settings, item->string))
			continue;
		reader_key_problem(&loading->reader, item, NULL,
		                   "\"%s\" is a setting: it belongs into \"settings\": { \"%s\": … }", item->string,
		                   item->string);
		cJSON_DetachItemViaPointer(loading->tree, item);
	}
}

/* What it is called goes into logs and lists. */
static void check_title(const struct loading *loading, const char *member)
{
	const cJSON *item = json_member(loading->tree, member);

	if (item && !setting_text_is_fine(item->valuestring))
		reader_problem(&loading->reader, item, NULL, "\"%s\" has at most %d bytes and no control characters",
		               member, SETTING_TEXT_MAX);
}

static void compile(struct loading *loading, const struct scenario_request *request, size_t before)
{
	struct machine *machine = loading->machine;
	const char *name = reader_text(loading->tree, "name");
	const char *pack = request->pack ? request->pack : reader_text(loading->tree, "fixtures");

	check_title(loading, "name");
	check_title(loading, "title");
	machine->name = reader_copy(&loading->reader, name ? name : request->name);
	machine->title = reader_copy(&loading->reader, reader_text(loading->tree, "title"));
	machine->pack = reader_copy(&loading->reader, pack ? pack : "2026");
	for (int i = 0; i < MATCH_COUNT; i++)
		machine->special[i] = INDEX_NONE;
	machine->rate_exceeded_event = INDEX_NONE;
	if (!load_pack(loading))
		return; /* every reply would be missing */
	load_settings(loading);
	load_states(loading);
	load_variants(loading);
	load_accounts(loading);
	load_endpoints(loading);
	if (machine->state_count == 0 || machine->region_count == 0)
		return; /* said already, and what follows would only repeat it */
	load_events(loading);
	load_timer_names(loading);
	load_answers(loading);
	load_transitions(loading);
	load_timers(loading);
	load_rate_limits(loading);
	load_websocket(loading);
	load_timeline(loading);
	load_clock(loading);
	load_catalogue(loading);
	load_expectations(loading);
	load_faults(loading);
	load_met(loading);
	if (loading->reader.problems->total == before)
		load_checks(loading);
}

static void loading_release(struct loading *loading)
{
	for (size_t i = 0; i < loading->text_count; i++)
		source_text_release(&loading->texts[i]);
	free(loading->texts);
}

bool scenario_load(const struct source *source, const struct scenario_request *request, struct machine *machine,
                   struct problems *problems)
{
	struct json_places places = { .arena = arena_new_passing() };
	struct machine made = { .arena = arena_new() };
	struct loading loading = { .reader = { .places = &places, .problems = problems, .arena = made.arena },
		                   .source = source,
		                   .machine = &made };
	const size_t before = problems->total;

	if (!made.arena) {
		const struct place place = { .file = request->name };

		problems_add(problems, &place, NULL, "out of memory");
		json_places_release(&places);
		return false;
	}
	loading.tree = loading_read_scenario(&loading, request->name);
	if (loading.tree)
		check_stray_settings(&loading);
	if (loading.tree && reader_object(&loading.reader, loading.tree, "a scenario", scenario_fields))
		compile(&loading, request, before);
	if (!loading.tree && problems->total == before) {
		const struct place place = { .file = request->name };

		problems_add(problems, &place, NULL, "out of memory");
	}
	loading_release(&loading);
	json_places_release(&places);
	if (problems->total != before) {
		machine_release(&made);
		return false;
	}
	*machine = made;
	return true;
}
