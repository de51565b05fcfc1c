#include "spoken.h"

#include "core/calendar.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

/* ---- requests ---- */

static bool starts_with(const char *text, const char *start)
{
	return strncmp(text, start, strlen(start)) == 0;
}

/* One wish between the brackets. */
static bool take_wish(struct spoken *spoken, const char *wish)
{
	struct request *request = &spoken->request;

	if (strcmp(wish, "no User-Agent") == 0) {
		request->has_user_agent = false;
	} else if (strcmp(wish, "no Content-Length") == 0) {
		request->has_content_length = false;
	} else if (strcmp(wish, "chunked") == 0) {
		request->has_content_length = false;
		request->has_transfer_encoding = true;
	} else if (strcmp(wish, "form") == 0) {
		request->is_form = true;
	} else if (strcmp(wish, "preflight") == 0) {
		request->is_preflight = true;
	} else if (starts_with(wish, "from ")) {
		snprintf(spoken->peer, sizeof spoken->peer, "%s", wish + 5);
	} else if (starts_with(wish, "only ")) {
		snprintf(spoken->wanted, sizeof spoken->wanted, "%s", wish + 5);
	} else if (strcmp(wish, "in full") == 0) {
		spoken->in_full = true;
	} else if (strcmp(wish, "status only") == 0) {
		spoken->status_only = true;
	} else if (strcmp(wish, "as before") == 0) {
		spoken->as_before = true;
	} else {
		return false;
	}
	return true;
}

static bool take_wishes(struct spoken *spoken, const char *at, const char *close)
{
	while (at < close) {
		char wish[128];
		size_t length = strcspn(at, ",)");

		if (length >= sizeof wish)
			return false;
		memcpy(wish, at, length);
		wish[length] = '\0';
		if (!take_wish(spoken, wish))
			return false;
		at += length + 1;
		at += strspn(at, " ");
	}
	return true;
}

const char *spoken_parse(struct spoken *spoken, const char *line)
{
	struct request *request = &spoken->request;
	const char *body;
	int end = 0;

	*spoken = (struct spoken){ .peer = "127.0.0.1" };
	if (sscanf(line, "> %15s %8191s%n", spoken->method, spoken->target, &end) != 2 || end == 0)
		return "\"> METHOD TARGET\"";
	body = line + end;
	body += strspn(body, " ");
	*request = (struct request){ .method = method_of(spoken->method),
		                     .method_text = spoken->method,
		                     .target = span_of(spoken->target),
		                     .peer = spoken->peer,
		                     .has_user_agent = true,
		                     .has_content_length = true };
	if (*body == '(') {
		const char *close = strchr(body, ')');

		if (!close || !take_wishes(spoken, body + 1, close))
			return "known wishes between the brackets: no User-Agent, no Content-Length, chunked, form, "
			       "preflight, "
			       "from ADDRESS, only NAME…, in full, status only, as before";
		body = close + 1;
		body += strspn(body, " ");
	}
	request->body = span_of(body);
	if (!request->body.length && request->method != METHOD_POST && request->method != METHOD_PUT &&
	    request->method != METHOD_PATCH)
		request->has_content_length = false;
	return NULL;
}

/* ---- replies ---- */

/* JSON as it is; any other text in quotes. */
static void add_body(struct span body, struct buffer *out)
{
	if (!body.length)
		return;
	buffer_add_text(out, " ");
	if (body.at[0] == '{' || body.at[0] == '[') {
		buffer_add(out, body.at, body.length);
		return;
	}
	buffer_add_text(out, "\"");
	buffer_add_json_text(out, body.at, body.length);
	buffer_add_text(out, "\"");
}

/* How long the JSON value at `at` is. */
static size_t value_length(const char *at)
{
	const char *start = at;
	int depth = 0;

	do {
		if (*at == '"') {
			for (at++; *at && *at != '"'; at++)
				at += *at == '\\' && at[1];
		} else if (*at == '{' || *at == '[') {
			depth++;
		} else if (*at == '}' || *at == ']') {
			depth--;
		}
		at += *at != '\0';
	} while (*at && (depth > 0 || !strchr(",}]", *at)));
	return (size_t)(at - start);
}

/* The members that the story asks for, wherever in the body they are. */
static void add_members(const struct spoken *spoken, const char *body, struct buffer *out)
{
	const char *at = spoken->wanted;

	while (*at) {
		const int length = (int)strcspn(at, " ");
		char quoted[128];
		const char *found;

		snprintf(quoted, sizeof quoted, "\"%.*s\":", length, at);
		found = body ? strstr(body, quoted) : NULL;
		if (found) {
			const size_t whole = strlen(quoted) + value_length(found + strlen(quoted));

			buffer_add_text(out, " … ");
			buffer_add(out, found, whole);
		} else {
			buffer_add_format(out, " … no %.*s", length, at);
		}
		at += length;
		at += strspn(at, " ");
	}
}

static bool is_header_of(struct span line, const char *name, size_t length)
{
	if (line.length < length + 1 || line.at[length] != ':')
		return false;
	for (size_t i = 0; i < length; i++)
		if (tolower((unsigned char)line.at[i]) != tolower((unsigned char)name[i]))
			return false;
	return true;
}

