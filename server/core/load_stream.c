/*
 * "websocket": the modes of streams, the topics of their clients, and what actions send. websocket.h says what comes of it.
 */
#include "core/load_stream.h"

#include <string.h>

_Static_assert(STREAM_TOPICS_MAX <= INT16_MAX && STREAM_TOLD_MAX <= 32, "told changes are bits of a uint32_t");

static const struct field websocket_fields[] = {
	{ "opened", FIELD_TEXT, false },
	{ "closed", FIELD_TEXT, false },
	{ "modes", FIELD_OBJECT, true },
	{ "topics", FIELD_OBJECT, false },
	{ "unknown", FIELD_TEXT | FIELD_OBJECT | FIELD_LIST, false },
	{ "object", FIELD_TEXT | FIELD_OBJECT | FIELD_LIST, false },
	{ "deltas", FIELD_OBJECT, false },
	{ "scripts", FIELD_OBJECT, false },
	{ 0 },
};

/* ---- modes ---- */

static const struct field mode_fields[] = {
	{ "refuses", FIELD_BOOL, false },
	{ "silent", FIELD_BOOL, false },
	{ "deltas", FIELD_BOOL, false },
	{ "greet", FIELD_TEXT | FIELD_OBJECT | FIELD_LIST, false },
	{ "enter", FIELD_TEXT | FIELD_OBJECT | FIELD_LIST, false },
	{ "repeat", FIELD_OBJECT, false },
	{ 0 },
};

static const struct field repeat_fields[] = {
	{ "every", FIELD_TEXT, true },    { "send", FIELD_TEXT | FIELD_OBJECT | FIELD_LIST, true },
	{ "at_once", FIELD_BOOL, false }, { "off", FIELD_BOOL, false },
	{ "quiet", FIELD_BOOL, false },   { 0 },
};

/* What is repeated in several modes under one name is switched as one. */
static uint8_t repeat_bit(struct loading *loading, const cJSON *item)
{
	const struct websocket *websocket = loading->machine->websocket;
	unsigned bit = 0;

	for (size_t i = 0; i < websocket->mode_count; i++) {
		for (size_t j = 0; j < websocket->modes[i].repeat_count; j++) {
			const struct stream_repeat *repeat = &websocket->modes[i].repeats[j];

			if (strcmp(repeat->name, item->string) == 0)
				return repeat->bit;
			if (repeat->bit >= bit)
				bit = repeat->bit + 1U;
		}
	}
	if (bit >= 32)
		reader_key_problem(&loading->reader, item, NULL, "too many names of what is repeated; at most 32");
	return (uint8_t)(bit % 32);
}

static void load_repeat(struct loading *loading, const cJSON *item, struct stream_repeat *repeat)
{
	if (!reader_name(&loading->reader, item, "what is repeated") ||
	    !reader_object(&loading->reader, item, "what is repeated", repeat_fields))
		return;
	repeat->bit = repeat_bit(loading, item);
	repeat->name = reader_copy(&loading->reader, item->string);
	repeat->every = load_amount(loading, json_member(item, "every"), TIMER_PERIOD_MIN_MS);
	repeat->at_once = reader_flag(item, "at_once", false);
	repeat->off = reader_flag(item, "off", false);
	repeat->quiet = reader_flag(item, "quiet", false);
	repeat->script = load_script(loading, json_member(item, "send"));
	if (repeat->script.count == 0)
		reader_key_problem(&loading->reader, item, NULL, "\"send\" must name at least one frame");
}

static void load_repeats(struct loading *loading, const cJSON *item, struct stream_mode *mode)
{
	const cJSON *repeats = json_member(item, "repeat");
	const size_t count = repeats ? load_count(loading, repeats, "repetitions", STREAM_REPEATS_MAX) : 0;
	struct stream_repeat *list = arena_alloc(loading->machine->arena, (count + 1) * sizeof *list);

	mode->repeats = list;
	for (const cJSON *each = count ? repeats->child : NULL; each; each = each->next) {
		list[mode->repeat_count].name = "";
		load_repeat(loading, each, &list[mode->repeat_count]);
		mode->repeat_count++;
	}
}

