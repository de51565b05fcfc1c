#include "wire/link_parts.h"

#include "core/limits.h"
#include "wire/exchange.h"
#include "wire/head.h"
#include "wire/http.h"
#include "wire/link_break.h"
#include "wire/quick.h"

#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* ---- to the parser ---- */

void link_answered(struct link *link)
{
	link->is_parsing = false;
	intake_clear(&link->intake);
	/* It saw an end where we do not: nobody knows where the next request begins. */
	if (link->extent.part != EXTENT_ENDED)
		link->close_after = true;
}

void link_drop_parser(struct link *link)
{
	if (link->pair < 0)
		return;
	close(link->pair);
	buffer_release(&link->headers);
	link->parser = NULL;
	link->pair = -1;
	link->markers = 0;
	link->hub->parser_pending = true;
}

void link_parser_ended(struct link *link)
{
	if (link->phase != LINK_OPEN)
		return;
	if (link->is_parsing)
		link_note(link, FAILURE_REQUEST_BAD, NULL);
	link->close_after = true;
	link_drop_parser(link);
	link_touch(link);
}

/* Hands bytes to the parser; how many it took. None: there is no room, or the parser has ended, and will say so. */
static size_t give(struct link *link, const char *bytes, size_t length)
{
	const ssize_t sent = send(link->pair, bytes, length, MSG_NOSIGNAL);

	if (sent <= 0)
		return 0;
	link->active_ms = link->hub->now_ms;
	link->hub->parser_pending = true;
	if (!link->queue)
		link_queue_join(link, &link->hub->quiet);
	return (size_t)sent;
}

/* Goes on with the request that is begun; how many bytes of it the parser took. */
static size_t feed_parser(struct link *link, const char *bytes, size_t length)
{
	struct extent extent = link->extent;
	const size_t wanted = extent_take(&extent, bytes, length);
	const size_t given = wanted > 0 ? give(link, bytes, wanted) : 0; /* else it has all, and will answer */

	extent_take(&link->extent, bytes, given);
	return given;
}

/* ---- a request begins ---- */

static void refuse_headers(struct link *link)
{
	char answer[64];

	snprintf(answer, sizeof answer, "%s%s", link->intake.version, HEAD_HEADERS_TOO_LARGE);
	exchange_refuse(answer, link);
}

/* Answers without the parser, if the request is plain and here in full. */
static bool take_express(struct link *link, const char *bytes, size_t length, const char *version, size_t *taken)
{
	struct quick quick;

	if (!quick_recognize(bytes, length, &quick))
		return false;
	intake_clear(&link->intake);
	*taken += quick.length;
	link->has_more = quick.length < length;
	quick.exchange.request.peer = link->peer;
	exchange_answer(&quick.exchange, version, link);
	return true;
}

/* The request line, and what frames the body. */
static void compose_for_parser(const char *line, size_t line_length, struct span framing, struct buffer *out)
{
	buffer_clear(out);
	buffer_add(out, line, line_length);
	if (framing.length > 0) {
		buffer_add(out, framing.at, framing.length);
		buffer_add(out, "\r\n", 2);
	}
	buffer_add(out, "\r\n", 2);
}

static void begin_parsing(struct link *link, const char *head)
{
	struct buffer *plain = &link->hub->answer;
	const struct span lines = intake_headers(&link->intake, head);
	struct exchange exchange = { 0 };

	exchange_note_lines(&exchange, lines);
	extent_begin(&link->extent, &exchange);
	compose_for_parser(head, link->intake.headers_start, exchange.framing, plain);
	buffer_clear(&link->headers);
	buffer_add(&link->headers, lines.at, lines.length);
	link->is_parsing = true;
	/* It has read all that it was given before: the pair is empty. */
	if (buffer_failed(plain) || buffer_failed(&link->headers) ||
	    (link->pair < 0 && !http_join(link->hub->http, link)) ||
	    give(link, plain->data, plain->length) < plain->length)
		link->is_broken = true;
}

/* The head is here. Answers the request or begins it with the parser. */
static void begin(struct link *link, char *bytes, size_t length, size_t *taken)
{
	const size_t gap = intake_rewrite(&link->intake, bytes);
	char version[sizeof link->intake.version];

	memcpy(version, link->intake.version, sizeof version);
	*taken += gap;
	if (take_express(link, bytes + gap, length - gap, version, taken))
		return;
	begin_parsing(link, bytes + gap);
	*taken += link->intake.length;
}

static void note_no_request(struct link *link, const char *bytes)
{
	if (link->intake.headers_start > 0)
		link_note(link, FAILURE_HEADER_BAD, NULL);
	else
		link_note(link, tls_begins(bytes[0]) ? FAILURE_TLS_ON_PLAIN_PORT : FAILURE_REQUEST_LINE_BAD, NULL);
}

