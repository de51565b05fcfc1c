/*
 * How the commands speak to whoever called them: results on standard output, complaints on standard error.
 */
#ifndef CPGW_CLI_SAY_H
#define CPGW_CLI_SAY_H

#include "cli/exit_code.h"
#include "core/buffer.h"
#include "core/error.h"

/* Writes all of it to standard output. When that cannot be done, complains: a result that nobody got is a failure. */
enum exit_code say_result(const struct buffer *result);

/* "cpgw-mock: SENTENCE"; returns `code`. */
enum exit_code say_error(enum exit_code code, const struct error *error);

/* The same, with where to read more; `command` NULL: about the program itself. Returns EXIT_USAGE. */
enum exit_code say_usage(const char *command, const struct error *error);

#endif
