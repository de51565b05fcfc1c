#include "wire/exchange.h"

#include "wire/gateway.h"
#include "wire/head.h"

#include <string.h>
#include <strings.h>

/* What a header line has besides its name and value: ": " and the line end. */
#define HEADER_LINE_EXTRA 4

static bool span_is(struct span span, const char *wanted)
{
	return span.length == strlen(wanted) && strncasecmp(span.at, wanted, span.length) == 0;
}

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
		exchange->said_close |= span_is(word, "close");
		exchange->said_keep_alive |= span_is(word, "keep-alive");
	}
}

/* libmicrohttpd goes by the first of several. */
static void note_transfer_encoding(struct exchange *exchange, struct span value)
{
	if (!exchange->request.has_transfer_encoding)
		exchange->is_chunked = span_is(value, "chunked");
	exchange->request.has_transfer_encoding = true;
}

void exchange_note_header(struct exchange *exchange, struct span name, struct span value)
{
	struct request *request = &exchange->request;

	exchange->headers_length += name.length + value.length + HEADER_LINE_EXTRA;
	if (span_is(name, "Connection"))
		note_connection(exchange, value);
	else if (span_is(name, "User-Agent"))
		request->has_user_agent = value.length > 0;
	else if (span_is(name, "Content-Length"))
		request->has_content_length = true;
	else if (span_is(name, "Content-Type"))
		request->is_form = span_is(next_word(&value), "application/x-www-form-urlencoded");
	else if (span_is(name, "Transfer-Encoding"))
		note_transfer_encoding(exchange, value);
	else if (span_is(name, "Origin"))
		exchange->has_origin = true;
	else if (span_is(name, "Access-Control-Request-Method"))
		exchange->has_requested_method = true;
}

void exchange_end_headers(struct exchange *exchange)
{
	exchange->request.is_preflight =
	    exchange->request.method == METHOD_OPTIONS && exchange->has_origin && exchange->has_requested_method;
}

static void deliver(const struct reply *reply, const struct buffer *answer, struct link *link)
{
	const bool held = reply->release_ms > gateway_now_ms(link->gateway);

	if (buffer_failed(answer)) {
		link->is_broken = true;
		link_touch(link);
		return;
	}
	link_deliver(link, answer->data, answer->length, held);
	if (!link->held)
		return;
	link->release_ms = reply->release_ms;
	gateway_hold(link->gateway, link);
}

void exchange_answer(const struct exchange *exchange, const char *version, struct link *link)
{
	const struct request *request = &exchange->request;
	struct reply *reply = &link->hub->reply;
	struct buffer *answer = &link->hub->answer;
	struct head_request head = { .version = version, .is_head = request->method == METHOD_HEAD };

	/* Where a body of unknown form ends is not known: nothing can follow it. */
	head.keep_alive = head_keeps_alive(version, exchange->said_close, exchange->said_keep_alive) &&
	                  (!request->has_transfer_encoding || exchange->is_chunked);
	if (!head.keep_alive)
		link->close_after = true;
	gateway_answer(link->gateway, request, reply);
	buffer_clear(answer);
	head_compose(&head, reply, answer);
	deliver(reply, answer, link);
}

void exchange_refuse(const char *answer, struct link *link)
{
	link->close_after = true;
	link_deliver(link, answer, strlen(answer), false);
}
