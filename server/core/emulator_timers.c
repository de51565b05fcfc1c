/*
 * Timers: when they start and stop, when they are due, and what they raise.
 */
#include "core/emulator_parts.h"

#include "core/calendar.h"

/* ---- when ---- */

static int64_t timer_next_due(const struct emulator *emulator, const struct timer *timer)
{
	switch (timer->kind) {
	case TIMER_AFTER:
	case TIMER_EVERY:
		return emulator->now_ms + emulator_amount_ms(emulator, &timer->amount);
	case TIMER_DAILY:
		return zone_next_time_of_day(timer->zone, timer->minute_of_day, emulator->now_ms);
	}
	return EMULATOR_NEVER;
}

static void start_timer(struct emulator *emulator, size_t index)
{
	const struct timer *timer = &emulator->machine->timers[index];
	const int64_t due_ms = timer->at_once ? emulator->now_ms : timer_next_due(emulator, timer);

	/* Short timers may start each other round and round: without a rest, one long jump would be endless work. */
	emulator->timer_fired[index] = 0;
	emulator->timer_started_ms[index] = emulator->now_ms;
	emulator->timer_due_ms[index] =
	    due_ms > emulator->timer_rested_ms[index] ? due_ms : emulator->timer_rested_ms[index];
}

void timers_update(struct emulator *emulator, int event)
{
	const struct machine *machine = emulator->machine;

	for (size_t i = 0; i < machine->timer_count; i++) {
		const bool holds = state_set_holds(machine->timers[i].when, emulator->active);
		const bool held = emulator->timer_holds >> i & 1U;

		if (!holds)
			emulator->timer_due_ms[i] = EMULATOR_NEVER;
		else if (!held || (event != INDEX_NONE && event_set_has(&machine->timers[i].restart, event)))
			start_timer(emulator, i);
		if (holds != held)
			emulator->timer_holds ^= 1U << i;
	}
}

void timers_begin(struct emulator *emulator)
{
	for (size_t i = 0; i < emulator->machine->timer_count; i++)
		emulator->timer_due_ms[i] = EMULATOR_NEVER;
	timers_update(emulator, INDEX_NONE);
}

int timers_first(const struct emulator *emulator)
{
	int first = INDEX_NONE;

	for (size_t i = 0; i < emulator->machine->timer_count; i++)
		if (emulator->timer_due_ms[i] != EMULATOR_NEVER &&
		    (first == INDEX_NONE || emulator->timer_due_ms[i] < emulator->timer_due_ms[first]))
			first = (int)i;
	return first;
}

/* ---- what ---- */

static int event_of(const struct emulator *emulator, const struct timer *timer)
{
	for (size_t i = 0; i < timer->event_count; i++)
		if (state_set_holds(timer->events[i].when, emulator->active))
			return timer->events[i].event;
	return INDEX_NONE;
}

/* Where it might have been another event, the record says which it was. */
static void raise_event(struct emulator *emulator, const struct timer *timer, int event)
{
	struct record *record;

	if (event != INDEX_NONE && emulator_hears(emulator, event))
		record = emulator_write_record(emulator, RECORD_TIMER, timer->name, emulator->active);
	else
		record = emulator_write_tick(emulator, RECORD_TIMER, timer->name);
	if (event == INDEX_NONE)
		return;
	if (timer->event_count > 1 || timer->then != INDEX_NONE)
		journal_add_text(&emulator->journal, record, span_of(emulator->machine->events[event]));
	emulator_raise(emulator, event);
}

void timers_fire(struct emulator *emulator, size_t index)
{
	const struct timer *timer = &emulator->machine->timers[index];
	const bool is_last = timer->times > 0 && ++emulator->timer_fired[index] == timer->times;

	/* A timer that repeats goes on from when it was due, not from when somebody looked. */
	if (timer->kind == TIMER_AFTER || is_last)
		emulator->timer_due_ms[index] = EMULATOR_NEVER;
	else
		emulator->timer_due_ms[index] = timer_next_due(emulator, timer);
	emulator->timer_rested_ms[index] = emulator->now_ms + TIMER_PERIOD_MIN_MS;
	raise_event(emulator, timer, event_of(emulator, timer));
	/* Unless that has ended it, or begun it anew. */
	if (is_last && timer->then != INDEX_NONE && emulator->timer_fired[index] == timer->times &&
	    (emulator->timer_holds >> index & 1U))
		raise_event(emulator, timer, timer->then);
}
