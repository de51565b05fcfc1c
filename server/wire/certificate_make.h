/*
 * Makes keys and the certificates over them. No files: certificate.h keeps them.
 */
#ifndef CPGW_WIRE_CERTIFICATE_MAKE_H
#define CPGW_WIRE_CERTIFICATE_MAKE_H

#include "wire/certificate.h"

#include <stdbool.h>

/* An authority that can vouch for this machine's own addresses and for nothing else, whoever gets hold of its key. */
bool certificate_make_authority(struct certificate *made, struct error *error);

/* For localhost, 127.0.0.1 and ::1; the authority is its chain. */
bool certificate_make_leaf(const struct certificate *authority, struct certificate *made, struct error *error);

/* The real gateway's certificate with a key of our own: same names, serial number, dates (it ran out in 2019) and
 * extensions, and like it without a name that any client could match (docs/gateway.md#tls). */
bool certificate_make_authentic(struct certificate *made, struct error *error);

/* An authority that no client has ever heard of. */
bool certificate_make_stranger(struct certificate *made, struct error *error);

/* How a certificate differs from the one that it is made after. Zeroed: in its serial number alone. */
struct certificate_variant {
	long from_s; /* its life, counted from now; both 0: as long as the other's */
	long until_s;
	const char *host; /* the only name that it is for; NULL: as the other */
	bool has_new_key;
};

/* A certificate like `model`. `issuer` signs it and becomes its chain; NULL: it signs itself, with its own key. */
bool certificate_make_variant(const struct certificate *model, const struct certificate *issuer,
                              const struct certificate_variant *variant, struct certificate *made, struct error *error);

#endif
