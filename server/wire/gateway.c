#include "wire/gateway.h"

#include "wire/link.h"

#include <unistd.h>

enum listen_outcome gateway_init(struct gateway *gateway, struct hub *hub, const struct gateway_options *options,
                                 struct error *error)
{
	int fds[LISTENERS_MAX];
	enum listen_outcome outcome;

	*gateway = (struct gateway){
		.hub = hub,
		.clock = options->clock,
		.observe = options->observe,
		.context = options->context,
		.is_stale = true,
	};
	if (!emulator_init(&gateway->emulator, options->machine, options->seed, options->start_ms, error))
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
	hub->now_ms = monotonic_ms();
	clock_start(&gateway->clock, options->start_ms, hub->now_ms);
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

int64_t gateway_now_ms(const struct gateway *gateway)
{
	return gateway->emulator.now_ms;
}

static void tell_observer(struct gateway *gateway)
{
	const uint64_t written = gateway->emulator.journal.written;

	if (written == gateway->observed)
		return;
	gateway->observed = written;
	if (gateway->observe)
		gateway->observe(gateway->context, gateway);
}

/* Brings the emulator to what the clock shows. */
static void catch_up(struct gateway *gateway)
{
	emulator_advance(&gateway->emulator, clock_now_ms(&gateway->clock, gateway->hub->now_ms));
	gateway->is_stale = true;
}

void gateway_answer(struct gateway *gateway, const struct request *request, struct reply *reply)
{
	catch_up(gateway);
	reply_clear(reply);
	emulator_handle(&gateway->emulator, request, reply);
	tell_observer(gateway);
}

bool gateway_apply(struct gateway *gateway, const struct action *action, struct error *error)
{
	bool done;

	gateway->hub->now_ms = monotonic_ms();
	catch_up(gateway);
	done = emulator_apply(&gateway->emulator, action, error);
	tell_observer(gateway);
	return done;
}

static void let_go_of_due(struct gateway *gateway)
{
	struct link *link;

	while ((link = gateway->first_held) && link->release_ms <= gateway_now_ms(gateway)) {
		gateway_unhold(gateway, link);
		link_let_go(link);
	}
}

void gateway_advance(struct gateway *gateway)
{
	catch_up(gateway);
	tell_observer(gateway);
	let_go_of_due(gateway);
}

bool gateway_clock_set(struct gateway *gateway, int64_t to_ms)
{
	gateway->hub->now_ms = monotonic_ms();
	catch_up(gateway);
	if (!clock_set(&gateway->clock, to_ms, gateway->hub->now_ms))
		return false;
	gateway_advance(gateway);
	return true;
}

static int64_t reckon_due_ms(const struct gateway *gateway)
{
	const struct link *held = gateway->first_held;
	int64_t deadline_ms = emulator_deadline_ms(&gateway->emulator);
	int64_t wait_ms;

	if (held && held->release_ms < deadline_ms)
		deadline_ms = held->release_ms;
	if (deadline_ms == EMULATOR_NEVER)
		return INT64_MAX;
	wait_ms = clock_wait_ms(&gateway->clock, deadline_ms, gateway->hub->now_ms);
	return wait_ms == CLOCK_FOREVER ? INT64_MAX : gateway->hub->now_ms + wait_ms;
}

int64_t gateway_due_ms(struct gateway *gateway)
{
	if (gateway->is_stale) {
		gateway->due_ms = reckon_due_ms(gateway);
		gateway->is_stale = false;
	}
	return gateway->due_ms;
}

/* Most answers are held for one of a few times: the place is near the end. */
void gateway_hold(struct gateway *gateway, struct link *link)
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
	gateway->is_stale = true;
}

void gateway_unhold(struct gateway *gateway, struct link *link)
{
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
	gateway->is_stale = true;
}
