#include "wire/intake.h"

#include "core/limits.h"

#include <ctype.h>
#include <string.h>

static const char KNOWN_VERSION[] = "HTTP/1.1";

void intake_clear(struct intake *intake)
{
	memset(intake, 0, sizeof *intake);
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_version(const char *text)
{
	return memcmp(text, "HTTP/", 5) == 0 && is_digit(text[5]) && text[6] == '.' && is_digit(text[7]);
}

static bool is_known_version(const char *text)
{
	return memcmp(text, KNOWN_VERSION, 7) == 0 && (text[7] == '1' || text[7] == '0');
}

static void replace_odd_version(struct intake *intake, char *line, size_t length)
{
	char *version = line + length - HTTP_VERSION_LENGTH;

	if (length <= HTTP_VERSION_LENGTH || version[-1] != ' ' || !is_version(version) || is_known_version(version))
		return;
	memcpy(intake->odd_version, version, HTTP_VERSION_LENGTH);
	memcpy(version, KNOWN_VERSION, HTTP_VERSION_LENGTH);
}

bool intake_look(struct intake *intake, char *bytes, size_t length)
{
	const bool in_one_piece = intake->line_length == 0;
	const char *newline;
	size_t line_length;

	if (intake->line_complete)
		return true;
	newline = memchr(bytes, '\n', length);
	line_length = newline ? (size_t)(newline - bytes) : length;
	/* A CR counts only once it is known not to begin the line's end. */
	if (intake->ends_in_cr && line_length > 0)
		intake->line_length++;
	intake->ends_in_cr &= line_length == 0;
	if (line_length > 0 && bytes[line_length - 1] == '\r') {
		line_length--;
		intake->ends_in_cr = true;
	}
	intake->line_length += line_length;
	intake->line_complete = newline != NULL;
	if (intake->line_length > REQUEST_LINE_MAX)
		return false;
	if (newline && in_one_piece)
		replace_odd_version(intake, bytes, line_length);
	return true;
}
