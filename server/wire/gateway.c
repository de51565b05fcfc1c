#include "wire/gateway_inside.h"

#include "core/expect.h"
#include "core/limits.h"
#include "wire/link.h"
#include "wire/link_break.h"
#include "wire/port.h"
#include "wire/tls_fault.h"

#include <unistd.h>

static void start_clock(struct gateway *gateway, const struct clock *clock, int64_t start_ms)
{
	hub_read_clocks(gateway->hub);
	gateway->clock = gateway->first_clock = *clock;
	clock_start(&gateway->clock, start_ms, gateway->hub->now_ms);
}

enum listen_outcome gateway_init(struct gateway *gateway, struct hub *hub, const struct gateway_options *options,
                                 struct error *error)
{
	const struct emulator_options emulator = {
		.machine = options->machine,
		.seed = options->seed,
		.start_ms = options->start_ms,
		.journal_size = options->journal_size,
		.journal_bytes = options->journal_bytes,
	};
	int fds[LISTENERS_MAX];
	enum listen_outcome outcome;

	*gateway = (struct gateway){
		.hub = hub,
		.journal_size = options->journal_size,
		.journal_bytes = options->journal_bytes,
		.observe = options->observe,
		.context = options->context,
	};
	if (!tls_faults_fit(options->tls, options->machine->faults, options->machine->fault_count, error) ||
	    !emulator_init(&gateway->emulator, &emulator, error))
		return LISTEN_FAILED;
	outcome = listener_open(options->address, options->port, fds, &gateway->listener_count, &gateway->port, error);
	if (outcome != LISTEN_OK) {
		emulator_release(&gateway->emulator);
		return outcome;
	}
	for (size_t i = 0; i < gateway->listener_count; i++)
		gateway->listeners[i] = (struct listener){ .gateway = gateway, .fd = fds[i] };
	if (options->tls && SSL_CTX_up_ref(options->tls) == 1)
		gateway->tls = options->tls;
	start_clock(gateway, &options->clock, options->start_ms);
	port_follow(gateway);
	return LISTEN_OK;
}

void gateway_release(struct gateway *gateway)
{
	for (size_t i = 0; i < gateway->listener_count; i++) {
		close(gateway->listeners[i].fd);
		gateway->listeners[i].fd = -1;
	}
	gateway->listener_count = 0;
	SSL_CTX_free(gateway->tls);
	gateway->tls = NULL;
	emulator_release(&gateway->emulator);
}

void gateway_close_links(struct gateway *gateway)
{
	struct link *next;

	for (struct link *link = gateway->hub->links; link; link = next) {
		next = link->next;
		if (link->gateway == gateway)
			link_close(link);
	}
}

bool gateway_restart(struct gateway *gateway, const struct machine *machine, uint64_t seed, const struct clock *clock,
                     int64_t start_ms, struct error *error)
{
	struct emulator_options options = {
		.machine = machine,
		.seed = seed,
		.start_ms = start_ms,
		.journal_size = gateway->journal_size,
		.journal_bytes = gateway->journal_bytes,
	};
	struct emulator before;

	if (!tls_faults_fit(gateway->tls, machine->faults, machine->fault_count, error))
		return false;
	gateway_close_links(gateway);
	gateway_tell(gateway);
	before = gateway->emulator;
	options.journal_first = before.journal.written;
	if (!emulator_init(&gateway->emulator, &options, error)) {
		gateway->emulator = before;
		return false;
	}
	emulator_release(&before);
	gateway->is_moving = false;
	start_clock(gateway, clock, start_ms);
	gateway_tell(gateway);
	port_follow(gateway);
	gateway_touch(gateway);
	return true;
}

/* ---- time ---- */

int64_t gateway_now_ms(const struct gateway *gateway)
{
	return gateway->emulator.now_ms;
}

void gateway_observe(struct gateway *gateway)
{
	const uint64_t written = gateway->emulator.journal.written;

	if (written == gateway->observed)
		return;
	gateway->observed = written;
	if (gateway->observe)
		gateway->observe(gateway->context, gateway);
	/* Nothing changes without a record, but for a window's end, of which the links themselves know. */
	port_follow(gateway);
	if (gateway->stalled > 0)
		gateway_end_stalls(gateway);
}

void gateway_tell(struct gateway *gateway)
{
	struct stream *stream;

	gateway_observe(gateway);
	while ((stream = streams_ready(&gateway->emulator)))
		link_touch(stream_owner(stream));
}

/* Likewise, where nobody is in the middle of something: whoever has moved the clock finds on its way what that has set off. */
static void tell_observer_and_speak(struct gateway *gateway)
{
	struct stream *stream;

	gateway_observe(gateway);
	while ((stream = streams_ready(&gateway->emulator)))
		link_speak(stream_owner(stream));
}

void gateway_touch(struct gateway *gateway)
{
	schedule_touch(gateway->hub->schedule, &gateway->scheduled);
}

/* Brings the emulator to what the clock shows. Whoever follows the journal is told of all, however much it is. */
static void catch_up(struct gateway *gateway)
{
	gateway->emulator.journal.wall_ms = gateway->hub->wall_ms;
	while (emulator_step(&gateway->emulator, clock_now_ms(&gateway->clock, gateway->hub->now_ms)))
		gateway_observe(gateway);
	gateway_touch(gateway);
}

