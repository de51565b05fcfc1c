/*
 * The server's half of TLS. A context says who we are and what we speak; a session is one client's. OpenSSL never
 * touches a socket to write: the records that it makes are appended to a buffer that its owner sends, so every
 * encrypted byte can be looked at, held or damaged on its way.
 *
 * tls_start() once per process comes first.
 */
#ifndef CPGW_WIRE_TLS_H
#define CPGW_WIRE_TLS_H

#include "core/buffer.h"
#include "core/error.h"
#include "wire/certificate.h"

#include <openssl/ssl.h>
#include <stdbool.h>
#include <stddef.h>

enum tls_profile {
	TLS_MODERN,    /* TLS 1.2 and 1.3, whatever a client of today likes best */
	TLS_AUTHENTIC, /* as the real gateway: TLS 1.2 only, its cipher suites (docs/gateway.md#tls) */
};

/* Prepares OpenSSL without reading the machine's configuration: what we speak must not depend on it. */
bool tls_start(struct error *error);

/* A context for any number of gateways; the caller frees it with SSL_CTX_free(). NULL with a sentence. The
 * certificate may be released afterwards. */
SSL_CTX *tls_context_new(enum tls_profile profile, const struct certificate *certificate, struct error *error);

/* How sessions get at bytes; one per server, freed with BIO_meth_free(). NULL when memory ran out. */
BIO_METHOD *tls_transport_new(void);

/* The host name that `cpgw-mock ready` asks for (RFC 2606: nobody's): one that comes only to look. */
#define TLS_LOOKER "ready.cpgw-mock.invalid"

/* Whether a client's first byte begins a TLS handshake. */
bool tls_begins(char first);

/* What becomes of a handshake once its ClientHello has been looked at. */
enum tls_hello {
	HELLO_GOES_ON,
	HELLO_WAITS, /* nothing is answered until tls_handshake() is called again, which asks again */
	HELLO_FAILS,
};

/* One session's ends. Lives as long as the session, at the same address. */
struct tls_ends {
	int fd;             /* records are received from here */
	struct buffer *out; /* records to send are appended here; not owned */
	bool looked;        /* the first byte has come */
	bool foreign;       /* it did not begin a TLS handshake; the session fails, and nothing may be sent */
	bool http;          /* but, from its looks, an HTTP request */
	bool ended;         /* the client has sent FIN */
	/* Asked about each ClientHello, before anything is decided; may change the session. NULL: nobody is. */
	enum tls_hello (*hello)(struct tls_ends *ends, SSL *session);
	bool resumes_nothing; /* so said whoever was asked */
};

/* Freed with SSL_free(). NULL when memory ran out. */
SSL *tls_session_new(SSL_CTX *context, BIO_METHOD *transport, struct tls_ends *ends);

enum tls_result {
	TLS_DONE,
	TLS_AGAIN, /* nothing more until the client sends something, or whoever has it wait calls again */
	TLS_ENDED, /* the client is through: close_notify, or FIN without it */
	TLS_FAILED /* it broke the rules; an alert may wait in `out` */
};

enum tls_result tls_handshake(SSL *session);
/* After the handshake: whether that is all that the client came for. */
bool tls_only_looks(const SSL *session);
/* TLS_DONE: `got` bytes, at least one. */
enum tls_result tls_read(SSL *session, char *bytes, size_t size, size_t *got);
/* TLS_DONE: `took` bytes, at least one, at most one record's worth, are in `out`. */
enum tls_result tls_write(SSL *session, const char *bytes, size_t length, size_t *took);
/* Puts close_notify into `out`, unless the client has hung up without one: most such clients would answer with a
 * reset. */
void tls_close(SSL *session);

#endif
