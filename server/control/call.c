#include "control/call.h"

#include "control/route.h"
#include "core/calendar.h"
#include "core/query_text.h"
#include "core/utf8.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- answers ---- */

void call_answer_text(struct call *call, int status, const char *type, const char *text)
{
	call->status = status;
	call->type = type;
	buffer_clear(&call->answer);
	buffer_add_text(&call->answer, text);
}

struct buffer *call_answer_json(struct call *call, int status)
{
	call_answer_text(call, status, TYPE_JSON, "");
	return &call->answer;
}

/* RFC 9457. */
static struct buffer *begin_problem(struct call *call, int status, const char *detail)
{
	struct buffer *out = &call->answer;

	call_answer_text(call, status, TYPE_PROBLEM, "");
	buffer_add_format(out, "{\"type\":\"about:blank\",\"title\":\"%s\",\"status\":%d,\"detail\":\"",
	                  status_reason(status), status);
	buffer_add_json_text(out, detail, strlen(detail));
	buffer_add_text(out, "\"");
	return out;
}

/* Whatever it quotes, from headers, paths or queries, the answer is JSON and so UTF-8. */
static void end_problem(struct buffer *out)
{
	buffer_add_text(out, "}\n");
	utf8_mend(out->data, out->length);
}

void call_problem(struct call *call, int status, const char *format, ...)
{
	char detail[1024];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(detail, sizeof detail, format, arguments);
	va_end(arguments);
	call_long_problem(call, status, detail);
}

void call_unknown(struct call *call, int status, const char *what, const char *name, const struct nearest *nearest)
{
	if (nearest->best)
		call_problem(call, status, "%s \"%.64s\"; the nearest is \"%s\"", what, name, nearest->best);
	else
		call_problem(call, status, "%s \"%.64s\"", what, name);
}

void call_long_problem(struct call *call, int status, const char *detail)
{
	end_problem(begin_problem(call, status, detail));
}

void call_problem_with(struct call *call, int status, const char *detail, const char *member, const struct buffer *json)
{
	struct buffer *out = begin_problem(call, status, detail);

	buffer_add_format(out, ",\"%s\":", member);
	buffer_add(out, json->data, json->length);
	call->answer.failed |= buffer_failed(json);
	end_problem(out);
}

void call_problems(struct call *call, int status, const char *detail, const struct problems *problems)
{
	struct buffer json = { 0 };

	problems_render_json(problems, &json);
	while (json.length > 0 && json.data[json.length - 1] == '\n')
		json.length--;
	call_problem_with(call, status, detail, "errors", &json);
	buffer_release(&json);
}

/* ---- the query ---- */

/* The next of "name=value&…" that is not empty; false when there are no more. */
static bool next_pair(struct span *rest, struct span *name, struct span *value)
{
	while (rest->length > 0) {
		const char *at = rest->at;
		const char *next = memchr(at, '&', rest->length);
		const size_t length = next ? (size_t)(next - at) : rest->length;
		const char *equals = memchr(at, '=', length);

		rest->at += next ? length + 1 : length;
		rest->length -= next ? length + 1 : length;
		if (length == 0)
			continue;
		*name = (struct span){ at, equals ? (size_t)(equals - at) : length };
		*value = equals ? (struct span){ equals + 1, length - name->length - 1 } : span_of("");
		return true;
	}
	return false;
}

/* As it was meant; what cannot be decoded stays as it was sent: whoever wants it says what he wanted instead. */
static void take_decoded(struct span text, struct buffer *out)
{
	const size_t before = out->length;

	if (query_text_decode(text, out))
		return;
	out->length = before;
	buffer_add(out, text.at, text.length);
}

static bool is_called(struct span sent, const char *name)
{
	struct buffer decoded = { 0 };
	bool same;

	take_decoded(sent, &decoded);
	same = span_equals((struct span){ decoded.data ? decoded.data : "", decoded.length }, name);
	buffer_release(&decoded);
	return same;
}