void gateway_advance(struct gateway *gateway)
{
	catch_up(gateway);
	tell_observer_and_speak(gateway);
	gateway_let_go_until(gateway, gateway_now_ms(gateway) - gateway_margin_ms(gateway));
}

void gateway_catch_up_now(struct gateway *gateway)
{
	hub_read_clocks(gateway->hub);
	gateway_advance(gateway);
}

/* ---- what happens ---- */

void gateway_answer(struct gateway *gateway, const struct request *request, struct reply *reply)
{
	catch_up(gateway);
	reply_clear(reply);
	emulator_handle(&gateway->emulator, request, reply);
	gateway_tell(gateway);
}

void gateway_note(struct gateway *gateway, enum record_kind kind, const char *name, const char *text)
{
	catch_up(gateway);
	emulator_note(&gateway->emulator, kind, name, text);
	gateway_tell(gateway);
}

bool gateway_apply(struct gateway *gateway, const struct action *action, struct error *error)
{
	bool done;

	hub_read_clocks(gateway->hub);
	catch_up(gateway);
	done = emulator_apply(&gateway->emulator, action, error);
	tell_observer_and_speak(gateway);
	return done;
}

void gateway_conclude(struct gateway *gateway)
{
	gateway_catch_up_now(gateway);
	expect_conclude(&gateway->emulator);
	gateway_tell(gateway);
	gateway_touch(gateway);
}

struct stream *gateway_stream_open(struct gateway *gateway, const struct request *request, struct link *link)
{
	struct stream *stream;

	catch_up(gateway);
	stream = stream_open(&gateway->emulator, request, link);
	gateway_tell(gateway);
	return stream;
}

void gateway_stream_message(struct gateway *gateway, struct stream *stream, bool is_text, struct span message)
{
	catch_up(gateway);
	stream_message(&gateway->emulator, stream, is_text, message);
	gateway_tell(gateway);
}

void gateway_stream_closed(struct gateway *gateway, struct stream *stream, int code, const char *why)
{
	catch_up(gateway);
	stream_closed(&gateway->emulator, stream, code, why);
	gateway_tell(gateway);
}

bool gateway_accept(struct gateway *gateway, struct accept_plan *plan)
{
	if (!(gateway->emulator.faults.moments >> MOMENT_ACCEPT & 1U))
		return false;
	catch_up(gateway);
	emulator_accept(&gateway->emulator, plan);
	gateway_tell(gateway);
	return plan->rule != 0;
}

bool gateway_greet(struct gateway *gateway, struct span server_name, struct tls_plan *plan)
{
	if (!(gateway->emulator.faults.moments >> MOMENT_HANDSHAKE & 1U))
		return false;
	catch_up(gateway);
	emulator_greet(&gateway->emulator, server_name, plan);
	gateway_tell(gateway);
	return plan->rule != 0;
}

/* ---- faults ---- */

static bool is_held_up(const struct link *link)
{
	return link->held || link->phase == LINK_STALLED || tls_fault_holds(link);
}

/* The rule goes: what it holds back ends, and what it has not done yet it does not do. */
static void close_links_of(struct gateway *gateway, uint32_t rule)
{
	struct link *next;

	for (struct link *link = gateway->hub->links; link; link = next) {
		next = link->next;
		if (link->gateway != gateway)
			continue;
		tls_fault_disarm(link, rule);
		if ((is_held_up(link) && holders_have(&link->held_by, rule)) ||
		    (link->waits_to_reset && link->ended_by == rule))
			link_close(link);
		else if (link->ended_by == rule)
			link_disarm(link);
	}
}

bool gateway_fault_add(struct gateway *gateway, const struct fault *fault, struct arena *arena, struct error *error)
{
	const struct fault_state *old;
	uint32_t serial;

	gateway_catch_up_now(gateway);
	if (!tls_fault_fits(gateway->tls, fault, error))
		return false;
	old = fault_find(&gateway->emulator, fault->name);
	serial = old ? old->serial : 0;
	if (!fault_add(&gateway->emulator, fault, arena, error))
		return false;
	if (serial)
		close_links_of(gateway, serial);
	gateway_tell(gateway);
	return true;
}

static void remove_fault(struct gateway *gateway, struct fault_state *state)
{
	close_links_of(gateway, state->serial);
	fault_remove(&gateway->emulator, state);
}

bool gateway_fault_remove(struct gateway *gateway, const char *name)
{
	struct fault_state *state;

	gateway_catch_up_now(gateway);
	state = fault_find(&gateway->emulator, name);
	if (state)
		remove_fault(gateway, state);
	gateway_tell(gateway);
	return state != NULL;
}

void gateway_faults_clear(struct gateway *gateway)
{
	gateway_catch_up_now(gateway);
	while (gateway->emulator.faults.count > 0)
		remove_fault(gateway, &gateway->emulator.faults.items[gateway->emulator.faults.count - 1]);
	gateway_tell(gateway);
}
