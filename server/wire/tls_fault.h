/*
 * What faults do to TLS on one connection: they end the handshake in some way, hold it up, change what is agreed upon
 * in it, or damage a record that comes after it. A link that no fault has to do with has no struct tls_fault.
 *
 * A link that is held in its handshake is not read from. It waits in its gateway's list for its time to come, on the
 * gateway's clock, and ends when its client leaves or the fault that holds it is taken away.
 */
#ifndef CPGW_WIRE_TLS_FAULT_H
#define CPGW_WIRE_TLS_FAULT_H

#include "core/error.h"
#include "core/fault.h"
#include "wire/tls.h"

#include <openssl/ssl.h>
#include <stdbool.h>
#include <stddef.h>

struct link;
struct tls_fault;

/* ---- before anything happens ---- */

/* Whether a gateway with this context, NULL when it speaks plain HTTP, can do what the faults say; makes the
 * certificates for it. False with the reason. */
bool tls_fault_fits(SSL_CTX *context, const struct fault *fault, struct error *error);
bool tls_faults_fit(SSL_CTX *context, const struct fault *faults, size_t count, struct error *error);

/* ---- the handshake ---- */

/* A link's ends.hello: asks what faults there are. */
enum tls_hello tls_fault_hello(struct tls_ends *ends, SSL *session);

/* After a step of the handshake, whose bytes are in hub->cipher. True: a fault has seen to them, and to the link. */
bool tls_fault_step(struct link *link, enum tls_result result);

/* It waits for time to pass, and for nothing that its client could send. */
bool tls_fault_holds(const struct link *link);
/* The time has come. */
void tls_fault_due(struct link *link);
/* It is held for as long as its fault is in force; that is over, and it goes on at the gateway's next turn. */
bool tls_fault_stalls(const struct link *link);
void tls_fault_end_stall(struct link *link);

/* For the journal: that a fault has a hand in how the handshake ended, if one has. */
void tls_fault_add_blame(const struct link *link, struct buffer *out);
/* No version of TLS was left because a fault says so. */
bool tls_fault_limits_versions(const struct link *link);

/* ---- and after it ---- */

/* hub->cipher has, from that place on, another record of application data. */
void tls_fault_damage(struct link *link, size_t from);

/* The fault was taken away: what it has not done yet will not be done. */
void tls_fault_disarm(struct link *link, uint32_t rule);

void tls_fault_free(struct tls_fault *fault);

#endif
