#include "core/error.h"

#include "core/utf8.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What a terminal would obey instead of showing it; names and texts in messages may come from anybody. */
static void show_control_characters(char *text)
{
	for (unsigned char *at = (unsigned char *)text; *at; at++) {
		/* U+0080 to U+009F are two bytes each. */
		if (at[0] == 0xC2 && at[1] >= 0x80 && at[1] <= 0x9F)
			at[0] = at[1] = '?';
		else if (at[0] < 0x20 || at[0] == 0x7F)
			at[0] = '?';
	}
}

/* A message that was cut may end in the middle of a character, which would spoil the JSON that it goes into. */
static void drop_half_character(char *text)
{
	const size_t length = strlen(text);
	size_t start = length;
	unsigned char first;

	while (start > 0 && ((unsigned char)text[start - 1] & 0xC0) == 0x80)
		start--;
	if (start == 0)
		return;
	first = (unsigned char)text[--start];
	if (length - start < (first < 0xC0 ? 1U : first < 0xE0 ? 2U : first < 0xF0 ? 3U : 4U))
		text[start] = '\0';
}

void error_set(struct error *error, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(error->text, sizeof error->text, format, arguments);
	va_end(arguments);
	drop_half_character(error->text);
	show_control_characters(error->text);
}

void problems_release(struct problems *problems)
{
	free(problems->items);
	*problems = (struct problems){ 0 };
}

/* Copies the line on which a problem stands, cut so that the column is visible. Tabs become blanks, other control
 * characters question marks. */
static void copy_source_line(struct problem *problem, const struct place *place)
{
	const char *line = place->source;
	size_t skip = 0;
	size_t length = 0;

	for (int i = 1; i < place->line && *line; line++)
		i += *line == '\n';
	if (place->column > 100)
		skip = (size_t)place->column - 60;
	for (size_t i = 0; i < skip; i++)
		if (line[i] == '\0' || line[i] == '\n')
			return;
	line += skip;
	while (line[length] && line[length] != '\n' && line[length] != '\r' &&
	       length + 1 < sizeof problem->source_line) {
		problem->source_line[length] = line[length] == '\t' ? ' ' : line[length];
		length++;
	}
	problem->source_line[length] = '\0';
	utf8_mend(problem->source_line, length);
	show_control_characters(problem->source_line);
	problem->caret = place->column - 1 - (int)skip;
}

void problems_add(struct problems *problems, const struct place *place, const char *nearest, const char *format, ...)
{
	struct problem *problem;
	va_list arguments;

	problems->total++;
	if (problems->count == PROBLEMS_MAX)
		return;
	if (!problems->items) {
		problems->items = calloc(PROBLEMS_MAX, sizeof *problems->items);
		if (!problems->items)
			return;
	}
	problem = &problems->items[problems->count++];
	snprintf(problem->file, sizeof problem->file, "%s", place->file ? place->file : "(unnamed)");
	problem->line = place->line;
	problem->column = place->column;
	if (nearest)
		snprintf(problem->nearest, sizeof problem->nearest, "%s", nearest);
	va_start(arguments, format);
	vsnprintf(problem->message, sizeof problem->message, format, arguments);
	va_end(arguments);
	drop_half_character(problem->message);
	if (place->source && place->line > 0)
		copy_source_line(problem, place);
}

/* For a terminal; JSON has escapes for what a file's name or a text in a message may hold. */
static void add_shown(struct buffer *out, const char *text)
{
	char shown[sizeof((struct problem *)0)->message];

	snprintf(shown, sizeof shown, "%s", text);
	show_control_characters(shown);
	buffer_add_text(out, shown);
}

void problems_render_text(const struct problems *problems, struct buffer *out)
{
	for (size_t i = 0; i < problems->count; i++) {
		const struct problem *problem = &problems->items[i];

		add_shown(out, problem->file);
		if (problem->line > 0)
			buffer_add_format(out, ":%d:%d", problem->line, problem->column);
		buffer_add_text(out, ": error: ");
		add_shown(out, problem->message);
		buffer_add_text(out, "\n");
		if (problem->source_line[0])
			buffer_add_format(out, "  %s\n  %*s^\n", problem->source_line, problem->caret, "");
		if (problem->nearest[0])
			buffer_add_format(out, "  did you mean \"%s\"?\n", problem->nearest);
	}
	if (problems->total > problems->count)
		buffer_add_format(out, "… and %zu more\n", problems->total - problems->count);
}

static void add_json_member(struct buffer *out, const char *name, const char *text)
{
	buffer_add_format(out, ",\"%s\":\"", name);
	buffer_add_json_text(out, text, strlen(text));
	buffer_add_text(out, "\"");
}

void problems_render_json(const struct problems *problems, struct buffer *out)
{
	buffer_add_text(out, "[");
	for (size_t i = 0; i < problems->count; i++) {
		const struct problem *problem = &problems->items[i];

		buffer_add_format(out, "%s{\"line\":%d,\"column\":%d", i ? "," : "", problem->line, problem->column);
		add_json_member(out, "file", problem->file);
		add_json_member(out, "message", problem->message);
		if (problem->nearest[0])
			add_json_member(out, "nearest", problem->nearest);
		buffer_add_text(out, "}");
	}
	buffer_add_text(out, "]\n");
}
