#include "wire/tls.h"

#include <errno.h>
#include <openssl/bio.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <string.h>
#include <sys/socket.h>

#define CONTENT_TYPE_HANDSHAKE 0x16

/* The suites that the real gateway was seen to take, the one it prefers first (docs/gateway.md#tls). */
static const char AUTHENTIC_SUITES[] =
    "ECDHE-RSA-AES256-GCM-SHA384:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-RSA-CHACHA20-POLY1305:"
    "DHE-RSA-AES256-GCM-SHA384:DHE-RSA-CHACHA20-POLY1305:DHE-RSA-AES128-GCM-SHA256:"
    "ECDHE-RSA-AES256-SHA384:ECDHE-RSA-AES128-SHA256:DHE-RSA-AES256-SHA256:DHE-RSA-AES128-SHA256:"
    "ECDHE-RSA-AES256-SHA:ECDHE-RSA-AES128-SHA:DHE-RSA-AES256-SHA:DHE-RSA-AES128-SHA:"
    "AES256-GCM-SHA384:AES128-GCM-SHA256:AES256-SHA256:AES128-SHA256:AES256-SHA:AES128-SHA";

bool tls_start(struct error *error)
{
	/* Error strings are loaded later, by the first that needs one: a start does not. */
	const uint64_t options = OPENSSL_INIT_NO_LOAD_CONFIG | OPENSSL_INIT_NO_LOAD_SSL_STRINGS |
	                         OPENSSL_INIT_NO_LOAD_CRYPTO_STRINGS | OPENSSL_INIT_NO_ATEXIT;

	if (OPENSSL_init_ssl(options, NULL) == 1)
		return true;
	error_set(error, "OpenSSL did not start");
	return false;
}

/*
 * OpenSSL with TLS 1.3 switched off ignores that a client insists on it, and then fails for want of a common cipher
 * suite. The real gateway says protocol_version.
 */
static bool is_too_new(SSL *session)
{
	const long newest = SSL_get_max_proto_version(session);
	const unsigned char *versions;
	size_t size;

	if (newest == 0 || newest > TLS1_2_VERSION ||
	    SSL_client_hello_get0_ext(session, TLSEXT_TYPE_supported_versions, &versions, &size) != 1)
		return false;
	for (size_t i = 1; i + 1 < size; i += 2)
		if (versions[i] == 3 && (versions[i] << 8 | versions[i + 1]) <= newest)
			return false;
	return true;
}

static int look_at_hello(SSL *session, int *alert, void *unused)
{
	struct tls_ends *ends = BIO_get_data(SSL_get_rbio(session));
	const enum tls_hello hello = ends->hello ? ends->hello(ends, session) : HELLO_GOES_ON;

	(void)unused;
	switch (hello) {
	case HELLO_GOES_ON:
		break;
	case HELLO_WAITS:
		return SSL_CLIENT_HELLO_RETRY;
	case HELLO_FAILS:
		*alert = SSL_AD_INTERNAL_ERROR;
		return SSL_CLIENT_HELLO_ERROR;
	}
	if (!is_too_new(session))
		return SSL_CLIENT_HELLO_SUCCESS;
	*alert = SSL_AD_PROTOCOL_VERSION;
	return SSL_CLIENT_HELLO_ERROR;
}

/* A client has shown a ticket. OpenSSL alone would do the same, but for the first lines. */
static SSL_TICKET_RETURN look_at_ticket(SSL *session, SSL_SESSION *resumed, const unsigned char *name, size_t length,
                                        SSL_TICKET_STATUS status, void *unused)
{
	const struct tls_ends *ends = BIO_get_data(SSL_get_rbio(session));

	(void)resumed;
	(void)name;
	(void)length;
	(void)unused;
	if (ends->resumes_nothing)
		return SSL_TICKET_RETURN_IGNORE_RENEW;
	switch (status) {
	case SSL_TICKET_SUCCESS:
		return SSL_TICKET_RETURN_USE;
	case SSL_TICKET_SUCCESS_RENEW:
		return SSL_TICKET_RETURN_USE_RENEW;
	default: /* numbers from OpenSSL */
		return SSL_TICKET_RETURN_IGNORE_RENEW;
	}
}

static bool set_profile(SSL_CTX *context, enum tls_profile profile)
{
	SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
	switch (profile) {
	case TLS_MODERN:
		return true;
	case TLS_AUTHENTIC:
		SSL_CTX_set_max_proto_version(context, TLS1_2_VERSION);
		SSL_CTX_set_options(context, SSL_OP_CIPHER_SERVER_PREFERENCE);
		SSL_CTX_set_dh_auto(context, 1);
		return SSL_CTX_set_cipher_list(context, AUTHENTIC_SUITES) == 1;
	}
	return false;
}

/* OpenSSL was started without its sentences (tls_start): a certificate that it does not take is told in ours. */
static void say_unfit(unsigned long why, struct error *error)
{
	char text[160];

	switch (ERR_GET_LIB(why) == ERR_LIB_SSL ? ERR_GET_REASON(why) : 0) {
	case SSL_R_EE_KEY_TOO_SMALL:
	case SSL_R_CA_KEY_TOO_SMALL:
		error_set(error, "cannot set up TLS: the certificate's key is too small; wanted RSA with 2048 bits or "
		                 "more, or P-256");
		break;
	case SSL_R_CA_MD_TOO_WEAK:
		error_set(error, "cannot set up TLS: the certificate is signed with too weak a hash; wanted SHA-256");
		break;
	default:
		ERR_error_string_n(why, text, sizeof text);
		error_set(error, "cannot set up TLS: %s", text);
		break;
	}
}

