/*
 * The gateway's clock: how it is moved and changed, and when something happens by itself.
 */
#include "wire/gateway_inside.h"

#include "core/calendar.h"
#include "core/limits.h"
#include "wire/link.h"

/* ---- moves ---- */

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
		gateway_observe(gateway);
	}
	gateway->is_moving = steps == CLOCK_STEPS_MAX;
	if (gateway_now_ms(gateway) > clock_now_ms(&gateway->clock, gateway->hub->now_ms))
		clock_set(&gateway->clock, gateway_now_ms(gateway), gateway->hub->now_ms);
	gateway_advance(gateway);
	gateway_let_go_until(gateway, gateway_now_ms(gateway));
	return !gateway->is_moving;
}

void gateway_clock_stay(struct gateway *gateway)
{
	gateway->is_moving = false;
}

bool gateway_clock_set(struct gateway *gateway, int64_t to_ms)
{
	gateway_catch_up_now(gateway);
	return move(gateway, "set", false, to_ms);
}

bool gateway_clock_advance(struct gateway *gateway, int64_t by_ms)
{
	gateway_catch_up_now(gateway);
	if (by_ms < 0 || by_ms > DURATION_MAX_MS)
		return false;
	return move(gateway, "advance", true, gateway_now_ms(gateway) + by_ms);
}

bool gateway_clock_advance_to_next(struct gateway *gateway)
{
	int64_t deadline_ms;

	gateway_catch_up_now(gateway);
	gateway_let_go_until(gateway, gateway_now_ms(gateway));
	deadline_ms = gateway_deadline_ms(gateway);
	return deadline_ms != EMULATOR_NEVER && move(gateway, "advance", true, deadline_ms);
}

/* ---- how it goes on ---- */

static void change(struct gateway *gateway, const char *name, enum clock_mode mode, int64_t scale)
{
	struct buffer text = { 0 };

	gateway_catch_up_now(gateway);
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

/* ---- when ---- */

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

	if (held && held->release_ms + gateway_margin_ms(gateway) < deadline_ms)
		deadline_ms = held->release_ms + gateway_margin_ms(gateway);
	if (deadline_ms == EMULATOR_NEVER)
		return INT64_MAX;
	wait_ms = clock_wait_ms(&gateway->clock, deadline_ms, gateway->hub->now_ms);
	return wait_ms == CLOCK_FOREVER ? INT64_MAX : gateway->hub->now_ms + wait_ms;
}
