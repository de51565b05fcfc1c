/*
 * The variables of templates: what may stand between {{ and }}, and how long it can become.
 */
#include "core/load_template.h"

#include "core/names.h"

#include <string.h>

static const struct {
	const char *name;
	enum variable_kind kind;
	bool of_timer; /* "name.timer" */
} variables[] = {
	{ "remaining_ms", VARIABLE_REMAINING_MS, true },
	{ "deadline_ms", VARIABLE_DEADLINE_MS, true },
	{ "started_ms", VARIABLE_STARTED_MS, true },
	{ "now_ms", VARIABLE_NOW_MS, false },
	{ "now_s", VARIABLE_NOW_S, false },
	{ "http_date", VARIABLE_HTTP_DATE, false },
	{ "session_id", VARIABLE_SESSION_ID, false },
	{ "body_length", VARIABLE_BODY_LENGTH, false },
	{ "delay_ms", VARIABLE_DELAY_MS, false },
	{ "path", VARIABLE_PATH, false },
	{ "websocket_accept", VARIABLE_ACCEPT, false },
	{ "wall_ms", VARIABLE_WALL_MS, false },
	{ "frame.topic", VARIABLE_TOPIC, false },
	{ "frame.argument", VARIABLE_ARGUMENT, false },
	{ "frame.number", VARIABLE_NUMBER, false },
	{ "frame.ordinal", VARIABLE_FRAME_ORDINAL, false },
	{ "changed.name", VARIABLE_CHANGED_NAME, false },
	{ "changed.value", VARIABLE_CHANGED_VALUE, false },
	{ "notice.text", VARIABLE_NOTICE, false },
	{ "login_user", VARIABLE_LOGIN_USER, false },
	{ "login_paper", VARIABLE_LOGIN_PAPER, false },
};

#define VARIABLE_COUNT (sizeof variables / sizeof *variables)

static bool find_timer(const struct machine *machine, const char *name, int16_t *timer)
{
	for (size_t i = 0; i < machine->timer_count; i++) {
		if (name_is(machine->timers[i].name, name)) {
			*timer = (int16_t)i;
			return true;
		}
	}
	return false;
}

bool variable_find(const struct machine *machine, const char *name, struct variable *variable)
{
	const char *dot = strchr(name, '.');

	*variable = (struct variable){ .shown = INDEX_NONE, .setting = INDEX_NONE, .timer = INDEX_NONE };
	for (size_t i = 0; i < VARIABLE_COUNT; i++) {
		const char *known = variables[i].name;

		variable->kind = variables[i].kind;
		if (!variables[i].of_timer && name_is(known, name))
			return true;
		if (variables[i].of_timer && dot && (size_t)(dot - name) == strlen(known) &&
		    memcmp(name, known, strlen(known)) == 0)
			return find_timer(machine, dot + 1, &variable->timer);
	}
	variable->kind = VARIABLE_NAMED;
	for (size_t i = 0; i < machine->shown_count; i++)
		if (name_is(machine->shown[i], name))
			variable->shown = (int16_t)i;
	variable->setting = (int16_t)machine_find_setting(machine, name);
	return variable->shown != INDEX_NONE || variable->setting != INDEX_NONE;
}

void variable_report_unknown(const struct loading *loading, const cJSON *item, const char *name)
{
	const struct machine *machine = loading->machine;
	const char *dot = strchr(name, '.');
	struct nearest nearest;

	nearest_begin(&nearest, dot ? dot + 1 : name);
	for (size_t i = 0; i < VARIABLE_COUNT && !dot; i++)
		nearest_offer(&nearest, variables[i].name);
	for (size_t i = 0; i < machine->shown_count && !dot; i++)
		nearest_offer(&nearest, machine->shown[i]);
	for (size_t i = 0; i < machine->setting_count && !dot; i++)
		nearest_offer(&nearest, machine->settings[i].name);
	for (size_t i = 0; i < machine->timer_count && dot; i++)
		nearest_offer(&nearest, machine->timers[i].name);
	reader_problem(&loading->reader, item, nearest.best, "nothing shows or sets \"%s\", named between {{ and }}",
	               name);
}

