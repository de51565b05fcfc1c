/*
 * Does somebody on this machine speak TLS on a port? A client for this one question: it verifies nothing.
 */
#ifndef CPGW_CLI_TLS_PROBE_H
#define CPGW_CLI_TLS_PROBE_H

#include "core/error.h"

#include <openssl/ssl.h>
#include <stdbool.h>
#include <stdint.h>

/* The caller frees it with SSL_CTX_free(); NULL with a sentence. tls_start() comes first. */
SSL_CTX *tls_probe_context(struct error *error);

/* Connects to 127.0.0.1 or else ::1 and shakes hands, within `patience_ms` each. False with what went wrong. */
bool tls_probe(SSL_CTX *context, uint16_t port, int64_t patience_ms, struct error *why);

#endif
