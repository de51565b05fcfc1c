#include "replay.h"

#include "happened.h"
#include "sockets.h"
#include "spoken.h"

#include "core/calendar.h"
#include "core/emulator.h"
#include "core/expect_report.h"
#include "core/met.h"

#include <cjson/cJSON.h>
#include <stdio.h>
#include <string.h>

struct replay {
	const struct story *story;
	size_t line; /* the step at hand */
	struct emulator emulator;
	struct reply reply;
	struct buffer before; /* the reply before, whole */
	struct happened happened;
	struct sockets sockets;
	struct buffer *out;
	struct error *error;
};

static bool refuse(struct replay *replay, const char *wanted)
{
	error_set(replay->error, "%s:%zu: wanted %s", replay->story->path, replay->line + 1, wanted);
	return false;
}

/* What has come of the step at hand: what happened, then what streams were told. */
static void add_happened(struct replay *replay)
{
	happened_add(&replay->happened, replay->out);
	happened_end(&replay->happened, replay->out);
	sockets_add(&replay->sockets, false, replay->out);
}

/* ---- ">" ---- */

/* What the story expects below a request: the lines that start with "<". */
static size_t expected_count(const struct replay *replay)
{
	size_t count = 0;

	while (replay->line + 1 + count < replay->story->line_count &&
	       replay->story->lines[replay->line + 1 + count][0] == '<')
		count++;
	return count;
}

static bool is_as_before(struct replay *replay)
{
	struct buffer now = { 0 };
	bool same;

	spoken_add_whole(&replay->reply, replay->emulator.now_ms, &now);
	same = replay->before.data && strcmp(replay->before.data, now.data) == 0;
	buffer_release(&replay->before);
	replay->before = now;
	return same;
}

static bool ask(struct replay *replay)
{
	struct spoken spoken;
	const char *wanted = spoken_parse(&spoken, replay->story->lines[replay->line]);

	if (wanted)
		return refuse(replay, wanted);
	if (emulator_port(&replay->emulator) != PORT_OPEN) {
		buffer_add_text(replay->out,
		                emulator_port(&replay->emulator) == PORT_REFUSES ? "< refused\n" : "< never\n");
		add_happened(replay);
		return true;
	}
	emulator_handle(&replay->emulator, &spoken.request, &replay->reply);
	if (is_as_before(replay) && spoken.as_before)
		buffer_add_text(replay->out, "< as before\n");
	else
		spoken_add_reply(&spoken, &replay->reply, replay->emulator.now_ms,
		                 replay->story->lines + replay->line + 1, expected_count(replay), replay->out);
	add_happened(replay);
	return true;
}

/* ---- "+" ---- */

/* From one thing that happens to the next, so that the journal never overflows unseen. That one jump gives the same is
 * for the property tests. */
static bool wait(struct replay *replay)
{
	int64_t ms = 0;
	int64_t to_ms;

	if (!duration_parse(replay->story->lines[replay->line] + 2, &ms))
		return refuse(replay, "a duration, such as \"+ 5m30s\"");
	to_ms = replay->emulator.now_ms + ms;
	while (emulator_deadline_ms(&replay->emulator) <= to_ms) {
		emulator_advance(&replay->emulator, emulator_deadline_ms(&replay->emulator));
		happened_add(&replay->happened, replay->out);
		if (replay->emulator.streams.ready)
			happened_end(&replay->happened, replay->out);
		sockets_add(&replay->sockets, true, replay->out);
	}
	emulator_advance(&replay->emulator, to_ms);
	happened_end(&replay->happened, replay->out);
	return true;
}

/* ---- "!" ---- */

/* A setting's new value: JSON, else a bare text; a duration where the setting is one. */
static struct value value_of(const struct replay *replay, const char *name, const char *text, char *copy, size_t size)
{
	const int setting = machine_find_setting(replay->emulator.machine, name);
	const bool is_duration =
	    setting != INDEX_NONE && replay->emulator.machine->settings[setting].value.kind == VALUE_DURATION;
	cJSON *json = cJSON_ParseWithOpts(text, NULL, true);
	struct value value = { .kind = VALUE_TEXT, .text = copy };

	snprintf(copy, size, "%s", cJSON_IsString(json) ? json->valuestring : text);
	if (cJSON_IsNull(json))
		value = (struct value){ .kind = VALUE_NULL };
	else if (cJSON_IsBool(json))
		value = (struct value){ .kind = VALUE_BOOL, .number = cJSON_IsTrue(json) };
	else if (cJSON_IsNumber(json))
		value = (struct value){ .kind = VALUE_INT, .number = (int64_t)json->valuedouble };
	else if (is_duration && duration_parse(copy, &value.number))
		value.kind = VALUE_DURATION;
	cJSON_Delete(json);
	return value;
}

