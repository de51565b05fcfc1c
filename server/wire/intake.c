#include "wire/intake.h"

#include "core/limits.h"

#include <assert.h>
#include <string.h>

#define PLAIN_VERSION "HTTP/1.1"

void intake_clear(struct intake *intake)
{
	*intake = (struct intake){ .is_plain = true };
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\v' || c == '\f';
}

size_t intake_skip(const char *bytes, size_t length)
{
	size_t count = 0;

	while (count < length && (is_blank(bytes[count]) || bytes[count] == '\r' || bytes[count] == '\n'))
		count++;
	return count;
}

static bool is_version(struct span word)
{
	return word.length == HTTP_VERSION_LENGTH && memcmp(word.at, "HTTP/", 5) == 0 && is_digit(word.at[5]) &&
	       word.at[6] == '.' && is_digit(word.at[7]);
}

/* ---- lines ---- */

/* Without its end. */
static struct span line_of(const char *bytes, size_t length)
{
	if (length > 0 && bytes[length - 1] == '\n')
		length--;
	if (length > 0 && bytes[length - 1] == '\r')
		length--;
	return (struct span){ .at = bytes, .length = length };
}

static struct span without_blanks(struct span text)
{
	while (text.length > 0 && is_blank(text.at[0])) {
		text.at++;
		text.length--;
	}
	while (text.length > 0 && is_blank(text.at[text.length - 1]))
		text.length--;
	return text;
}

static struct span next_word(struct span *rest)
{
	struct span word;

	*rest = without_blanks(*rest);
	word = (struct span){ .at = rest->at };
	while (word.length < rest->length && !is_blank(word.at[word.length]))
		word.length++;
	rest->at += word.length;
	rest->length -= word.length;
	return word;
}

static bool has_cr(struct span line)
{
	return memchr(line.at, '\r', line.length) != NULL;
}

/* False when the line is no request line. */
static bool read_request_line(struct span line, struct span words[3])
{
	for (int i = 0; i < 3; i++)
		if ((words[i] = next_word(&line)).length == 0)
			return false;
	return without_blanks(line).length == 0 && is_version(words[2]);
}

/* ---- looking ---- */

static enum intake_result end_request_line(struct intake *intake, struct span line)
{
	struct span words[3];

	if (has_cr(line) || !read_request_line(line, words))
		return INTAKE_NO_REQUEST;
	memcpy(intake->version, words[2].at, HTTP_VERSION_LENGTH);
	intake->is_plain = words[0].length + 1 + words[1].length + 1 + words[2].length == line.length &&
	                   memcmp(words[2].at, PLAIN_VERSION, HTTP_VERSION_LENGTH) == 0 &&
	                   line.at[words[0].length] == ' ' && words[2].at[-1] == ' ';
	intake->headers_start = intake->length;
	return INTAKE_MORE;
}

static enum intake_result end_header_line(struct intake *intake, struct span line)
{
	const bool is_folded = line.length > 0 && is_blank(line.at[0]);

	if (line.length == 0)
		return INTAKE_WHOLE;
	if (has_cr(line))
		return INTAKE_NO_REQUEST;
	/* The first line has none before it that it could go on with. */
	if ((!is_folded || intake->headers_length == 0) && !memchr(line.at, ':', line.length))
		return INTAKE_NO_REQUEST;
	intake->headers_length += line.length;
	if (is_folded)
		intake->is_plain = false;
	return INTAKE_MORE;
}

static enum intake_result check_limits(const struct intake *intake, size_t line_length)
{
	if (intake->headers_start == 0)
		return line_length > REQUEST_LINE_MAX ? INTAKE_LINE_TOO_LONG : INTAKE_MORE;
	return intake->headers_length + line_length > REQUEST_HEADERS_MAX ? INTAKE_HEADERS_TOO_LARGE : INTAKE_MORE;
}

enum intake_result intake_look(struct intake *intake, const char *head, size_t length)
{
	enum intake_result result = INTAKE_MORE;

	while (intake->length < length && result == INTAKE_MORE) {
		const char *newline = memchr(head + intake->length, '\n', length - intake->length);
		struct span line;

		intake->length = newline ? (size_t)(newline + 1 - head) : length;
		line = line_of(head + intake->line_start, intake->length - intake->line_start);
		result = check_limits(intake, line.length);
		if (!newline || result != INTAKE_MORE)
			break;
		result = intake->headers_start == 0 ? end_request_line(intake, line) : end_header_line(intake, line);
		intake->line_start = intake->length;
	}
	return result;
}

/* ---- rewriting ---- */

/* What is written never overtakes what is read: both are in the same memory. */
struct writer {
	char *at;
};

static void write_bytes(struct writer *out, const char *bytes, size_t length)
{
	memmove(out->at, bytes, length);
	out->at += length;
}

static void rewrite_request_line(struct span line, struct writer *out)
{
	struct span words[3] = { 0 };
	const bool is_one = read_request_line(line, words);

	assert(is_one);
	write_bytes(out, words[0].at, words[0].length);
	*out->at++ = ' ';
	write_bytes(out, words[1].at, words[1].length);
	*out->at++ = ' ';
	memcpy(out->at, PLAIN_VERSION, HTTP_VERSION_LENGTH);
	out->at += HTTP_VERSION_LENGTH;
}

static void take_back_line_end(struct writer *out)
{
	out->at--;
	if (out->at[-1] == '\r')
		out->at--;
	while (is_blank(out->at[-1]))
		out->at--;
}

static void rewrite_header_line(struct span line, bool is_first, struct writer *out)
{
	if (is_blank(line.at[0])) {
		line = without_blanks(line);
		if (!is_first) {
			take_back_line_end(out);
			*out->at++ = ' ';
		}
	}
	write_bytes(out, line.at, line.length);
}

size_t intake_rewrite(struct intake *intake, char *head)
{
	struct writer out = { .at = head };
	const char *end = head + intake->length;
	size_t headers_start = 0;
	size_t gap;

	if (intake->is_plain)
		return 0;
	for (const char *at = head; at < end;) {
		const char *next = (const char *)memchr(at, '\n', (size_t)(end - at)) + 1;
		const struct span line = line_of(at, (size_t)(next - at));

		if (at == head)
			rewrite_request_line(line, &out);
		else if (line.length > 0)
			rewrite_header_line(line, at == head + intake->headers_start, &out);
		write_bytes(&out, line.at + line.length, (size_t)(next - line.at) - line.length);
		if (at == head)
			headers_start = (size_t)(out.at - head);
		at = next;
	}
	gap = intake->length - (size_t)(out.at - head);
	memmove(head + gap, head, intake->length - gap);
	intake->headers_start = headers_start;
	intake->length -= gap;
	intake->is_plain = true;
	return gap;
}

struct span intake_headers(const struct intake *intake, const char *head)
{
	const struct span lines = { .at = head + intake->headers_start,
		                    .length = intake->length - intake->headers_start };
	const size_t end = lines.length > 1 && lines.at[lines.length - 2] == '\r' ? 2 : 1;

	return (struct span){ .at = lines.at, .length = lines.length - end };
}
