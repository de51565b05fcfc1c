/*
 * What websockets say: scripts of steps, and the fixtures that their frames are made from.
 */
#include "core/load_stream.h"

#include "core/calendar.h"

#include <stdlib.h>
#include <string.h>

/* ---- frames ---- */

static const struct field frame_fields[] = {
	{ "body", FIELD_ANY, false },
	{ "text", FIELD_TEXT | FIELD_LIST, false },
	{ "raw", FIELD_BOOL, false },
	{ 0 },
};

static void compile_frame(struct loading *loading, const cJSON *tree, struct frame_template *frame)
{
	if (!reader_object(&loading->reader, tree, "a frame", frame_fields))
		return;
	if (!json_member(tree, "body") && !json_member(tree, "text"))
		reader_problem(&loading->reader, tree, NULL, "a frame has \"body\" or \"text\"");
	frame->raw = reader_flag(tree, "raw", false);
	loading->in_frame = true;
	frame->body = load_fixture_body(loading, tree);
	loading->in_frame = false;
	if (frame->body.size_most > STREAM_FRAME_MAX)
		reader_problem(&loading->reader, tree, NULL, "this frame can become %zu bytes; at most %d are allowed",
		               frame->body.size_most, STREAM_FRAME_MAX);
}

int load_frame(struct loading *loading, const cJSON *item)
{
	struct websocket *websocket = loading->machine->websocket;
	struct frame_template *frame;
	const cJSON *tree;

	if (!reader_type(&loading->reader, item, "a frame's name", FIELD_TEXT))
		return INDEX_NONE;
	for (size_t i = 0; i < websocket->template_count; i++)
		if (strcmp(websocket->templates[i].name, item->valuestring) == 0)
			return (int)i;
	if (websocket->template_count == FRAMES_MAX) {
		reader_problem(&loading->reader, item, NULL, "too many frames; at most %d are allowed", FRAMES_MAX);
		return INDEX_NONE;
	}
	/* Its place is taken before it is read: a frame that is missing is reported once. */
	frame = &websocket->templates[websocket->template_count++];
	frame->name = reader_copy(&loading->reader, item->valuestring);
	tree = load_fixture(loading, item, "frames", "frame");
	if (tree)
		compile_frame(loading, tree, frame);
	return (int)websocket->template_count - 1;
}

/* ---- steps ---- */

static const struct field step_fields[] = {
	{ "frame", FIELD_TEXT, false },
	{ "close", FIELD_NUMBER, false },
	{ "reason", FIELD_TEXT, false },
	{ "drop", FIELD_BOOL, false },
	{ "reset", FIELD_BOOL, false },
	{ "after", FIELD_TEXT, false },
	{ "times", FIELD_NUMBER | FIELD_TEXT, false },
	{ "cut", FIELD_NUMBER, false },
	{ 0 },
};

static void load_times(struct loading *loading, const cJSON *times, struct stream_step *step)
{
	const struct machine *machine = loading->machine;
	struct nearest nearest;
	int64_t count = 0;
	int setting;

	if (cJSON_IsNumber(times)) {
		if (reader_integer(&loading->reader, times, "\"times\"", 1, STREAM_TIMES_MAX, &count))
			step->count = (uint32_t)count;
		return;
	}
	setting = machine_find_setting(machine, times->valuestring);
	if (setting != INDEX_NONE && machine->settings[setting].value.kind == VALUE_INT) {
		step->times = (int16_t)setting;
		loading->setting_used[setting] = true;
		return;
	}
	nearest_begin(&nearest, times->valuestring);
	for (size_t i = 0; i < machine->setting_count; i++)
		if (machine->settings[i].value.kind == VALUE_INT)
			nearest_offer(&nearest, machine->settings[i].name);
	reader_problem(&loading->reader, times, nearest.best, "wanted a number, or a setting that is one; found \"%s\"",
	               times->valuestring);
}

