/*
 * Answers that are held back until their time, and links that faults hold up: one list by time.
 */
#include "wire/gateway_inside.h"

#include "wire/link.h"
#include "wire/link_break.h"
#include "wire/tls_fault.h"

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

int64_t gateway_margin_ms(const struct gateway *gateway)
{
	return gateway->clock.mode == CLOCK_MANUAL ? 0 : gateway->clock.scale;
}

void gateway_let_go_until(struct gateway *gateway, int64_t until_ms)
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

/* ---- what faults hold up ---- */

static bool is_stalled(const struct link *link)
{
	return link->phase == LINK_STALLED || tls_fault_stalls(link);
}

void gateway_end_stalls(struct gateway *gateway)
{
	for (struct link *link = gateway->hub->links; link; link = link->next) {
		if (link->gateway != gateway || !is_stalled(link) ||
		    emulator_still_acts(&gateway->emulator, link->stalled_by))
			continue;
		gateway_unhold(gateway, link);
		if (link->phase == LINK_STALLED)
			link_end_stall(link);
		else
			tls_fault_end_stall(link);
	}
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
