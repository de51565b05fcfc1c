/*
 * How a gateway is started: what was asked for, else what the command line says, else the scenario, else what is usual.
 */
#include "control/registry_inside.h"

static struct clock choose_clock(const struct registry *registry, const struct entry_setup *setup)
{
	struct clock clock = { .mode = CLOCK_REAL, .scale = 1 };
	struct error checked; /* when the scenario was loaded */

	if (setup->has_clock)
		return setup->clock;
	if (registry->options.has_clock)
		return registry->options.base.clock;
	if (setup->machine->machine.clock_text)
		clock_parse(&clock, setup->machine->machine.clock_text, &checked);
	return clock;
}

static int64_t choose_start_ms(const struct entry_setup *setup, const struct clock *clock)
{
	if (setup->has_start)
		return setup->start_ms;
	if (setup->machine->machine.has_start)
		return setup->machine->machine.start_ms;
	switch (clock->mode) {
	case CLOCK_REAL:
		return wall_clock_ms();
	case CLOCK_SCALED:
	case CLOCK_MANUAL:
		break;
	}
	return REGISTRY_START_DEFAULT_MS;
}

static uint64_t choose_seed(const struct registry *registry, const struct entry_setup *setup)
{
	const struct machine *machine = &setup->machine->machine;

	if (setup->has_seed)
		return setup->seed;
	if (registry->options.has_seed || !machine->has_seed)
		return registry->options.base.seed;
	return machine->seed;
}

struct gateway_options setup_options(const struct registry *registry, const struct entry_setup *setup,
                                     struct entry *entry)
{
	struct gateway_options options = registry->options.base;

	options.machine = &setup->machine->machine;
	options.seed = choose_seed(registry, setup);
	options.clock = choose_clock(registry, setup);
	options.start_ms = choose_start_ms(setup, &options.clock);
	if (setup->journal_size)
		options.journal_size = setup->journal_size;
	else if (entry->ordinal > 0)
		options.journal_bytes = registry->options.added_journal_bytes;
	options.observe = registry_observe;
	options.context = entry;
	return options;
}

struct entry_setup setup_asked(struct stage_machine *machine, const struct entry_request *request,
                               const struct entry_setup *before)
{
	struct entry_setup setup = *before;

	setup.machine = machine;
	if (request->has_seed) {
		setup.has_seed = true;
		setup.seed = request->seed;
	}
	if (request->clock) {
		setup.has_clock = true;
		setup.clock = *request->clock;
	}
	if (request->journal_size)
		setup.journal_size = request->journal_size;
	if (request->has_start) {
		setup.has_start = true;
		setup.start_ms = request->start_ms;
	}
	return setup;
}
