/*
 * What a scenario or a request says of a fault's kind: its parameters, each of the type that its row in fault_kinds.c has.
 */
#include "core/load_fault.h"

#include "core/calendar.h"
#include "core/names.h"
#include "core/setting.h"

#include <stdio.h>
#include <string.h>

static const unsigned parameter_types[] = {
	[PARAMETER_INTEGER] = FIELD_NUMBER,
	[PARAMETER_FRACTION] = FIELD_NUMBER,
	[PARAMETER_DURATION] = FIELD_TEXT,
	[PARAMETER_TEXT] = FIELD_TEXT,
	[PARAMETER_BODY] = FIELD_TEXT | FIELD_OBJECT | FIELD_LIST,
	[PARAMETER_FLAG] = FIELD_BOOL,
	[PARAMETER_REPLY] = FIELD_TEXT,
	[PARAMETER_CHANGES] = FIELD_OBJECT,
	[PARAMETER_PLACE] = FIELD_TEXT,
	[PARAMETER_SCOPE] = FIELD_TEXT,
	[PARAMETER_ENDING] = FIELD_TEXT,
	[PARAMETER_VERSION] = FIELD_TEXT,
	[PARAMETER_ALERT] = FIELD_TEXT | FIELD_NUMBER,
};

static void *place_of(struct fault_values *values, const struct fault_parameter *parameter)
{
	return (char *)values + parameter->field;
}

static void set_number(struct fault_values *values, const struct fault_parameter *parameter, int64_t number)
{
	memcpy(place_of(values, parameter), &number, sizeof number);
}

/* "0.000001", where printf would have 1e-06 */
static const char *decimal(double number, char text[32])
{
	size_t length = (size_t)snprintf(text, 32, "%.6f", number);

	while (text[length - 1] == '0')
		length--;
	text[text[length - 1] == '.' ? length - 1 : length] = '\0';
	return text;
}

bool load_fraction(struct loading *loading, const cJSON *item, int64_t parts, int64_t least, int64_t most,
                   int64_t *result)
{
	const double number = item->valuedouble * (double)parts;
	char from[32];
	char to[32];

	/* Half a part more or less is how a double says the same. */
	if (number < (double)least - 0.5 || number > (double)most + 0.5) {
		reader_problem(&loading->reader, item, NULL, "\"%s\" must be from %s to %s", item->string,
		               decimal((double)least / (double)parts, from), decimal((double)most / (double)parts, to));
		return false;
	}
	*result = (int64_t)(number + 0.5);
	return true;
}

static void tell_too_long(struct loading *loading, const cJSON *item, int64_t most_ms)
{
	struct buffer most = { 0 };

	duration_add(&most, most_ms);
	reader_problem(&loading->reader, item, NULL, "\"%s\" must be at most %s", item->string,
	               most.data ? most.data : "");
	buffer_release(&most);
}

static void load_text(struct loading *loading, const cJSON *item, const char **result)
{
	if (setting_text_is_fine(item->valuestring))
		*result = reader_copy(&loading->reader, item->valuestring);
	else
		reader_problem(&loading->reader, item, NULL,
		               "a text here has at most %d bytes and no control characters", SETTING_TEXT_MAX);
}

static void load_body(struct loading *loading, const cJSON *item, struct span *body)
{
	char *printed = cJSON_IsString(item) ? NULL : cJSON_PrintUnformatted(item);
	const char *text = printed ? printed : cJSON_IsString(item) ? item->valuestring : "";
	const size_t length = strlen(text);

	if (length <= FAULT_BODY_MAX)
		*body = (struct span){ .at = reader_copy(&loading->reader, text), .length = length };
	else
		reader_problem(&loading->reader, item, NULL, "a body here has at most %d bytes, found %zu",
		               FAULT_BODY_MAX, length);
	cJSON_free(printed);
}

