#include "wire/exchange.h"

#include "wire/gateway.h"
#include "wire/head.h"
#include "wire/link_break.h"

#include <string.h>
#include <strings.h>

static bool is_separator(char c)
{
	return c == ',' || c == ';' || c == ' ' || c == '\t';
}

/* The first word of a list, which then begins behind it. Empty when there are no more. */
static struct span next_word(struct span *list)
{
	struct span word;
	size_t at = 0;

	while (at < list->length && is_separator(list->at[at]))
		at++;
	word.at = list->at + at;
	while (at < list->length && !is_separator(list->at[at]))
		at++;
	word.length = (size_t)(list->at + at - word.at);
	list->at += at;
	list->length -= at;
	return word;
}

static void note_connection(struct exchange *exchange, struct span value)
{
	struct span word;

	while ((word = next_word(&value)).length > 0) {
		exchange->said_close |= span_equals_any_case(word, "close");
		exchange->said_keep_alive |= span_equals_any_case(word, "keep-alive");
		exchange->said_upgrade |= span_equals_any_case(word, "upgrade");
	}
}

/* Of several the first counts, as for libmicrohttpd, and it wins over Content-Length. */
static void note_transfer_encoding(struct exchange *exchange, struct span line, struct span value)
{
	if (exchange->request.has_transfer_encoding)
		return;
	exchange->request.has_transfer_encoding = true;
	exchange->is_chunked = span_equals_any_case(value, "chunked");
	exchange->framing = line;
}

static void note_content_length(struct exchange *exchange, struct span line, struct span value)
{
	uint64_t length = 0;

	if (exchange->request.has_content_length)
		return;
	exchange->request.has_content_length = true;
	for (size_t i = 0; i < value.length && value.at[i] >= '0' && value.at[i] <= '9'; i++)
		length = length > UINT64_MAX / 16 ? UINT64_MAX : length * 10 + (uint64_t)(value.at[i] - '0');
	exchange->content_length = length;
	if (!exchange->request.has_transfer_encoding)
		exchange->framing = line;
}

void exchange_note_header(struct exchange *exchange, struct span name, struct span value)
{
	struct request *request = &exchange->request;
	const struct span line = { .at = name.at, .length = (size_t)(value.at + value.length - name.at) };

	if (span_equals_any_case(name, "Connection"))
		note_connection(exchange, value);
	else if (span_equals_any_case(name, "User-Agent"))
		request->has_user_agent = value.length > 0;
	else if (span_equals_any_case(name, "Content-Length"))
		note_content_length(exchange, line, value);
	else if (span_equals_any_case(name, "Content-Type"))
		request->is_form = span_equals_any_case(next_word(&value), "application/x-www-form-urlencoded");
	else if (span_equals_any_case(name, "Transfer-Encoding"))
		note_transfer_encoding(exchange, line, value);
	else if (span_equals_any_case(name, "Origin"))
		exchange->has_origin = true;
	else if (span_equals_any_case(name, "Access-Control-Request-Method"))
		exchange->has_requested_method = true;
	else if (span_equals_any_case(name, "Upgrade"))
		exchange->is_websocket = span_equals_any_case(next_word(&value), "websocket");
	else if (span_equals_any_case(name, "Sec-WebSocket-Version"))
		request->upgrade_version_ok = span_equals_any_case(next_word(&value), "13");
	else if (span_equals_any_case(name, "Sec-WebSocket-Key"))
		exchange->websocket_key = next_word(&value);
}

static void note_line(struct exchange *exchange, struct span line)
{
	const char *colon = memchr(line.at, ':', line.length);
	struct span value;

	if (!colon)
		return;
	value = (struct span){ .at = colon + 1, .length = (size_t)(line.at + line.length - colon - 1) };
	while (value.length > 0 && (value.at[0] == ' ' || value.at[0] == '\t')) {
		value.at++;
		value.length--;
	}
	exchange_note_header(exchange, (struct span){ .at = line.at, .length = (size_t)(colon - line.at) }, value);
}

