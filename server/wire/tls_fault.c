#include "wire/tls_fault.h"

#include "core/draw.h"
#include "core/emulator.h"
#include "wire/gateway.h"
#include "wire/identity.h"
#include "wire/link_break.h"
#include "wire/link_parts.h"

#include <stdlib.h>
#include <string.h>

#define RECORD_ALERT 0x15
#define RECORD_HEAD 5
/* A record's head, a message's, and the version: there the server's random number is. */
#define RANDOM_AT (RECORD_HEAD + 4 + 2)

enum holding {
	HOLDS_NOTHING,
	HOLDS_END,    /* the handshake will end as the plan says */
	HOLDS_HELLO,  /* nothing has been answered; it will go on */
	HOLDS_FLIGHT, /* some of the server's bytes are still to leave */
};

struct tls_fault {
	struct tls_plan plan;
	enum holding holding;
	bool stalls;          /* it is held by a stall, not for a moment */
	bool has_stalled;     /* once is enough */
	bool is_through;      /* the handshake is, but for the bytes that wait */
	struct buffer flight; /* the server's bytes that wait */
	size_t sent;          /* so many of them have left */
	size_t stops_at;      /* before this one there is a stall; SIZE_MAX: nowhere */
	uint32_t records;     /* of application data, so far */
};

/* ---- before anything happens ---- */

bool tls_fault_fits(SSL_CTX *context, const struct fault *fault, struct error *error)
{
	const struct fault_kind *kind = fault->kind;
	struct tls_plan plan = { 0 };
	struct error why;

	if (kind->layer != LAYER_TLS)
		return true;
	if (!context) {
		error_set(error, "fault \"%s\": \"%s\" acts on TLS, and this gateway speaks plain HTTP", fault->name,
		          kind->name);
		return false;
	}
	if (!(kind->parts & PART_IDENTITY))
		return true;
	kind->apply(&(struct fault_act){ .values = &fault->values, .tls = &plan });
	if (identity_prepare(context, plan.identity, &why))
		return true;
	error_set(error, "fault \"%s\": \"%s\" cannot be done: %s", fault->name, kind->name, why.text);
	return false;
}

bool tls_faults_fit(SSL_CTX *context, const struct fault *faults, size_t count, struct error *error)
{
	for (size_t i = 0; i < count; i++)
		if (!tls_fault_fits(context, &faults[i], error))
			return false;
	return true;
}

/* ---- as the client says hello ---- */

static struct link *link_of(struct tls_ends *ends)
{
	return (struct link *)(void *)((char *)ends - offsetof(struct link, ends));
}

/* The name that the client asks for; empty when it says none. RFC 6066 section 3: a list, and the host comes first. */
static struct span server_name(SSL *session)
{
	const unsigned char *bytes;
	size_t size;
	size_t length;

	if (SSL_client_hello_get0_ext(session, TLSEXT_TYPE_server_name, &bytes, &size) != 1 || size < 5 ||
	    bytes[2] != TLSEXT_NAMETYPE_host_name)
		return (struct span){ 0 };
	length = (size_t)bytes[3] << 8 | bytes[4];
	return length <= size - 5 ? (struct span){ .at = (const char *)bytes + 5, .length = length }
	                          : (struct span){ 0 };
}

/* A version that the gateway does not speak otherwise is spoken where a fault says so. */
static void set_versions(SSL *session, int lowest, int highest)
{
	if (lowest && !highest && SSL_get_max_proto_version(session) && SSL_get_max_proto_version(session) < lowest)
		highest = lowest;
	if (highest && !lowest && SSL_get_min_proto_version(session) > highest)
		lowest = highest;
	if (lowest)
		SSL_set_min_proto_version(session, lowest);
	if (highest)
		SSL_set_max_proto_version(session, highest);
	if (SSL_get_min_proto_version(session) < TLS1_2_VERSION) /* OpenSSL has none of these above level 0 */
		SSL_set_security_level(session, 0);
}

static bool change_session(SSL *session, struct tls_ends *ends, const struct tls_plan *plan)
{
	if (plan->version_floor || plan->version_ceiling)
		set_versions(session, plan->version_floor, plan->version_ceiling);
	/* A session that is taken up again shows no certificate. */
	ends->resumes_nothing = plan->refuse_resumption || plan->identity != IDENTITY_OWN;
	return identity_show(session, plan->identity);
}

enum tls_hello tls_fault_hello(struct tls_ends *ends, SSL *session)
{
	struct link *link = link_of(ends);
	struct tls_plan plan;

