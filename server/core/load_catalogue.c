/*
 * A scenario's entry in the catalogue of known failures. It is printed on terminals and pages, so its texts are held to
 * what settings are held to.
 */
#include "core/loading.h"

#include "core/catalogue.h"
#include "core/clock.h"
#include "core/setting.h"

#include <string.h>

static const struct field catalogue_fields[] = {
	{ "id", FIELD_TEXT, true },
	{ "layer", FIELD_TEXT, true },
	{ "symptom", FIELD_TEXT, true },
	{ "remedy", FIELD_TEXT, true },
	{ "clock", FIELD_TEXT, false },
	{ "met", FIELD_OBJECT | FIELD_LIST, false },
	{ 0 },
};

/* Where a failure is made. */
static const char *const layers[] = { "gateway", "session", "upstream", "edge", "login", "websocket", "connection" };

static const char *load_text(struct loading *loading, const cJSON *item)
{
	if (!item->valuestring[0] || !setting_text_is_fine(item->valuestring))
		reader_problem(&loading->reader, item, NULL,
		               "\"%s\" must be a sentence of 1 to %d bytes, without control characters", item->string,
		               SETTING_TEXT_MAX);
	return reader_copy(&loading->reader, item->valuestring);
}

static const char *load_layer(struct loading *loading, const cJSON *item)
{
	struct nearest nearest;

	nearest_begin(&nearest, item->valuestring);
	for (size_t i = 0; i < sizeof layers / sizeof *layers; i++) {
		if (strcmp(layers[i], item->valuestring) == 0)
			return layers[i];
		nearest_offer(&nearest, layers[i]);
	}
	reader_problem(
	    &loading->reader, item, nearest.best,
	    "\"layer\" must be gateway, session, upstream, edge, login, websocket or connection; found \"%s\"",
	    item->valuestring);
	return NULL;
}

static void check_id(const struct loading *loading, const cJSON *id)
{
	const char *name = loading->machine->name;
	const size_t length = catalogue_id_length(id->valuestring);

	if (length == 0 || id->valuestring[length])
		reader_problem(
		    &loading->reader, id, NULL,
		    "an id has two to eight capitals, \"-\" and three digits, such as \"GW-001\"; found \"%s\"",
		    id->valuestring);
	else if (strlen(name) < length + 2 || !catalogue_is_called(name, id->valuestring))
		reader_problem(&loading->reader, id, NULL,
		               "the scenario's name must begin with its id: wanted \"%s-some-words\", found \"%s\"",
		               id->valuestring, name);
}

static const char *load_pace(struct loading *loading, const cJSON *item)
{
	struct clock clock;
	struct error error;

	if (item && !clock_parse(&clock, item->valuestring, &error))
		reader_problem(&loading->reader, item, NULL, "%s", error.text);
	return item ? reader_copy(&loading->reader, item->valuestring) : NULL;
}

void load_catalogue(struct loading *loading)
{
	struct catalogue_entry *entry = &loading->machine->catalogue;
	const cJSON *item = json_member(loading->tree, "catalogue");
	static const char *const needed[] = { "title", "evidence" };

	if (!item || !reader_object(&loading->reader, item, "an entry in the catalogue", catalogue_fields))
		return;
	check_id(loading, json_member(item, "id"));
	entry->id = reader_copy(&loading->reader, reader_text(item, "id"));
	entry->layer = load_layer(loading, json_member(item, "layer"));
	entry->symptom = load_text(loading, json_member(item, "symptom"));
	entry->remedy = load_text(loading, json_member(item, "remedy"));
	entry->clock = load_pace(loading, json_member(item, "clock"));
	entry->evidence = reader_copy(&loading->reader, reader_text(loading->tree, "evidence"));
	for (size_t i = 0; i < sizeof needed / sizeof *needed; i++)
		if (!reader_text(loading->tree, needed[i]))
			reader_key_problem(&loading->reader, item, NULL, "what is in the catalogue must have \"%s\"",
			                   needed[i]);
	if (entry->evidence && load_has_control_character(entry->evidence))
		reader_problem(&loading->reader, json_member(loading->tree, "evidence"), NULL,
		               "\"evidence\" may not have control characters here");
}
