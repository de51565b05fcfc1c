/*
 * The lines in which two texts differ, as `diff -u` shows them.
 */
#ifndef CPGW_TESTS_DIFF_H
#define CPGW_TESTS_DIFF_H

#include "core/buffer.h"

/* Appends the differences; returns the first line of `before` that differs, counted from 1, or 0 when none does. */
size_t diff_add(const char *before, const char *after, struct buffer *out);

#endif
