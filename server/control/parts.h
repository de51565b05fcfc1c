/*
 * The control API's insides, shared by its own files.
 */
#ifndef CPGW_CONTROL_PARTS_H
#define CPGW_CONTROL_PARTS_H

#include "control/call.h"
#include "control/wait.h"

#include <microhttpd.h>

/* One connection to the control API, in the order in which they were last heard of. */
struct control_connection {
	struct watch watch; /* of its client's end */
	struct control *control;
	struct control_connection *next, *previous;
	struct call *call; /* that it is in the middle of, or NULL */
	int fd;
	bool has_left; /* the client has shut its side down */
	bool is_told;  /* so libmicrohttpd has been told */
};

struct control_listener {
	struct watch watch; /* first */
	struct control *control;
	int fd;
};

struct control {
	struct control_options options;
	struct MHD_Daemon *daemon;
	struct watch daemon_watch; /* of libmicrohttpd's epoll set */
	struct watch timer_watch;
	int timer;
	int spare; /* descriptor: control.c, turn_away() */
	struct control_listener listeners[LISTENERS_MAX];
	size_t listener_count;
	uint16_t port;
	struct follower follower;
	struct wait waits[CONTROL_WAITS_MAX];
	size_t wait_count;
	uint64_t waits_ever;
	bool has_resumed; /* a call, which libmicrohttpd has yet to see */
	bool is_stopping;
	bool shutdown_asked; /* and answered soon */
	size_t connections;
	size_t left_count;                             /* of them: their clients have left */
	struct control_connection *quietest, *loudest; /* heard of longest ago, and last */
	int64_t started_ms;                            /* monotonic */
};

/* control.c: lets libmicrohttpd do all that it can do at once. Connections may be gone afterwards. */
void control_run(struct control *control);
/* control.c: has libmicrohttpd go on with a call whose wait has ended. */
void control_resume(struct control *control, struct MHD_Connection *connection);
/* control.c: has the loop come back when the first wait's time is over. */
void control_set_timer(struct control *control);

/* connections.c: libmicrohttpd's word that one begins or ends. */
void connection_notified(void *context, struct MHD_Connection *connection, void **memory,
                         enum MHD_ConnectionNotificationCode what);
/* It is in the middle of this call from now on, or of none. */
void connection_heard_of(struct control *control, struct MHD_Connection *connection, struct call *call);
/* Makes room for one more: connections that somebody has forgotten must not lock a tester out. Calls that wait are what a
 * tester wants, and fewer than there may be connections. */
void connections_end_quietest(struct control *control);
/* Tells libmicrohttpd, which has done all it can, of clients that have left; true: there is more for it to do. */
bool connections_tell_ends(struct control *control);

/* guard.c: whether a call may be made at all: where it comes from, whom it thinks it talks to, what token it has. Else the
 * answer says what is wrong. */
bool guard_admits(struct call *call);

/* wait.c */
void waits_init(struct control *control);
/* Ends those whose time is over. */
void waits_expire(struct control *control);
/* Lets those do their part that have something to do. */
void waits_work(struct control *control);
/* When the first one's time is over, monotonic, or it has something to do; -1: none waits. */
int64_t waits_due_ms(const struct control *control);
/* Ends all. */
void waits_stop(struct control *control);
/* It began in the call before this: the connection sleeps from now on. */
void wait_suspend(struct wait *wait);
/* Its client has shut its side down. */
void wait_left(struct wait *wait);
/* The call goes, whatever it waits for. */
void wait_drop(struct wait *wait);

#endif
