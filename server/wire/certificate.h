/*
 * A certificate and its key, read from PEM files.
 */
#ifndef CPGW_WIRE_CERTIFICATE_H
#define CPGW_WIRE_CERTIFICATE_H

#include "core/error.h"

#include <openssl/evp.h>
#include <openssl/x509.h>
#include <stdbool.h>

/* A certificate with its key. Owns all three. A zeroed one is empty. */
struct certificate {
	X509 *leaf;
	STACK_OF(X509) * chain; /* what is sent after the leaf; NULL when nothing is */
	EVP_PKEY *key;
};

void certificate_release(struct certificate *certificate);

/* Reads a PEM pair; the certificate file may hold a chain, leaf first. The sentence names the file and what is wrong
 * with it: missing, unreadable, no PEM, encrypted, or a key that belongs to another certificate. */
bool certificate_load(const char *certificate_file, const char *key_file, struct certificate *certificate,
                      struct error *error);

#endif
