#include "wire/head.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

const char HEAD_LINE_TOO_LONG[] = "HTTP/1.0 414 Request-URI Too Long\r\n\r\n";
const char HEAD_HEADERS_TOO_LARGE[] = " 400 Bad Request\r\n\r\n";

#define VERSION_1_0 "HTTP/1.0"
#define VERSION_1_1 "HTTP/1.1"
#define CONNECTION_NAME "Connection:"

bool head_keeps_alive(const char *version, bool said_close, bool said_keep_alive)
{
	if (strcmp(version, VERSION_1_1) == 0)
		return !said_close;
	if (strcmp(version, VERSION_1_0) == 0)
		return said_keep_alive && !said_close;
	return false;
}

/* The header line that the stack sets by itself, or NULL when it leaves "Connection" alone. An unknown version is
 * closed without a word. */
static const char *connection_line(const struct head_request *request)
{
	if (strcmp(request->version, VERSION_1_1) == 0 && !request->keep_alive)
		return "Connection: close\r\n";
	if (strcmp(request->version, VERSION_1_0) == 0 && request->keep_alive)
		return "Connection: keep-alive\r\n";
	return NULL;
}

/* Copies header lines, all but "Connection". */
static void add_lines_without_connection(const struct buffer *lines, struct buffer *out)
{
	const size_t name_length = sizeof CONNECTION_NAME - 1;
	const char *at = lines->data;
	const char *end = at + lines->length;

	while (at < end) {
		const char *newline = memchr(at, '\n', (size_t)(end - at));
		const char *next = newline ? newline + 1 : end;

		if ((size_t)(next - at) < name_length || strncasecmp(at, CONNECTION_NAME, name_length) != 0)
			buffer_add(out, at, (size_t)(next - at));
		at = next;
	}
}

static void add_content_length(size_t length, struct buffer *out)
{
	buffer_add_text(out, "Content-Length: ");
	buffer_add_int(out, (int64_t)length);
	buffer_add(out, "\r\n", 2);
}

static void add_chunked_body(const struct buffer *body, bool unfinished, struct buffer *out)
{
	if (body->length > 0) {
		char size[24];
		const int length = snprintf(size, sizeof size, "%zx\r\n", body->length);

		buffer_add(out, size, (size_t)length);
		buffer_add(out, body->data, body->length);
		buffer_add(out, "\r\n", 2);
	}
	if (!unfinished)
		buffer_add_text(out, "0\r\n\r\n");
}

static void add_status_line(const struct head_request *request, const struct reply *reply, struct buffer *out)
{
	buffer_add_text(out, request->version);
	buffer_add(out, " ", 1);
	buffer_add_int(out, reply->status);
	buffer_add(out, " ", 1);
	buffer_add_text(out, reply->reason ? reply->reason : status_reason(reply->status));
	buffer_add(out, "\r\n", 2);
}

size_t head_compose(const struct head_request *request, const struct reply *reply, struct buffer *out)
{
	const bool bodiless_status = reply->status == 204 || reply->status == 304;
	const bool has_body = !bodiless_status && (!request->is_head || reply->body_on_head);
	const bool framed_here = reply->framing == FRAMING_CHUNKED && !bodiless_status && !request->is_head;
	/* Where chunks are to be wrong there are some, whatever the version. */
	const bool is_1_0 = strcmp(request->version, VERSION_1_0) == 0 && reply->plan.form != FORM_NO_CHUNKS;
	const char *connection = connection_line(request);
	const size_t start = out->length;
	size_t head;

	if (reply->plan.form == FORM_BARE) {
		if (reply->body.length > 0)
			buffer_add(out, reply->body.data, reply->body.length);
		return 0;
	}
	add_status_line(request, reply, out);
	if (connection)
		add_lines_without_connection(&reply->headers, out);
	else if (reply->headers.length > 0)
		buffer_add(out, reply->headers.data, reply->headers.length);
	if (framed_here && is_1_0)
		add_content_length(reply->body.length + reply->plan.missing, out);
	if (connection)
		buffer_add_text(out, connection);
	if (framed_here && !is_1_0)
		buffer_add_text(out, "Transfer-Encoding: chunked\r\n");
	buffer_add(out, "\r\n", 2);
	head = out->length - start;

	if (framed_here && !is_1_0 && reply->plan.form != FORM_NO_CHUNKS)
		add_chunked_body(&reply->body, reply->plan.form == FORM_UNFINISHED, out);
	else if (has_body && reply->body.length > 0)
		buffer_add(out, reply->body.data, reply->body.length);
	return head;
}
