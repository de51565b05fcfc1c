/*
 * `plan`: what a scenario's faults will decide, without a gateway. A decision depends on the seed, the fault's name and the
 * number of its candidate, and on nothing that happens: so it can be told beforehand.
 */
#include "cli/command.h"
#include "cli/say.h"
#include "cli/scenario_open.h"
#include "cli/table.h"
#include "core/calendar.h"
#include "core/fault.h"
#include "core/names.h"

#include <string.h>

static void add_number(struct table *table, int64_t number)
{
	struct buffer text = { 0 };

	buffer_add_int(&text, number);
	table_add(table, text.data ? text.data : "");
	buffer_release(&text);
}

static void add_chance(struct table *table, bool drawn, uint32_t chance)
{
	struct buffer text = { 0 };

	if (drawn)
		fault_add_chance(chance, &text);
	table_add(table, text.data ? text.data : "");
	buffer_release(&text);
}

static void add_delay(struct table *table, bool acts, const struct fault *fault, uint64_t seed, uint32_t call)
{
	const int64_t wait_ms = acts ? fault_wait_ms(fault, seed, call) : -1;
	struct buffer text = { 0 };

	if (wait_ms >= 0)
		duration_add(&text, wait_ms);
	table_add(table, text.data ? text.data : "");
	buffer_release(&text);
}

/* A state of the port has nothing to decide about. */
static void plan_port(struct table *table, const struct fault *fault)
{
	table_add(table, fault->name);
	table_add(table, fault->kind->name);
	table_add(table, fault_moment_names[fault->kind->moment]);
	for (int i = 0; i < 4; i++)
		table_add(table, "");
	table_add(table, "acts while in force");
}

static void plan_fault(struct table *table, const struct fault *fault, uint64_t seed, uint32_t calls)
{
	uint32_t acted = 0;

	if (fault->kind->moment == MOMENT_PORT) {
		plan_port(table, fault);
		return;
	}
	for (uint32_t call = 1; call <= calls; call++) {
		const struct fault_turn turn = fault_turn(fault, seed, call, call, acted);

		acted += turn.acts;
		table_add(table, fault->name);
		table_add(table, fault->kind->name);
		table_add(table, fault_moment_names[fault->kind->moment]);
		add_number(table, call);
		add_chance(table, turn.drew, turn.draw);
		add_chance(table, turn.drew, fault->threshold);
		add_delay(table, turn.acts, fault, seed, call);
		table_add(table, turn.acts ? "acts" : "passes");
	}
}

static int find_endpoint(const struct machine *machine, const char *name, struct error *error)
{
	struct nearest nearest;

	nearest_begin(&nearest, name);
	for (size_t i = 0; i < machine->endpoint_count; i++) {
		nearest_offer(&nearest, machine->endpoints[i].name);
		if (strcmp(machine->endpoints[i].name, name) == 0)
			return (int)i;
	}
	error_set(error, "the scenario has no endpoint \"%.80s\"%s%s%s", name, nearest.best ? "; did you mean \"" : "",
	          nearest.best ? nearest.best : "", nearest.best ? "\"?" : "");
	return INDEX_NONE;
}

static enum exit_code show(const struct options *options, const struct table *table)
{
	struct buffer text = { 0 };
	enum exit_code code;

	if (options->format == FORMAT_JSON)
		table_render_json(table, &text);
	else
		table_render_text(table, &text);
	code = say_result(&text);
	buffer_release(&text);
	return code;
}

static enum exit_code plan_run(const struct options *options)
{
	static const char *const columns[] = { "fault",     "kind",  "moment",  "call", "draw",
		                               "threshold", "delay", "outcome", NULL };
	struct table table = { .columns = columns };
	struct machine machine;
	struct error error;
	int endpoint = INDEX_NONE;
	uint64_t seed;
	enum exit_code code = scenario_open(options, &machine);

	if (code != EXIT_FINE)
		return code;
	if (options->endpoint)
		endpoint = find_endpoint(&machine, options->endpoint, &error);
	if (options->endpoint && endpoint == INDEX_NONE) {
		code = say_usage(command_plan.name, &error);
		goto out;
	}
	seed = options_source(options, "seed") != SOURCE_DEFAULT ? options->seed
	       : machine.has_seed                                ? machine.seed
	                                                         : SEED_DEFAULT;
	for (size_t i = 0; i < machine.fault_count; i++)
		if (endpoint == INDEX_NONE || endpoint_set_has(&machine.faults[i].on, (size_t)endpoint))
			plan_fault(&table, &machine.faults[i], seed, options->requests);
	code = show(options, &table);
out:
	table_release(&table);
	machine_release(&machine);
	return code;
}

const struct command command_plan = {
	.name = "plan",
	.bit = FOR_PLAN,
	.summary = "say beforehand what a scenario's faults will decide",
	.about = "Prints for each fault of a scenario what it will decide about the first calls, connections or "
		 "handshakes that it looks at: calls to its endpoints, while its states are active and its time has "
		 "come. With the same seed a gateway decides the same, whatever else happens.\n"
		 "A fault that acts by chance does so when its draw is less than its threshold.",
	.run = plan_run,
};
