#include "control/action_read.h"

#include "core/action_send.h"
#include "core/names.h"

#include <string.h>

static const struct field action_fields[] = {
	{ "event", FIELD_TEXT, false },
	{ "enter", FIELD_TEXT, false },
	{ "set", FIELD_OBJECT, false },
	{ "send", FIELD_TEXT | FIELD_OBJECT, false },
	{ "notify", FIELD_TEXT, false },
	{ "bulletin", FIELD_TEXT, false },
	{ NULL, 0, false },
};

bool action_read_event(const struct reader *reader, const struct machine *machine, const cJSON *item,
                       struct action *action)
{
	const int found = machine_find_event(machine, item->valuestring);
	struct nearest nearest;

	if (found != INDEX_NONE) {
		*action = (struct action){ .kind = ACTION_EVENT, .name = machine->events[found] };
		return true;
	}
	machine_nearest_event(machine, item->valuestring, &nearest);
	reader_problem(reader, item, nearest.best, "no state or timer knows an event \"%s\"", item->valuestring);
	return false;
}

static bool read_state(const struct reader *reader, const struct machine *machine, const cJSON *item,
                       struct action *action)
{
	const int found = machine_find_state(machine, item->valuestring);
	struct nearest nearest;

	if (found != INDEX_NONE) {
		*action = (struct action){ .kind = ACTION_ENTER, .name = machine->states[found].name };
		return true;
	}
	machine_nearest_state(machine, item->valuestring, &nearest);
	reader_problem(reader, item, nearest.best, "there is no state \"%s\"", item->valuestring);
	return false;
}

/* A duration is written as a text; which it is, the setting that it is for tells. */
static bool read_value(const struct reader *reader, const struct setting *setting, const cJSON *item,
                       struct value *value)
{
	if (!reader_type(reader, item, "a setting", FIELD_TEXT | FIELD_NUMBER | FIELD_BOOL | FIELD_NULL))
		return false;
	if (cJSON_IsNull(item)) {
		*value = (struct value){ .kind = VALUE_NULL };
	} else if (cJSON_IsBool(item)) {
		*value = (struct value){ .kind = VALUE_BOOL, .number = cJSON_IsTrue(item) };
	} else if (cJSON_IsNumber(item)) {
		value->kind = VALUE_INT;
		return reader_integer(reader, item, "a number here", -999999999999999, 999999999999999, &value->number);
	} else {
		*value = (struct value){ .kind = VALUE_TEXT, .text = item->valuestring };
		if (setting->value.kind == VALUE_DURATION) {
			value->kind = VALUE_DURATION;
			return reader_duration(reader, item, 0, &value->number);
		}
	}
	return true;
}

static bool read_setting(const struct reader *reader, const struct machine *machine, const cJSON *item,
                         struct action *action)
{
	const int found = machine_find_setting(machine, item->string);
	struct nearest nearest;

	if (found == INDEX_NONE) {
		machine_nearest_setting(machine, item->string, &nearest);
		reader_key_problem(reader, item, nearest.best, "there is no setting \"%s\"", item->string);
		return false;
	}
	*action = (struct action){ .kind = ACTION_SET, .name = machine->settings[found].name };
	return read_value(reader, &machine->settings[found], item, &action->value);
}

size_t action_read_settings(const struct reader *reader, const struct machine *machine, const cJSON *object,
                            struct action *actions)
{
	size_t count = 0;

	for (const cJSON *item = object->child; item && count < SETTINGS_MAX; item = item->next)
		count += read_setting(reader, machine, item, &actions[count]);
	return count;
}

static bool read_set(const struct reader *reader, const struct machine *machine, const cJSON *set,
                     struct action *action)
{
	if (set->child && !set->child->next)
		return read_setting(reader, machine, set->child, action);
	reader_problem(reader, set, NULL, "\"set\" sets one setting: wanted {\"name\": value}");
	return false;
}

bool action_read(const struct reader *reader, const struct machine *machine, const cJSON *item, struct action *action)
{
	static const char wanted[] = "\"event\", \"enter\", \"set\", \"send\", \"notify\" and \"bulletin\"";
	const cJSON *event = json_member(item, "event");
	const cJSON *enter = json_member(item, "enter");
	const cJSON *set = json_member(item, "set");

	if (!reader_object(reader, item, "an action", action_fields))
		return false;
	if ((event != NULL) + (enter != NULL) + (set != NULL) + action_count_sends(item) != 1) {
		reader_problem(reader, item, NULL, "an action has one of %s", wanted);
		return false;
	}
	if (event)
		return action_read_event(reader, machine, event, action);
	if (!enter && !set)
		return action_read_send(reader, machine, item, action);
	return enter ? read_state(reader, machine, enter, action) : read_set(reader, machine, set, action);
}
