/*
 * Why a connection came to nothing, or an answer to nobody: what the journal says about it, a name for programs and a
 * sentence for people. One table of both; each end of a connection that somebody should hear of has its row.
 *
 * Not told of: connections over which not a byte came. Whoever waits for a port to open makes many of them.
 */
#ifndef CPGW_WIRE_FAILURE_H
#define CPGW_WIRE_FAILURE_H

#include "core/buffer.h"
#include "wire/tls.h"

#include <openssl/ssl.h>
#include <stdbool.h>

enum failure {
	/* The handshake: what the client thought of us. */
	FAILURE_UNKNOWN_CA,
	FAILURE_BAD_CERTIFICATE,
	FAILURE_CERTIFICATE_UNKNOWN,
	FAILURE_CERTIFICATE_EXPIRED,
	FAILURE_UNSUPPORTED_CERTIFICATE,
	FAILURE_VERSION_REFUSED,
	FAILURE_ALERT, /* detail: which */
	/* What we thought of the client. */
	FAILURE_VERSION_TOO_OLD, /* detail: what it offered */
	FAILURE_VERSION_TOO_NEW,
	FAILURE_NO_SHARED_CIPHER,
	FAILURE_PLAIN_HTTP,
	FAILURE_NOT_TLS,
	FAILURE_HANDSHAKE_CLOSED,
	FAILURE_HANDSHAKE_LEFT,   /* detail: after how long */
	FAILURE_VERSION_NOT_LEFT, /* a fault left none that the client offers */
	FAILURE_HANDSHAKE,        /* detail: OpenSSL's words */
	/* Requests. */
	FAILURE_NO_REQUEST,
	FAILURE_REQUEST_CUT,
	FAILURE_TLS_ON_PLAIN_PORT,
	FAILURE_REQUEST_LINE_BAD,
	FAILURE_HEADER_BAD,
	FAILURE_REQUEST_BAD,
	FAILURE_LINE_TOO_LONG,
	FAILURE_HEADERS_TOO_LARGE,
	FAILURE_STALL_LEFT,
	FAILURE_CLIENT_LEFT, /* detail: after how long */
	FAILURE_COUNT
};

/* "unknown_ca" … */
const char *failure_name(enum failure failure);
/* Whether client and gateway found no version of TLS in common. */
bool failure_is_of_versions(enum failure failure);
/* Appends the sentence. `detail` may be NULL where the row needs none. */
void failure_describe(enum failure failure, const char *detail, struct buffer *out);

#define FAILURE_DETAIL_SIZE 96

/* What has just failed in this session, before anything else is done with OpenSSL. */
enum failure failure_of_session(SSL *session, const struct tls_ends *ends, char detail[FAILURE_DETAIL_SIZE]);

#endif
