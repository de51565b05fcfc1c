/*
 * One client connection: its socket, its TLS session, and, for requests that the express lane (quick.h) does not take,
 * a socketpair behind which libmicrohttpd parses them (http.h). Answers do not take the way back through the pair: they
 * are delivered here directly.
 *
 *   accepted → GREETING (TLS handshake) → OPEN → LINGERING (ours is shut, the client's is not) → DEAD
 *
 * A fault may have it STALLED before the first of these, or break it after the third (link_break.h).
 *
 * A link is freed by its hub at the end of a turn, once it is dead and libmicrohttpd has forgotten it. Until then it
 * may be named by anybody. Only link_close() makes it dead, and only its own event and link_settle() call that: code
 * that libmicrohttpd calls may deliver to a link, never end it.
 *
 * What always holds:
 *  - a link that waits costs no processor time, whatever its client does or does not do;
 *  - it never holds more than LINK_BACKLOG_MAX bytes of answers, nor more of unread requests than one head at its limits
 *    and READ_CHUNK_SIZE;
 *  - one request at a time: while an answer is held back, no other request is looked at, as in the real gateway.
 */
#ifndef CPGW_WIRE_LINK_H
#define CPGW_WIRE_LINK_H

#include "core/departure.h"
#include "core/message.h"
#include "core/pace.h"
#include "wire/delivery.h"
#include "wire/extent.h"
#include "wire/failure.h"
#include "wire/hub.h"
#include "wire/intake.h"
#include "wire/tls.h"

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

struct MHD_Connection;
struct link_stream;
struct tls_fault;
struct reading;
struct gateway;

/* How long a client may take to end its half after we have ended ours. */
#define LINGER_MS 1000
/* After this long without a request, what a link holds in libmicrohttpd is given back: some memory and two descriptors. */
#define QUIET_MS 250

enum link_phase { LINK_STALLED, LINK_GREETING, LINK_OPEN, LINK_LINGERING, LINK_DEAD };

struct link {
	struct watch watch;
	struct hub *hub;
	struct gateway *gateway;
	enum link_phase phase;
	char peer[INET6_ADDRSTRLEN];

	SSL *session;                /* NULL on a plain port, and while lingering */
	struct tls_ends ends;        /* ends.fd is the client's socket, whether TLS or not */
	uint32_t interest;           /* epoll events that are registered */
	bool is_greeted;             /* the gateway was asked about its handshake */
	struct tls_fault *tls_fault; /* owned; NULL: none acts on it */

	/* towards the client */
	struct delivery_queue deliveries;
	struct buffer backlog; /* records that the socket did not take */
	size_t backlog_sent;
	struct delivery *held;  /* the one that waits for link_let_go…(); at most one does */
	int64_t release_ms;     /* when that will be, in gateway time; REPLY_NEVER */
	struct pace pace;       /* how its bytes leave from then on */
	size_t head_length;     /* so many of them are its head */
	uint32_t pace_step;     /* the step that comes at release_ms */
	struct holders held_by; /* faults that hold that, or the link itself */
	uint32_t stalled_by;    /* serial of the fault that stalls the link */
	int64_t held_since_ms;  /* likewise */
	uint64_t request;       /* number of the record of the request that it answers */
	struct departure departure;

	/* towards the parser */
	struct intake intake;          /* the head of the request that comes next or is being parsed */
	struct buffer input;           /* bytes that wait for room, or for the rest of their head */
	size_t input_taken;            /* so many of them are done with */
	bool is_parsing;               /* a request was begun with the parser and is not answered */
	struct extent extent;          /* what the parser has of it */
	struct buffer headers;         /* its header lines */
	int pair;                      /* our end; -1 while libmicrohttpd has nothing of ours */
	struct MHD_Connection *parser; /* behind the pair */
	unsigned int parsers_alive;    /* libmicrohttpd's connections that name this link */
	unsigned int markers;          /* answers that lie in the pair, unread */
	struct reading *reading;       /* the request that it is reading; owned */

	struct link_stream *stream; /* owned: what comes is frames of a websocket, not requests; NULL: it is not */

	/* what is to become of it */
	bool is_touched;
	bool has_more;       /* another answer follows at once: sending can wait for it */
	bool is_broken;      /* nothing more can be sent */
	bool client_ended;   /* nothing more will come */
	bool hung_up;        /* so the client has said, behind what is still to be read */
	bool has_asked;      /* a request of its was answered, or is held back */
	bool is_noted;       /* the journal knows why it came to nothing */
	bool close_after;    /* ends when all deliveries have left */
	bool waits_to_reset; /* all that keeps it is what the socket has not sent yet */
	enum answer_end end; /* how it ends */
	uint32_t ended_by;   /* serial of the fault that says so; 0: none */

	int64_t active_ms;        /* last given to the parser; monotonic */
	int64_t queued_ms;        /* when it was put into its queue */
	struct link_queue *queue; /* of the hub, or NULL */
	struct link *queue_next, *queue_previous;
	struct link *next, *previous; /* hub->links */
	struct link *next_touched;
	struct link *next_buried;
	struct link *next_held, *previous_held; /* gateway's, by release_ms */
};

/* Takes over an accepted, non-blocking socket: it is closed when this fails, with NULL. `context` NULL: plain HTTP. */
struct link *link_open(struct hub *hub, struct gateway *gateway, SSL_CTX *context, int fd, const struct sockaddr *peer);

/*
 * Queues the bytes of one answer; the only way out for plain bytes. Held ones, of which there may be one at a time,
 * wait for link_let_go…(). A link that cannot take them breaks, and is closed when it is settled.
 */
void link_deliver(struct link *link, const void *bytes, size_t length, bool held);
/* The held answer's first `open` bytes may leave; all of them, and it is held no longer. */
void link_let_go(struct link *link, size_t open);
void link_let_go_wholly(struct link *link);

/* Says that the parser's request is being answered. Comes before its link_deliver(). */
void link_answered(struct link *link);

/* Says that the answer which was delivered last makes a websocket of the link: what comes behind its request are frames. */
void link_upgrade(struct link *link, const struct request *request);

/* Sends what its stream has to say. */
void link_speak(struct link *link);

/* Sends what may be sent without waiting. */
void link_flush(struct link *link);

/* No other request may be begun now. */
bool link_is_full(const struct link *link);

/* Writes into the journal why the link comes to nothing; the first time only. */
void link_note(struct link *link, enum failure failure, const char *detail);

/* Makes sure that link_settle() is called before the loop sleeps. */
void link_touch(struct link *link);

/* Does all that has become due since the last time: sends, feeds the parser, ends the link, registers for events. */
void link_settle(struct link *link);

/* Ends it now and without ceremony; the client sees FIN, or RST when it sent bytes that nobody read. */
void link_close(struct link *link);

/* The parser's connection has gone: it was told to, or found something that it could not read. */
void link_parser_ended(struct link *link);

/* Gives back what quiet links hold, closes those that have lingered long enough. When to call again; -1: no need. */
int64_t link_queues_expire(struct hub *hub);

/* Frees what is dead and forgotten. */
void link_bury(struct hub *hub);

#endif
