/*
 * Text for terminals, of 80 columns unless they say otherwise.
 */
#ifndef CPGW_CLI_WRAP_H
#define CPGW_CLI_WRAP_H

#include "core/buffer.h"

#define COLUMNS 80

/* Adds a paragraph whose lines begin at column `from`; `at` is where the first one already stands. */
void wrap_add(struct buffer *out, size_t at, size_t from, const char *text);
/* The same where there are so many columns. */
void wrap_add_within(struct buffer *out, size_t columns, size_t at, size_t from, const char *text);

#endif
