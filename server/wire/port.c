#include "wire/port.h"

#include "core/connection_plan.h"
#include "wire/gateway.h"

#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>

static void unwatch(struct gateway *gateway, struct listener *listener)
{
	if (!listener->is_watched)
		return;
	hub_unwatch(gateway->hub, listener->fd);
	listener->is_watched = false;
}

static void watch(struct gateway *gateway, struct listener *listener)
{
	const uint32_t events = gateway->port_state == PORT_OPEN && gateway->hub->is_accepting ? EPOLLIN : 0;

	if (listener->is_watched)
		hub_watch_change(gateway->hub, listener->fd, events, &listener->watch);
	else
		listener->is_watched = hub_watch(gateway->hub, listener->fd, events, &listener->watch);
}

void port_watch(struct gateway *gateway)
{
	for (size_t i = 0; i < gateway->listener_count; i++) {
		struct listener *listener = &gateway->listeners[i];

		/* A socket that does not listen has hung up, and epoll would say so for ever. */
		if (listener->watch.ready && gateway->port_state != PORT_REFUSES && !listener->is_lost)
			watch(gateway, listener);
	}
}

/* The journal has it when the port goes, and when it is there again. Comes last: whoever is told may follow the port. */
static void note(struct gateway *gateway, bool was_lost, bool is_lost, int reason)
{
	if (is_lost && !was_lost)
		gateway_note(gateway, RECORD_CONNECTION, "port_lost", strerror(reason));
	else if (was_lost && !is_lost)
		gateway_note(gateway, RECORD_CONNECTION, "port_back", "the port is listened to again");
}

static void listen_again(struct gateway *gateway)
{
	const int backlog = gateway->port_state == PORT_FULL ? 0 : LISTENER_BACKLOG;
	bool was_lost = false;
	bool is_lost = false;
	int reason = 0;

	for (size_t i = 0; i < gateway->listener_count; i++) {
		struct listener *listener = &gateway->listeners[i];

		was_lost |= listener->is_lost;
		listener->is_lost = listen(listener->fd, backlog) != 0;
		if (listener->is_lost)
			reason = errno;
		is_lost |= listener->is_lost;
	}
	port_watch(gateway);
	note(gateway, was_lost, is_lost, reason);
}

/* Whoever has taken the port may have gone since. */
static bool wants_another_try(const struct gateway *gateway)
{
	for (size_t i = 0; i < gateway->listener_count; i++)
		if (gateway->listeners[i].is_lost)
			return gateway->port_state != PORT_REFUSES;
	return false;
}

static void refuse(struct gateway *gateway)
{
	for (size_t i = 0; i < gateway->listener_count; i++) {
		unwatch(gateway, &gateway->listeners[i]);
		/* One that does not listen would hand it on to whom it accepts later. */
		if (!gateway->listeners[i].is_lost)
			shutdown(gateway->listeners[i].fd, SHUT_RD);
	}
}

void port_follow(struct gateway *gateway)
{
	const enum port_state state = emulator_port(&gateway->emulator);

	if (state == gateway->port_state && !wants_another_try(gateway))
		return;
	gateway->port_state = state;
	if (state == PORT_REFUSES)
		refuse(gateway);
	else
		listen_again(gateway);
}
