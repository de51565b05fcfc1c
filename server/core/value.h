/*
 * A value that a setting, a state or a template can have: what JSON has, less objects and arrays.
 */
#ifndef CPGW_CORE_VALUE_H
#define CPGW_CORE_VALUE_H

#include "core/buffer.h"

#include <stdbool.h>
#include <stdint.h>

enum value_kind {
	VALUE_NONE, /* not set */
	VALUE_NULL,
	VALUE_BOOL,
	VALUE_INT,
	VALUE_TEXT,
	VALUE_DURATION, /* number is milliseconds; `text` is how it was written */
};

struct value {
	enum value_kind kind;
	int64_t number;   /* VALUE_BOOL, VALUE_INT, VALUE_DURATION */
	const char *text; /* VALUE_TEXT, VALUE_DURATION; owned by whoever holds the value */
};

/* Whether something that holds `now` may come to hold `next`: kinds stay, but a text may become null and back. */
static inline bool value_may_become(enum value_kind now, enum value_kind next)
{
	return now == next || now == VALUE_NULL || (now == VALUE_TEXT && next == VALUE_NULL);
}

/* "a text", "a whole number" …: for error sentences. */
const char *value_kind_name(enum value_kind kind);

/* Appends it as JSON has it; one that is not set is null. */
void value_add_json(const struct value *value, struct buffer *out);

#endif