	if (link->is_greeted) /* the second of one handshake, or it was held up */
		return HELLO_GOES_ON;
	link->is_greeted = true;
	if (!gateway_greet(link->gateway, server_name(session), &plan))
		return HELLO_GOES_ON;
	link->tls_fault = malloc(sizeof *link->tls_fault);
	if (!link->tls_fault)
		return HELLO_FAILS;
	*link->tls_fault = (struct tls_fault){ .plan = plan, .stops_at = SIZE_MAX };
	link->held_by = plan.held_by;
	link->stalled_by = plan.rule;
	link->held_since_ms = gateway_now_ms(link->gateway);
	if (!change_session(session, ends, &plan))
		return HELLO_FAILS;
	switch (plan.act) {
	case TLS_AS_USUAL:
	case TLS_STALL_AFTER_HELLO:
		return HELLO_GOES_ON;
	case TLS_STALL:
	case TLS_RESET:
	case TLS_SEND_ALERT:
	case TLS_SEND_PLAIN:
	case TLS_SEND_GARBAGE:
		return HELLO_WAITS;
	}
	return HELLO_FAILS;
}

/* ---- holding it up ---- */

bool tls_fault_holds(const struct link *link)
{
	return link->tls_fault && link->tls_fault->holding != HOLDS_NOTHING;
}

static void hold(struct link *link, enum holding holding, int64_t until_ms)
{
	link->tls_fault->holding = holding;
	link->release_ms = until_ms;
	link_touch(link);
	gateway_wait(link->gateway, link);
}

static void stall(struct link *link, enum holding holding)
{
	link->tls_fault->holding = holding;
	link->tls_fault->stalls = true;
	link->release_ms = link->tls_fault->plan.until_ms;
	link_touch(link);
	gateway_stall(link->gateway, link);
}

bool tls_fault_stalls(const struct link *link)
{
	return link->tls_fault && link->tls_fault->stalls;
}

void tls_fault_end_stall(struct link *link)
{
	link->tls_fault->stalls = false;
	link->release_ms = gateway_now_ms(link->gateway);
	gateway_wait(link->gateway, link);
}

/* ---- ending it ---- */

static void add_alert(struct buffer *out, uint8_t number)
{
	const bool is_warning =
	    number == SSL_AD_CLOSE_NOTIFY || number == SSL_AD_USER_CANCELLED || number == SSL_AD_NO_RENEGOTIATION;
	const uint8_t record[] = {
		RECORD_ALERT, 3, 3, 0, 2, is_warning ? SSL3_AL_WARNING : SSL3_AL_FATAL, number,
	};

	buffer_add(out, (const char *)record, sizeof record);
}

/* What a web server says that does not know of TLS. */
static void add_plain(struct buffer *out)
{
	buffer_add_text(out, "HTTP/1.1 400 Bad Request\r\nContent-Type: text/html\r\nContent-Length: 42\r\n"
	                     "Connection: close\r\n\r\n<html><body>400 Bad Request</body></html>\n");
}

/* The first byte is of no kind of record. */
static void add_garbage(struct buffer *out, const struct tls_plan *plan)
{
	for (size_t i = 0; i < plan->bytes; i++) {
		const uint8_t byte = (uint8_t)(draw(plan->random, 0, i) | (i == 0 ? 0x80 : 0));

		buffer_add(out, (const char *)&byte, 1);
	}
}

static void end_handshake(struct link *link)
{
	const struct tls_plan *plan = &link->tls_fault->plan;
	struct buffer *out = &link->hub->cipher;

	link->is_noted = true; /* the journal has the fault already */
	switch (plan->act) {
	case TLS_RESET:
		link_reset(link);
		return;
	case TLS_SEND_ALERT:
		add_alert(out, plan->alert);
		break;
	case TLS_SEND_PLAIN:
		add_plain(out);
		break;
	case TLS_SEND_GARBAGE:
		add_garbage(out, plan);
		break;
	case TLS_AS_USUAL:
	case TLS_STALL:
	case TLS_STALL_AFTER_HELLO:
		break;
	}
	link_send_cipher(link);
	link_linger(link);
}

/* ---- the server's bytes ---- */

/* A request for another ClientHello is a ServerHello with this random number (RFC 8446 section 4.1.3). */
static bool is_retry_request(const char *record, size_t length)
{
	static const char RETRY[] = "\xCF\x21\xAD\x74\xE5\x9A\x61\x11\xBE\x1D\x8C\x02\x1E\x65\xB8\x91";

	return length >= RANDOM_AT + sizeof RETRY - 1 && memcmp(record + RANDOM_AT, RETRY, sizeof RETRY - 1) == 0;
}

/* Where the first record of the flight ends. */
static size_t end_of_first(const struct buffer *flight)
{
	const unsigned char *head = (const unsigned char *)flight->data;
	const size_t end = flight->length < RECORD_HEAD ? SIZE_MAX : RECORD_HEAD + ((size_t)head[3] << 8 | head[4]);

	return end < flight->length ? end : flight->length;
}

static void send_some(struct link *link, size_t length)
{
	struct tls_fault *fault = link->tls_fault;

	buffer_add(&link->hub->cipher, fault->flight.data + fault->sent, length);
	fault->sent += length;
	link_send_cipher(link);
}

/* So many bytes may leave now. */
static size_t next_length(const struct tls_fault *fault)
{
	const size_t end = fault->stops_at < fault->flight.length ? fault->stops_at : fault->flight.length;
	const size_t length = end - fault->sent;

	return fault->plan.byte_ms > 0 && length > 1 ? 1 : length;
}

