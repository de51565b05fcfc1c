/*
 * Forms: application/x-www-form-urlencoded, as bodies and as queries (https://url.spec.whatwg.org/#urlencoded-parsing).
 *
 * Tolerant as browsers are: a "%" that no two hex digits follow stands for itself, "+" is a blank, a pair without "="
 * has an empty value, empty pairs are skipped. Bounded: what does not fit into the caller's room is cut, and said so;
 * pairs beyond FORM_PAIRS_MAX are not looked at.
 */
#ifndef CPGW_CORE_FORM_H
#define CPGW_CORE_FORM_H

#include "core/buffer.h"
#include "core/limits.h"

#include <stdbool.h>
#include <stddef.h>

/* One pair, decoded. Both texts end with a zero, and may hold others. */
struct form_pair {
	char name[NAME_LENGTH_MAX + 1];
	size_t name_length;
	char value[FORM_VALUE_MAX + 1];
	size_t value_length;
	bool cut; /* one of them was longer */
};

struct form {
	struct span rest;
	unsigned seen; /* pairs so far */
};

/* A form over bytes that outlive it. */
struct form form_of(struct span bytes);

/* The next pair; false when there are no more. */
bool form_next(struct form *form, struct form_pair *pair);

/* Whether the pair has that name. */
bool form_pair_is(const struct form_pair *pair, const char *name);

#endif
