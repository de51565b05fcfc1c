#include "wire/link.h"

#include "core/limits.h"
#include "wire/exchange.h"
#include "wire/gateway.h"
#include "wire/head.h"
#include "wire/http.h"
#include "wire/quick.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

/* Records are sent when so many bytes of them have gathered. */
#define SEND_SIZE (64 * 1024)
/* What a lingering client may send per turn before others get theirs. */
#define LINGER_READS 4

/* ---- queues ---- */

static void queue_leave(struct link *link)
{
	struct link_queue *queue = link->queue;

	if (!queue)
		return;
	if (link->queue_previous)
		link->queue_previous->queue_next = link->queue_next;
	else
		queue->first = link->queue_next;
	if (link->queue_next)
		link->queue_next->queue_previous = link->queue_previous;
	else
		queue->last = link->queue_previous;
	link->queue = NULL;
}

static void queue_join(struct link *link, struct link_queue *queue)
{
	queue_leave(link);
	link->queue = queue;
	link->queued_ms = link->hub->now_ms;
	link->queue_next = NULL;
	link->queue_previous = queue->last;
	if (queue->last)
		queue->last->queue_next = link;
	else
		queue->first = link;
	queue->last = link;
}

void link_touch(struct link *link)
{
	if (link->is_touched)
		return;
	link->is_touched = true;
	link->next_touched = link->hub->touched;
	link->hub->touched = link;
}

/* ---- towards the client ---- */

static size_t backlog_waiting(const struct link *link)
{
	return link->backlog.length - link->backlog_sent;
}

static bool send_failed(void)
{
	return errno != EAGAIN && errno != EINTR;
}

static void flush_backlog(struct link *link)
{
	while (backlog_waiting(link) > 0) {
		const ssize_t sent =
		    send(link->ends.fd, link->backlog.data + link->backlog_sent, backlog_waiting(link), MSG_NOSIGNAL);

		if (sent < 0) {
			link->is_broken |= send_failed();
			return;
		}
		link->backlog_sent += (size_t)sent;
	}
	if (link->backlog.data)
		buffer_release(&link->backlog);
	link->backlog_sent = 0;
}

/*
 * Sends the records that OpenSSL has just made; what the socket does not take becomes the backlog. Faults on
 * encrypted bytes hook in here: cipher holds whole records of this link alone.
 */
static void send_cipher(struct link *link)
{
	struct buffer *cipher = &link->hub->cipher;
	size_t sent = 0;

	if (cipher->length == 0)
		return;
	if (!link->is_broken && backlog_waiting(link) == 0) {
		const ssize_t count = send(link->ends.fd, cipher->data, cipher->length, MSG_NOSIGNAL);

		if (count >= 0)
			sent = (size_t)count;
		else
			link->is_broken |= send_failed();
	}
	if (!link->is_broken && sent < cipher->length)
		buffer_add(&link->backlog, cipher->data + sent, cipher->length - sent);
	link->is_broken |= buffer_failed(cipher) || buffer_failed(&link->backlog);
	buffer_clear(cipher);
}

/* Turns plain bytes into records in hub->cipher. */
static size_t encrypt(struct link *link, struct span bytes)
{
	size_t took = 0;

	if (!link->session) {
		took = bytes.length < SEND_SIZE ? bytes.length : SEND_SIZE;
		buffer_add(&link->hub->cipher, bytes.at, took);
	} else if (tls_write(link->session, bytes.at, bytes.length, &took) != TLS_DONE) {
		link->is_broken = true;
	}
	return took;
}

void link_flush(struct link *link)
{
	flush_backlog(link);
	while (!link->is_broken && backlog_waiting(link) == 0) {
		const struct span next = delivery_queue_next(&link->deliveries);

		if (next.length == 0)
			break;
		delivery_queue_took(&link->deliveries, encrypt(link, next));
		if (link->hub->cipher.length >= SEND_SIZE)
			send_cipher(link);
	}
	send_cipher(link);
}

void link_deliver(struct link *link, const void *bytes, size_t length, bool held)
{
	struct delivery *delivery;

	if (link->phase != LINK_OPEN || length == 0)
		return;
	delivery = delivery_queue_add(&link->deliveries, bytes, length, held);
	if (!delivery)
		link->is_broken = true;
	if (held)
		link->held = delivery;
	/* With nothing else pipelined the client gets its answer now, before libmicrohttpd has tidied up. */
	if (!held && !link->has_more && link->unaccounted == 0)
		link_flush(link);
	link_touch(link);
}

void link_let_go(struct link *link)
{
	link->held->held = false;
	link->held = NULL;
	link_touch(link);
}

void link_account(struct link *link, size_t length)
{
	link->unaccounted = length < link->unaccounted ? link->unaccounted - length : 0;
	if (link->unaccounted == 0)
		intake_clear(&link->intake);
}

