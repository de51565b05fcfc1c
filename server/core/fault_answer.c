/*
 * Faults of the answer: it is there, and not what it should be.
 */
#include "core/draw.h"
#include "core/fault_kinds.h"
#include "core/header_lines.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* ---- parts ---- */

static void set_length(struct reply *reply, size_t length)
{
	char text[24];

	snprintf(text, sizeof text, "%zu", length);
	header_lines_set(&reply->headers, "Content-Length", text);
}

static void tell_length(struct reply *reply, size_t length)
{
	reply->framing = FRAMING_AS_GIVEN;
	set_length(reply, length);
}

/* Where the head tells the length it goes on telling the truth. */
static void body_changed(struct reply *reply)
{
	if (header_lines_have(&reply->headers, "Content-Length"))
		set_length(reply, reply->body.length);
}

static void set_body(struct reply *reply, struct span body)
{
	buffer_clear(&reply->body);
	buffer_add(&reply->body, body.at, body.length);
	body_changed(reply);
}

static void set_garbage(const struct fault_act *act)
{
	struct buffer *body = &act->reply->body;

	buffer_clear(body);
	for (int64_t i = 0; i < act->values->bytes; i++) {
		/* Not even its first byte could begin a status line or a chunk. */
		const uint8_t byte = (uint8_t)(draw(act->random, 0, (uint64_t)i) | 0x80);

		buffer_add(body, &byte, 1);
	}
}

static void end_after(const struct fault_act *act)
{
	if (act->values->close)
		act->reply->plan.end = END_CLOSE;
}

/* ---- head ---- */

/* An answer that needed no end, as a 204 or a 101 does not, has one once its status may have a body. */
static void give_end(struct reply *reply)
{
	if (reply->framing == FRAMING_AS_GIVEN && !header_lines_have(&reply->headers, "Content-Length") &&
	    !header_lines_have(&reply->headers, "Transfer-Encoding"))
		tell_length(reply, reply->body.length);
}

void fault_status(const struct fault_act *act)
{
	struct reply *reply = act->reply;

	reply->status = (int)act->values->status;
	reply->reason = act->values->reason ? act->values->reason : status_reason(reply->status);
	if (reply->status != 204 && reply->status != 304)
		give_end(reply);
}

void fault_headers(const struct fault_act *act)
{
	for (int64_t i = 0; i < act->values->change_count; i++) {
		const struct header_change *change = &act->values->changes[i];

		if (change->value)
			header_lines_set(&act->reply->headers, change->name, change->value);
		else
			header_lines_remove(&act->reply->headers, change->name);
	}
}

void fault_content_type(const struct fault_act *act)
{
	if (act->values->content_type[0] == '\0')
		header_lines_remove(&act->reply->headers, "Content-Type");
	else
		header_lines_set(&act->reply->headers, "Content-Type", act->values->content_type);
}

/* ---- body ---- */

void fault_body(const struct fault_act *act)
{
	set_body(act->reply, act->values->body);
}

void fault_html_body(const struct fault_act *act)
{
	static const char page[] = "<html><head><title>Error</title></head><body><h1>Something went wrong</h1>"
				   "<p>Please try again later.</p></body></html>\n";

	set_body(act->reply, act->values->body.at ? act->values->body : span_of(page));
	header_lines_set(&act->reply->headers, "Content-Type", "text/html;charset=utf-8");
}

void fault_empty_body(const struct fault_act *act)
{
	set_body(act->reply, span_of(""));
}

void fault_invalid_json(const struct fault_act *act)
{
	struct buffer *body = &act->reply->body;

	if (body->length > 0)
		body->data[--body->length] = '\0';
	else
		buffer_add_text(body, "{");
	body_changed(act->reply);
}

void fault_invalid_utf8(const struct fault_act *act)
{
	struct buffer *body = &act->reply->body;
	const char *quote = body->length > 0 ? memchr(body->data, '"', body->length) : NULL;
	const size_t at = quote ? (size_t)(quote + 1 - body->data) : body->length;

	buffer_add(body, "\x99", 1);
	if (buffer_failed(body))
		return;
	memmove(body->data + at + 1, body->data + at, body->length - 1 - at);
	body->data[at] = '\x99';
	body_changed(act->reply);
}

/* ---- framing ---- */

void fault_content_length_too_long(const struct fault_act *act)
{
	tell_length(act->reply, act->reply->body.length + (size_t)act->values->bytes);
	end_after(act);
}

void fault_content_length_too_short(const struct fault_act *act)
{
	const size_t whole = act->reply->body.length;
	const size_t fewer = (size_t)act->values->bytes;

	tell_length(act->reply, fewer < whole ? whole - fewer : 0);
	end_after(act);
}

void fault_content_length_twice(const struct fault_act *act)
{
	struct reply *reply = act->reply;

	tell_length(reply, reply->body.length);
	buffer_add_format(&reply->headers, "Content-Length: %zu\r\n", reply->body.length + (size_t)act->values->bytes);
	end_after(act);
}

void fault_malformed_response_chunk(const struct fault_act *act)
{
	struct reply *reply = act->reply;

	set_garbage(act);
	header_lines_remove(&reply->headers, "Content-Length");
	reply->framing = FRAMING_CHUNKED;
	reply->plan.form = FORM_NO_CHUNKS;
	reply->plan.end = END_CLOSE;
}

/* ---- no answer at all ---- */

void fault_random_data_then_close(const struct fault_act *act)
{
	set_garbage(act);
	act->reply->plan.form = FORM_BARE;
	act->reply->plan.end = END_CLOSE;
}

void fault_empty_response(const struct fault_act *act)
{
	buffer_clear(&act->reply->body);
	act->reply->plan.form = FORM_BARE;
	act->reply->plan.end = END_CLOSE;
}
