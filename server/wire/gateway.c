#include "wire/gateway.h"

#include "core/calendar.h"
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

/* ---- what happens ---- */

int64_t gateway_now_ms(const struct gateway *gateway)
{
	return gateway->emulator.now_ms;
}

/* What a fault holds up goes on once that is not in force any more, for whatever reason but its being taken away. */
static bool is_stalled(const struct link *link)
{
	return link->phase == LINK_STALLED || tls_fault_stalls(link);
}

static void end_stalls(struct gateway *gateway)
{
	for (struct link *link = gateway->hub->links; link; link = link->next) {
		if (link->gateway != gateway || !is_stalled(link) ||
		    emulator_still_acts(&gateway->emulator, link->rule))
			continue;
		gateway_unhold(gateway, link);
		if (link->phase == LINK_STALLED)
			link_end_stall(link);
		else
			tls_fault_end_stall(link);
	}
}

static void observe(struct gateway *gateway)
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
		end_stalls(gateway);
}

/* The observer comes first: no byte leaves before it knows. Other connections may be in the middle of something, so that
 * those with something to say say it when they are settled. */
static void tell_observer(struct gateway *gateway)
{
	struct stream *stream;

	observe(gateway);
	while ((stream = streams_ready(&gateway->emulator)))
		link_touch(stream_owner(stream));
}

/* Likewise, where nobody is: whoever has moved the clock finds on its way what that has set off. */
static void tell_observer_and_speak(struct gateway *gateway)
{
	struct stream *stream;

	observe(gateway);
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
		observe(gateway);
	gateway_touch(gateway);
}

void gateway_answer(struct gateway *gateway, const struct request *request, struct reply *reply)
{
	catch_up(gateway);
	reply_clear(reply);
	emulator_handle(&gateway->emulator, request, reply);
	tell_observer(gateway);
}

