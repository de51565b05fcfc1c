#include "core/action_send.h"

#include "core/setting.h"
#include "core/websocket.h"

#include <string.h>

static const char *const members[] = { "send", "notify", "bulletin" };

#define MEMBER_COUNT (sizeof members / sizeof *members)

int action_count_sends(const cJSON *item)
{
	int count = 0;

	for (size_t i = 0; i < MEMBER_COUNT; i++)
		count += json_member(item, members[i]) != NULL;
	return count;
}

static bool find_script(const struct reader *reader, const struct machine *machine, const cJSON *item, const char *name,
                        struct action *action)
{
	const struct websocket *websocket = machine->websocket;
	const int found = websocket ? websocket_find_script(websocket, name) : INDEX_NONE;
	struct nearest nearest;

	if (found != INDEX_NONE) {
		action->name = websocket->scripts[found].name;
		return true;
	}
	nearest_begin(&nearest, name);
	for (size_t i = 0; websocket && i < websocket->script_count; i++)
		nearest_offer(&nearest, websocket->scripts[i].name);
	reader_problem(reader, item, nearest.best, "\"websocket\" has no script \"%s\"", name);
	return false;
}

/* A frame that is written out. */
static bool read_frame(const struct reader *reader, const struct machine *machine, const cJSON *frame,
                       struct action *action)
{
	char *text;

	if (!machine->websocket) {
		reader_problem(reader, frame, NULL, "the scenario has no \"websocket\"");
		return false;
	}
	text = cJSON_PrintUnformatted(frame);
	if (text && strlen(text) <= STREAM_FRAME_MAX)
		action->value = (struct value){ .kind = VALUE_TEXT, .text = reader_copy(reader, text) };
	else
		reader_problem(reader, frame, NULL, "a frame has at most %d bytes", STREAM_FRAME_MAX);
	cJSON_free(text);
	return action->value.text != NULL;
}

bool action_read_send(const struct reader *reader, const struct machine *machine, const cJSON *item,
                      struct action *action)
{
	const cJSON *member = NULL;

	*action = (struct action){ .kind = ACTION_SEND };
	for (size_t i = 0; i < MEMBER_COUNT && !member; i++)
		member = json_member(item, members[i]);
	if (cJSON_IsObject(member))
		return read_frame(reader, machine, member, action);
	if (strcmp(member->string, "send") == 0)
		return find_script(reader, machine, member, member->valuestring, action);
	if (!setting_text_is_fine(member->valuestring)) {
		reader_problem(reader, member, NULL, "\"%s\" has at most %d bytes and no control characters",
		               member->string, SETTING_TEXT_MAX);
		return false;
	}
	action->value = (struct value){ .kind = VALUE_TEXT, .text = reader_copy(reader, member->valuestring) };
	return find_script(reader, machine, member, member->string, action);
}
