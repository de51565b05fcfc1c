#include "core/setting.h"

#include <assert.h>
#include <inttypes.h>
#include <string.h>

bool setting_text_is_fine(const char *text)
{
	size_t length = 0;

	for (; text[length] && length <= SETTING_TEXT_MAX; length++)
		if ((unsigned char)text[length] < 0x20 || text[length] == 0x7F)
			return false;
	return length <= SETTING_TEXT_MAX;
}

/* What was found, for the sentence; value_kind_name() says what was wanted. */
static const char *found_name(const struct value *value)
{
	switch (value->kind) {
	case VALUE_NONE:
	case VALUE_NULL:
		return "null";
	case VALUE_BOOL:
		return value->number ? "true" : "false";
	case VALUE_INT:
		return "a number";
	case VALUE_TEXT:
		return "a text";
	case VALUE_DURATION:
		return "a duration";
	}
	return "?";
}

static bool kind_fits(const struct setting *setting, enum value_kind kind)
{
	if (kind == VALUE_NONE || (kind == VALUE_NULL && setting->needed))
		return false;
	return value_may_become(setting->value.kind, kind);
}

static void refuse_kind(const struct setting *setting, const struct value *value, struct error *why)
{
	if (setting->value.kind == VALUE_DURATION && value->kind == VALUE_TEXT && setting_text_is_fine(value->text))
		error_set(why, "setting \"%s\" must be a duration such as \"90s\", found \"%s\"", setting->name,
		          value->text);
	else
		error_set(why, "setting \"%s\" must be %s, found %s", setting->name,
		          value_kind_name(setting->value.kind), found_name(value));
}

static bool word_is_allowed(const struct setting *setting, const char *text, struct nearest *nearest, struct error *why)
{
	struct buffer wanted = { 0 };

	for (size_t i = 0; setting->words[i]; i++)
		if (strcmp(setting->words[i], text) == 0)
			return true;
	nearest_begin(nearest, text);
	for (size_t i = 0; setting->words[i]; i++)
		nearest_offer(nearest, setting->words[i]);
	for (size_t i = 0; setting->words[i]; i++)
		buffer_add_format(&wanted, "%s\"%s\"", i ? " or " : "", setting->words[i]);
	error_set(why, "\"%s\" must be %s, found \"%s\"", setting->name, wanted.data ? wanted.data : "another text",
	          text);
	buffer_release(&wanted);
	return false;
}

bool setting_allows(const struct setting *setting, const struct value *value, struct nearest *nearest,
                    struct error *why)
{
	assert(value->text || (value->kind != VALUE_TEXT && value->kind != VALUE_DURATION));
	nearest_begin(nearest, "");
	if (!kind_fits(setting, value->kind)) {
		refuse_kind(setting, value, why);
		return false;
	}
	if (value->text && !setting_text_is_fine(value->text)) {
		error_set(why, "setting \"%s\" has at most %d bytes and no control characters", setting->name,
		          SETTING_TEXT_MAX);
		return false;
	}
	if (value->kind == VALUE_INT && (value->number < -SETTING_NUMBER_MAX || value->number > SETTING_NUMBER_MAX)) {
		error_set(why, "setting \"%s\" must be a whole number from %lld to %lld", setting->name,
		          -(long long)SETTING_NUMBER_MAX, (long long)SETTING_NUMBER_MAX);
		return false;
	}
	if (value->kind == VALUE_DURATION && (value->number < setting->least_ms || value->number > DURATION_MAX_MS)) {
		error_set(why, "setting \"%s\" must be from %" PRId64 " ms to %lld days, found \"%s\"", setting->name,
		          setting->least_ms, DURATION_MAX_MS / (24LL * 3600 * 1000), value->text);
		return false;
	}
	return value->kind != VALUE_TEXT || !setting->words || word_is_allowed(setting, value->text, nearest, why);
}
