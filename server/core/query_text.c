#include "core/query_text.h"

#include "core/names.h"

#include <string.h>

enum form { FORM_TEXT, FORM_TEXTS, FORM_NUMBER, FORM_WORD, FORM_PART };

static const struct member {
	const char *name;
	enum form form;
} members[] = {
	{ "method", FORM_TEXTS },       { "url", FORM_TEXT },
	{ "url_path", FORM_TEXT },      { "urlPath", FORM_TEXT },
	{ "path", FORM_TEXT },          { "url_path_prefix", FORM_TEXT },
	{ "urlPathPrefix", FORM_TEXT }, { "url_path_glob", FORM_TEXT },
	{ "endpoint", FORM_TEXTS },     { "state", FORM_TEXTS },
	{ "status", FORM_NUMBER },      { "matched", FORM_WORD },
	{ "body", FORM_TEXT },          { "frame", FORM_TEXTS },
	{ "stream", FORM_TEXTS },       { "login", FORM_TEXTS },
	{ "direction", FORM_TEXTS },    { "number", FORM_NUMBER },
	{ "text", FORM_TEXT },          { "text_contains", FORM_PART },
	{ "from", FORM_TEXT },          { "to", FORM_TEXT },
	{ "since", FORM_NUMBER },
};

#define MEMBERS (sizeof members / sizeof *members)

struct writing {
	const char *const *others;
	struct buffer values[MEMBERS]; /* decoded; of several texts with commas between them */
	struct problems *problems;
};

static const struct place somewhere = { .file = "(query)" };

/* ---- pairs ---- */

bool query_text_decode(struct span text, struct buffer *out)
{
	for (size_t i = 0; i < text.length; i++) {
		char byte = text.at[i] == '+' ? ' ' : text.at[i];

		if (byte == '%') {
			const int high = i + 2 < text.length ? hex_value(text.at[i + 1]) : -1;
			const int low = i + 2 < text.length ? hex_value(text.at[i + 2]) : -1;

			if (high < 0 || low < 0)
				return false;
			byte = (char)(high << 4 | low);
			i += 2;
		}
		if (byte == '\0')
			return false;
		buffer_add(out, &byte, 1);
	}
	return true;
}

static bool is_other(const struct writing *writing, const char *name)
{
	for (const char *const *other = writing->others; other && *other; other++)
		if (strcmp(*other, name) == 0)
			return true;
	return false;
}

static void refuse_name(const struct writing *writing, const char *name)
{
	struct nearest nearest;

	nearest_begin(&nearest, name);
	for (size_t i = 0; i < MEMBERS; i++)
		nearest_offer(&nearest, members[i].name);
	for (const char *const *other = writing->others; other && *other; other++)
		nearest_offer(&nearest, *other);
	problems_add(writing->problems, &somewhere, nearest.best, "a query has no \"%s\"%s", name,
	             strcmp(name, "headers") == 0 ? ": that can only be asked for as JSON" : "");
}

static void take_value(struct writing *writing, size_t member, struct span text)
{
	struct buffer *value = &writing->values[member];

	if (value->data && members[member].form != FORM_TEXTS) {
		problems_add(writing->problems, &somewhere, NULL, "\"%s\" is there twice: wanted it once",
		             members[member].name);
		return;
	}
	buffer_add_text(value, value->data ? "," : "");
	if (!query_text_decode(text, value))
		problems_add(writing->problems, &somewhere, NULL,
		             "the value of \"%s\" has a \"%%\" that is not followed by two hex digits, or a zero byte",
		             members[member].name);
}

static void take_pair(struct writing *writing, struct span pair)
{
	const char *equals = memchr(pair.at, '=', pair.length);
	const size_t length = equals ? (size_t)(equals - pair.at) : pair.length;
	struct buffer name = { 0 };
	size_t member = 0;

	buffer_add_text(&name, "");
	if (!query_text_decode((struct span){ pair.at, length }, &name))
		problems_add(writing->problems, &somewhere, NULL, "the name \"%s\" has an escape that is none",
		             name.data);
	while (member < MEMBERS && strcmp(members[member].name, name.data) != 0)
		member++;
	if (member < MEMBERS)
		take_value(writing, member,
		           equals ? (struct span){ equals + 1, pair.length - length - 1 } : span_of(""));
	else if (!is_other(writing, name.data))
		refuse_name(writing, name.data);
	buffer_release(&name);
}

/* ---- as JSON ---- */

static void add_text(struct span text, struct buffer *json)
{
	buffer_add_quoted(json, text.at, text.length);
}

static void add_texts(struct span rest, struct buffer *json)
{
	const char *comma;

	if (!memchr(rest.at, ',', rest.length)) {
		add_text(rest, json);
		return;
	}
	buffer_add_text(json, "[");
	while ((comma = rest.length > 0 ? memchr(rest.at, ',', rest.length) : NULL) != NULL) {
		const size_t length = (size_t)(comma - rest.at);

		add_text((struct span){ rest.at, length }, json);
		buffer_add_text(json, ",");
		rest = (struct span){ comma + 1, rest.length - length - 1 };
	}
	add_text(rest, json);
	buffer_add_text(json, "]");
}

static bool is_number(const char *text)
{
	const size_t length = strlen(text);

	return length > 0 && length <= 15 && strspn(text, "0123456789") == length && (text[0] != '0' || length == 1);
}

static void add_value(enum form form, const struct buffer *value, struct buffer *json)
{
	const struct span text = { value->data, value->length };
	const bool is_word = strcmp(value->data, "true") == 0 || strcmp(value->data, "false") == 0;

	/* Whatever is no number or no such word stays a text, and the reader says what it wanted. */
	if ((form == FORM_NUMBER && is_number(value->data)) || (form == FORM_WORD && is_word))
		buffer_add(json, text.at, text.length);
	else if (form == FORM_TEXTS)
		add_texts(text, json);
	else
		add_text(text, json);
}

static void add_member(const struct member *member, const struct buffer *value, const char *between,
                       struct buffer *json)
{
	static const char part[] = "_contains";
	const size_t length = strlen(member->name);

	if (member->form != FORM_PART) {
		buffer_add_format(json, "%s\"%s\":", between, member->name);
		add_value(member->form, value, json);
		return;
	}
	buffer_add_format(json, "%s\"%.*s\":{\"contains\":", between, (int)(length - strlen(part)), member->name);
	add_value(FORM_TEXT, value, json);
	buffer_add_text(json, "}");
}

static void add_object(const struct writing *writing, struct buffer *json)
{
	const char *between = "";

	buffer_add_text(json, "{");
	for (size_t i = 0; i < MEMBERS; i++) {
		if (!writing->values[i].data)
			continue;
		add_member(&members[i], &writing->values[i], between, json);
		between = ",";
	}
	buffer_add_text(json, "}");
}

bool query_text_to_json(struct span text, const char *const *others, struct buffer *json, struct problems *problems)
{
	struct writing writing = { .others = others, .problems = problems };
	const size_t before = problems->total;

	while (text.length > 0) {
		const char *next = memchr(text.at, '&', text.length);
		const size_t length = next ? (size_t)(next - text.at) : text.length;

		if (length > 0)
			take_pair(&writing, (struct span){ text.at, length });
		text.at += next ? length + 1 : length;
		text.length -= next ? length + 1 : length;
	}
	add_object(&writing, json);
	for (size_t i = 0; i < MEMBERS; i++)
		buffer_release(&writing.values[i]);
	return problems->total == before;
}
