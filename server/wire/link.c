#include "wire/link.h"

#include "core/calendar.h"
#include "core/limits.h"
#include "wire/gateway.h"
#include "wire/http.h"
#include "wire/link_break.h"
#include "wire/link_parts.h"
#include "wire/tls_fault.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

/* What a lingering client may send per turn before others get theirs. */
#define LINGER_READS 4

void link_touch(struct link *link)
{
	if (link->is_touched)
		return;
	link->is_touched = true;
	link->next_touched = link->hub->touched;
	link->hub->touched = link;
}

/* ---- what the journal says about its end ---- */

void link_note(struct link *link, enum failure failure, const char *detail)
{
	struct buffer text = { 0 };

	if (link->is_noted)
		return;
	link->is_noted = true;
	failure_describe(failure, detail, &text);
	tls_fault_add_blame(link, &text);
	gateway_note(link->gateway, RECORD_CONNECTION, failure_name(failure), text.data ? text.data : "");
	buffer_release(&text);
}

static void note_impatience(struct link *link, enum failure failure)
{
	const int64_t now_ms = clock_now_ms(&link->gateway->clock, link->hub->now_ms);
	struct buffer detail = { 0 };

	duration_add(&detail, now_ms - link->held_since_ms);
	link_note(link, failure, detail.data);
	buffer_release(&detail);
}

void link_note_left(struct link *link)
{
	if (link->phase == LINK_STALLED) {
		note_impatience(link, FAILURE_STALL_LEFT);
	} else if (link->phase == LINK_GREETING) {
		if (tls_fault_holds(link))
			note_impatience(link, FAILURE_HANDSHAKE_LEFT);
		else if (link->ends.looked)
			link_note(link, FAILURE_HANDSHAKE_CLOSED, NULL);
	} else if (link->held) {
		note_impatience(link, FAILURE_CLIENT_LEFT);
	} else if (link->close_after) {
		return; /* it was told to */
	} else if (link->is_parsing || link->intake.length > 0) {
		link_note(link, FAILURE_REQUEST_CUT, NULL);
	} else if (!link->has_asked && link->session && !tls_only_looks(link->session)) {
		link_note(link, FAILURE_NO_REQUEST, NULL);
	}
}

