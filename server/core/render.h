/*
 * Reply templates → bytes, at one moment of one gateway.
 */
#ifndef CPGW_CORE_RENDER_H
#define CPGW_CORE_RENDER_H

#include "core/emulator.h"

/* What a frame of a websocket may tell besides. */
struct frame_context {
	struct span topic;
	struct span argument;
	struct span notice;
	const char *changed_name;
	struct value changed_value;
};

/* What a template may ask for besides the gateway itself. */
struct render_context {
	const struct emulator *emulator;
	struct span path;
	const char *accept;                /* of a websocket; NULL: none */
	const struct frame_context *frame; /* NULL: it is none */
	int64_t delay_ms;
};

/* Fills status, reason, headers, body and framing. */
void render_reply(const struct render_context *context, const struct reply_template *template, struct reply *reply);

void render_text(const struct render_context *context, const struct text_template *text, struct buffer *out);

/* What a VARIABLE_NAMED is now. */
struct value render_named(const struct emulator *emulator, const struct variable *variable);

#endif
