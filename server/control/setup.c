#include "control/setup.h"

#include "core/calendar.h"

#include <stdlib.h>
#include <string.h>

/* Where the object that begins at `at` ends. It has been read once: its texts and braces have an end. */
static const char *end_of_object(const char *at)
{
	int depth = 0;

	do {
		if (*at == '"') {
			for (at++; *at != '"'; at++)
				at += *at == '\\';
		} else if (*at == '/') { /* a comment */
			at += strcspn(at, "\n") - 1;
		} else if (*at == '{' || *at == '[') {
			depth++;
		} else if (*at == '}' || *at == ']') {
			depth--;
		}
		at++;
	} while (depth > 0);
	return at;
}

/* The body with blanks for all but the scenario: then what is wrong with it has its place in the body. */
static char *cut_out_object(const struct buffer *body, const struct place *start)
{
	char *text = strndup(body->data, body->length);
	char *at = text;

	if (!text)
		return NULL;
	for (int line = 1; line < start->line; line++)
		at = strchr(at, '\n') + 1;
	at += start->column - 1;
	*(char *)end_of_object(at) = '\0';
	for (char *before = text; before < at; before++)
		if (*before != '\n')
			*before = ' ';
	return text;
}

static void take_scenario(const struct call *call, const struct call_json *json, struct setup *setup)
{
	const cJSON *item = json_member(json->tree, "scenario");
	struct place start;

	if (cJSON_IsString(item)) {
		setup->request.scenario = item->valuestring;
	} else if (cJSON_IsObject(item)) {
		start = json_place_of(&json->places, item);
		setup->scenario = cut_out_object(&call->body, &start);
		if (setup->scenario)
			setup->request.body = span_of(setup->scenario);
	}
}

static void take_clock(const struct reader *reader, const cJSON *item, struct setup *setup)
{
	struct error error;

	if (!item)
		return;
	if (clock_parse(&setup->clock, item->valuestring, &error))
		setup->request.clock = &setup->clock;
	else
		reader_problem(reader, item, NULL, "%s", error.text);
}

static void take_start(const struct reader *reader, const cJSON *item, struct setup *setup)
{
	if (!item)
		return;
	setup->request.has_start = instant_parse(item->valuestring, &setup->request.start_ms);
	if (!setup->request.has_start)
		reader_problem(reader, item, NULL, "wanted an instant such as \"2026-03-02T14:30:00Z\", found \"%s\"",
		               item->valuestring);
}

static void take_seed(const struct reader *reader, const cJSON *item, struct setup *setup)
{
	int64_t seed = 0;

	if (!item || !reader_integer(reader, item, "a seed", 0, SETTING_NUMBER_MAX, &seed))
		return;
	setup->request.has_seed = true;
	setup->request.seed = (uint64_t)seed;
}

/* How many records the journal keeps is said once: the ring of a gateway that runs stays. */
static void take_journal_size(const struct reader *reader, const cJSON *item, struct setup *setup)
{
	int64_t size = 0;

	if (item &&
	    reader_integer(reader, item, "records that are kept", JOURNAL_RECORDS_MIN, JOURNAL_RECORDS_MAX, &size))
		setup->request.journal_size = (uint32_t)size;
}

bool setup_read(struct call *call, struct call_json *json, const char *what, const struct field *fields,
                struct setup *setup)
{
	const struct reader reader = { .places = &json->places, .problems = &json->problems };

	*setup = (struct setup){ 0 };
	if (!json->tree)
		return true;
	if (reader_object(&reader, json->tree, what, fields)) {
		setup->request.name = reader_text(json->tree, "name");
		setup->request.pack = reader_text(json->tree, "fixtures");
		take_scenario(call, json, setup);
		take_seed(&reader, json_member(json->tree, "seed"), setup);
		take_clock(&reader, json_member(json->tree, "clock"), setup);
		take_start(&reader, json_member(json->tree, "start"), setup);
		take_journal_size(&reader, json_member(json->tree, "journal_size"), setup);
	}
	return call_json_passed(call, json);
}

void setup_release(struct setup *setup)
{
	free(setup->scenario);
	problems_release(&setup->problems);
	*setup = (struct setup){ 0 };
}

bool setup_answer(struct call *call, enum registry_outcome outcome, const struct setup *setup)
{
	switch (outcome) {
	case REGISTRY_OK:
		return true;
	case REGISTRY_BAD_NAME:
		call_problem(call, MHD_HTTP_BAD_REQUEST, "%s", setup->error.text);
		break;
	case REGISTRY_NAME_TAKEN:
		call_problem(call, MHD_HTTP_CONFLICT, "%s", setup->error.text);
		break;
	case REGISTRY_FULL:
		call_problem(call, MHD_HTTP_INSUFFICIENT_STORAGE, "%s", setup->error.text);
		break;
	case REGISTRY_NO_SCENARIO:
		call_problems(call, MHD_HTTP_NOT_FOUND, "there is no scenario, or no fixture pack, of that name",
		              &setup->problems);
		break;
	case REGISTRY_BAD_SCENARIO:
		call_problems(call, MHD_HTTP_BAD_REQUEST, "the scenario is not valid", &setup->problems);
		break;
	case REGISTRY_CANNOT_LISTEN:
		call_problem(call, MHD_HTTP_CONFLICT, "%s", setup->error.text);
		break;
	case REGISTRY_FAILED: /* memory or descriptors: there is no room for it */
		call_problem(call, MHD_HTTP_INSUFFICIENT_STORAGE, "%s", setup->error.text);
		break;
	}
	return false;
}
