/*
 * Certificates that a gateway shows because a fault says so: like its own, but run out, for another host, of another
 * authority. Each is made when a fault first asks for it, and kept with the TLS context; without such faults there are
 * none.
 */
#ifndef CPGW_WIRE_IDENTITY_H
#define CPGW_WIRE_IDENTITY_H

#include "core/connection_plan.h"
#include "core/error.h"
#include "wire/certificate_store.h"

#include <openssl/ssl.h>
#include <stdbool.h>

/* The only name on a certificate for the wrong host. The authority may vouch for it. */
#define IDENTITY_WRONG_NAME "elsewhere.localhost"

/* Says where the authority is that signed the context's own certificate. Without it only a certificate that signed itself
 * can be varied, and any can be signed by a stranger. False when memory ran out. */
bool identity_set_store(SSL_CTX *context, const struct certificate_store *store);

/* Makes the certificate, unless it is there. False, with the reason, when it cannot be made. */
bool identity_prepare(SSL_CTX *context, enum tls_identity identity, struct error *error);

/* Has the session show it, in the callback for the ClientHello or before. */
bool identity_show(SSL *session, enum tls_identity identity);

#endif