static void load_mode(struct loading *loading, const cJSON *item, struct stream_mode *mode)
{
	mode->name = "";
	if (!reader_name(&loading->reader, item, "a mode") ||
	    !reader_object(&loading->reader, item, "a mode", mode_fields))
		return;
	mode->name = reader_copy(&loading->reader, item->string);
	mode->refuses = reader_flag(item, "refuses", false);
	mode->silent = reader_flag(item, "silent", false);
	mode->deltas = reader_flag(item, "deltas", false);
	mode->greet = load_script(loading, json_member(item, "greet"));
	mode->enter = load_script(loading, json_member(item, "enter"));
	load_repeats(loading, item, mode);
	if (mode->silent && (mode->deltas || mode->greet.count || mode->enter.count || mode->repeat_count))
		reader_key_problem(&loading->reader, item, NULL, "a mode that is \"silent\" says nothing else");
	if (mode->refuses && mode->greet.count)
		reader_key_problem(&loading->reader, item, NULL, "a mode that \"refuses\" has nobody to \"greet\"");
}

static int find_mode(const struct websocket *websocket, const char *name)
{
	for (size_t i = 0; i < websocket->mode_count; i++)
		if (strcmp(websocket->modes[i].name, name) == 0)
			return (int)i;
	return INDEX_NONE;
}

static void load_modes(struct loading *loading, const cJSON *modes)
{
	struct websocket *websocket = loading->machine->websocket;
	const size_t count = load_count(loading, modes, "modes", STREAM_MODES_MAX);

	websocket->modes = arena_alloc(loading->machine->arena, (count + 1) * sizeof *websocket->modes);
	for (const cJSON *item = count ? modes->child : NULL; item; item = item->next) {
		load_mode(loading, item, &websocket->modes[websocket->mode_count]);
		websocket->mode_count++;
	}
}

/* ---- the modes of states ---- */

static void load_state_mode(struct loading *loading, const cJSON *item, struct state *state, bool *used)
{
	const struct websocket *websocket = loading->machine->websocket;
	struct nearest nearest;
	int mode;

	if (!websocket) {
		reader_problem(&loading->reader, item, NULL, "the scenario has no \"websocket\" with \"modes\"");
		return;
	}
	mode = find_mode(websocket, item->valuestring);
	if (mode != INDEX_NONE) {
		state->stream_mode = (int16_t)mode;
		used[mode] = true;
		return;
	}
	nearest_begin(&nearest, item->valuestring);
	for (size_t i = 0; i < websocket->mode_count; i++)
		nearest_offer(&nearest, websocket->modes[i].name);
	reader_problem(&loading->reader, item, nearest.best, "there is no mode \"%s\" in \"websocket\"",
	               item->valuestring);
}

static void load_state_modes(struct loading *loading)
{
	struct machine *machine = loading->machine;
	const cJSON *states = json_member(loading->tree, "states");
	const cJSON *modes = json_member(json_member(loading->tree, "websocket"), "modes");
	bool used[STREAM_MODES_MAX] = { false };

	for (size_t i = 0; i < machine->state_count; i++) {
		const cJSON *item = json_member(json_member(states, machine->states[i].name), "websocket");

		if (item && !cJSON_IsNull(item))
			load_state_mode(loading, item, &machine->states[i], used);
	}
	for (size_t i = 0; machine->websocket && i < machine->websocket->mode_count; i++) {
		const cJSON *item = json_member(modes, machine->websocket->modes[i].name);

		if (!used[i] && item && load_is_own(loading, item))
			reader_key_problem(&loading->reader, item, NULL, "no state has the mode \"%s\"", item->string);
	}
}

/* ---- topics ---- */

