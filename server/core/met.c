#include "core/met.h"

#include "core/fault.h"

#include <string.h>

static const struct met_step *next_step(const struct emulator *emulator)
{
	const struct catalogue_entry *entry = &emulator->machine->catalogue;

	return emulator->met < entry->met_count ? &entry->met[emulator->met] : NULL;
}

/* Faults count for themselves how often they acted. */
static void take_faults(struct emulator *emulator)
{
	const struct met_step *step;

	while ((step = next_step(emulator)) && step->fault) {
		const struct fault_state *fault = fault_find(emulator, step->fault);

		if (!fault || fault->acted == 0)
			return;
		emulator->met++;
	}
}

static bool has_reply(const struct met_step *step, int reply)
{
	return !step->has_replies || (reply != INDEX_NONE && (step->replies[reply / 64] >> (reply % 64) & 1U));
}

static bool is_held(const struct met_step *step, const struct emulator *emulator, const struct reply *given)
{
	return given->release_ms == REPLY_NEVER || given->release_ms - emulator->now_ms >= step->held_ms;
}

void met_call(struct emulator *emulator, int endpoint, uint64_t before, int reply, const struct reply *given)
{
	const struct met_step *step;

	take_faults(emulator);
	step = next_step(emulator);
	if (step && !step->fault && !step->has_frame && endpoint != INDEX_NONE &&
	    endpoint_set_has(&step->on, (size_t)endpoint) && state_set_holds(step->when, before) &&
	    has_reply(step, reply) && is_held(step, emulator, given))
		emulator->met++;
}

void met_frame(struct emulator *emulator, int frame)
{
	const struct met_step *step;

	take_faults(emulator);
	step = next_step(emulator);
	if (step && step->has_frame && step->frame == frame && state_set_holds(step->when, emulator->active))
		emulator->met++;
}

bool met_is_whole(struct emulator *emulator)
{
	return met_missing(emulator) == NULL;
}

const char *met_missing(struct emulator *emulator)
{
	const struct met_step *step;

	take_faults(emulator);
	step = next_step(emulator);
	if (step)
		return step->says;
	if (emulator->machine->catalogue.met_count == 0 && emulator->tally.records[RECORD_REQUEST] == 0)
		return "any call";
	return NULL;
}
