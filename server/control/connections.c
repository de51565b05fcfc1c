/*
 * Why: who has a connection to the control API, in the order in which they were last heard of, and who of them has left.
 *
 * libmicrohttpd's epoll set is edge-triggered, and a read that does not fill its buffer takes an edge back. So it does not
 * see an end that came together with the bytes before it, and half a request whose client has gone would stay for as long
 * as an idle connection may. We hear of every end ourselves, and have it told anew when all before it has been read.
 */
#include "control/parts.h"

#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#define OWNER(type, member, pointer) ((type *)(void *)((char *)(pointer)-offsetof(type, member)))

/* ---- the list ---- */

static void forget(struct control *control, struct control_connection *connection)
{
	if (connection->previous)
		connection->previous->next = connection->next;
	else
		control->quietest = connection->next;
	if (connection->next)
		connection->next->previous = connection->previous;
	else
		control->loudest = connection->previous;
}

static void remember(struct control *control, struct control_connection *connection)
{
	connection->next = NULL;
	connection->previous = control->loudest;
	if (control->loudest)
		control->loudest->next = connection;
	else
		control->quietest = connection;
	control->loudest = connection;
}

static struct control_connection *connection_of(struct MHD_Connection *connection)
{
	const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);

	return info ? info->socket_context : NULL;
}

void connection_heard_of(struct control *control, struct MHD_Connection *connection, struct call *call)
{
	struct control_connection *heard = connection_of(connection);

	if (!heard)
		return;
	forget(control, heard);
	remember(control, heard);
	heard->call = call;
}

/* ---- those who have left ---- */

static void client_left(struct watch *watch, uint32_t events)
{
	struct control_connection *connection = OWNER(struct control_connection, watch, watch);
	struct control *control = connection->control;

	(void)events;
	server_unwatch(control->options.server, connection->fd, watch);
	connection->has_left = true;
	control->left_count++;
	control_run(control);
}

/* Nothing is left before the end. */
static bool is_at_end(const struct control_connection *connection)
{
	char next;

	return recv(connection->fd, &next, sizeof next, MSG_PEEK | MSG_DONTWAIT) == 0;
}

static bool tell_end(struct control_connection *connection)
{
	if (connection->call && connection->call->wait) {
		wait_left(connection->call->wait);
		return true;
	}
	if (connection->is_told || !is_at_end(connection))
		return false;
	connection->is_told = true;
	shutdown(connection->fd, SHUT_RD); /* wakes who waits for input, and is no more than the client has said */
	return true;
}

bool connections_tell_ends(struct control *control)
{
	bool has_told = false;

	for (struct control_connection *each = control->left_count > 0 ? control->quietest : NULL; each;
	     each = each->next)
		if (each->has_left)
			has_told |= tell_end(each);
	return has_told;
}

/* ---- beginning and end of one ---- */

static struct control_connection *begin(struct control *control, struct MHD_Connection *connection)
{
	struct control_connection *begun = calloc(1, sizeof *begun);

	if (!begun)
		return NULL; /* it is not looked after, and works all the same */
	begun->control = control;
	begun->fd = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd;
	begun->watch.ready = client_left;
	remember(control, begun);
	server_watch(control->options.server, begun->fd, EPOLLRDHUP, &begun->watch);
	return begun;
}

static void end(struct control_connection *connection)
{
	if (!connection)
		return;
	if (connection->has_left)
		connection->control->left_count--;
	else
		server_unwatch(connection->control->options.server, connection->fd, &connection->watch);
	forget(connection->control, connection);
	free(connection);
}

void connection_notified(void *context, struct MHD_Connection *connection, void **memory,
                         enum MHD_ConnectionNotificationCode what)
{
	struct control *control = context;

	if (what == MHD_CONNECTION_NOTIFY_STARTED) {
		control->connections++;
		*memory = begin(control, connection);
		return;
	}
	control->connections--;
	end(*memory);
	*memory = NULL;
}

void connections_end_quietest(struct control *control)
{
	struct control_connection *connection = control->quietest;

	while (connection && connection->call && connection->call->wait)
		connection = connection->next;
	if (!connection)
		return;
	shutdown(connection->fd, SHUT_RDWR);
	control_run(control);
}
