/*
 * A folder (mode 0700) of certificates that are made when there are none:
 *
 *   ca.crt, ca.key                the authority that clients are told to trust, and its key
 *   leaf.crt, leaf.key            for localhost, 127.0.0.1 and ::1, signed by it; leaf.crt has the chain
 *   authentic.crt, authentic.key  the real gateway's certificate in all but its key (docs/gateway.md#tls)
 *
 * Each is made on first use and kept; key files are 0600. A leaf that runs out within a month, is damaged or was not
 * signed by the authority is made anew. An authority is never replaced while it is valid, because clients trust it: if
 * its files are damaged, that is an error which says which file and what to do. Files change by rename, under a lock:
 * any number of processes may start at once, and one that dies halfway leaves nothing half written.
 */
#ifndef CPGW_WIRE_CERTIFICATE_STORE_H
#define CPGW_WIRE_CERTIFICATE_STORE_H

#include "core/error.h"
#include "wire/certificate.h"

#include <stdbool.h>

#define CERTIFICATE_PATH_MAX 1024

struct certificate_store {
	char folder[CERTIFICATE_PATH_MAX];
	char authority_file[CERTIFICATE_PATH_MAX]; /* ca.crt: what clients are told to trust */
};

/* Takes the folder; it is made if need be, the one above it is not. */
bool certificate_store_open(const char *folder, struct certificate_store *store, struct error *error);

/* Reads the leaf, after making what is missing. The caller releases it. */
bool certificate_store_leaf(const struct certificate_store *store, struct certificate *leaf, struct error *error);

/* The same for the authentic certificate. Its RSA key takes a moment to make: only who asks for it gets one. */
bool certificate_store_authentic(const struct certificate_store *store, struct certificate *authentic,
                                 struct error *error);

/* Reads the authority with its key, to have something else signed; makes nothing. */
bool certificate_store_authority(const struct certificate_store *store, struct certificate *authority,
                                 struct error *error);

#endif