bool link_is_full(const struct link *link)
{
	const size_t waiting = link->deliveries.waiting + backlog_waiting(link);

	return link->held || waiting + REPLY_SIZE_MAX > LINK_BACKLOG_MAX;
}

/* ---- towards the parser ---- */

static void parser_leave(struct link *link)
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

static void input_drop(struct link *link)
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
		queue_join(link, &link->hub->quiet);
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

static void resume_parser(struct link *link)
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
	parser_leave(link);
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
	return send_failed() ? TLS_FAILED : TLS_AGAIN;
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

static bool wants_requests(const struct link *link)
{
	return link->phase == LINK_OPEN && !link->is_broken && !link->client_ended && !link->close_after &&
	       (!link->input || is_stuck(link));
}

static void read_requests(struct link *link)
{
	while (wants_requests(link)) {
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
			send_cipher(link); /* the alert */
			link->is_broken = true;
			break;
		}
		if (result != TLS_DONE || !holds_more(link))
			break;
	}
	send_cipher(link);
}

/* Reads what OpenSSL already holds. Records that it made before leave in any case, with the answers if there are any. */
static void read_more(struct link *link)
{
	if (holds_more(link))
		read_requests(link);
	else
		send_cipher(link);
}

/* Offers again what there was no room for. OpenSSL may hold more, of which epoll does not know. */
static void feed_input(struct link *link)
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
	input_drop(link);
	if (wants_requests(link) && holds_more(link))
		read_requests(link);
}

/* ---- the end ---- */

static void forget_session(struct link *link)
{
	SSL_free(link->session);
	link->session = NULL;
}

void link_close(struct link *link)
{
	struct hub *hub = link->hub;

	if (link->phase == LINK_DEAD)
		return;
	link->phase = LINK_DEAD;
	if (link->held)
		gateway_unhold(link->gateway, link);
	queue_leave(link);
	parser_leave(link);
	forget_session(link);
	close(link->ends.fd);
	delivery_queue_release(&link->deliveries);
	buffer_release(&link->backlog);
	input_drop(link);
	if (link->next)
		link->next->previous = link->previous;
	if (link->previous)
		link->previous->next = link->next;
	else
		hub->links = link->next;
	hub->link_count--;
	hub->link_ended = true;
	link->next_buried = hub->graveyard;
	hub->graveyard = link;
}

/* Ends our half; the client may still be sending. Closing a socket with unread bytes would be a reset to it. */
static void linger(struct link *link)
{
	if (link->ends.ended) {
		link_close(link);
		return;
	}
	shutdown(link->ends.fd, SHUT_WR);
	link->phase = LINK_LINGERING;
	parser_leave(link);
	forget_session(link);
	input_drop(link);
	buffer_release(&link->backlog);
	link->backlog_sent = 0;
	queue_join(link, &link->hub->lingering);
}

/* Ends the link in good order, once everything has left. */
static void finish(struct link *link)
{
	if (link->deliveries.waiting > 0 || backlog_waiting(link) > 0)
		return;
	if (link->session) {
		tls_close(link->session);
		send_cipher(link);
	}
	linger(link);
}

static void read_to_end(struct link *link)
{
	for (int reads = 0; reads < LINGER_READS; reads++) {
		const ssize_t got = recv(link->ends.fd, link->hub->plain, READ_CHUNK_SIZE, 0);

		if (got < 0 && !send_failed())
			return;
		if (got <= 0) {
			link_close(link);
			return;
		}
	}
}

static void greet(struct link *link)
{
	const enum tls_result result = tls_handshake(link->session);

	if (link->ends.foreign) /* not a byte for who does not speak TLS (docs/gateway.md#tls) */
		buffer_clear(&link->hub->cipher);
	if (result != TLS_DONE)
		send_cipher(link);
	switch (result) {
	case TLS_DONE:
		link->phase = LINK_OPEN;
		read_more(link);
		break;
	case TLS_AGAIN:
		break;
	case TLS_ENDED:
		link_close(link);
		break;
	case TLS_FAILED:
		linger(link);
		break;
	}
}

/* ---- turns ---- */

static void link_ready(struct watch *watch, uint32_t events)
{
	struct link *link = (struct link *)watch;

	if (link->phase == LINK_DEAD)
		return;
	if (events & EPOLLERR) {
		link_close(link);
		return;
	}
	if (link->phase == LINK_LINGERING) {
		read_to_end(link);
		return;
	}
	if (link->phase == LINK_GREETING) {
		greet(link);
	} else if (events & EPOLLIN) {
		read_requests(link);
	} else if (events & (EPOLLRDHUP | EPOLLHUP)) {
		link->client_ended = link->ends.ended = true;
	}
	link_touch(link);
}

