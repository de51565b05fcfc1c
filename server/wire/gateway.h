/*
 * One gateway as clients see it: an address and port, an emulator behind it, and the clock that both live by. The
 * emulator is only ever touched through here, so that its time, the held answers and the observer agree.
 *
 * Time: gateway milliseconds since 1970, as the gateway's clock shows them, unless a name says monotonic.
 */
#ifndef CPGW_WIRE_GATEWAY_H
#define CPGW_WIRE_GATEWAY_H

#include "core/clock.h"
#include "core/emulator.h"
#include "core/error.h"
#include "core/message.h"
#include "wire/hub.h"
#include "wire/listener.h"
#include "wire/schedule.h"

#include <openssl/ssl.h>
#include <stdbool.h>
#include <stdint.h>

struct gateway;
struct link;

struct gateway_options {
	const struct machine *machine; /* not owned; outlives the gateway */
	uint64_t seed;
	struct clock clock;    /* mode and scale, as clock_parse() leaves them */
	int64_t start_ms;      /* what the clock shows when the gateway is added */
	uint32_t journal_size; /* records that are kept, and bytes: journal_init() */
	size_t journal_bytes;
	const char *address; /* numeric; NULL: 127.0.0.1 and ::1 */
	uint16_t port;       /* 0: any that is free */
	SSL_CTX *tls;        /* shared: the gateway takes a reference of its own. NULL: plain HTTP */
	/* Called whenever the journal has grown, before a byte of the answer leaves; may be NULL. It may read the
	 * gateway, not change it. */
	void (*observe)(void *context, struct gateway *gateway);
	void *context;
};

struct gateway {
	struct hub *hub;
	struct emulator emulator;
	struct clock clock;
	struct clock first_clock; /* mode and scale as it was started */
	uint32_t journal_size;
	size_t journal_bytes;
	struct listener listeners[LISTENERS_MAX];
	size_t listener_count;
	enum port_state port_state; /* as the listeners are: port.h */
	size_t stalled;             /* links that a fault holds before anything is read from them */
	uint16_t port;
	SSL_CTX *tls;
	void (*observe)(void *context, struct gateway *gateway);
	void *context;

	int64_t moves_to_ms; /* where somebody has sent the clock, while `is_moving` */
	bool is_moving;

	uint64_t observed;       /* journal records that the observer was told of */
	struct link *first_held; /* by release_ms; those held for ever are not in it */
	struct link *last_held;
	struct scheduled scheduled;
	uint64_t connections;            /* ever accepted */
	struct gateway *next, *previous; /* of the server */
};

/* Starts the emulator and the clock and takes the port. The outcome says what kind of failure the sentence is about. */
enum listen_outcome gateway_init(struct gateway *gateway, struct hub *hub, const struct gateway_options *options,
                                 struct error *error);
/* Its links must be dead. */
void gateway_release(struct gateway *gateway);

int64_t gateway_now_ms(const struct gateway *gateway);

/* Answers one request, now. */
void gateway_answer(struct gateway *gateway, const struct request *request, struct reply *reply);

/* Writes down what happened to a connection or to the gateway as a whole; emulator_note() says more. */
void gateway_note(struct gateway *gateway, enum record_kind kind, const char *name, const char *text);

/* Does one action, now. */
bool gateway_apply(struct gateway *gateway, const struct action *action, struct error *error);

/* A client says hello: what faults make of its handshake. False: nothing. */
bool gateway_greet(struct gateway *gateway, struct span server_name, struct tls_plan *plan);

/* Adds, replaces or takes away a fault, now: fault.h says more. Connections that the one which goes holds back end. */
bool gateway_fault_add(struct gateway *gateway, const struct fault *fault, struct arena *arena, struct error *error);
bool gateway_fault_remove(struct gateway *gateway, const char *name);
void gateway_faults_clear(struct gateway *gateway);

/* Websockets: stream.h says more. The link owns what it gets until it has said that it is closed. */
struct stream *gateway_stream_open(struct gateway *gateway, const struct request *request, struct link *link);
void gateway_stream_message(struct gateway *gateway, struct stream *stream, bool is_text, struct span message);
void gateway_stream_closed(struct gateway *gateway, struct stream *stream, int code, const char *why);

/* The time at which something happens by itself may be another. */
void gateway_touch(struct gateway *gateway);

/* A connection was accepted: whether a fault acts on it, and what it does. */
bool gateway_accept(struct gateway *gateway, struct accept_plan *plan);

/* Lets happen what has become due: timers, cues, held answers. */
void gateway_advance(struct gateway *gateway);

/* Has what is expected of the client judged as if the end were now: expect_conclude() says more. */
void gateway_conclude(struct gateway *gateway);

/* Forgets what happened so far; whoever follows the journal has been told of it. */
void gateway_journal_clear(struct gateway *gateway);

/* ---- the clock: each change is written down as a RECORD_CLOCK, before what comes of it ---- */

/* These move the clock forward, whatever its mode, and let happen what became due on the way, answers that were held
 * included; it goes on from there. False, and nothing has changed, when that would be backwards, or more than
 * DURATION_MAX_MS ahead, or while it moves. So much may happen on the way that others would wait too long: then
 * `is_moving` is set, and gateway_clock_go_on() goes on, a part of the way each time. */
bool gateway_clock_set(struct gateway *gateway, int64_t to_ms);     /* "set" */
bool gateway_clock_advance(struct gateway *gateway, int64_t by_ms); /* "advance" */
/* To gateway_deadline_ms(), as it is after what is due already. False when there is no such time. "advance" */
bool gateway_clock_advance_to_next(struct gateway *gateway);

/* True when it has arrived. */
bool gateway_clock_go_on(struct gateway *gateway);
/* It moves no further. */
void gateway_clock_stay(struct gateway *gateway);

/* These change how it goes on; what it shows does not jump. */
void gateway_clock_freeze(struct gateway *gateway); /* manual. "freeze" */
/* As it was started, or, when that was manual, like the machine's. "resume" */
void gateway_clock_resume(struct gateway *gateway);
/* So many times faster than the machine's: 1 to CLOCK_SCALE_MAX, else false. "scale" */
bool gateway_clock_scale(struct gateway *gateway, int64_t scale);

/* The next instant, on the gateway's clock, at which something happens by itself: a timer, a cue, a held answer.
 * EMULATOR_NEVER: nothing will. */
int64_t gateway_deadline_ms(const struct gateway *gateway);

/* The same on the machine's clock, monotonic; INT64_MAX: not until something else happens. */
int64_t gateway_due_ms(const struct gateway *gateway);

/* ---- beginning anew ---- */

/*
 * Ends its connections and starts emulator and clock anew; port and listeners stay. The journal is empty then, but its
 * numbers go on: who asks for what came after a number never takes a new record for one that he has seen. False when
 * memory ran out: nothing has changed but the connections. Not from within its observer, nor from within an answer.
 */
bool gateway_restart(struct gateway *gateway, const struct machine *machine, uint64_t seed, const struct clock *clock,
                     int64_t start_ms, struct error *error);

/* Ends its connections. */
void gateway_close_links(struct gateway *gateway);

/* The link's held answer is to leave at link->release_ms, at link->pace from then on: remembers it, forgets it. */
void gateway_hold(struct gateway *gateway, struct link *link);
/* The same where nothing is to leave: tls_fault_due() is called at link->release_ms. */
void gateway_wait(struct gateway *gateway, struct link *link);
/* Likewise for one that is LINK_STALLED. */
void gateway_stall(struct gateway *gateway, struct link *link);
void gateway_unhold(struct gateway *gateway, struct link *link);

#endif