SSL_CTX *tls_context_new(enum tls_profile profile, const struct certificate *certificate, struct error *error)
{
	SSL_CTX *context = SSL_CTX_new(TLS_server_method());

	if (!context)
		goto out;
	/* Idle connections own no buffers; one record pair is one system call. */
	SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
	                              SSL_MODE_RELEASE_BUFFERS);
	SSL_CTX_set_read_ahead(context, 1);
	SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION);
	/* Clients resume by ticket: the server keeps nothing. One ticket a handshake is enough and costs half. It must
	 * leave at once, not with the first answer: it acknowledges the client's last flight. Without that a client with
	 * Nagle's algorithm on holds its request back until our delayed acknowledgement, 40 ms. */
	SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
	SSL_CTX_set_num_tickets(context, 1);
	SSL_CTX_set_session_ticket_cb(context, NULL, look_at_ticket, NULL);
	SSL_CTX_set_client_hello_cb(context, look_at_hello, NULL);
	if (!set_profile(context, profile))
		goto out;
	if (SSL_CTX_use_cert_and_key(context, certificate->leaf, certificate->key, certificate->chain, 1) != 1)
		goto out;
	return context;
out:
	say_unfit(ERR_peek_last_error(), error);
	ERR_clear_error();
	SSL_CTX_free(context);
	return NULL;
}

static int transport_write(BIO *bio, const char *bytes, int length)
{
	struct tls_ends *ends = BIO_get_data(bio);

	BIO_clear_retry_flags(bio);
	buffer_add(ends->out, bytes, (size_t)length);
	return length;
}

bool tls_begins(char first)
{
	return first == CONTENT_TYPE_HANDSHAKE;
}

/* "GET /": capital letters and a blank, as far as they are here. */
static bool begins_as_http(const char *bytes, size_t length)
{
	size_t letters = 0;

	while (letters < length && bytes[letters] >= 'A' && bytes[letters] <= 'Z')
		letters++;
	return letters > 0 && (letters == length || bytes[letters] == ' ');
}

static int transport_read(BIO *bio, char *bytes, int size)
{
	struct tls_ends *ends = BIO_get_data(bio);
	const ssize_t got = recv(ends->fd, bytes, (size_t)size, 0);

	BIO_clear_retry_flags(bio);
	if (got < 0) {
		if (errno == EAGAIN || errno == EINTR)
			BIO_set_retry_read(bio);
		return -1;
	}
	if (got == 0) {
		ends->ended = true;
		return 0;
	}
	if (!ends->looked) {
		ends->looked = true;
		ends->foreign = !tls_begins(bytes[0]);
		ends->http = begins_as_http(bytes, (size_t)got);
	}
	return ends->foreign ? -1 : (int)got;
}

static long transport_control(BIO *bio, int command, long number, void *pointer)
{
	(void)bio;
	(void)number;
	(void)pointer;
	return command == BIO_CTRL_FLUSH ? 1 : 0;
}

static int transport_create(BIO *bio)
{
	BIO_set_init(bio, 1);
	return 1;
}

BIO_METHOD *tls_transport_new(void)
{
	BIO_METHOD *transport = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "cpgw link");

	if (!transport)
		return NULL;
	BIO_meth_set_create(transport, transport_create);
	BIO_meth_set_write(transport, transport_write);
	BIO_meth_set_read(transport, transport_read);
	BIO_meth_set_ctrl(transport, transport_control);
	return transport;
}

SSL *tls_session_new(SSL_CTX *context, BIO_METHOD *transport, struct tls_ends *ends)
{
	SSL *session = SSL_new(context);
	BIO *bio = BIO_new(transport);

	if (!session || !bio) {
		SSL_free(session);
		BIO_free(bio);
		return NULL;
	}
	BIO_set_data(bio, ends);
	SSL_set_bio(session, bio, bio);
	SSL_set_accept_state(session);
	return session;
}

static enum tls_result result_of(SSL *session, int returned)
{
	const int reason = SSL_get_error(session, returned);
	const struct tls_ends *ends = BIO_get_data(SSL_get_rbio(session));

	if (reason == SSL_ERROR_WANT_READ || reason == SSL_ERROR_WANT_CLIENT_HELLO_CB)
		return TLS_AGAIN;
	if (reason == SSL_ERROR_ZERO_RETURN || ends->ended)
		return TLS_ENDED;
	return TLS_FAILED;
}

enum tls_result tls_handshake(SSL *session)
{
	int returned;

	ERR_clear_error();
	returned = SSL_accept(session);
	return returned == 1 ? TLS_DONE : result_of(session, returned);
}

bool tls_only_looks(const SSL *session)
{
	const char *name = SSL_get_servername(session, TLSEXT_NAMETYPE_host_name);

	return name && strcmp(name, TLS_LOOKER) == 0;
}

enum tls_result tls_read(SSL *session, char *bytes, size_t size, size_t *got)
{
	int returned;

	ERR_clear_error();
	returned = SSL_read_ex(session, bytes, size, got);
	return returned == 1 ? TLS_DONE : result_of(session, returned);
}

enum tls_result tls_write(SSL *session, const char *bytes, size_t length, size_t *took)
{
	int returned;

	ERR_clear_error();
	returned = SSL_write_ex(session, bytes, length, took);
	return returned == 1 ? TLS_DONE : result_of(session, returned);
}

void tls_close(SSL *session)
{
	const struct tls_ends *ends = BIO_get_data(SSL_get_rbio(session));

	if (ends->ended && !(SSL_get_shutdown(session) & SSL_RECEIVED_SHUTDOWN))
		return;
	ERR_clear_error();
	SSL_shutdown(session);
}