static uint32_t wanted_events(const struct link *link)
{
	uint32_t events = 0;

	if (backlog_waiting(link) > 0)
		events |= EPOLLOUT;
	if (link->phase != LINK_OPEN || wants_requests(link))
		events |= EPOLLIN;
	else if (!link->client_ended)
		events |= EPOLLRDHUP;
	return events;
}

static void update_interest(struct link *link)
{
	const uint32_t events = wanted_events(link);

	if (events == link->interest)
		return;
	link->interest = events;
	if (!hub_watch_change(link->hub, link->ends.fd, events, &link->watch))
		link_close(link);
}

/* The client is through. What it asked for before is answered as far as that needs no waiting. */
static bool is_left_behind(const struct link *link)
{
	if (!link->client_ended)
		return false;
	return !link->hub->parser_pending && !link->is_touched;
}

static void settle_open(struct link *link)
{
	link_flush(link);
	feed_input(link);
	resume_parser(link);
	if (link->is_broken)
		link_close(link);
	else if (link->held && link->client_ended)
		link_close(link);
	else if (link->close_after || is_left_behind(link))
		finish(link);
	else if (link->client_ended)
		link_touch(link);
}

void link_settle(struct link *link)
{
	if (link->phase == LINK_DEAD)
		return;
	if (link->phase == LINK_OPEN)
		settle_open(link);
	else
		flush_backlog(link);
	if (link->phase != LINK_DEAD)
		update_interest(link);
}

static void retire_parser(struct link *link)
{
	parser_leave(link);
	link->hub->parsers_retired = true;
}

static bool has_idle_parser(const struct link *link)
{
	return link->phase == LINK_OPEN && link->unaccounted == 0 && !link->reading && !link->input && !link->stopped;
}

static int64_t expire_quiet(struct hub *hub)
{
	struct link *link;

	while ((link = hub->quiet.first) && link->queued_ms + QUIET_MS <= hub->now_ms) {
		queue_leave(link);
		if (link->active_ms + QUIET_MS > hub->now_ms)
			queue_join(link, &hub->quiet);
		else if (has_idle_parser(link))
			retire_parser(link);
	}
	return link ? link->queued_ms + QUIET_MS : -1;
}

static int64_t expire_lingering(struct hub *hub)
{
	struct link *link;

	while ((link = hub->lingering.first) && link->queued_ms + LINGER_MS <= hub->now_ms)
		link_close(link);
	return link ? link->queued_ms + LINGER_MS : -1;
}

int64_t link_queues_expire(struct hub *hub)
{
	const int64_t quiet_ms = expire_quiet(hub);
	const int64_t lingering_ms = expire_lingering(hub);

	if (quiet_ms < 0 || (lingering_ms >= 0 && lingering_ms < quiet_ms))
		return lingering_ms;
	return quiet_ms;
}

void link_bury(struct hub *hub)
{
	struct link **place = &hub->graveyard;

	while (*place) {
		struct link *link = *place;

		if (link->parsers_alive > 0 || link->is_touched) {
			place = &link->next_buried;
			continue;
		}
		*place = link->next_buried;
		reading_free(link->reading);
		free(link);
	}
}

/* ---- the beginning ---- */

/* "::ffff:10.0.0.1", as a socket for both families sees an IPv4 client, is 10.0.0.1. */
static void describe_peer(const struct sockaddr *peer, char text[INET6_ADDRSTRLEN])
{
	static const char mapped[] = "::ffff:";
	const void *address = &((const struct sockaddr_in *)peer)->sin_addr;

	if (peer->sa_family == AF_INET6)
		address = &((const struct sockaddr_in6 *)peer)->sin6_addr;
	if (!inet_ntop(peer->sa_family, address, text, INET6_ADDRSTRLEN))
		text[0] = '\0';
	if (strncmp(text, mapped, sizeof mapped - 1) == 0 && strchr(text, '.'))
		memmove(text, text + sizeof mapped - 1, strlen(text) - (sizeof mapped - 1) + 1);
}

bool link_open(struct hub *hub, struct gateway *gateway, SSL_CTX *context, int fd, const struct sockaddr *peer)
{
	struct link *link = calloc(1, sizeof *link);

	if (!link)
		goto out;
	link->watch.ready = link_ready;
	link->hub = hub;
	link->gateway = gateway;
	link->phase = context ? LINK_GREETING : LINK_OPEN;
	link->ends = (struct tls_ends){.fd = fd, .out = &hub->cipher};
	link->pair = -1;
	link->interest = EPOLLIN;
	describe_peer(peer, link->peer);
	if (context && !(link->session = tls_session_new(context, hub->transport, &link->ends)))
		goto out;
	if (!hub_watch(hub, fd, EPOLLIN, &link->watch))
		goto out;
	link->next = hub->links;
	if (link->next)
		link->next->previous = link;
	hub->links = link;
	hub->link_count++;
	return true;
out:
	if (link)
		SSL_free(link->session);
	free(link);
	close(fd);
	return false;
}