bool call_argument(const struct call *call, const char *name, struct buffer *value)
{
	struct span rest = call->query;
	struct span sent;
	struct span text;
	bool found = false;

	buffer_clear(value);
	while (next_pair(&rest, &sent, &text)) {
		if (!is_called(sent, name))
			continue;
		buffer_add_text(value, found ? "," : "");
		take_decoded(text, value);
		found = true;
	}
	return found;
}

bool call_integer(struct call *call, const char *name, int64_t least, int64_t most, int64_t otherwise, int64_t *value)
{
	struct buffer text = { 0 };
	bool good = true;

	*value = otherwise;
	if (call_argument(call, name, &text)) {
		good = text.length > 0 && text.length < 19 && strspn(text.data, "0123456789") == text.length;
		*value = good ? strtoll(text.data, NULL, 10) : otherwise;
		good = good && *value >= least && *value <= most;
		if (!good)
			call_problem(call, 400, "%s: wanted a whole number from %lld to %lld, found \"%.40s\"", name,
			             (long long)least, (long long)most, text.data ? text.data : "");
	}
	buffer_release(&text);
	return good;
}

bool call_duration(struct call *call, const char *name, int64_t most_ms, int64_t otherwise_ms, int64_t *value_ms)
{
	struct buffer text = { 0 };
	bool good = true;

	*value_ms = otherwise_ms;
	if (call_argument(call, name, &text)) {
		good = !buffer_failed(&text) && duration_parse(text.data, value_ms) && *value_ms >= 0 &&
		       *value_ms <= most_ms;
		if (!good)
			call_problem(call, 400, "%s: wanted a duration such as \"5s\", at most %lld s, found \"%.40s\"",
			             name, (long long)most_ms / 1000, text.data ? text.data : "");
	}
	buffer_release(&text);
	return good;
}

/* ---- the whole query ---- */

static bool is_argument(const struct call *call, struct span name)
{
	for (const struct route_argument *argument = call->route->arguments; argument->name; argument++)
		if (is_called(name, argument->name))
			return true;
	return false;
}

static bool refuse_argument(struct call *call, struct span name)
{
	char wanted[NAME_LENGTH_MAX];
	struct nearest nearest;

	snprintf(wanted, sizeof wanted, "%.*s", (int)(name.length < sizeof wanted ? name.length : sizeof wanted - 1),
	         name.at);
	nearest_begin(&nearest, wanted);
	for (const struct route_argument *argument = call->route->arguments; argument->name; argument++)
		nearest_offer(&nearest, argument->name);
	call_unknown(call, MHD_HTTP_BAD_REQUEST, "the query of this call has no", wanted, &nearest);
	return false;
}

bool call_arguments_known(struct call *call)
{
	struct span rest = call->query;
	struct span name;
	struct span value;

	while (next_pair(&rest, &name, &value))
		if (!is_argument(call, name))
			return refuse_argument(call, name);
	return true;
}

/* ---- the body ---- */

bool call_body_is_empty(const struct call *call)
{
	size_t braces = 0;

	for (size_t i = 0; i < call->body.length; i++) {
		const char byte = call->body.data[i];

		if (braces < 2 && byte == "{}"[braces])
			braces++;
		else if (!memchr(" \t\r\n", byte, 4))
			return false;
	}
	return braces != 1;
}

bool call_json_begin(struct call *call, bool may_be_empty, struct call_json *json)
{
	*json = (struct call_json){ 0 };
	if (call->body.length == 0) {
		if (!may_be_empty)
			call_problem(call, 400, "there is no body: wanted JSON such as %s", call->route->example);
		return may_be_empty;
	}
	json->tree = json_read(&json->places, "(body)", call->body.data, call->body.length, &json->problems);
	return call_json_passed(call, json);
}

bool call_json_passed(struct call *call, const struct call_json *json)
{
	if (json->problems.total == 0)
		return true;
	call_problems(call, 400, "the body is not what is wanted", &json->problems);
	return false;
}

void call_json_end(struct call_json *json)
{
	json_places_release(&json->places);
	problems_release(&json->problems);
}