void gateway_note(struct gateway *gateway, enum record_kind kind, const char *name, const char *text)
{
	catch_up(gateway);
	emulator_note(&gateway->emulator, kind, name, text);
	tell_observer(gateway);
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

struct stream *gateway_stream_open(struct gateway *gateway, const struct request *request, struct link *link)
{
	struct stream *stream;

	catch_up(gateway);
	stream = stream_open(&gateway->emulator, request, link);
	tell_observer(gateway);
	return stream;
}

void gateway_stream_message(struct gateway *gateway, struct stream *stream, bool is_text, struct span message)
{
	catch_up(gateway);
	stream_message(&gateway->emulator, stream, is_text, message);
	tell_observer(gateway);
}

void gateway_stream_closed(struct gateway *gateway, struct stream *stream, int code, const char *why)
{
	catch_up(gateway);
	stream_closed(&gateway->emulator, stream, code, why);
	tell_observer(gateway);
}

bool gateway_accept(struct gateway *gateway, struct accept_plan *plan)
{
	if (!(gateway->emulator.faults.moments >> MOMENT_ACCEPT & 1U))
		return false;
	catch_up(gateway);
	emulator_accept(&gateway->emulator, plan);
	tell_observer(gateway);
	return plan->rule != 0;
}

bool gateway_greet(struct gateway *gateway, struct span server_name, struct tls_plan *plan)
{
	if (!(gateway->emulator.faults.moments >> MOMENT_HANDSHAKE & 1U))
		return false;
	catch_up(gateway);
	emulator_greet(&gateway->emulator, server_name, plan);
	tell_observer(gateway);
	return plan->rule != 0;
}

/* Most answers are held for one of a few times: the place is near the end. */
static void keep_held(struct gateway *gateway, struct link *link)
{
	struct link *before = gateway->last_held;

	if (link->release_ms == REPLY_NEVER)
		return;
	while (before && before->release_ms > link->release_ms)
		before = before->previous_held;
	link->previous_held = before;
	link->next_held = before ? before->next_held : gateway->first_held;
	if (link->next_held)
		link->next_held->previous_held = link;
	else
		gateway->last_held = link;
	if (before)
		before->next_held = link;
	else
		gateway->first_held = link;
	gateway_touch(gateway);
}

/* An answer that leaves in steps is held again until the next one. That is reckoned from when this one was due, not from
 * when somebody looked. */
static void take_step(struct gateway *gateway, struct link *link)
{
	struct pace_step step;

	do {
		step = pace_at(&link->pace, link->head_length, link->held->length, link->pace_step++);
		if (step.is_last) {
			link_let_go_wholly(link);
			return;
		}
		link_let_go(link, step.open);
	} while (step.wait_ms == 0);
	link->release_ms = step.wait_ms == PACE_NEVER ? REPLY_NEVER : link->release_ms + step.wait_ms;
	keep_held(gateway, link);
}

/* No held answer may be early: a clock that goes by itself was rounded down when the request came. */
static int64_t margin_ms(const struct gateway *gateway)
{
	return gateway->clock.mode == CLOCK_MANUAL ? 0 : gateway->clock.scale;
}

static void let_go_until(struct gateway *gateway, int64_t until_ms)
{
	struct link *link;

	while ((link = gateway->first_held) && link->release_ms <= until_ms) {
		gateway_unhold(gateway, link);
		if (link->phase == LINK_STALLED)
			link_end_stall(link);
		else if (link->held)
			take_step(gateway, link);
		else
			tls_fault_due(link);
	}
}

void gateway_advance(struct gateway *gateway)
{
	catch_up(gateway);
	tell_observer_and_speak(gateway);
	let_go_until(gateway, gateway_now_ms(gateway) - margin_ms(gateway));
}

static void catch_up_now(struct gateway *gateway)
{
	hub_read_clocks(gateway->hub);
	gateway_advance(gateway);
}

void gateway_conclude(struct gateway *gateway)
{
	catch_up_now(gateway);
	expect_conclude(&gateway->emulator);
	tell_observer(gateway);
	gateway_touch(gateway);
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
	tell_observer(gateway);
	before = gateway->emulator;
	options.journal_first = before.journal.written;
	if (!emulator_init(&gateway->emulator, &options, error)) {
		gateway->emulator = before;
		return false;
	}
	emulator_release(&before);
	gateway->is_moving = false;
	start_clock(gateway, clock, start_ms);
	tell_observer(gateway);
	port_follow(gateway);
	gateway_touch(gateway);
	return true;
}

/* ---- the clock ---- */

static void note_clock(struct gateway *gateway, const char *name, const struct buffer *text)
{
	gateway_note(gateway, RECORD_CLOCK, name, text->data ? text->data : "");
}

static bool may_move_to(const struct gateway *gateway, int64_t to_ms)
{
	return to_ms >= gateway_now_ms(gateway) && to_ms - gateway_now_ms(gateway) <= DURATION_MAX_MS;
}

/* "by 5m, to 2026-03-02T14:35:00.000Z"; without the first where only the instant was asked for. */
static bool move(struct gateway *gateway, const char *name, bool tells_how_far, int64_t to_ms)
{
	struct buffer text = { 0 };

	if (gateway->is_moving || !may_move_to(gateway, to_ms))
		return false;
	if (tells_how_far) {
		buffer_add_text(&text, "by ");
		duration_add(&text, to_ms - gateway_now_ms(gateway));
		buffer_add_text(&text, ", ");
	}
	buffer_add_text(&text, "to ");
	instant_add(&text, to_ms);
	note_clock(gateway, name, &text);
	buffer_release(&text);
	gateway->moves_to_ms = to_ms;
	gateway->is_moving = true;
	gateway_clock_go_on(gateway);
	return true;
}

/* Clock and emulator stay together: who calls in between is answered at the time to which both have come. */
bool gateway_clock_go_on(struct gateway *gateway)
{
	const int64_t to_ms = gateway->moves_to_ms;
	size_t steps = 0;

	if (!gateway->is_moving)
		return true;
	hub_read_clocks(gateway->hub);
	gateway->emulator.journal.wall_ms = gateway->hub->wall_ms;
	while (steps < CLOCK_STEPS_MAX && emulator_step(&gateway->emulator, to_ms)) {
		steps++;
		observe(gateway);
	}
	gateway->is_moving = steps == CLOCK_STEPS_MAX;
	if (gateway_now_ms(gateway) > clock_now_ms(&gateway->clock, gateway->hub->now_ms))
		clock_set(&gateway->clock, gateway_now_ms(gateway), gateway->hub->now_ms);
	gateway_advance(gateway);
	let_go_until(gateway, gateway_now_ms(gateway));
	return !gateway->is_moving;
}

void gateway_clock_stay(struct gateway *gateway)
{
	gateway->is_moving = false;
}

bool gateway_clock_set(struct gateway *gateway, int64_t to_ms)
{
	catch_up_now(gateway);
	return move(gateway, "set", false, to_ms);
}

bool gateway_clock_advance(struct gateway *gateway, int64_t by_ms)
{
	catch_up_now(gateway);
	if (by_ms < 0 || by_ms > DURATION_MAX_MS)
		return false;
	return move(gateway, "advance", true, gateway_now_ms(gateway) + by_ms);
}

bool gateway_clock_advance_to_next(struct gateway *gateway)
{
	int64_t deadline_ms;

	catch_up_now(gateway);
	let_go_until(gateway, gateway_now_ms(gateway));
	deadline_ms = gateway_deadline_ms(gateway);
	return deadline_ms != EMULATOR_NEVER && move(gateway, "advance", true, deadline_ms);
}

static void change(struct gateway *gateway, const char *name, enum clock_mode mode, int64_t scale)
{
	struct buffer text = { 0 };

	catch_up_now(gateway);
	clock_change(&gateway->clock, mode, scale, gateway->hub->now_ms);
	buffer_add_text(&text, "now ");
	clock_describe(&gateway->clock, &text);
	note_clock(gateway, name, &text);
	buffer_release(&text);
}

void gateway_clock_freeze(struct gateway *gateway)
{
	change(gateway, "freeze", CLOCK_MANUAL, 1);
}

void gateway_clock_resume(struct gateway *gateway)
{
	if (gateway->first_clock.mode == CLOCK_MANUAL)
		change(gateway, "resume", CLOCK_REAL, 1);
	else
		change(gateway, "resume", gateway->first_clock.mode, gateway->first_clock.scale);
}

bool gateway_clock_scale(struct gateway *gateway, int64_t scale)
{
	if (scale < 1 || scale > CLOCK_SCALE_MAX)
		return false;
	change(gateway, "scale", CLOCK_SCALED, scale);
	return true;
}

int64_t gateway_deadline_ms(const struct gateway *gateway)
{
	const int64_t by_itself_ms = emulator_deadline_ms(&gateway->emulator);
	const struct link *held = gateway->first_held;

	return held && held->release_ms < by_itself_ms ? held->release_ms : by_itself_ms;
}

int64_t gateway_due_ms(const struct gateway *gateway)
{
	const struct link *held = gateway->first_held;
	int64_t deadline_ms = emulator_deadline_ms(&gateway->emulator);
	int64_t wait_ms;

	if (held && held->release_ms + margin_ms(gateway) < deadline_ms)
		deadline_ms = held->release_ms + margin_ms(gateway);
	if (deadline_ms == EMULATOR_NEVER)
		return INT64_MAX;
	wait_ms = clock_wait_ms(&gateway->clock, deadline_ms, gateway->hub->now_ms);
	return wait_ms == CLOCK_FOREVER ? INT64_MAX : gateway->hub->now_ms + wait_ms;
}

/* ---- faults ---- */

static void close_links_of(struct gateway *gateway, uint32_t rule)
{
	struct link *next;

	for (struct link *link = gateway->hub->links; link; link = next) {
		next = link->next;
		if (link->gateway != gateway)
			continue;
		tls_fault_disarm(link, rule);
		if (link->rule != rule)
			continue;
		if (link->held || link->phase == LINK_STALLED || link->waits_to_reset || tls_fault_holds(link))
			link_close(link);
		else
			link_disarm(link);
	}
}

bool gateway_fault_add(struct gateway *gateway, const struct fault *fault, struct arena *arena, struct error *error)
{
	const struct fault_state *old;
	uint32_t serial;

	catch_up_now(gateway);
	if (!tls_fault_fits(gateway->tls, fault, error))
		return false;
	old = fault_find(&gateway->emulator, fault->name);
	serial = old ? old->serial : 0;
	if (!fault_add(&gateway->emulator, fault, arena, error))
		return false;
	if (serial)
		close_links_of(gateway, serial);
	tell_observer(gateway);
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

	catch_up_now(gateway);
	state = fault_find(&gateway->emulator, name);
	if (state)
		remove_fault(gateway, state);
	tell_observer(gateway);
	return state != NULL;
}

void gateway_faults_clear(struct gateway *gateway)
{
	catch_up_now(gateway);
	while (gateway->emulator.faults.count > 0)
		remove_fault(gateway, &gateway->emulator.faults.items[gateway->emulator.faults.count - 1]);
	tell_observer(gateway);
}

/* ---- answers that are held back ---- */

void gateway_hold(struct gateway *gateway, struct link *link)
{
	link->held_since_ms = gateway_now_ms(gateway);
	if (link->release_ms != REPLY_NEVER)
		departure_wait(&gateway->emulator, &link->departure, link->request,
		               link->release_ms + pace_length_ms(&link->pace, link->head_length, link->held->length));
	if (link->release_ms > gateway_now_ms(gateway))
		keep_held(gateway, link);
	else
		take_step(gateway, link);
}

void gateway_wait(struct gateway *gateway, struct link *link)
{
	keep_held(gateway, link);
}

void gateway_stall(struct gateway *gateway, struct link *link)
{
	gateway->stalled++;
	keep_held(gateway, link);
}

void gateway_unhold(struct gateway *gateway, struct link *link)
{
	gateway->stalled -= is_stalled(link);
	if (link->release_ms == REPLY_NEVER)
		return;
	if (link->previous_held)
		link->previous_held->next_held = link->next_held;
	else
		gateway->first_held = link->next_held;
	if (link->next_held)
		link->next_held->previous_held = link->previous_held;
	else
		gateway->last_held = link->previous_held;
	link->next_held = link->previous_held = NULL;
	gateway_touch(gateway);
}