static const struct field answer_fields[] = {
	{ "while", FIELD_LIST, false },
	{ "argument", FIELD_TEXT, false },
	{ "send", FIELD_TEXT | FIELD_OBJECT | FIELD_LIST, false },
	{ "subscribe", FIELD_BOOL, false },
	{ "every", FIELD_TEXT, false },
	{ "unsubscribe", FIELD_TEXT, false },
	{ "switch", FIELD_TEXT, false },
	{ "event", FIELD_TEXT, false },
	{ 0 },
};

static bool repeats_something(const struct websocket *websocket, const char *name)
{
	for (size_t i = 0; i < websocket->mode_count; i++)
		for (size_t j = 0; j < websocket->modes[i].repeat_count; j++)
			if (strcmp(websocket->modes[i].repeats[j].name, name) == 0)
				return true;
	return false;
}

static void load_switch(struct loading *loading, const cJSON *item, struct topic_answer *answer)
{
	const struct websocket *websocket = loading->machine->websocket;
	struct nearest nearest;

	if (repeats_something(websocket, item->valuestring)) {
		answer->switches = reader_copy(&loading->reader, item->valuestring);
		return;
	}
	nearest_begin(&nearest, item->valuestring);
	for (size_t i = 0; i < websocket->mode_count; i++)
		for (size_t j = 0; j < websocket->modes[i].repeat_count; j++)
			nearest_offer(&nearest, websocket->modes[i].repeats[j].name);
	reader_problem(&loading->reader, item, nearest.best, "no mode repeats anything named \"%s\"",
	               item->valuestring);
}

static void load_unsubscribe(struct loading *loading, const cJSON *item, struct topic_answer *answer)
{
	const struct websocket *websocket = loading->machine->websocket;
	const int topic = websocket_find_topic(websocket, span_of(item->valuestring));
	struct nearest nearest;

	answer->unsubscribes = (int16_t)topic;
	if (topic != INDEX_NONE)
		return;
	nearest_begin(&nearest, item->valuestring);
	for (size_t i = 0; i < websocket->topic_count; i++)
		nearest_offer(&nearest, websocket->topics[i].name);
	reader_problem(&loading->reader, item, nearest.best, "there is no topic \"%s\"", item->valuestring);
}

static void load_answer(struct loading *loading, const cJSON *item, struct topic_answer *answer)
{
	*answer = (struct topic_answer){ .every = { .setting = INDEX_NONE },
		                         .unsubscribes = INDEX_NONE,
		                         .event = INDEX_NONE };
	if (!reader_type(&loading->reader, item, "a topic's answer", FIELD_TEXT | FIELD_OBJECT))
		return;
	if (cJSON_IsString(item)) {
		answer->send = load_script(loading, item);
		return;
	}
	if (!reader_object(&loading->reader, item, "a topic's answer", answer_fields))
		return;
	if (json_member(item, "while"))
		answer->when = load_state_set(loading, json_member(item, "while"));
	if (json_member(item, "argument"))
		answer->argument = reader_copy(&loading->reader, reader_text(item, "argument"));
	answer->send = load_script(loading, json_member(item, "send"));
	answer->subscribes = reader_flag(item, "subscribe", false);
	if (json_member(item, "every")) {
		answer->every = load_amount(loading, json_member(item, "every"), TIMER_PERIOD_MIN_MS);
		if (!answer->subscribes || answer->send.count == 0)
			reader_problem(&loading->reader, json_member(item, "every"), NULL,
			               "\"every\" goes with \"subscribe\" and \"send\"");
	}
	if (json_member(item, "unsubscribe"))
		load_unsubscribe(loading, json_member(item, "unsubscribe"), answer);
	if (json_member(item, "switch"))
		load_switch(loading, json_member(item, "switch"), answer);
	if (json_member(item, "event"))
		answer->event = (int16_t)load_event(loading, json_member(item, "event"), reader_text(item, "event"));
}

