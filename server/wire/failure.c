#include "wire/failure.h"

#include <openssl/err.h>
#include <stdio.h>

/* The detail stands between `before` and `after`; where `after` is NULL there is none. */
static const struct {
	const char *name;
	const char *before;
	const char *after;
} rows[FAILURE_COUNT] = {
	[FAILURE_UNKNOWN_CA] = { "unknown_ca", "the client does not trust the CA (alert unknown_ca)", NULL },
	[FAILURE_BAD_CERTIFICATE] = { "bad_certificate",
	                              "the client refused the certificate (alert bad_certificate): often because the "
	                              "host "
	                              "name that it asked for is not on it",
	                              NULL },
	[FAILURE_CERTIFICATE_UNKNOWN] = { "certificate_unknown",
	                                  "the client refused the certificate (alert certificate_unknown): it does not "
	                                  "trust the CA, or the host name that it asked for is not on it",
	                                  NULL },
	[FAILURE_CERTIFICATE_EXPIRED] = { "certificate_expired",
	                                  "the client says that the certificate has expired (alert "
	                                  "certificate_expired)",
	                                  NULL },
	[FAILURE_UNSUPPORTED_CERTIFICATE] = { "unsupported_certificate",
	                                      "the client does not take such a certificate (alert "
	                                      "unsupported_certificate)",
	                                      NULL },
	[FAILURE_VERSION_REFUSED] = { "protocol_version",
	                              "the client does not want this version of TLS (alert protocol_version)", NULL },
	[FAILURE_ALERT] = { "alert", "the client broke off the handshake (alert ", ")" },
	[FAILURE_VERSION_TOO_OLD] = { "protocol_version", "the client offered ",
	                              " at most; this gateway wants TLS 1.2" },
	[FAILURE_VERSION_TOO_NEW] = { "protocol_version",
	                              "the client offered TLS 1.3 only; this gateway speaks TLS 1.2, as the real one "
	                              "does",
	                              NULL },
	[FAILURE_NO_SHARED_CIPHER] = { "no_shared_cipher", "the client offered no cipher suite that this gateway has",
	                               NULL },
	[FAILURE_PLAIN_HTTP] = { "plain_http", "plain HTTP arrived on the TLS port", NULL },
	[FAILURE_NOT_TLS] = { "not_tls", "what arrived on the TLS port is not TLS at all", NULL },
	[FAILURE_HANDSHAKE_CLOSED] = { "closed_in_handshake", "the client closed the connection during the handshake",
	                               NULL },
	[FAILURE_HANDSHAKE_LEFT] = { "client_left", "the client left after ", " in the middle of the handshake" },
	[FAILURE_VERSION_NOT_LEFT] = { "protocol_version",
	                               "the client offered no version of TLS that this gateway speaks now", NULL },
	[FAILURE_HANDSHAKE] = { "handshake_failed", "the TLS handshake failed: ", "" },
	[FAILURE_NO_REQUEST] = { "no_request",
	                         "the client closed the connection after the handshake, without a request: some do "
	                         "when "
	                         "the host name that they asked for is not on the certificate",
	                         NULL },
	[FAILURE_REQUEST_CUT] = { "request_cut", "the client closed the connection in the middle of a request", NULL },
	[FAILURE_TLS_ON_PLAIN_PORT] = { "tls_on_plain_port", "TLS arrived on the plain HTTP port", NULL },
	[FAILURE_REQUEST_LINE_BAD] = { "bad_request_line",
	                               "what arrived does not begin as an HTTP request does: closed without an answer",
	                               NULL },
	[FAILURE_HEADER_BAD] = { "bad_header", "a header line was malformed: closed without an answer", NULL },
	[FAILURE_REQUEST_BAD] = { "bad_request",
	                          "a header line or the framing of the body was malformed: closed without an answer",
	                          NULL },
	[FAILURE_LINE_TOO_LONG] = { "line_too_long", "the request line was longer than 4096 bytes: answered 414",
	                            NULL },
	[FAILURE_HEADERS_TOO_LARGE] = { "headers_too_large",
	                                "the header lines were longer than 8192 bytes: answered 400", NULL },
	[FAILURE_STALL_LEFT] = { "left_unread", "the client left after ",
	                         " in which nothing was read from its connection, because of a fault" },
	[FAILURE_CLIENT_LEFT] = { "client_left", "the client left after ", " without waiting for the answer" },
};

