/*
 * Faults before any call: of the port, of a connection as it is accepted, of a handshake.
 */
#include "core/emulator.h"
#include "core/fault_parts.h"

/* ---- the port ---- */

static bool has(const struct emulator *emulator, enum fault_moment moment)
{
	return emulator->faults.moments >> moment & 1U;
}

/* The rule says something else about the port than before. */
static void change_port(struct emulator *emulator, struct fault_state *state, bool holds)
{
	const struct fault_candidate port = { .moment = MOMENT_PORT, .endpoint = INDEX_NONE };
	const struct fault_decision decision = { .rule = state, .acts = true };

	state->holds_port = holds;
	state->ordinal += holds;
	state->acted += holds;
	fault_record_one(emulator, &port, &decision, holds ? FAULT_BEGINS : FAULT_ENDS);
}

void faults_settle_port(struct emulator *emulator)
{
	struct faults *faults = &emulator->faults;

	if (!has(emulator, MOMENT_PORT))
		return;
	faults->port = PORT_OPEN;
	for (size_t i = 0; i < faults->count; i++) {
		struct fault_state *state = &faults->items[i];
		bool holds;

		if (state->fault.kind->moment != MOMENT_PORT)
			continue;
		holds = fault_is_in_time(emulator, state);
		if (holds != state->holds_port)
			change_port(emulator, state, holds);
		if (holds && faults->port == PORT_OPEN)
			fault_do(emulator, state, &(struct fault_act){ .port = &faults->port });
	}
}

static int64_t earlier_of(const struct emulator *emulator, int64_t first_ms, int64_t at_ms)
{
	return at_ms > emulator->now_ms && at_ms < first_ms ? at_ms : first_ms;
}

int64_t faults_port_due_ms(const struct emulator *emulator)
{
	int64_t due_ms = EMULATOR_NEVER;

	if (!has(emulator, MOMENT_PORT))
		return due_ms;
	for (size_t i = 0; i < emulator->faults.count; i++) {
		const struct fault_state *state = &emulator->faults.items[i];
		const struct fault *fault = &state->fault;

		if (fault->kind->moment != MOMENT_PORT || !state->in_force)
			continue;
		due_ms = earlier_of(emulator, due_ms, emulator->start_ms + fault->from_ms);
		if (fault->to_ms)
			due_ms = earlier_of(emulator, due_ms, emulator->start_ms + fault->to_ms);
		if (fault->for_ms)
			due_ms = earlier_of(emulator, due_ms, state->since_ms + fault->for_ms);
	}
	return due_ms;
}

enum port_state emulator_port(const struct emulator *emulator)
{
	return emulator->faults.port;
}

/* ---- connections and handshakes ---- */

/* Says in a plan which rule did it. */
static void note_rule(const struct fault_state *state, struct tls_plan *plan)
{
	const unsigned parts = state->fault.kind->parts;

	if (parts & (PART_GREETING | PART_FLIGHT))
		holders_add(&plan->held_by, state->serial);
	if (parts & PART_RECORD)
		plan->corrupted_by = state->serial;
}

/* Has the rules decide, and those that act do so; the serial of the last that did, or 0. */
static uint32_t act_on(struct emulator *emulator, const struct fault_candidate *candidate, const struct fault_act *on)
{
	struct fault_decisions decisions;
	uint32_t rule = 0;

	faults_decide(emulator, candidate, &decisions);
	for (size_t i = 0; i < decisions.count; i++) {
		if (!fault_is_done(&decisions.items[i]))
			continue;
		fault_do(emulator, decisions.items[i].rule, on);
		rule = decisions.items[i].rule->serial;
		if (on->tls)
			note_rule(decisions.items[i].rule, on->tls);
	}
	faults_record(emulator, candidate, &decisions);
	return rule;
}

void emulator_accept(struct emulator *emulator, struct accept_plan *plan)
{
	const struct fault_candidate candidate = { .moment = MOMENT_ACCEPT, .endpoint = INDEX_NONE };

	*plan = (struct accept_plan){ 0 };
	if (has(emulator, MOMENT_ACCEPT))
		plan->rule = act_on(emulator, &candidate, &(struct fault_act){ .accept = plan });
}

void emulator_greet(struct emulator *emulator, struct span server_name, struct tls_plan *plan)
{
	const struct fault_candidate candidate = {
		.moment = MOMENT_HANDSHAKE,
		.endpoint = INDEX_NONE,
		.server_name = server_name,
	};

	*plan = (struct tls_plan){ 0 };
	if (has(emulator, MOMENT_HANDSHAKE))
		plan->rule = act_on(emulator, &candidate, &(struct fault_act){ .tls = plan });
}

bool emulator_still_acts(const struct emulator *emulator, uint32_t rule)
{
	for (size_t i = 0; i < emulator->faults.count; i++)
		if (emulator->faults.items[i].serial == rule)
			return fault_is_in_time(emulator, &emulator->faults.items[i]);
	return false;
}