void variable_use(struct loading *loading, const struct variable *variable)
{
	if (variable->setting != INDEX_NONE)
		loading->setting_used[variable->setting] = true;
	if (variable->shown != INDEX_NONE)
		loading->shown_used[variable->shown] = true;
}

bool load_named_variable(struct loading *loading, const cJSON *item, struct variable *variable)
{
	if (!variable_find(loading->machine, item->valuestring, variable) || variable->kind != VARIABLE_NAMED) {
		variable_report_unknown(loading, item, item->valuestring);
		return false;
	}
	variable_use(loading, variable);
	return true;
}

/* ---- how long they become ---- */

/* In JSON a quote or a backslash takes two bytes; values hold no control characters, which would take more. */
#define TEXT_SIZE_MOST (2 * SETTING_TEXT_MAX + 2)
#define NUMBER_SIZE_MOST 24
/* A path is what the client sent. */
#define PATH_SIZE_MOST (6 * REQUEST_LINE_MAX + 2)

static size_t value_size_most(enum value_kind kind, size_t text_size)
{
	return kind == VALUE_BOOL || kind == VALUE_INT || kind == VALUE_NONE ? NUMBER_SIZE_MOST : text_size;
}

/* What is shown never changes; a setting may become any text if it is one, or null. */
static size_t named_size_most(const struct machine *machine, const struct variable *variable)
{
	size_t most = NUMBER_SIZE_MOST;

	if (variable->setting != INDEX_NONE)
		most = value_size_most(machine->settings[variable->setting].value.kind, TEXT_SIZE_MOST);
	for (size_t i = 0; i < machine->state_count && variable->shown != INDEX_NONE; i++) {
		const struct value *value = &machine->states[i].shows[variable->shown];
		const size_t size = value_size_most(value->kind, value->text ? 2 * strlen(value->text) + 2 : 4);

		most = size > most ? size : most;
	}
	/* Of variants: what is longest anywhere, which is little. */
	return machine->variant_count > 0 && variable->shown != INDEX_NONE && most < TEXT_SIZE_MOST ? TEXT_SIZE_MOST
	                                                                                            : most;
}

size_t variable_size_most(const struct machine *machine, const struct variable *variable)
{
	switch (variable->kind) {
	case VARIABLE_NAMED:
		return named_size_most(machine, variable);
	case VARIABLE_PATH:
		return PATH_SIZE_MOST;
	case VARIABLE_REMAINING_MS:
	case VARIABLE_DEADLINE_MS:
	case VARIABLE_STARTED_MS:
	case VARIABLE_NOW_MS:
	case VARIABLE_NOW_S:
	case VARIABLE_BODY_LENGTH:
	case VARIABLE_DELAY_MS:
	case VARIABLE_WALL_MS:
	case VARIABLE_FRAME_ORDINAL:
		return NUMBER_SIZE_MOST;
	case VARIABLE_TOPIC:
	case VARIABLE_ARGUMENT:
	case VARIABLE_NUMBER:
		return 6 * STREAM_ARGUMENT_MAX + 2;
	case VARIABLE_CHANGED_VALUE:
	case VARIABLE_NOTICE:
		return TEXT_SIZE_MOST;
	case VARIABLE_LOGIN_USER:
		return 6 * LOGIN_USER_MAX + 2;
	case VARIABLE_CHANGED_NAME:
		return NAME_LENGTH_MAX + 2;
	case VARIABLE_HTTP_DATE:
	case VARIABLE_SESSION_ID:
	case VARIABLE_ACCEPT:
	case VARIABLE_LOGIN_PAPER:
		break;
	}
	return 32 + 2; /* a session id with its quotes; a date is shorter */
}