void link_note_failed(struct link *link)
{
	char detail[FAILURE_DETAIL_SIZE];
	enum failure failure;

	if (!link->session || link->has_asked) {
		link_note_left(link);
		return;
	}
	failure = failure_of_session(link->session, &link->ends, detail);
	if (failure_is_of_versions(failure) && tls_fault_limits_versions(link))
		failure = FAILURE_VERSION_NOT_LEFT;
	if (failure == FAILURE_HANDSHAKE_CLOSED)
		link_note_left(link);
	else
		link_note(link, failure, detail);
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
	if (link->held || link->phase == LINK_STALLED || tls_fault_holds(link))
		gateway_unhold(link->gateway, link);
	link->phase = LINK_DEAD;
	tls_fault_free(link->tls_fault);
	link->tls_fault = NULL;
	departure_call_off(&link->gateway->emulator, &link->departure);
	link_end_stream(link);
	link_queue_leave(link);
	link_drop_parser(link);
	buffer_release(&link->headers);
	forget_session(link);
	close(link->ends.fd);
	delivery_queue_release(&link->deliveries);
	buffer_release(&link->backlog);
	link_drop_input(link);
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

static void read_to_end(struct link *link)
{
	for (int reads = 0; reads < LINGER_READS; reads++) {
		const ssize_t got = recv(link->ends.fd, link->hub->plain, READ_CHUNK_SIZE, 0);

		if (got < 0 && !link_io_failed())
			return;
		if (got <= 0) {
			link_close(link);
			return;
		}
	}
}

void link_linger(struct link *link)
{
	link_end_stream(link);
	if (link->ends.ended) {
		link_close(link);
		return;
	}
	shutdown(link->ends.fd, SHUT_WR);
	link->phase = LINK_LINGERING;
	link_drop_parser(link);
	forget_session(link);
	link_drop_input(link);
	buffer_release(&link->backlog);
	link->backlog_sent = 0;
	link_queue_join(link, &link->hub->lingering);
	read_to_end(link);
}

/* Ends the link in good order, once everything has left. */
static void finish(struct link *link)
{
	if (link->deliveries.waiting > 0 || link_backlog_waiting(link) > 0)
		return;
	if (link_break(link))
		return;
	if (link->session) {
		tls_close(link->session);
		link_send_cipher(link);
	}
	link_linger(link);
}

void link_greeted(struct link *link)
{
	link->phase = LINK_OPEN;
	link_read_more(link);
}

void link_greet(struct link *link)
{
	enum tls_result result;

	if (tls_fault_holds(link))
		return;
	result = tls_handshake(link->session);
	if (link->ends.foreign) /* not a byte for who does not speak TLS (docs/gateway.md#tls) */
		buffer_clear(&link->hub->cipher);
	if (link->tls_fault && tls_fault_step(link, result))
		return;
	if (result != TLS_DONE)
		link_send_cipher(link);
	switch (result) {
	case TLS_DONE:
		link_greeted(link);
		break;
	case TLS_AGAIN:
		break;
	case TLS_ENDED:
		link_note_left(link);
		link_close(link);
		break;
	case TLS_FAILED:
		link_note_failed(link);
		link_linger(link);
		break;
	}
}

/* ---- turns ---- */

/* A client that does not like our certificate says so, and then often resets the connection: what it said is still there
 * to be read. */
static void note_reset(struct link *link)
{
	if (link->phase == LINK_GREETING)
		link_greet(link);
	if (link->phase == LINK_GREETING || link->phase == LINK_OPEN)
		link_note_left(link);
}

/* Nothing that its client could send is waited for. */
static void look_whether_left(struct link *link, uint32_t events)
{
	if (!(events & (EPOLLERR | EPOLLHUP | EPOLLRDHUP)))
		return;
	link_note_left(link);
	link_close(link);
}

static void link_ready(struct watch *watch, uint32_t events)
{
	struct link *link = (struct link *)watch;

	if (link->phase == LINK_DEAD)
		return;
	if (link->phase == LINK_STALLED || tls_fault_holds(link)) {
		look_whether_left(link, events);
		return;
	}
	if (events & EPOLLERR) {
		note_reset(link);
		link_close(link);
		return;
	}
	if (link->phase == LINK_LINGERING) {
		read_to_end(link);
		return;
	}
	if (link->phase == LINK_GREETING) {
		link_greet(link);
	} else if (events & EPOLLIN) {
		link_read_requests(link);
	} else if (events & EPOLLHUP) {
		link->client_ended = link->ends.ended = true;
	} else if (events & EPOLLRDHUP) {
		link->hung_up = true; /* what it sent before is still to be read, once there is room for it */
	}
	link_touch(link);
}

/* What the client sends is read, or only whether it leaves is heard of, or, when that is known, neither. */
static uint32_t wanted_of_client(const struct link *link)
{
	const bool is_stalled = link->phase == LINK_STALLED || tls_fault_holds(link);

	if (!is_stalled && (link->phase != LINK_OPEN || link_wants_requests(link)))
		return EPOLLIN;
	return is_stalled || (!link->client_ended && !link->hung_up) ? EPOLLRDHUP : 0;
}

static uint32_t wanted_events(const struct link *link)
{
	const bool is_pressed = link_backlog_waiting(link) > 0 || link->waits_to_reset;

	return wanted_of_client(link) | (is_pressed ? EPOLLOUT : 0);
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
	link_feed_input(link);
	link_settle_stream(link);
	if (link->is_broken || (link->held && (link->client_ended || link->hung_up))) {
		link_note_left(link);
		link_close(link);
	} else if ((link->close_after && !link->held) || is_left_behind(link)) {
		link_note_left(link);
		finish(link);
	} else if (link->client_ended) {
		link_touch(link);
	}
}

void link_settle(struct link *link)
{
	if (link->phase == LINK_DEAD)
		return;
	if (link->phase == LINK_OPEN)
		settle_open(link);
	else
		link_flush_backlog(link);
	if (link->phase != LINK_DEAD)
		update_interest(link);
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

struct link *link_open(struct hub *hub, struct gateway *gateway, SSL_CTX *context, int fd, const struct sockaddr *peer)
{
	struct link *link = calloc(1, sizeof *link);

	if (!link)
		goto out;
	link->watch.ready = link_ready;
	link->hub = hub;
	link->gateway = gateway;
	link->phase = context ? LINK_GREETING : LINK_OPEN;
	link->ends = (struct tls_ends){ .fd = fd, .out = &hub->cipher, .hello = tls_fault_hello };
	link->pair = -1;
	link->interest = EPOLLIN;
	intake_clear(&link->intake);
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
	return link;
out:
	if (link)
		SSL_free(link->session);
	free(link);
	close(fd);
	return NULL;
}
