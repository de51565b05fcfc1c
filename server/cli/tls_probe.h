/*
 * Does somebody speak TLS on a port? A client for this one question: it verifies nothing.
 */
#ifndef CPGW_CLI_TLS_PROBE_H
#define CPGW_CLI_TLS_PROBE_H

#include "core/error.h"

#include <openssl/ssl.h>
#include <stdbool.h>
#include <stdint.h>

/* The caller frees it with SSL_CTX_free(); NULL with a sentence. tls_start() comes first. */
SSL_CTX *tls_probe_context(struct error *error);

/* Connects and shakes hands, within `patience_ms`: to a numeric address, or for NULL to 127.0.0.1 and then, in as much
 * time again, to ::1. False with what went wrong. */
bool tls_probe(SSL_CTX *context, const char *address, uint16_t port, int64_t patience_ms, struct error *why);

#endif