/* RFC 6455 section 7.4: which codes a close frame may carry. */
static void load_close(struct loading *loading, const cJSON *item, struct stream_step *step)
{
	const char *reason = reader_text(item, "reason");
	int64_t code = 0;

	step->kind = STEP_CLOSE;
	if (reader_integer(&loading->reader, json_member(item, "close"), "\"close\"", 1000, 4999, &code))
		step->close_code = (uint16_t)code;
	if (code == 1004 || code == 1005 || code == 1006 || code == 1015)
		reader_problem(&loading->reader, json_member(item, "close"), NULL,
		               "a close frame never carries %d (RFC 6455 section 7.4.1)", (int)code);
	if (reason && strlen(reason) > 123)
		reader_problem(&loading->reader, json_member(item, "reason"), NULL,
		               "a close frame's reason has at most 123 bytes");
	if (reason)
		step->close_reason = reader_copy(&loading->reader, reason);
}

static void load_step_object(struct loading *loading, const cJSON *item, struct stream_step *step)
{
	const cJSON *frame = json_member(item, "frame");
	const cJSON *drop = json_member(item, "drop");
	const cJSON *reset = json_member(item, "reset");
	const cJSON *ending = drop ? drop : reset;

	if (!reader_object(&loading->reader, item, "a step", step_fields))
		return;
	if ((frame != NULL) + (json_member(item, "close") != NULL) + (drop != NULL) + (reset != NULL) != 1) {
		reader_problem(&loading->reader, item, NULL,
		               "a step must have one of \"frame\", \"close\", \"drop\" and \"reset\"");
		return;
	}
	if (json_member(item, "after"))
		step->after = load_amount(loading, json_member(item, "after"), 0);
	if (!frame && (json_member(item, "times") || json_member(item, "cut")))
		reader_problem(&loading->reader, item, NULL, "\"times\" and \"cut\" go with \"frame\"");
	if (!json_member(item, "close") && json_member(item, "reason"))
		reader_problem(&loading->reader, json_member(item, "reason"), NULL, "\"reason\" goes with \"close\"");
	if (json_member(item, "times"))
		load_times(loading, json_member(item, "times"), step);
	if (json_member(item, "cut"))
		reader_integer(&loading->reader, json_member(item, "cut"), "\"cut\"", 0, STREAM_FRAME_MAX, &step->cut);
	if (frame) {
		step->frame = (int16_t)load_frame(loading, frame);
	} else if (json_member(item, "close")) {
		load_close(loading, item, step);
	} else if (ending) {
		step->kind = drop ? STEP_DROP : STEP_RESET;
		if (!cJSON_IsTrue(ending))
			reader_problem(&loading->reader, ending, NULL, "\"%s\" must be true", ending->string);
	}
}

static void load_step(struct loading *loading, const cJSON *item, struct stream_step *step)
{
	*step = (struct stream_step){ .after = { .setting = INDEX_NONE }, .times = INDEX_NONE, .count = 1, .cut = -1 };
	step->close_reason = "";
	if (!reader_type(&loading->reader, item, "a step", FIELD_TEXT | FIELD_OBJECT))
		return;
	if (cJSON_IsString(item))
		step->frame = (int16_t)load_frame(loading, item);
	else
		load_step_object(loading, item, step);
}

struct stream_script load_script(struct loading *loading, const cJSON *item)
{
	struct stream_script script = { 0 };
	struct stream_step *steps;
	int count;

	if (!item)
		return script;
	if (!reader_type(&loading->reader, item, "what is sent", FIELD_TEXT | FIELD_OBJECT | FIELD_LIST))
		return script;
	count = cJSON_IsArray(item) ? cJSON_GetArraySize(item) : 1;
	if (count > STREAM_STEPS_MAX) {
		reader_problem(&loading->reader, item, NULL, "too many steps; at most %d are allowed",
		               STREAM_STEPS_MAX);
		return script;
	}
	steps = arena_alloc(loading->machine->arena, ((size_t)count + 1) * sizeof *steps);
	if (!cJSON_IsArray(item))
		load_step(loading, item, &steps[script.count++]);
	else
		for (const cJSON *each = item->child; each; each = each->next)
			load_step(loading, each, &steps[script.count++]);
	script.steps = steps;
	return script;
}
