/*
 * What all connections of one server share: the epoll set, the clock of this turn, scratch memory that is in use
 * during one call only, and the lists of links that something must be done about before the loop sleeps.
 */
#ifndef CPGW_WIRE_HUB_H
#define CPGW_WIRE_HUB_H

#include "core/buffer.h"
#include "core/error.h"
#include "core/message.h"

#include <openssl/bio.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct link;
struct http;
struct schedule;

/* Whatever waits in the epoll set. Embedded in its owner; the loop calls `ready` with the epoll events. */
struct watch {
	void (*ready)(struct watch *watch, uint32_t events);
};

/* Links in the order in which their time comes: all wait equally long. */
struct link_queue {
	struct link *first;
	struct link *last;
};

struct hub {
	int epoll;
	int64_t now_ms;    /* the machine's monotonic time, read once a turn */
	int64_t wall_ms;   /* and the time since 1970 that the machine shows */
	struct http *http; /* not owned */
	BIO_METHOD *transport;

	/* Plain bytes on their way from TLS to the HTTP parser; READ_CHUNK_SIZE. */
	char *plain;
	/* Records that OpenSSL has just made. Whoever makes some sends them before it returns: empty between calls. */
	struct buffer cipher;
	/* The answer that is being made, and its bytes. */
	struct reply reply;
	struct buffer answer;

	struct schedule *schedule; /* not owned */

	struct link *links; /* all that are not dead */
	size_t link_count;
	struct link *touched;        /* to be settled in this turn */
	struct link *graveyard;      /* to be freed at the end of this turn */
	struct link_queue quiet;     /* might give back what they hold in libmicrohttpd */
	struct link_queue lingering; /* wait for their client's end */
	bool parser_pending;         /* libmicrohttpd has something to do */
	bool parsers_retired;        /* memory has been given back since the last trim */
	bool is_accepting;           /* there is room for more links */
	bool link_ended;             /* since the server last looked: there may be room for another */
};

bool hub_init(struct hub *hub, struct error *error);
void hub_release(struct hub *hub);

bool hub_watch(struct hub *hub, int fd, uint32_t events, struct watch *watch);
bool hub_watch_change(struct hub *hub, int fd, uint32_t events, struct watch *watch);

void hub_unwatch(struct hub *hub, int fd);

/* Reads the machine's clocks. */
void hub_read_clocks(struct hub *hub);

/* The machine's monotonic time in milliseconds. */
int64_t monotonic_ms(void);
/* And its time of day, since 1970. */
int64_t wall_clock_ms(void);

#endif
