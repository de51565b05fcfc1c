/*
 * Who may call. A web page in some browser on this machine must not be able to drive the gateway: it would send an Origin,
 * or, having had its own name lead here, that name as Host. Where others than this machine can connect, a token is
 * needed.
 */
#include "control/parts.h"

#include <arpa/inet.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <string.h>
#include <strings.h>

#define DIGEST_SIZE 32

static const char *header(const struct call *call, const char *name)
{
	return MHD_lookup_connection_value(call->connection, MHD_HEADER_KIND, name);
}

/* ---- Host ---- */

/* Nothing, or a colon and digits. */
static bool is_port(const char *text)
{
	return *text == '\0' || (*text == ':' && strspn(text + 1, "0123456789") == strlen(text + 1));
}

/* The name without the port, and without the brackets of an IPv6 address; empty when it is no Host at all. */
static struct span host_name(const char *host)
{
	const char *start = *host == '[' ? host + 1 : host;
	const size_t length = strcspn(start, *host == '[' ? "]" : ":");
	const char *rest = start + length;

	if (*host == '[' && *rest++ != ']')
		return (struct span){ host, 0 };
	return (struct span){ start, is_port(rest) ? length : 0 };
}

/* 127.0.0.0/8, in full: what else is read as such an address may be somebody's name. */
static bool is_loopback_v4(struct span name)
{
	char text[INET_ADDRSTRLEN];
	struct in_addr address;

	if (name.length >= sizeof text)
		return false;
	memcpy(text, name.at, name.length);
	text[name.length] = '\0';
	return inet_pton(AF_INET, text, &address) == 1 && ntohl(address.s_addr) >> 24 == 127;
}

static enum MHD_Result count_hosts(void *context, enum MHD_ValueKind kind, const char *name, const char *value)
{
	size_t *count = context;

	(void)kind;
	(void)value;
	*count += strcasecmp(name, MHD_HTTP_HEADER_HOST) == 0;
	return MHD_YES;
}

/* What different readers would read differently is none. */
static const char *only_host(const struct call *call)
{
	size_t count = 0;

	MHD_get_connection_values(call->connection, MHD_HEADER_KIND, count_hosts, &count);
	return count == 1 ? header(call, MHD_HTTP_HEADER_HOST) : NULL;
}

static bool is_here(const struct call *call, const char *host)
{
	const struct span name = host_name(host);
	const char *address = call->options->address;

	return span_equals_any_case(name, "localhost") || span_equals_any_case(name, "::1") || is_loopback_v4(name) ||
	       (address && span_equals_any_case(name, address)) ||
	       /* Bound to all addresses, we do not know our names: the token is what guards us. */
	       (address && (strcmp(address, "0.0.0.0") == 0 || strcmp(address, "::") == 0));
}

/* ---- token ---- */

static void digest(const char *text, unsigned char result[DIGEST_SIZE])
{
	memset(result, 0, DIGEST_SIZE);
	EVP_Digest(text, strlen(text), result, NULL, EVP_sha256(), NULL);
}

/* Digests are equally long whatever was sent: how long the comparison takes tells nothing. */
static bool is_token(const char *sent, const char *wanted)
{
	unsigned char a[DIGEST_SIZE];
	unsigned char b[DIGEST_SIZE];

	digest(sent, a);
	digest(wanted, b);
	return CRYPTO_memcmp(a, b, DIGEST_SIZE) == 0;
}

static bool has_token(const struct call *call)
{
	const char *sent = header(call, MHD_HTTP_HEADER_AUTHORIZATION);

	if (!call->options->token)
		return true;
	if (!sent || strncasecmp(sent, "Bearer ", 7) != 0)
		return false;
	return is_token(sent + 7, call->options->token);
}

/* Whoever watches over the process need not know the token: this tells nothing but that it lives. */
static bool is_open_to_all(const struct call *call)
{
	return span_equals(call->path, "/__admin/livez");
}

/* ---- browsers ---- */

/* They say where a call comes from even when they send no Origin: "none" is the user, "same-origin" our own page. */
static bool is_from_elsewhere(const struct call *call)
{
	const char *site = header(call, "Sec-Fetch-Site");

	return site && strcasecmp(site, "none") != 0 && strcasecmp(site, "same-origin") != 0;
}

/* ---- the whole ---- */

bool guard_admits(struct call *call)
{
	const char *host = only_host(call);

	if (header(call, MHD_HTTP_HEADER_ORIGIN)) {
		call_problem(call, MHD_HTTP_FORBIDDEN,
		             "calls from web pages are refused: wanted none of the header Origin, found \"%.100s\"",
		             header(call, MHD_HTTP_HEADER_ORIGIN));
		return false;
	}
	if (is_from_elsewhere(call)) {
		call_problem(call, MHD_HTTP_FORBIDDEN,
		             "calls from web pages are refused: found \"Sec-Fetch-Site: %.100s\"",
		             header(call, "Sec-Fetch-Site"));
		return false;
	}
	if (!host || !is_here(call, host)) {
		call_problem(
		    call, MHD_HTTP_FORBIDDEN,
		    "wanted one Host, and one that is this machine: localhost, 127.0.0.1, [::1]%s%s; found \"%.100s\"",
		    call->options->address ? " or " : "", call->options->address ? call->options->address : "",
		    host ? host : "");
		return false;
	}
	if (!is_open_to_all(call) && !has_token(call)) {
		call_problem(
		    call, MHD_HTTP_UNAUTHORIZED,
		    "wanted the header \"Authorization: Bearer …\" with the token of --admin-token, or the one "
		    "printed at the start");
		return false;
	}
	return true;
}