/* Takes one line off a head. */
static struct span next_header(const char **at, const char *end)
{
	const char *stop = *at;
	struct span line;

	while (stop < end && *stop != '\r')
		stop++;
	line = (struct span){ *at, (size_t)(stop - *at) };
	*at = stop + 2 <= end ? stop + 2 : end;
	return line;
}

/* All headers of that name, or that there is none. */
static void add_header(const struct reply *reply, const char *name, size_t length, struct buffer *out)
{
	const char *at = reply->headers.data;
	const char *end = at ? at + reply->headers.length : at;
	bool found = false;

	while (at < end) {
		const struct span line = next_header(&at, end);

		if (!is_header_of(line, name, length))
			continue;
		buffer_add_text(out, "< ");
		buffer_add(out, line.at, line.length);
		buffer_add_text(out, "\n");
		found = true;
	}
	if (!found)
		buffer_add_format(out, "< no %.*s\n", (int)length, name);
}

/* The headers that the story names below the status, each name once. */
static void add_expected_headers(const struct reply *reply, char *const *expected, size_t count, struct buffer *out)
{
	for (size_t i = 0; i < count; i++) {
		const char *name = expected[i] + 1 + strspn(expected[i] + 1, " ");
		bool again = false;
		size_t length;

		if (isdigit((unsigned char)name[0]) || strcmp(name, "never") == 0 || starts_with(name, "HTTP/"))
			continue;
		if (starts_with(name, "no "))
			name += 3;
		length = strcspn(name, ":");
		for (size_t j = 0; j < i && !again; j++) {
			const char *before = expected[j] + 1 + strspn(expected[j] + 1, " ");

			again = strncmp(before, name, length) == 0 && (before[length] == ':' || before[length] == '\0');
		}
		if (!again && length)
			add_header(reply, name, length, out);
	}
}

static void add_delay(const struct reply *reply, int64_t now_ms, struct buffer *out)
{
	if (reply->release_ms == now_ms)
		return;
	buffer_add_text(out, " after ");
	duration_add(out, reply->release_ms - now_ms);
}

/* As an HTTP/1.1 client sees it: head, a blank line, body. */
static void add_in_full(const struct spoken *spoken, const struct reply *reply, int64_t now_ms, bool has_body,
                        struct buffer *out)
{
	const char *at = reply->headers.data;
	const char *end = at ? at + reply->headers.length : at;

	buffer_add_format(out, "< HTTP/1.1 %d %s", reply->status, reply->reason);
	add_delay(reply, now_ms, out);
	buffer_add_text(out, "\n");
	while (at < end) {
		const struct span line = next_header(&at, end);

		buffer_add_text(out, "< ");
		buffer_add(out, line.at, line.length);
		buffer_add_text(out, "\n");
	}
	if (reply->framing == FRAMING_CHUNKED && spoken->request.method != METHOD_HEAD)
		buffer_add_text(out, "< Transfer-Encoding: chunked\n");
	buffer_add_text(out, "<\n");
	if (!has_body)
		return;
	buffer_add_text(out, "< ");
	for (size_t i = 0; i < reply->body.length; i++) {
		buffer_add(out, reply->body.data + i, 1);
		if (reply->body.data[i] == '\n')
			buffer_add_text(out, i + 1 < reply->body.length ? "< " : "<");
	}
	buffer_add_text(out, "\n");
}

void spoken_add_whole(const struct reply *reply, int64_t now_ms, struct buffer *out)
{
	if (reply->release_ms == REPLY_NEVER) {
		buffer_add_text(out, "never");
		return;
	}
	buffer_add_format(out, "%d %s %d %d\n", reply->status, reply->reason, (int)reply->framing,
	                  (int)reply->body_on_head);
	buffer_add_int(out, reply->release_ms - now_ms);
	buffer_add(out, reply->headers.data, reply->headers.length);
	buffer_add(out, reply->body.data, reply->body.length);
}

void spoken_add_reply(const struct spoken *spoken, const struct reply *reply, int64_t now_ms, char *const *expected,
                      size_t expected_count, struct buffer *out)
{
	const bool has_body = reply->body.length && (spoken->request.method != METHOD_HEAD || reply->body_on_head);

	if (reply->release_ms == REPLY_NEVER) {
		buffer_add_text(out, "< never\n");
		return;
	}
	if (reply->plan.form == FORM_BARE) {
		buffer_add_text(out, reply->body.length > 0 ? "< garbage" : "< closed");
		add_delay(reply, now_ms, out);
		buffer_add_text(out, "\n");
		return;
	}
	if (spoken->in_full) {
		add_in_full(spoken, reply, now_ms, has_body, out);
		return;
	}
	buffer_add_format(out, "< %d", reply->status);
	add_delay(reply, now_ms, out);
	if (spoken->wanted[0])
		add_members(spoken, reply->body.data, out);
	else if (spoken->status_only && has_body)
		buffer_add_text(out, " …");
	else if (has_body)
		add_body((struct span){ reply->body.data, reply->body.length }, out);
	buffer_add_text(out, "\n");
	add_expected_headers(reply, expected, expected_count, out);
}
