/*
 * Loads a scenario, or says on standard error why it cannot be.
 */
#ifndef CPGW_CLI_SCENARIO_OPEN_H
#define CPGW_CLI_SCENARIO_OPEN_H

#include "cli/exit_code.h"
#include "cli/options.h"
#include "core/error.h"
#include "core/machine.h"

/* Takes the scenario and the fixtures that the options name. On EXIT_FINE the caller releases the machine. */
enum exit_code scenario_open(const struct options *options, struct machine *machine);

/* Says on standard error what is wrong with them, and which variables they came from. Returns EXIT_SCENARIO. */
enum exit_code scenario_say_problems(const struct options *options, const struct problems *problems);

#endif
