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

static void note_loss(struct gateway *gateway, struct listener *listener, bool listens)
{
	listener->is_lost = !listens;
	if (!listens)
		gateway_note(gateway, RECORD_CONNECTION, "port_lost", strerror(errno));
}

static void listen_again(struct gateway *gateway)
{
	const int backlog = gateway->port_state == PORT_FULL ? 0 : LISTENER_BACKLOG;

	for (size_t i = 0; i < gateway->listener_count; i++)
		note_loss(gateway, &gateway->listeners[i], listen(gateway->listeners[i].fd, backlog) == 0);
}

static void refuse(struct gateway *gateway)
{
	for (size_t i = 0; i < gateway->listener_count; i++) {
		unwatch(gateway, &gateway->listeners[i]);
		shutdown(gateway->listeners[i].fd, SHUT_RD);
	}
}

void port_follow(struct gateway *gateway)
{
	const enum port_state state = emulator_port(&gateway->emulator);

	if (state == gateway->port_state)
		return;
	gateway->port_state = state;
	if (state == PORT_REFUSES)
		refuse(gateway);
	else
		listen_again(gateway);
	port_watch(gateway);
}
