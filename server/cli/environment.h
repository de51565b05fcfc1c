/*
 * What a command that runs beside a gateway finds in its environment: where the gateway is, and whom to trust.
 */
#ifndef CPGW_CLI_ENVIRONMENT_H
#define CPGW_CLI_ENVIRONMENT_H

#include "cli/ca_bundle.h"
#include "cli/stage.h"
#include "core/error.h"

#include <stdbool.h>

/* Sets it for this process, which the command inherits it from. The bundle is to be removed once the command has ended. */
bool environment_set(const struct stage *stage, struct ca_bundle *bundle, struct error *error);

#endif