static void load_choice(struct loading *loading, const cJSON *item, const struct fault_choice *choices, int64_t *result)
{
	struct buffer wanted = { 0 };
	struct nearest nearest;

	nearest_begin(&nearest, item->valuestring);
	for (const struct fault_choice *choice = choices; choice->name; choice++) {
		if (strcmp(choice->name, item->valuestring) == 0) {
			*result = choice->value;
			buffer_release(&wanted);
			return;
		}
		nearest_offer(&nearest, choice->name);
		buffer_add_format(&wanted, "%s\"%s\"",
		                  choice == choices ? ""
		                  : choice[1].name  ? ", "
		                                    : " or ",
		                  choice->name);
	}
	reader_problem(&loading->reader, item, nearest.best, "\"%s\" must be %s, found \"%s\"", item->string,
	               wanted.data ? wanted.data : "", item->valuestring);
	buffer_release(&wanted);
}

static void load_alert(struct loading *loading, const cJSON *item, int64_t *number)
{
	struct nearest nearest;

	nearest_begin(&nearest, item->valuestring);
	for (const struct fault_choice *alert = fault_choices(PARAMETER_ALERT); alert->name; alert++) {
		if (strcmp(alert->name, item->valuestring) == 0) {
			*number = alert->value;
			return;
		}
		nearest_offer(&nearest, alert->name);
	}
	reader_problem(&loading->reader, item, nearest.best,
	               "\"%s\" must be the name of an alert of TLS, such as \"handshake_failure\", or its number, "
	               "found \"%s\"",
	               item->string, item->valuestring);
}

/* While a gateway runs there are no files to be read: what the machine already uses can be named. */
static void load_reply_of(struct loading *loading, const cJSON *item, int64_t *reply)
{
	struct nearest nearest;

	if (loading->source) {
		*reply = load_reply(loading, item, item->valuestring);
		return;
	}
	nearest_begin(&nearest, item->valuestring);
	for (size_t i = 0; i < loading->machine->reply_count; i++) {
		nearest_offer(&nearest, loading->machine->replies[i].name);
		if (strcmp(loading->machine->replies[i].name, item->valuestring) == 0)
			*reply = (int64_t)i;
	}
	if (*reply == INDEX_NONE)
		reader_problem(&loading->reader, item, nearest.best,
		               "the scenario uses no reply \"%s\", and a gateway that runs can only be given these",
		               item->valuestring);
}

static void load_change(struct loading *loading, const cJSON *item, struct header_change *change)
{
	if (!reader_is_token(item->string) || strlen(item->string) > NAME_LENGTH_MAX) {
		reader_key_problem(&loading->reader, item, NULL, "this is no name of a header");
		return;
	}
	if (!reader_type(&loading->reader, item, "a header", FIELD_TEXT | FIELD_NULL))
		return;
	change->name = reader_copy(&loading->reader, item->string);
	if (cJSON_IsString(item))
		load_text(loading, item, &change->value);
}

static void load_changes(struct loading *loading, const cJSON *item, struct fault_values *values)
{
	const size_t count = load_count(loading, item, "headers", FAULT_CHANGES_MAX);
	struct header_change *changes = arena_alloc(loading->reader.arena, (count + 1) * sizeof *changes);

	values->changes = changes;
	for (const cJSON *each = count ? item->child : NULL; each; each = each->next)
		load_change(loading, each, &changes[values->change_count++]);
	if (!item->child)
		reader_problem(&loading->reader, item, NULL, "\"%s\" must name at least one header", item->string);
}

static void load_parameter(struct loading *loading, const cJSON *item, const struct fault_parameter *parameter,
                           struct fault_values *values)
{
	void *place = place_of(values, parameter);
	char what[NAME_LENGTH_MAX + 3];
	int64_t number = 0;