/* Makes what it can of bytes with which a request begins. False when more of them are needed, or none. */
static bool find_request(struct link *link, char *bytes, size_t length, size_t *taken)
{
	if (link->intake.length == 0) {
		const size_t skipped = intake_skip(bytes, length);

		if (skipped > 0) {
			*taken += skipped;
			return true;
		}
		if (link_ends_on_reuse(link)) {
			link->close_after = true;
			link_touch(link);
			return false;
		}
		if (take_express(link, bytes, length, "HTTP/1.1", taken))
			return true;
	}
	switch (intake_look(&link->intake, bytes, length)) {
	case INTAKE_MORE:
		return false;
	case INTAKE_WHOLE:
		begin(link, bytes, length, taken);
		return true;
	case INTAKE_NO_REQUEST:
		note_no_request(link, bytes);
		link->close_after = true;
		link_touch(link);
		return false;
	case INTAKE_LINE_TOO_LONG:
		link_note(link, FAILURE_LINE_TOO_LONG, NULL);
		exchange_refuse(HEAD_LINE_TOO_LONG, link);
		return false;
	case INTAKE_HEADERS_TOO_LARGE:
		link_note(link, FAILURE_HEADERS_TOO_LARGE, NULL);
		refuse_headers(link);
		return false;
	}
	return false;
}

/* ---- input ---- */

/* Gives bytes to whoever can do something with them; how many were taken. */
static size_t feed(struct link *link, char *bytes, size_t length)
{
	size_t taken = 0;

	while (taken < length && !link_is_full(link) && !link->close_after && !link->is_broken) {
		if (link->stream) {
			taken += link_take_frames(link, bytes + taken, length - taken);
		} else if (link->is_parsing) {
			const size_t more = feed_parser(link, bytes + taken, length - taken);

			if (more == 0)
				break;
			taken += more;
		} else if (!find_request(link, bytes + taken, length - taken, &taken)) {
			break;
		}
	}
	link->has_more = false;
	return taken;
}

/* An answer that never comes: nothing behind it will ever be looked at. All that matters is when the client leaves, and
 * that can be seen only behind what it has sent. */
static bool is_stuck(const struct link *link)
{
	return link->held && link->release_ms == REPLY_NEVER;
}

static size_t input_waiting(const struct link *link)
{
	return link->input.length - link->input_taken;
}

/* All that waits is the beginning of a head. */
static bool is_gathering(const struct link *link)
{
	return !link->is_parsing && link->intake.length > 0 && link->intake.length == input_waiting(link);
}

void link_drop_input(struct link *link)
{
	buffer_release(&link->input);
	link->input_taken = 0;
}

static void input_add(struct link *link, const char *bytes, size_t length)
{
	if (link->input_taken > 0) {
		memmove(link->input.data, link->input.data + link->input_taken, input_waiting(link));
		link->input.length -= link->input_taken;
		link->input_taken = 0;
	}
	buffer_add(&link->input, bytes, length);
	link->is_broken |= buffer_failed(&link->input);
}

static void feed_input(struct link *link)
{
	const size_t taken = feed(link, link->input.data + link->input_taken, input_waiting(link));

	link->input_taken += taken;
	if (taken > 0)
		link_touch(link);
	if (input_waiting(link) == 0 || link->close_after || is_stuck(link))
		link_drop_input(link);
}

static void feed_or_keep(struct link *link, char *bytes, size_t length)
{
	size_t taken;

	if (is_stuck(link))
		return;
	if (link->input.data) {
		input_add(link, bytes, length);
		feed_input(link);
		return;
	}
	taken = feed(link, bytes, length);
	if (taken < length && !link->close_after && !is_stuck(link))
		input_add(link, bytes + taken, length - taken);
}

/* ---- from the client ---- */

static enum tls_result read_plain(struct link *link, size_t *got)
{
	const ssize_t count = recv(link->ends.fd, link->hub->plain, READ_CHUNK_SIZE, 0);

	if (count > 0) {
		*got = (size_t)count;
		return TLS_DONE;
	}
	if (count == 0) {
		link->ends.ended = true;
		return TLS_ENDED;
	}
	return link_io_failed() ? TLS_FAILED : TLS_AGAIN;
}

static enum tls_result read_some(struct link *link, size_t *got)
{
	if (!link->session)
		return read_plain(link, got);
	return tls_read(link->session, link->hub->plain, READ_CHUNK_SIZE, got);
}

/* OpenSSL may hold more than it gave; the socket tells epoll about the rest. */
static bool holds_more(const struct link *link)
{
	return link->session && SSL_has_pending(link->session);
}

bool link_wants_requests(const struct link *link)
{
	return link->phase == LINK_OPEN && !link->is_broken && !link->client_ended && !link->close_after &&
	       (!link->input.data || is_gathering(link) || is_stuck(link));
}

void link_read_requests(struct link *link)
{
	while (link_wants_requests(link)) {
		size_t got = 0;
		const enum tls_result result = read_some(link, &got);

		switch (result) {
		case TLS_DONE:
			feed_or_keep(link, link->hub->plain, got);
			break;
		case TLS_AGAIN:
			break;
		case TLS_ENDED:
			link->client_ended = true;
			break;
		case TLS_FAILED:
			link_note_failed(link);
			link_send_cipher(link); /* the alert, which the client should see */
			link->is_broken = link->deliveries.first != NULL;
			link->close_after = true;
			break;
		}
		if (result != TLS_DONE || !holds_more(link))
			break;
	}
	link_send_cipher(link);
}

/* Reads what OpenSSL already holds. Records that it made before leave in any case, with the answers if there are any. */
void link_read_more(struct link *link)
{
	if (holds_more(link))
		link_read_requests(link);
	else
		link_send_cipher(link);
}

/* Offers again what there was no room for. OpenSSL may hold more, of which epoll does not know. */
void link_feed_input(struct link *link)
{
	if (!link->input.data || link_is_full(link) || is_gathering(link))
		return;
	feed_input(link);
	if (link_wants_requests(link) && holds_more(link))
		link_read_requests(link);
}
