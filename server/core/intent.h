/*
 * What a call to ssodh/init asks for. Clients send it as JSON, as a form, in the query, or not at all
 * (docs/gateway.md#ssodh-init); the body wins over the query.
 */
#ifndef CPGW_CORE_INTENT_H
#define CPGW_CORE_INTENT_H

#include "core/machine.h"

struct intent {
	enum tristate publish; /* TRISTATE_ANY: not said */
	enum tristate compete;
};

struct intent intent_of(const struct request *request);

#endif
