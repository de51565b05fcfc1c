#include "wire/quick.h"

#include "core/limits.h"

#include <string.h>
#include <strings.h>

#define VERSION_TAIL " HTTP/1.1"
/* Nobody sends a longer number and means it. */
#define LENGTH_DIGITS_MAX 9

/* A line without its CR LF; `rest` begins behind it then. False when there is no whole line of that form. */
static bool take_line(struct span *rest, struct span *line)
{
	const char *newline = memchr(rest->at, '\n', rest->length);

	if (!newline || newline == rest->at || newline[-1] != '\r')
		return false;
	line->at = rest->at;
	line->length = (size_t)(newline - 1 - rest->at);
	rest->length -= line->length + 2;
	rest->at = newline + 1;
	return true;
}

static size_t count_upper(struct span span)
{
	size_t count = 0;

	while (count < span.length && span.at[count] >= 'A' && span.at[count] <= 'Z')
		count++;
	return count;
}

/* Visible ASCII only. */
static bool is_visible(struct span span)
{
	for (size_t i = 0; i < span.length; i++)
		if (span.at[i] <= ' ' || span.at[i] > '~')
			return false;
	return true;
}

static bool take_request_line(struct span line, struct quick *quick)
{
	const size_t tail = sizeof VERSION_TAIL - 1;
	const size_t method = count_upper(line);
	struct request *request = &quick->exchange.request;

	if (line.length > REQUEST_LINE_MAX || method == 0 || method > QUICK_METHOD_MAX ||
	    line.length < method + 2 + tail || line.at[method] != ' ')
		return false;
	if (memcmp(line.at + line.length - tail, VERSION_TAIL, tail) != 0)
		return false;
	request->target = (struct span){ .at = line.at + method + 1, .length = line.length - method - 1 - tail };
	if (!is_visible(request->target))
		return false;
	memcpy(quick->method, line.at, method);
	quick->method[method] = '\0';
	request->method_text = quick->method;
	request->method = method_of(quick->method);
	return true;
}

static bool is_name_character(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
}

static bool has_controls(struct span span)
{
	for (size_t i = 0; i < span.length; i++)
		if ((unsigned char)span.at[i] < ' ' || span.at[i] == 0x7f)
			return true;
	return false;
}

static bool take_content_length(struct span value, struct quick *quick)
{
	if (quick->exchange.request.has_content_length || value.length == 0 || value.length > LENGTH_DIGITS_MAX)
		return false;
	for (size_t i = 0; i < value.length; i++) {
		if (value.at[i] < '0' || value.at[i] > '9')
			return false;
		quick->content_length = quick->content_length * 10 + (size_t)(value.at[i] - '0');
	}
	return true;
}

static bool take_header(struct span line, struct quick *quick)
{
	struct span name = { .at = line.at };
	struct span value;

	while (name.length < line.length && is_name_character(line.at[name.length]))
		name.length++;
	if (name.length == 0 || name.length == line.length || line.at[name.length] != ':')
		return false;
	value = (struct span){ .at = line.at + name.length + 1, .length = line.length - name.length - 1 };
	while (value.length > 0 && value.at[0] == ' ') {
		value.at++;
		value.length--;
	}
	if (has_controls(value) || span_equals_any_case(name, "Transfer-Encoding") ||
	    span_equals_any_case(name, "Expect"))
		return false;
	if (span_equals_any_case(name, "Content-Length") && !take_content_length(value, quick))
		return false;
	exchange_note_header(&quick->exchange, name, value);
	return true;
}

bool quick_recognize(const char *bytes, size_t length, struct quick *quick)
{
	struct span rest = { .at = bytes, .length = length };
	struct span *headers = &quick->exchange.request.headers;
	size_t headers_length = 0;
	struct span line;

	memset(quick, 0, sizeof *quick);
	if (!take_line(&rest, &line) || !take_request_line(line, quick))
		return false;
	headers->at = rest.at;
	while (take_line(&rest, &line)) {
		headers_length += line.length;
		if (headers_length > REQUEST_HEADERS_MAX)
			return false;
		if (line.length > 0) {
			if (!take_header(line, quick))
				return false;
			continue;
		}
		headers->length = (size_t)(line.at - headers->at);
		if (quick->content_length > rest.length || quick->content_length > REQUEST_BODY_KEPT_MAX)
			return false;
		exchange_end_headers(&quick->exchange);
		quick->exchange.request.body = (struct span){ .at = rest.at, .length = quick->content_length };
		quick->length = (size_t)(rest.at - bytes) + quick->content_length;
		return true;
	}
	return false;
}
