/*
 * Scenario files with mistakes, and the reports that they are to get.
 */
#ifndef CPGW_TESTS_BAD_FILE_H
#define CPGW_TESTS_BAD_FILE_H

#include "support/small_machine.h"

struct bad {
	const char *top;    /* "top.json", with ' for " */
	const char *report; /* "file:line:column: message (nearest name)", one a line */
	struct {
		const char *name;
		const char *text;
	} files[2]; /* what the small machine has besides */
};

/* Loads each and fails where the report is another. */
void expect_reports(const struct bad *bad, size_t count);

#define EXPECT_REPORTS(bad) expect_reports(bad, sizeof(bad) / sizeof *(bad))

#endif
