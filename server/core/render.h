/*
 * Reply templates → bytes, at one moment of one gateway.
 */
#ifndef CPGW_CORE_RENDER_H
#define CPGW_CORE_RENDER_H

#include "core/emulator.h"

/* What a template may ask for besides the gateway itself. */
struct render_context {
	const struct emulator *emulator;
	struct span path;
	int64_t delay_ms;
};

/* Fills status, reason, headers, body and framing. */
void render_reply(const struct render_context *context, const struct reply_template *template, struct reply *reply);

#endif
