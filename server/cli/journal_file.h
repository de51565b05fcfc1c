/*
 * `--journal FILE`: every record of every gateway, whole, as a line of JSON that begins with its gateway's name. The file
 * is appended to. It is a log (log.h), so it stops nobody: a full disk is told once, in the log for people, and what comes
 * meanwhile waits and is then dropped and counted.
 */
#ifndef CPGW_CLI_JOURNAL_FILE_H
#define CPGW_CLI_JOURNAL_FILE_H

#include "cli/log.h"

struct journal_file {
	struct log log;
	const char *path; /* not owned; NULL: there is none */
	struct log *complaints;
};

/* `complaints` hears what goes wrong later, and outlives it. */
bool journal_file_open(struct journal_file *file, const char *path, struct log *complaints, struct error *error);
/* Writes what is left. Works on a zeroed one. */
void journal_file_close(struct journal_file *file);

#endif
