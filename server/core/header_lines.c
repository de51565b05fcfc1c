#include "core/header_lines.h"

#include <string.h>
#include <strings.h>

/* The length of the line that begins at `at`. */
static size_t line_length(const struct buffer *lines, size_t at)
{
	const char *newline = memchr(lines->data + at, '\n', lines->length - at);

	return newline ? (size_t)(newline + 1 - lines->data) - at : lines->length - at;
}

static bool is_named(const struct buffer *lines, size_t at, const char *name)
{
	const size_t length = strlen(name);

	return lines->length - at > length && lines->data[at + length] == ':' &&
	       strncasecmp(lines->data + at, name, length) == 0;
}

/* Where the first line of that name begins; the length when there is none. */
static size_t find(const struct buffer *lines, const char *name)
{
	size_t at = 0;

	while (at < lines->length && !is_named(lines, at, name))
		at += line_length(lines, at);
	return at;
}

bool header_lines_have(const struct buffer *lines, const char *name)
{
	return find(lines, name) < lines->length;
}

void header_lines_remove(struct buffer *lines, const char *name)
{
	size_t at;

	while ((at = find(lines, name)) < lines->length) {
		const size_t length = line_length(lines, at);

		memmove(lines->data + at, lines->data + at + length, lines->length - at - length + 1);
		lines->length -= length;
	}
}

void header_lines_set(struct buffer *lines, const char *name, const char *value)
{
	const size_t at = find(lines, name);
	struct buffer rest = { 0 };

	if (at < lines->length) {
		const size_t after = at + line_length(lines, at);

		buffer_add(&rest, lines->data + after, lines->length - after);
		lines->length = at;
		lines->data[at] = '\0';
		header_lines_remove(&rest, name);
	}
	buffer_add_format(lines, "%s: %s\r\n", name, value);
	if (rest.length > 0)
		buffer_add(lines, rest.data, rest.length);
	lines->failed |= rest.failed;
	buffer_release(&rest);
}