/* All of it has left. */
static void finish_flight(struct link *link)
{
	struct tls_fault *fault = link->tls_fault;

	buffer_release(&fault->flight);
	fault->sent = 0;
	fault->holding = HOLDS_NOTHING;
	link_touch(link);
	if (fault->is_through)
		link_greeted(link);
}

/* `now_ms` is when the last of its bytes was due: later ones are reckoned from then. */
static void go_on_with_flight(struct link *link, int64_t now_ms)
{
	struct tls_fault *fault = link->tls_fault;

	if (fault->sent == fault->stops_at) {
		fault->stops_at = SIZE_MAX;
		stall(link, HOLDS_FLIGHT);
		return;
	}
	send_some(link, next_length(fault));
	if (fault->sent == fault->flight.length && fault->sent != fault->stops_at)
		finish_flight(link);
	else if (fault->sent == fault->stops_at)
		go_on_with_flight(link, now_ms);
	else
		hold(link, HOLDS_FLIGHT, now_ms + fault->plan.byte_ms);
}

static bool begin_flight(struct link *link, enum tls_result result)
{
	struct tls_fault *fault = link->tls_fault;
	struct buffer *cipher = &link->hub->cipher;
	const bool stalls = fault->plan.act == TLS_STALL_AFTER_HELLO && !fault->has_stalled;

	if (cipher->length == 0 || (fault->plan.byte_ms == 0 && !stalls))
		return false;
	buffer_add(&fault->flight, cipher->data, cipher->length);
	buffer_clear(cipher);
	if (buffer_failed(&fault->flight)) {
		link->is_broken = true;
		return false;
	}
	if (stalls && !is_retry_request(fault->flight.data, fault->flight.length)) {
		fault->has_stalled = true;
		fault->stops_at = end_of_first(&fault->flight);
	}
	fault->is_through = result == TLS_DONE;
	go_on_with_flight(link, gateway_now_ms(link->gateway));
	return true;
}

/* ---- steps ---- */

bool tls_fault_step(struct link *link, enum tls_result result)
{
	struct tls_fault *fault = link->tls_fault;

	if (!fault || result == TLS_FAILED || result == TLS_ENDED)
		return false;
	switch (fault->plan.act) {
	case TLS_RESET:
	case TLS_SEND_ALERT:
	case TLS_SEND_PLAIN:
	case TLS_SEND_GARBAGE:
		if (fault->plan.after_ms > gateway_now_ms(link->gateway))
			hold(link, HOLDS_END, fault->plan.after_ms);
		else
			end_handshake(link);
		return true;
	case TLS_STALL:
		if (fault->has_stalled)
			break;
		fault->has_stalled = true;
		stall(link, HOLDS_HELLO);
		return true;
	case TLS_AS_USUAL:
	case TLS_STALL_AFTER_HELLO:
		break;
	}
	return begin_flight(link, result);
}

void tls_fault_due(struct link *link)
{
	struct tls_fault *fault = link->tls_fault;
	const enum holding held = fault->holding;

	fault->holding = HOLDS_NOTHING;
	fault->stalls = false;
	switch (held) {
	case HOLDS_NOTHING:
		break;
	case HOLDS_END:
		end_handshake(link);
		break;
	case HOLDS_HELLO:
		link_greet(link);
		break;
	case HOLDS_FLIGHT:
		go_on_with_flight(link, link->release_ms);
		break;
	}
	link_touch(link);
}

/* ---- what the journal says ---- */

static const char *name_of(const struct link *link)
{
	const struct faults *faults = &link->gateway->emulator.faults;

	for (size_t i = 0; i < faults->count; i++)
		if (faults->items[i].serial == link->tls_fault->plan.rule)
			return faults->items[i].fault.name;
	return NULL;
}

void tls_fault_add_blame(const struct link *link, struct buffer *out)
{
	const char *name = link->tls_fault && !link->has_asked ? name_of(link) : NULL;

	if (name)
		buffer_add_format(out, "; fault \"%s\" had a hand in it", name);
}

bool tls_fault_limits_versions(const struct link *link)
{
	return link->tls_fault && (link->tls_fault->plan.version_floor || link->tls_fault->plan.version_ceiling);
}

/* ---- after the handshake ---- */

void tls_fault_damage(struct link *link, size_t from)
{
	struct tls_fault *fault = link->tls_fault;
	struct buffer *cipher = &link->hub->cipher;

	if (!fault || cipher->length <= from || ++fault->records != fault->plan.corrupt_record)
		return;
	cipher->data[cipher->length - 1] ^= 1;
}

void tls_fault_disarm(struct link *link, uint32_t rule)
{
	if (link->tls_fault && link->tls_fault->plan.corrupted_by == rule)
		link->tls_fault->plan.corrupt_record = 0;
}

void tls_fault_free(struct tls_fault *fault)
{
	if (fault)
		buffer_release(&fault->flight);
	free(fault);
}
