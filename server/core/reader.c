#include "core/reader.h"

#include "core/calendar.h"
#include "core/names.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

__attribute__((format(printf, 4, 0))) static void add_problem(const struct reader *reader, const struct place *place,
                                                              const char *nearest, const char *format,
                                                              va_list arguments)
{
	char text[320];

	vsnprintf(text, sizeof text, format, arguments);
	problems_add(reader->problems, place, nearest, "%s", text);
}

void reader_problem(const struct reader *reader, const cJSON *item, const char *nearest, const char *format, ...)
{
	const struct place place = json_place_of(reader->places, item);
	va_list arguments;

	va_start(arguments, format);
	add_problem(reader, &place, nearest, format, arguments);
	va_end(arguments);
}

void reader_key_problem(const struct reader *reader, const cJSON *item, const char *nearest, const char *format, ...)
{
	const struct place place = json_key_place_of(reader->places, item);
	va_list arguments;

	va_start(arguments, format);
	add_problem(reader, &place, nearest, format, arguments);
	va_end(arguments);
}

static unsigned type_of(const cJSON *item)
{
	if (cJSON_IsString(item))
		return FIELD_TEXT;
	if (cJSON_IsNumber(item))
		return FIELD_NUMBER;
	if (cJSON_IsBool(item))
		return FIELD_BOOL;
	if (cJSON_IsObject(item))
		return FIELD_OBJECT;
	return cJSON_IsArray(item) ? FIELD_LIST : FIELD_NULL;
}

bool reader_type(const struct reader *reader, const cJSON *item, const char *what, unsigned types)
{
	static const struct {
		enum field_type type;
		const char *name;
	} names[] = { { FIELD_TEXT, "a text" },      { FIELD_NUMBER, "a number" }, { FIELD_BOOL, "true or false" },
		      { FIELD_OBJECT, "an object" }, { FIELD_LIST, "a list" },     { FIELD_NULL, "null" } };
	char wanted[100] = "";

	if (type_of(item) & types)
		return true;
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		const size_t length = strlen(wanted);

		if (types & names[i].type)
			snprintf(wanted + length, sizeof wanted - length, "%s%s", length ? " or " : "", names[i].name);
	}
	reader_problem(reader, item, NULL, "%s must be %s, found %s", what, wanted, json_kind(item));
	return false;
}

static const struct field everywhere[] = { { "evidence", FIELD_TEXT, false }, { "note", FIELD_TEXT, false }, { 0 } };

static const struct field *find_field(const struct field *fields, const char *name)
{
	for (; fields->name; fields++)
		if (name_is(fields->name, name))
			return fields;
	return NULL;
}

bool reader_object(const struct reader *reader, const cJSON *item, const char *what, const struct field *fields)
{
	bool fine = true;

	if (!reader_type(reader, item, what, FIELD_OBJECT))
		return false;
	for (const cJSON *member = item->child; member; member = member->next) {
		const struct field *field = find_field(fields, member->string);
		char named[NAME_LENGTH_MAX + 3];

		if (!field)
			field = find_field(everywhere, member->string);
		if (!field) {
			struct nearest nearest;

			nearest_begin(&nearest, member->string);
			for (const struct field *known = fields; known->name; known++)
				nearest_offer(&nearest, known->name);
			reader_key_problem(reader, member, nearest.best, "%s has no \"%s\"", what, member->string);
			continue; /* said; what else the object holds can still be read */
		}
		if (type_of(member) & field->types)
			continue;
		snprintf(named, sizeof named, "\"%s\"", field->name);
		fine = reader_type(reader, member, named, field->types);
	}
	for (; fields->name; fields++) {
		if (fields->required && !json_member(item, fields->name)) {
			reader_problem(reader, item, NULL, "%s must have \"%s\"", what, fields->name);
			fine = false;
		}
	}
	return fine;
}

const char *reader_text(const cJSON *object, const char *name)
{
	const cJSON *member = json_member(object, name);

	return cJSON_IsString(member) ? member->valuestring : NULL;
}

bool reader_flag(const cJSON *object, const char *name, bool otherwise)
{
	const cJSON *member = json_member(object, name);

	return cJSON_IsBool(member) ? cJSON_IsTrue(member) != 0 : otherwise;
}

const cJSON *reader_either(const struct reader *reader, const cJSON *object, const char *name, const char *other)
{
	const cJSON *item = json_member(object, name);
	const cJSON *second = json_member(object, other);

	if (item && second)
		reader_key_problem(reader, second, NULL, "\"%s\" is \"%s\" in other words: wanted one of them", other,
		                   name);
	return item ? item : second;
}

const char *reader_copy(const struct reader *reader, const char *text)
{
	return text ? arena_text(reader->arena, text, strlen(text)) : NULL;
}

bool reader_integer(const struct reader *reader, const cJSON *item, const char *what, int64_t least, int64_t most,
                    int64_t *result)
{
	const double number = item->valuedouble;

	if (!cJSON_IsNumber(item) || number != (double)(int64_t)number || number < (double)least ||
	    number > (double)most) {
		reader_problem(reader, item, NULL, "%s must be a whole number from %" PRId64 " to %" PRId64, what,
		               least, most);
		return false;
	}
	*result = (int64_t)number;
	return true;
}

bool reader_is_name(const char *text)
{
	size_t length = 0;

	while ((text[length] >= 'a' && text[length] <= 'z') || (text[length] >= '0' && text[length] <= '9') ||
	       text[length] == '_' || text[length] == '-' || text[length] == '.')
		length++;
	return length > 0 && length <= NAME_LENGTH_MAX && text[length] == '\0';
}

bool reader_is_token(const char *text)
{
	size_t length = 0;

	while ((text[length] >= 'a' && text[length] <= 'z') || (text[length] >= 'A' && text[length] <= 'Z') ||
	       (text[length] >= '0' && text[length] <= '9') ||
	       (text[length] && strchr("!#$%&'*+-.^_`|~", text[length])))
		length++;
	return length > 0 && text[length] == '\0';
}

#define NAME_RULE "the name of %s has 1 to %d lower-case letters, digits, \"_\", \"-\" or \".\""

bool reader_name(const struct reader *reader, const cJSON *item, const char *what)
{
	if (reader_is_name(item->string))
		return true;
	reader_key_problem(reader, item, NULL, NAME_RULE, what, NAME_LENGTH_MAX);
	return false;
}

bool reader_text_name(const struct reader *reader, const cJSON *text, const char *what)
{
	if (reader_is_name(text->valuestring))
		return true;
	reader_problem(reader, text, NULL, NAME_RULE, what, NAME_LENGTH_MAX);
	return false;
}

bool reader_duration(const struct reader *reader, const cJSON *item, int64_t least_ms, int64_t *ms)
{
	int64_t result = 0;

	if (!cJSON_IsString(item) || !duration_parse(item->valuestring, &result)) {
		reader_problem(
		    reader, item, NULL, "wanted a duration such as \"90s\", \"5m30s\" or \"24h\", found %s%s%s",
		    cJSON_IsString(item) ? "\"" : "", cJSON_IsString(item) ? item->valuestring : json_kind(item),
		    cJSON_IsString(item) ? "\"" : "");
		return false;
	}
	if (result < least_ms) {
		reader_problem(reader, item, NULL, "this duration must be at least %" PRId64 " ms", least_ms);
		return false;
	}
	*ms = result;
	return true;
}
