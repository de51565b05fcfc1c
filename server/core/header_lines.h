/*
 * Changes to header lines, "Name: value\r\n" each, in the order in which they leave.
 */
#ifndef CPGW_CORE_HEADER_LINES_H
#define CPGW_CORE_HEADER_LINES_H

#include "core/buffer.h"

#include <stdbool.h>

bool header_lines_have(const struct buffer *lines, const char *name);
/* All of that name, in any case. */
void header_lines_remove(struct buffer *lines, const char *name);
/* In the place of the first of that name, else at the end. */
void header_lines_set(struct buffer *lines, const char *name, const char *value);

#endif