	snprintf(what, sizeof what, "\"%s\"", item->string);
	switch (parameter->type) {
	case PARAMETER_INTEGER:
		if (reader_integer(&loading->reader, item, what, parameter->least, parameter->most, &number))
			set_number(values, parameter, number);
		break;
	case PARAMETER_FRACTION:
		if (load_fraction(loading, item, 1000, parameter->least, parameter->most, &number))
			set_number(values, parameter, number);
		break;
	case PARAMETER_DURATION:
		if (!reader_duration(&loading->reader, item, parameter->least, &number))
			break;
		if (number > parameter->most)
			tell_too_long(loading, item, parameter->most);
		set_number(values, parameter, number);
		break;
	case PARAMETER_TEXT:
		load_text(loading, item, place);
		break;
	case PARAMETER_BODY:
		load_body(loading, item, place);
		break;
	case PARAMETER_FLAG:
		set_number(values, parameter, cJSON_IsTrue(item) != 0);
		break;
	case PARAMETER_REPLY:
		load_reply_of(loading, item, place);
		break;
	case PARAMETER_CHANGES:
		load_changes(loading, item, values);
		break;
	case PARAMETER_PLACE:
	case PARAMETER_SCOPE:
	case PARAMETER_ENDING:
	case PARAMETER_VERSION:
		load_choice(loading, item, fault_choices(parameter->type), place);
		break;
	case PARAMETER_ALERT:
		if (cJSON_IsString(item))
			load_alert(loading, item, place);
		else if (reader_integer(&loading->reader, item, what, parameter->least, parameter->most, &number))
			set_number(values, parameter, number);
		break;
	case PARAMETER_TYPE_COUNT:
		break;
	}
}

/* ---- all of them ---- */

static bool is_changes(const struct fault_kind *kind)
{
	return kind->parameters[0].name && kind->parameters[0].type == PARAMETER_CHANGES;
}

/* An object of parameters, each by its name or by what other programs call it. */
static void load_parameters(struct loading *loading, const cJSON *item, const struct fault_kind *kind,
                            struct fault_values *values)
{
	struct field fields[2 * FAULT_PARAMETERS_MAX + 1] = { 0 };
	char what[NAME_LENGTH_MAX + 3];
	size_t count = 0;

	for (const struct fault_parameter *parameter = kind->parameters; parameter->name; parameter++) {
		fields[count++] = (struct field){ parameter->name, parameter_types[parameter->type], false };
		if (parameter->alias)
			fields[count++] = (struct field){ parameter->alias, parameter_types[parameter->type], false };
	}
	snprintf(what, sizeof what, "\"%s\"", kind->name);
	if (!reader_object(&loading->reader, item, what, fields))
		return;
	for (const struct fault_parameter *parameter = kind->parameters; parameter->name; parameter++) {
		const cJSON *plain = json_member(item, parameter->name);
		const cJSON *other = parameter->alias ? json_member(item, parameter->alias) : NULL;

		if (plain && other)
			reader_key_problem(&loading->reader, other, NULL, "\"%s\" and \"%s\" are the same",
			                   parameter->name, parameter->alias);
		else if (plain || other)
			load_parameter(loading, plain ? plain : other, parameter, values);
		else if (parameter->required)
			reader_problem(&loading->reader, item, NULL, "%s must have \"%s\": %s", what, parameter->name,
			               parameter->says);
	}
}

/* true, the first parameter, or an object of parameters. */
static void load_kind_value(struct loading *loading, const cJSON *item, const struct fault_kind *kind,
                            struct fault_values *values)
{
	const struct fault_parameter *first = &kind->parameters[0];
	char what[NAME_LENGTH_MAX + 3];

	if (cJSON_IsTrue(item) && !(first->name && first->required))
		return;
	if (cJSON_IsFalse(item)) {
		reader_problem(&loading->reader, item, NULL,
		               "false is no fault; null instead of the whole takes one away that is inherited");
		return;
	}
	if (cJSON_IsObject(item) && !is_changes(kind)) {
		load_parameters(loading, item, kind, values);
		return;
	}
	snprintf(what, sizeof what, "\"%s\"", item->string);
	if (first->name && reader_type(&loading->reader, item, what,
	                               parameter_types[first->type] | (is_changes(kind) ? 0U : FIELD_OBJECT)))
		load_parameter(loading, item, first, values);
	else if (!first->name)
		reader_problem(&loading->reader, item, NULL, "\"%s\" has no parameters: wanted true", item->string);
}

static void load_defaults(const struct fault_kind *kind, struct fault_values *values)
{
	*values = (struct fault_values){ .reply = INDEX_NONE };
	for (const struct fault_parameter *parameter = kind->parameters; parameter->name; parameter++)
		if (parameter->otherwise != 0)
			set_number(values, parameter, parameter->otherwise);
}

void load_fault_kind(struct loading *loading, const cJSON *item, const struct fault_kind *kind,
                     struct fault_values *values)
{
	load_defaults(kind, values);
	load_kind_value(loading, item, kind, values);
}