/* "! event NAME", "! enter STATE", "! set NAME VALUE", "! send NAME [TEXT]" */
static bool act(struct replay *replay)
{
	const char *text = replay->story->lines[replay->line] + 2;
	struct action action = { .kind = ACTION_EVENT };
	struct error why = { 0 };
	char verb[8];
	char name[NAME_LENGTH_MAX + 1];
	char copy[SETTING_TEXT_MAX + 1];
	int end = 0;

	if (sscanf(text, "%7s %64s %n", verb, name, &end) != 2 || end == 0)
		return refuse(replay,
		              "\"! event NAME\", \"! enter STATE\", \"! set NAME VALUE\" or \"! send NAME TEXT\"");
	action.name = name;
	if (strcmp(verb, "enter") == 0) {
		action.kind = ACTION_ENTER;
	} else if (strcmp(verb, "set") == 0) {
		action.kind = ACTION_SET;
		action.value = value_of(replay, name, text + end, copy, sizeof copy);
	} else if (strcmp(verb, "send") == 0) {
		action.kind = ACTION_SEND;
		action.value = (struct value){ .kind = VALUE_TEXT, .text = text + end };
	} else if (strcmp(verb, "event") != 0) {
		return refuse(replay, "\"event\", \"enter\", \"set\" or \"send\" after the \"!\"");
	}
	if (!emulator_apply(&replay->emulator, &action, &why))
		buffer_add_format(replay->out, "* refused: %s\n", why.text);
	add_happened(replay);
	return true;
}

/* ---- "WS" ---- */

static bool use_socket(struct replay *replay)
{
	const char *wanted = sockets_do(&replay->sockets, replay->story->lines[replay->line], replay->out);

	if (wanted)
		return refuse(replay, wanted);
	add_happened(replay);
	return true;
}

/* ---- "?" ---- */

/* What was expected of the client, as if this were the end. */
static bool report(struct replay *replay)
{
	struct buffer text = { 0 };

	expect_conclude(&replay->emulator);
	add_happened(replay);
	expect_report(&replay->emulator, false, &text);
	for (const char *at = text.data; at && *at; at += strcspn(at, "\n") + 1)
		buffer_add_format(replay->out, "|%s%.*s\n", *at == '\n' ? "" : " ", (int)strcspn(at, "\n"), at);
	buffer_release(&text);
	return true;
}

/* ---- the whole ---- */

/* What is due at once happens before the next step, as it does between two calls of a client. */
static void settle(struct replay *replay)
{
	emulator_advance(&replay->emulator, replay->emulator.now_ms);
	add_happened(replay);
}

static bool step(struct replay *replay)
{
	const char *line = replay->story->lines[replay->line];

	if (line[0] == '<' || line[0] == '*' || line[0] == '|' || sockets_is_frame(line))
		return true; /* written anew below its step */
	if (line[0] == '=') {
		buffer_add_text(replay->out, "= ");
		emulator_describe(&replay->emulator, replay->emulator.active, replay->out);
		buffer_add_text(replay->out, "\n");
		return true;
	}
	buffer_add_format(replay->out, "%s\n", line);
	if (line[0] == '\0' || line[0] == '#')
		return true;
	if (strcmp(line, "?") == 0)
		return report(replay);
	if (sockets_is_step(line))
		return use_socket(replay);
	if (line[1] != ' ' || !strchr(">+!", line[0]))
		return refuse(replay, "a step: \"> \", \"+ \", \"! \", \"WS\", \"=\", \"?\", or a comment");
	return line[0] == '>' ? ask(replay) : line[0] == '+' ? wait(replay) : act(replay);
}

bool replay(const struct story *story, const struct machine *machine, struct buffer *out, struct error *error)
{
	struct replay replay = { .story = story, .out = out, .error = error };
	const struct emulator_options options = {
		.machine = machine,
		.seed = story_seed(story, machine),
		.start_ms = story_start_ms(story, machine),
		.journal_size = JOURNAL_RECORDS_DEFAULT,
	};
	bool fine = true;

	if (!emulator_init(&replay.emulator, &options, error))
		return false;
	happened_begin(&replay.happened, &replay.emulator);
	replay.sockets.emulator = &replay.emulator;
	for (size_t i = 0; i < story->first_step; i++)
		if (story->lines[i][0] != '*')
			buffer_add_format(out, "%s\n", story->lines[i]);
	/* Cues of the very first instant. */
	emulator_advance(&replay.emulator, replay.emulator.now_ms);
	happened_add(&replay.happened, out);
	happened_end(&replay.happened, out);
	for (replay.line = story->first_step; fine && replay.line < story->line_count; replay.line++)
		if (step(&replay))
			settle(&replay);
		else
			fine = false;
	if (fine && machine->catalogue.met_count > 0 && !met_is_whole(&replay.emulator)) {
		error_set(error, "%s: a story of the catalogue must meet its failure, and never came to: %s",
		          story->path, met_missing(&replay.emulator));
		fine = false;
	}
	buffer_release(&replay.before);
	reply_release(&replay.reply);
	emulator_release(&replay.emulator);
	return fine;
}