static void load_topic(struct loading *loading, const cJSON *item, struct topic *topic)
{
	const int count = cJSON_IsArray(item) ? cJSON_GetArraySize(item) : 1;
	struct topic_answer *answers;

	if (!reader_type(&loading->reader, item, "a topic", FIELD_TEXT | FIELD_OBJECT | FIELD_LIST))
		return;
	if (count > ANSWERS_LIST_MAX) {
		reader_problem(&loading->reader, item, NULL, "too many answers; at most %d are allowed",
		               ANSWERS_LIST_MAX);
		return;
	}
	answers = arena_alloc(loading->machine->arena, ((size_t)count + 1) * sizeof *answers);
	topic->answers = answers;
	if (!cJSON_IsArray(item))
		load_answer(loading, item, &answers[topic->answer_count++]);
	else
		for (const cJSON *each = item->child; each; each = each->next)
			load_answer(loading, each, &answers[topic->answer_count++]);
}

/* All names first: one topic may end the subscriptions of another. */
static void load_topics(struct loading *loading, const cJSON *topics)
{
	struct websocket *websocket = loading->machine->websocket;
	const size_t count = topics ? load_count(loading, topics, "topics", STREAM_TOPICS_MAX) : 0;

	websocket->topics = arena_alloc(loading->machine->arena, (count + 1) * sizeof *websocket->topics);
	for (const cJSON *item = count ? topics->child : NULL; item; item = item->next) {
		if (strlen(item->string) != 3)
			reader_key_problem(&loading->reader, item, NULL, "a topic has three letters, such as \"tic\"");
		websocket->topics[websocket->topic_count++].name = reader_copy(&loading->reader, item->string);
	}
	for (size_t i = 0; i < websocket->topic_count; i++)
		load_topic(loading, json_member(topics, websocket->topics[i].name), &websocket->topics[i]);
}

/* ---- what has changed ---- */

static const struct field delta_fields[] = {
	{ "frame", FIELD_TEXT, true },  { "of", FIELD_LIST, true },       { "as_in", FIELD_TEXT, false },
	{ "along", FIELD_LIST, false }, { "names", FIELD_OBJECT, false }, { 0 },
};

static const cJSON *find_text(const cJSON *list, const char *text)
{
	const cJSON *item = list ? list->child : NULL;

	while (item && (!cJSON_IsString(item) || strcmp(item->valuestring, text) != 0))
		item = item->next;
	return item;
}

/* What a frame calls it, where that is another name. */
static const char *load_told_name(struct loading *loading, const cJSON *names, const char *name)
{
	const cJSON *other = names ? json_member(names, name) : NULL;

	if (other && reader_type(&loading->reader, other, "a name", FIELD_TEXT) &&
	    strlen(other->valuestring) <= NAME_LENGTH_MAX && !load_has_control_character(other->valuestring))
		name = other->valuestring;
	return reader_copy(&loading->reader, name);
}

static bool is_same_variable(const struct variable *a, const struct variable *b)
{
	return a->kind == b->kind && a->shown == b->shown && a->setting == b->setting;
}

/* Whether the frame has it, in this pack: a client of 2022 was never told what had no name yet. */
static bool says(const struct loading *loading, int frame, const struct variable *variable)
{
	const struct text_template *body = &loading->machine->websocket->templates[frame].body;

	for (size_t i = 0; i < body->count; i++)
		if (body->pieces[i].form != PIECE_LITERAL && is_same_variable(&body->pieces[i].variable, variable))
			return true;
	return false;
}

static void load_told(struct loading *loading, const cJSON *item, const cJSON *deltas, int as_in)
{
	struct websocket *websocket = loading->machine->websocket;
	struct told *told = &websocket->told[websocket->told_count];

	if (!reader_type(&loading->reader, item, "a name", FIELD_TEXT))
		return;
	if (websocket->told_count == STREAM_TOLD_MAX) {
		reader_problem(&loading->reader, item, NULL, "too many names; at most %d are allowed", STREAM_TOLD_MAX);
		return;
	}
	if (!load_named_variable(loading, item, &told->variable) ||
	    (as_in != INDEX_NONE && !says(loading, as_in, &told->variable)))
		return;
	told->name = load_told_name(loading, json_member(deltas, "names"), item->valuestring);
	told->along = find_text(json_member(deltas, "along"), item->valuestring) != NULL;
	websocket->told_count++;
}

