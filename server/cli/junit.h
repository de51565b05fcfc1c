/*
 * What was expected of the clients and what came of it, as JUnit XML: the form that CI systems show. A testsuite is a
 * gateway, a testcase an expectation; one more has the calls that nothing was meant for.
 *
 *   junit_open → junit_add_gateway… → junit_write → junit_close
 *
 * The file appears by rename, whole. Opening writes beside it, so that a folder that is missing is found before the
 * command runs.
 */
#ifndef CPGW_CLI_JUNIT_H
#define CPGW_CLI_JUNIT_H

#include "cli/whole_file.h"
#include "control/registry.h"
#include "core/buffer.h"
#include "core/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct junit {
	struct whole_file file; /* without a path: none is wanted */
	bool strict;            /* warnings are failures */
	struct buffer suites;
	size_t tests;
	size_t failures;
	size_t skipped;
};

struct junit_case {
	const char *class_name; /* behind "cpgw-mock." */
	const char *name;
	int64_t took_ms;
	const char *skipped; /* why it does not count, or NULL; goes before `failed` */
	const char *failed;  /* how it failed in a sentence, or NULL */
	const char *type;    /* of the failure */
	const char *details; /* lines; "" when there are none */
};

struct junit_suite {
	struct buffer properties;
	struct buffer cases;
	size_t tests;
	size_t failures;
	size_t skipped;
};

bool junit_open(struct junit *junit, const char *path, bool strict, struct error *error);
/* Adds what was judged: gateway_conclude() goes before. `unmatched` says which calls nothing was meant for; empty when
 * there were none. */
void junit_add_gateway(struct junit *junit, const struct entry *entry, const struct buffer *unmatched);
bool junit_write(struct junit *junit, struct error *error);
/* Takes away what was not written to its end. */
void junit_close(struct junit *junit);

/* A testsuite of one's own: property, testcase …, and then the whole, which is taken over. */
void junit_suite_add_property(struct junit_suite *suite, const char *name, const char *value);
void junit_suite_add(struct junit_suite *suite, const struct junit_case *one);
void junit_add_suite(struct junit *junit, const char *name, struct junit_suite *suite);

/* Appends text that may come from anybody as XML text or as the inside of an attribute. What XML cannot have, not even
 * escaped, is "\x" and two digits. */
void junit_add_escaped(struct buffer *out, const char *text, size_t length);

#endif