void exchange_note_lines(struct exchange *exchange, struct span lines)
{
	while (lines.length > 0) {
		const char *newline = memchr(lines.at, '\n', lines.length);
		const size_t length = newline ? (size_t)(newline - lines.at) : lines.length;
		const bool has_cr = length > 0 && lines.at[length - 1] == '\r';

		note_line(exchange, (struct span){ .at = lines.at, .length = has_cr ? length - 1 : length });
		lines.at += length + (newline != NULL);
		lines.length -= length + (newline != NULL);
	}
}

/* Without a key there is nothing that would answer it: then it is a request like any other (assumed). */
static bool is_upgrade(const struct exchange *exchange)
{
	return exchange->request.method == METHOD_GET && exchange->said_upgrade && exchange->is_websocket &&
	       (exchange->websocket_key.length > 0 || !exchange->request.upgrade_version_ok);
}

void exchange_end_headers(struct exchange *exchange)
{
	exchange->request.websocket_accept = exchange->websocket_accept;
	exchange->request.is_upgrade = is_upgrade(exchange);
	if (exchange->request.is_upgrade)
		websocket_accept(exchange->websocket_key, exchange->websocket_accept);
	exchange->request.is_preflight =
	    exchange->request.method == METHOD_OPTIONS && exchange->has_origin && exchange->has_requested_method;
}

/* Whether not all of it may leave now. */
static bool is_held(const struct reply *reply, int64_t now_ms)
{
	return reply->release_ms > now_ms || reply->plan.pace.kind != PACE_AT_ONCE || reply->plan.pace.rest_ms > 0;
}

/* So much of it leaves at all. */
static size_t length_of(const struct fault_plan *plan, size_t head, size_t whole)
{
	const size_t limit = (plan->limits_body ? head : 0) + plan->limit;

	return plan->limit > 0 && limit < whole ? limit : whole;
}

static void deliver(const struct reply *reply, size_t head_length, const struct buffer *answer, struct link *link)
{
	if (buffer_failed(answer)) {
		link->is_broken = true;
		link_touch(link);
		return;
	}
	link_plan_end(link, &reply->plan);
	link_deliver(link, answer->data, length_of(&reply->plan, head_length, answer->length),
	             is_held(reply, gateway_now_ms(link->gateway)));
	if (!link->held)
		return;
	link->release_ms = reply->release_ms;
	link->pace = reply->plan.pace;
	link->head_length = head_length;
	link->pace_step = 0;
	link->held_by = reply->plan.held_by;
	link->request = reply->record;
	gateway_hold(link->gateway, link);
}

/* Faults may have made something else of the answer. */
static bool is_upgraded(const struct request *request, const struct reply *reply)
{
	const enum answer_end end = reply->plan.end;

	return reply->status == 101 && request->is_upgrade && reply->plan.form == FORM_SOUND &&
	       (end == END_AS_USUAL || end == END_CLOSE_ON_REUSE || end == END_RESET_ON_REUSE);
}

void exchange_answer(const struct exchange *exchange, const char *version, struct link *link)
{
	const struct request *request = &exchange->request;
	struct reply *reply = &link->hub->reply;
	struct buffer *answer = &link->hub->answer;
	struct head_request head = { .version = version, .is_head = request->method == METHOD_HEAD };
	bool upgrades;

	/* Where a body of unknown form ends is not known: nothing can follow it. */
	head.keep_alive = head_keeps_alive(version, exchange->said_close, exchange->said_keep_alive) &&
	                  (!request->has_transfer_encoding || exchange->is_chunked);
	link->has_asked = true;
	link->hub->now_ms = monotonic_ms(); /* many may have been answered since this turn began */
	gateway_answer(link->gateway, request, reply);
	upgrades = is_upgraded(request, reply);
	head.keep_alive = (head.keep_alive || upgrades) && !reply->plan.says_close;
	if (upgrades) /* no request follows on a websocket */
		reply->plan.end = END_AS_USUAL;
	if (!head.keep_alive)
		link->close_after = true;
	buffer_clear(answer);
	deliver(reply, head_compose(&head, reply, answer), answer, link);
	if (upgrades)
		link_upgrade(link, request);
}

void exchange_refuse(const char *answer, struct link *link)
{
	link->close_after = true;
	link_deliver(link, answer, strlen(answer), false);
}