static void load_deltas(struct loading *loading, const cJSON *deltas)
{
	struct websocket *websocket = loading->machine->websocket;
	const cJSON *along = deltas ? json_member(deltas, "along") : NULL;
	const cJSON *names = deltas ? json_member(deltas, "names") : NULL;
	int as_in;

	websocket->delta = INDEX_NONE;
	if (!deltas || !reader_object(&loading->reader, deltas, "\"deltas\"", delta_fields))
		return;
	websocket->told = arena_alloc(loading->machine->arena, (STREAM_TOLD_MAX + 1) * sizeof *websocket->told);
	websocket->delta = (int16_t)load_frame(loading, json_member(deltas, "frame"));
	as_in = json_member(deltas, "as_in") ? load_frame(loading, json_member(deltas, "as_in")) : INDEX_NONE;
	for (const cJSON *item = json_member(deltas, "of")->child; item; item = item->next)
		load_told(loading, item, deltas, as_in);
	for (const cJSON *item = along ? along->child : NULL; item; item = item->next)
		if (reader_type(&loading->reader, item, "a name", FIELD_TEXT) &&
		    !find_text(json_member(deltas, "of"), item->valuestring))
			reader_problem(&loading->reader, item, NULL, "what is in \"along\" must be in \"of\" too");
	for (const cJSON *item = names ? names->child : NULL; item; item = item->next)
		if (!find_text(json_member(deltas, "of"), item->string))
			reader_key_problem(&loading->reader, item, NULL, "what is in \"names\" must be in \"of\" too");
}

/* ---- the whole ---- */

static void load_scripts(struct loading *loading, const cJSON *scripts)
{
	struct websocket *websocket = loading->machine->websocket;
	const size_t count = scripts ? load_count(loading, scripts, "scripts", STREAM_SCRIPTS_MAX) : 0;

	websocket->scripts = arena_alloc(loading->machine->arena, (count + 1) * sizeof *websocket->scripts);
	for (const cJSON *item = count ? scripts->child : NULL; item; item = item->next) {
		struct stream_script *script = &websocket->scripts[websocket->script_count];

		if (!reader_name(&loading->reader, item, "a script"))
			continue;
		*script = load_script(loading, item);
		script->name = reader_copy(&loading->reader, item->string);
		websocket->script_count++;
	}
}

static int16_t load_optional_event(struct loading *loading, const cJSON *item)
{
	return item ? (int16_t)load_event(loading, item, item->valuestring) : INDEX_NONE;
}

void load_websocket(struct loading *loading)
{
	struct machine *machine = loading->machine;
	const cJSON *item = json_member(loading->tree, "websocket");

	if (item && !reader_object(&loading->reader, item, "\"websocket\"", websocket_fields))
		return;
	if (item) {
		struct websocket *websocket = arena_alloc(machine->arena, sizeof *websocket);

		machine->websocket = websocket;
		websocket->templates = arena_alloc(machine->arena, FRAMES_MAX * sizeof *websocket->templates);
		websocket->opened = load_optional_event(loading, json_member(item, "opened"));
		websocket->closed = load_optional_event(loading, json_member(item, "closed"));
		load_modes(loading, json_member(item, "modes"));
		load_topics(loading, json_member(item, "topics"));
		websocket->unknown = load_script(loading, json_member(item, "unknown"));
		websocket->has_object = json_member(item, "object") != NULL;
		websocket->object = load_script(loading, json_member(item, "object"));
		load_deltas(loading, json_member(item, "deltas"));
		load_scripts(loading, json_member(item, "scripts"));
		for (size_t i = 0; i < websocket->mode_count; i++)
			if (websocket->modes[i].deltas && websocket->delta == INDEX_NONE)
				reader_key_problem(
				    &loading->reader, json_member(json_member(item, "modes"), websocket->modes[i].name),
				    NULL,
				    "a mode with \"deltas\" needs \"deltas\" in \"websocket\": the frame and "
				    "the names that it tells of");
	}
	load_state_modes(loading);
}
