#include "wire/link_parts.h"

#include "core/limits.h"
#include "wire/tls_fault.h"

#include <errno.h>
#include <sys/socket.h>

/* Records are sent when so many bytes of them have gathered. */
#define SEND_SIZE (64 * 1024)

size_t link_backlog_waiting(const struct link *link)
{
	return link->backlog.length - link->backlog_sent;
}

bool link_io_failed(void)
{
	return errno != EAGAIN && errno != EINTR;
}

void link_flush_backlog(struct link *link)
{
	while (link_backlog_waiting(link) > 0) {
		const ssize_t sent = send(link->ends.fd, link->backlog.data + link->backlog_sent,
		                          link_backlog_waiting(link), MSG_NOSIGNAL);

		if (sent < 0) {
			link->is_broken |= link_io_failed();
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
void link_send_cipher(struct link *link)
{
	struct buffer *cipher = &link->hub->cipher;
	size_t sent = 0;

	if (cipher->length == 0)
		return;
	if (!link->is_broken && link_backlog_waiting(link) == 0) {
		const ssize_t count = send(link->ends.fd, cipher->data, cipher->length, MSG_NOSIGNAL);

		if (count >= 0)
			sent = (size_t)count;
		else
			link->is_broken |= link_io_failed();
	}
	if (!link->is_broken && sent < cipher->length)
		buffer_add(&link->backlog, cipher->data + sent, cipher->length - sent);
	link->is_broken |= buffer_failed(cipher) || buffer_failed(&link->backlog);
	buffer_clear(cipher);
}

/* Turns plain bytes into records in hub->cipher. */
static size_t encrypt(struct link *link, struct span bytes)
{
	const size_t before = link->hub->cipher.length;
	size_t took = 0;

	if (!link->session) {
		took = bytes.length < SEND_SIZE ? bytes.length : SEND_SIZE;
		buffer_add(&link->hub->cipher, bytes.at, took);
	} else if (tls_write(link->session, bytes.at, bytes.length, &took) != TLS_DONE) {
		link->is_broken = true;
	} else {
		tls_fault_damage(link, before);
	}
	return took;
}

void link_flush(struct link *link)
{
	link_flush_backlog(link);
	while (!link->is_broken && link_backlog_waiting(link) == 0) {
		const struct span next = delivery_queue_next(&link->deliveries);

		if (next.length == 0)
			break;
		delivery_queue_took(&link->deliveries, encrypt(link, next));
		if (link->hub->cipher.length >= SEND_SIZE)
			link_send_cipher(link);
	}
	link_send_cipher(link);
}

void link_deliver(struct link *link, const void *bytes, size_t length, bool held)
{
	struct delivery *delivery;

	if (link->phase != LINK_OPEN)
		return;
	link_touch(link);
	if (length == 0 && !held)
		return;
	delivery = delivery_queue_add(&link->deliveries, bytes, length, held);
	if (!delivery) {
		link->is_broken = true;
		return;
	}
	if (held)
		link->held = delivery;
	/* With nothing else pipelined the client gets its answer now, before libmicrohttpd has tidied up. */
	if (!held && !link->has_more && !link->input.data)
		link_flush(link);
}

void link_let_go(struct link *link, size_t open)
{
	link->held->open = open;
	/* Whoever has moved the clock finds it on its way when he is told that the clock was moved. */
	link_flush(link);
	link_touch(link);
}

void link_let_go_wholly(struct link *link)
{
	struct delivery *delivery = link->held;

	link->held = NULL;
	delivery_queue_let_go(&link->deliveries, delivery);
	link_flush(link);
	link_touch(link);
}

bool link_is_full(const struct link *link)
{
	const size_t waiting = link->deliveries.waiting + link_backlog_waiting(link);

	return link->held || waiting + REPLY_SIZE_MAX > LINK_BACKLOG_MAX;
}