const char *failure_name(enum failure failure)
{
	return rows[failure].name;
}

bool failure_is_of_versions(enum failure failure)
{
	return failure == FAILURE_VERSION_TOO_OLD || failure == FAILURE_VERSION_TOO_NEW ||
	       failure == FAILURE_VERSION_REFUSED;
}

void failure_describe(enum failure failure, const char *detail, struct buffer *out)
{
	buffer_add_text(out, rows[failure].before);
	if (!rows[failure].after)
		return;
	buffer_add_text(out, detail ? detail : "");
	buffer_add_text(out, rows[failure].after);
}

/* ---- what OpenSSL says ---- */

static enum failure failure_of_alert(int alert, char detail[FAILURE_DETAIL_SIZE])
{
	switch (alert) {
	case SSL_AD_UNKNOWN_CA:
		return FAILURE_UNKNOWN_CA;
	case SSL_AD_BAD_CERTIFICATE:
		return FAILURE_BAD_CERTIFICATE;
	case SSL_AD_CERTIFICATE_UNKNOWN:
		return FAILURE_CERTIFICATE_UNKNOWN;
	case SSL_AD_CERTIFICATE_EXPIRED:
		return FAILURE_CERTIFICATE_EXPIRED;
	case SSL_AD_UNSUPPORTED_CERTIFICATE:
		return FAILURE_UNSUPPORTED_CERTIFICATE;
	case SSL_AD_PROTOCOL_VERSION:
		return FAILURE_VERSION_REFUSED;
	default: /* numbers from the client */
		snprintf(detail, FAILURE_DETAIL_SIZE, "%s", SSL_alert_desc_string_long(alert));
		return FAILURE_ALERT;
	}
}

static const char *version_name(int version)
{
	switch (version) {
	case SSL3_VERSION:
		return "SSL 3.0";
	case TLS1_VERSION:
		return "TLS 1.0";
	case TLS1_1_VERSION:
		return "TLS 1.1";
	default: /* likewise */
		return "an older protocol";
	}
}

static enum failure failure_of_reason(SSL *session, unsigned long error, char detail[FAILURE_DETAIL_SIZE])
{
	const char *words;

	switch (ERR_GET_LIB(error) == ERR_LIB_SSL ? ERR_GET_REASON(error) : 0) {
	case SSL_R_UNSUPPORTED_PROTOCOL:
	case SSL_R_VERSION_TOO_LOW:
	case SSL_R_WRONG_SSL_VERSION:
		snprintf(detail, FAILURE_DETAIL_SIZE, "%s", version_name(SSL_client_version(session)));
		return FAILURE_VERSION_TOO_OLD;
	case SSL_R_CALLBACK_FAILED: /* tls.c: it offered TLS 1.3 only */
		return FAILURE_VERSION_TOO_NEW;
	case SSL_R_NO_SHARED_CIPHER:
		return FAILURE_NO_SHARED_CIPHER;
	default: /* OpenSSL has hundreds */
		words = ERR_reason_error_string(error);
		snprintf(detail, FAILURE_DETAIL_SIZE, "%s", words ? words : "OpenSSL does not say why");
		return FAILURE_HANDSHAKE;
	}
}

enum failure failure_of_session(SSL *session, const struct tls_ends *ends, char detail[FAILURE_DETAIL_SIZE])
{
	const unsigned long error = ERR_peek_error();
	const int reason = ERR_GET_REASON(error);

	detail[0] = '\0';
	if (ends->foreign)
		return ends->http ? FAILURE_PLAIN_HTTP : FAILURE_NOT_TLS;
	if (error == 0 || ends->ended)
		return FAILURE_HANDSHAKE_CLOSED;
	if (ERR_GET_LIB(error) == ERR_LIB_SSL && reason >= SSL_AD_REASON_OFFSET)
		return failure_of_alert(reason - SSL_AD_REASON_OFFSET, detail);
	return failure_of_reason(session, error, detail);
}
