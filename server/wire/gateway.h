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

#include <openssl/ssl.h>
#include <stdbool.h>
#include <stdint.h>

struct gateway;
struct link;

struct gateway_options {
	const struct machine *machine; /* not owned; outlives the gateway */
	uint64_t seed;
	struct clock clock;  /* mode and scale, as clock_parse() leaves them */
	int64_t start_ms;    /* what the clock shows when the gateway is added */
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
	struct listener listeners[LISTENERS_MAX];
	size_t listener_count;
	uint16_t port;
	SSL_CTX *tls;
	void (*observe)(void *context, struct gateway *gateway);
	void *context;

	uint64_t observed;       /* journal records that the observer was told of */
	struct link *first_held; /* by release_ms; those held for ever are not in it */
	struct link *last_held;
	bool is_stale;        /* due_ms must be reckoned anew */
	int64_t due_ms;       /* monotonic; when something will happen by itself, INT64_MAX: never */
	uint64_t connections; /* ever accepted */
	struct gateway *next; /* of the server */
};

/* Starts the emulator and the clock and takes the port. The outcome says what kind of failure the sentence is about. */
enum listen_outcome gateway_init(struct gateway *gateway, struct hub *hub, const struct gateway_options *options,
                                 struct error *error);
/* Its links must be dead. */
void gateway_release(struct gateway *gateway);

int64_t gateway_now_ms(const struct gateway *gateway);

/* Answers one request, now. */
void gateway_answer(struct gateway *gateway, const struct request *request, struct reply *reply);

/* Does one action, now. */
bool gateway_apply(struct gateway *gateway, const struct action *action, struct error *error);

/* Lets happen what has become due: timers, cues, held answers. */
void gateway_advance(struct gateway *gateway);

/* Moves the clock forward to `to_ms`, whatever its mode, and lets happen what became due on the way. False when that
 * would be backwards. */
bool gateway_clock_set(struct gateway *gateway, int64_t to_ms);

/* When gateway_advance() should be called next, monotonic; INT64_MAX: not until something else happens. */
int64_t gateway_due_ms(struct gateway *gateway);

/* The link's held answer is to leave at link->release_ms: remembers it, forgets it. */
void gateway_hold(struct gateway *gateway, struct link *link);
void gateway_unhold(struct gateway *gateway, struct link *link);

#endif
