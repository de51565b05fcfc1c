/*
 * Whether it is clear where a request to the control API ends: libmicrohttpd waits for ever for the body of an encoding that
 * it does not know, and of two lengths takes one.
 */
#ifndef CPGW_CONTROL_FRAMING_H
#define CPGW_CONTROL_FRAMING_H

#include "control/call.h"

#include <stdbool.h>

/* True when it is clear. Else the answer says why not, and the connection is to end: what comes next cannot be told. */
bool framing_is_clear(struct call *call);

#endif
