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

#include <stdlib.h>
#include <string.h>
#include <strings.h>

static void add_number(struct table *table, int64_t number)
{
	struct buffer text = { 0 };

	buffer_add_int(&text, number);
	table_take(table, &text);
}

static void add_chance(struct table *table, bool drawn, uint32_t chance)
{
	struct buffer text = { 0 };

	if (drawn)
		fault_add_chance(chance, &text);
	table_take(table, &text);
}

/* ---- what is foreseen ---- */

/* Of one fault about one of its candidates. */
struct foreseen {
	struct fault_turn turn;
	const char *hidden_by;
	uint32_t nth; /* how often it has acted, this time included */
};

struct foresight {
	const struct machine *machine;
	int endpoint; /* INDEX_NONE: all of them */
	uint64_t seed;
	uint32_t calls;
	struct fault_state states[FAULTS_MAX];
	size_t count;
	struct foreseen *table; /* owned: a row a fault, a column a call */
};

/* It looks at every one, whatever the time and the state. */
static bool looks_at_all(const struct fault *fault)
{
	static const struct event_set none;

	return fault->from_ms == 0 && fault->to_ms == 0 && fault->for_ms == 0 && fault->retry_ms == 0 &&
	       !fault->has_after && fault->when.breaks == 0 && memcmp(&fault->until, &none, sizeof none) == 0;
}

static bool same_name(const char *a, const char *b)
{
	return a && b ? strcasecmp(a, b) == 0 : a == b;
}

/* What is one's nth call, connection or handshake is the other's nth too: then one may hide the other. */
static bool look_at_the_same(const struct foresight *foresight, const struct fault *a, const struct fault *b)
{
	if (a == b)
		return true;
	if (a->kind->moment != b->kind->moment || !looks_at_all(a) || !looks_at_all(b))
		return false;
	return same_name(a->server_name, b->server_name) &&
	       (foresight->endpoint != INDEX_NONE || memcmp(&a->on, &b->on, sizeof a->on) == 0);
}

static struct foreseen *at(struct foresight *foresight, size_t fault, uint32_t call)
{
	return &foresight->table[fault * foresight->calls + call - 1];
}

/* Decides about call number `call` of those that look at the same as number `first`, when that is the first of them. */
static void foresee_call(struct foresight *foresight, size_t first, uint32_t call)
{
	struct fault_decisions decisions = { 0 };

	for (size_t i = 0; i < foresight->count; i++) {
		struct fault_state *state = &foresight->states[i];
		struct fault_turn turn;

		if (!look_at_the_same(foresight, &foresight->states[first].fault, &state->fault))
			continue;
		if (i < first)
			return;
		turn = fault_turn(&state->fault, foresight->seed, call, call, state->acted);
		at(foresight, i, call)->turn = turn;
		decisions.items[decisions.count++] = (struct fault_decision){ .rule = state, .acts = turn.acts };
	}
	faults_hide(&decisions);
	for (size_t i = 0; i < decisions.count; i++) {
		const struct fault_decision *decision = &decisions.items[i];
		struct foreseen *foreseen = at(foresight, (size_t)(decision->rule - foresight->states), call);

		foreseen->hidden_by = decision->hidden_by;
		foreseen->nth = decision->rule->acted;
	}
}

static bool foresee(struct foresight *foresight)
{
	const struct machine *machine = foresight->machine;

	for (size_t i = 0; i < machine->fault_count; i++)
		if (foresight->endpoint == INDEX_NONE ||
		    endpoint_set_has(&machine->faults[i].on, (size_t)foresight->endpoint))
			foresight->states[foresight->count++].fault = machine->faults[i];
	foresight->table = calloc(foresight->count * foresight->calls + 1, sizeof *foresight->table);
	if (!foresight->table)
		return false;
	for (size_t i = 0; i < foresight->count; i++)
		for (uint32_t call = 1; call <= foresight->calls; call++)
			foresee_call(foresight, i, call);
	return true;
}

/* ---- the table ---- */

static void add_delay(struct table *table, const struct foresight *foresight, const struct fault *fault, uint32_t call,
                      const struct foreseen *foreseen)
{
	const bool acts = foreseen->turn.acts && !foreseen->hidden_by;
	const int64_t wait_ms = acts ? fault_wait_ms(fault, foresight->seed, call, foreseen->nth) : -1;
	struct buffer text = { 0 };

	if (wait_ms >= 0)
		duration_add(&text, wait_ms);
	table_take(table, &text);
}

static void add_outcome(struct table *table, const struct foreseen *foreseen)
{
	struct buffer text = { 0 };

	if (foreseen->hidden_by)
		buffer_add_format(&text, "hidden by %s", foreseen->hidden_by);
	else
		buffer_add_text(&text, foreseen->turn.acts ? "acts" : "passes");
	table_take(table, &text);
}

/* A state of the port has nothing to decide about. */
static void add_port(struct table *table, const struct fault *fault)
{
	table_add(table, fault->name);
	table_add(table, fault->kind->name);
	table_add(table, fault_moment_names[fault->kind->moment]);
	for (int i = 0; i < 4; i++)
		table_add(table, "");
	table_add(table, "acts while in force");
}

static void add_fault(struct table *table, struct foresight *foresight, size_t number)
{
	const struct fault *fault = &foresight->states[number].fault;

	if (fault->kind->moment == MOMENT_PORT) {
		add_port(table, fault);
		return;
	}
	for (uint32_t call = 1; call <= foresight->calls; call++) {
		const struct foreseen *foreseen = at(foresight, number, call);

		table_add(table, fault->name);
		table_add(table, fault->kind->name);
		table_add(table, fault_moment_names[fault->kind->moment]);
		add_number(table, call);
		add_chance(table, foreseen->turn.drew, foreseen->turn.draw);
		add_chance(table, foreseen->turn.drew, fault->threshold);
		add_delay(table, foresight, fault, call, foreseen);
		add_outcome(table, foreseen);
	}
}

/* ---- the command ---- */

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

static uint64_t seed_of(const struct options *options, const struct machine *machine)
{
	if (options_source(options, "seed") != SOURCE_DEFAULT)
		return options->seed;
	return machine->has_seed ? machine->seed : SEED_DEFAULT;
}

static enum exit_code plan_run(const struct options *options)
{
	static const char *const columns[] = { "fault",     "kind",  "moment",  "call", "draw",
		                               "threshold", "delay", "outcome", NULL };
	struct table table = { .columns = columns };
	struct machine machine;
	struct error error;
	struct foresight foresight = { .machine = &machine, .endpoint = INDEX_NONE, .calls = options->requests };
	enum exit_code code = scenario_open(options, &machine);

	if (code != EXIT_FINE)
		return code;
	foresight.seed = seed_of(options, &machine);
	if (options->endpoint)
		foresight.endpoint = find_endpoint(&machine, options->endpoint, &error);
	if (options->endpoint && foresight.endpoint == INDEX_NONE) {
		code = say_usage(command_plan.name, &error);
	} else if (!foresee(&foresight)) {
		error_set(&error, "out of memory");
		code = say_error(EXIT_INTERNAL, &error);
	} else {
		for (size_t i = 0; i < foresight.count; i++)
			add_fault(&table, &foresight, i);
		code = show(options, &table);
	}
	free(foresight.table);
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
		 "Where faults look at the same calls whatever the time and the state, it says which hides which.\n"
		 "A fault that acts by chance does so when its draw is less than its threshold.",
	.run = plan_run,
};
