/*
 * Expectations that can never be judged or met: no endpoint is in what they count, nothing leads to their states.
 */
#include "core/loading.h"

static bool is_empty_set(const struct machine *machine, const struct endpoint_set *set)
{
	for (size_t i = 0; i < machine->endpoint_count; i++)
		if (endpoint_set_has(set, i))
			return false;
	return true;
}

void load_expectation_checks(struct loading *loading, uint64_t reached)
{
	const struct machine *machine = loading->machine;
	const cJSON *expect = json_member(loading->tree, "expect");

	for (size_t i = 0; i < machine->expectation_count; i++) {
		const struct expectation *expectation = &machine->expectations[i];
		const cJSON *item = json_member(expect, expectation->name);

		if (load_is_own(loading, json_member(item, "call")) && is_empty_set(machine, &expectation->calls))
			reader_problem(&loading->reader, json_member(item, "call"), NULL,
			               "expectation \"%s\" can never count a call: no endpoint is in %s",
			               expectation->name, expectation->subject_text);
		if (load_is_own(loading, json_member(item, "while")) &&
		    !load_set_is_reachable(machine, expectation->when, reached))
			reader_problem(
			    &loading->reader, json_member(item, "while"), NULL,
			    "expectation \"%s\" is never judged: nothing leads to the states in its \"while\"",
			    expectation->name);
		if (load_is_own(loading, json_member(item, "state")) &&
		    !load_set_is_reachable(machine, expectation->state, reached))
			reader_problem(&loading->reader, json_member(item, "state"), NULL,
			               "expectation \"%s\" is never met: nothing leads to the states in its \"state\"",
			               expectation->name);
	}
}
