/*
 * What the clients of all gateways of a stage did wrong, said on standard error for whoever has to mend them: broken
 * expectations with what led to them, warnings in a line, calls that nothing was meant for with what was probably meant.
 */
#ifndef CPGW_CLI_VERDICT_H
#define CPGW_CLI_VERDICT_H

#include "cli/junit.h"
#include "cli/stage.h"

/* Judges, says it, and adds it to `junit`. EXIT_FINE, EXIT_BROKEN or, under --strict, EXIT_UNMATCHED. */
enum exit_code verdict_reach(const struct stage *stage, struct junit *junit);

#endif
