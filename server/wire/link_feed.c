#include "wire/link_parts.h"

#include "core/limits.h"
#include "wire/exchange.h"
#include "wire/head.h"
#include "wire/http.h"
#include "wire/quick.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* ---- to the parser ---- */

void link_account(struct link *link, size_t length)
{
	link->unaccounted = length < link->unaccounted ? link->unaccounted - length : 0;
	if (link->unaccounted == 0)
		intake_clear(&link->intake);
}

void link_drop_parser(struct link *link)
{
	if (link->stopped)
		http_resume(link->hub->http, link->stopped);
	if (link->pair >= 0)
		close(link->pair);
	link->stopped = NULL;
	link->parser = NULL;
	link->pair = -1;
	link->markers = 0;
	link->hub->parser_pending = true;
}

/* Keeps what the parser had no room for. */
static void input_keep(struct link *link, const char *bytes, size_t length)
{
	link->input = malloc(length);
	if (!link->input) {
		link->is_broken = true;
		return;
	}
	memcpy(link->input, bytes, length);
	link->input_length = length;
	link->input_taken = 0;
}

void link_drop_input(struct link *link)
{
	free(link->input);
	link->input = NULL;
	link->input_length = 0;
	link->input_taken = 0;
}

/* Hands bytes to the parser; how many it took. */
static size_t feed_parser(struct link *link, char *bytes, size_t length)
{
	ssize_t sent;

	if (!intake_look(&link->intake, bytes, length)) {
		exchange_refuse(HEAD_LINE_TOO_LONG, link);
		return 0;
	}
	if (link->pair < 0 && !http_join(link->hub->http, link)) {
		link->is_broken = true;
		return 0;
	}
	sent = send(link->pair, bytes, length, MSG_NOSIGNAL);
	if (sent <= 0)
		return 0; /* no room; or the parser has ended, and will say so */
	link->unaccounted += (size_t)sent;
	link->active_ms = link->hub->now_ms;
	link->hub->parser_pending = true;
	if (!link->queue)
		link_queue_join(link, &link->hub->quiet);
	return (size_t)sent;
}

/* Whether the next byte is sure to begin a request. */
static bool is_between_requests(const struct link *link)
{
	return link->unaccounted == 0 && link->intake.line_length == 0;
}

/* Answers what can be answered without the parser; how many bytes that took. */
static size_t take_express(struct link *link, const char *bytes, size_t length)
{
	size_t taken = 0;
	struct quick quick;

	while (taken < length && !link_is_full(link) && !link->close_after && is_between_requests(link) &&
	       quick_recognize(bytes + taken, length - taken, &quick)) {
		taken += quick.length;
		link->has_more = taken < length;
		quick.exchange.request.peer = link->peer;
		exchange_answer(&quick.exchange, "HTTP/1.1", link);
	}
	link->has_more = false;
	return taken;
}

/* Gives bytes to whoever can do something with them; how many were taken. */
static size_t feed(struct link *link, char *bytes, size_t length)
{
	size_t taken = take_express(link, bytes, length);

	if (taken < length && !link_is_full(link) && !link->close_after)
		taken += feed_parser(link, bytes + taken, length - taken);
	return taken;
}

/* An answer that never comes: nothing behind it will ever be looked at. All that matters is when the client leaves, and
 * that can be seen only behind what it has sent. */
static bool is_stuck(const struct link *link)
{
	return link->held && link->release_ms == REPLY_NEVER;
}

static void feed_or_keep(struct link *link, char *bytes, size_t length)
{
	const size_t taken = feed(link, bytes, length);

	if (taken < length && !link->close_after && !is_stuck(link))
		input_keep(link, bytes + taken, length - taken);
}

void link_resume_parser(struct link *link)
{
	if (!link->stopped || link_is_full(link))
		return;
	http_resume(link->hub->http, link->stopped);
	link->stopped = NULL;
	link_touch(link);
}

void link_parser_ended(struct link *link, const char *answer)
{
	if (link->phase != LINK_OPEN)
		return;
	if (answer)
		link_deliver(link, answer, strlen(answer), false);
	link->stopped = NULL;
	link->close_after = true;
	link_drop_parser(link);
	link_touch(link);
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
	       (!link->input || is_stuck(link));
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
	size_t taken;

	if (!link->input || link_is_full(link))
		return;
	taken = feed(link, link->input + link->input_taken, link->input_length - link->input_taken);
	link->input_taken += taken;
	if (taken > 0)
		link_touch(link);
	if (link->input_taken < link->input_length)
		return;
	link_drop_input(link);
	if (link_wants_requests(link) && holds_more(link))
		link_read_requests(link);
}
