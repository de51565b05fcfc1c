/*
 * What faults have become of a connection before it brings its first request: of the port, of the connection as it is
 * accepted, of its handshake. The core decides, on the gateway's clock; the wire performs.
 *
 * Where a gateway has no such rules, asking costs nothing and writes nothing down.
 */
#ifndef CPGW_CORE_CONNECTION_PLAN_H
#define CPGW_CORE_CONNECTION_PLAN_H

#include "core/buffer.h"
#include "core/holders.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct emulator;

/* ---- the port ---- */

enum port_state {
	PORT_OPEN,
	PORT_REFUSES, /* nobody listens there: connection refused */
	PORT_FULL,    /* nobody is accepted: whoever finds no room in the backlog waits for as long as TCP tries */
};

/* As it is now. It changes in emulator_init(), emulator_advance(), emulator_handle(), emulator_apply(), and as rules come
 * and go; nowhere else. */
enum port_state emulator_port(const struct emulator *emulator);

/* ---- a connection is accepted ---- */

enum accept_act {
	ACCEPT_AS_USUAL,
	ACCEPT_RESET,
	ACCEPT_CLOSE,
	ACCEPT_STALL, /* not a byte is read until until_ms; then all goes on as usual */
};

struct accept_plan {
	enum accept_act act;
	int64_t until_ms; /* gateway time; REPLY_NEVER */
	uint32_t rule;    /* serial of the fault that acts; 0: none */
};

/* Decides about one connection, at the time to which the emulator was last advanced. */
void emulator_accept(struct emulator *emulator, struct accept_plan *plan);

/* ---- a client says hello ---- */

enum tls_act {
	TLS_AS_USUAL,
	TLS_RESET,
	TLS_STALL,             /* before anything is sent */
	TLS_STALL_AFTER_HELLO, /* ServerHello leaves, nothing after it */
	TLS_SEND_ALERT,
	TLS_SEND_PLAIN,   /* an HTTP answer in plain text */
	TLS_SEND_GARBAGE, /* bytes that are no record */
};

enum tls_identity {
	IDENTITY_OWN,
	IDENTITY_EXPIRED,
	IDENTITY_NOT_YET_VALID,
	IDENTITY_WRONG_HOST,
	IDENTITY_UNTRUSTED,
	IDENTITY_CHANGED, /* a fresh certificate of the same CA for the same name: another key */
};

struct tls_plan {
	enum tls_act act;
	int64_t after_ms; /* gateway time at which it is done; 0: at once */
	int64_t until_ms; /* gateway time at which a stall ends and all goes on as usual; REPLY_NEVER */
	uint8_t alert;
	size_t bytes;
	uint64_t random; /* for what the wire draws besides */
	int64_t byte_ms; /* pause between the bytes of the server's flight; 0: they leave together */
	enum tls_identity identity;
	int version_floor; /* 0: as usual; else 0x0301 … */
	int version_ceiling;
	uint32_t corrupt_record; /* the nth record of application data from the server, from 1; 0: none */
	bool refuse_resumption;
	uint32_t rule; /* serial of the fault that acts last, which is the one that stalls, if any does; 0: none acts */
	uint32_t corrupted_by;
	struct holders held_by;
};

/* Decides about one handshake. `server_name` is what the client asked for (SNI); empty when it said nothing. */
void emulator_greet(struct emulator *emulator, struct span server_name, struct tls_plan *plan);

/* ---- how long a stall lasts ---- */

/* Whether the fault of that serial is still there and in force: its window and its states may have ended, or an event may
 * have ended it. */
bool emulator_still_acts(const struct emulator *emulator, uint32_t rule);

#endif
