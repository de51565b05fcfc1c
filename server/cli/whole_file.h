/*
 * A file that appears by rename, whole. It is written beside its place, so that a folder that is missing is found before
 * the work that it is to tell of.
 *
 *   whole_file_open → whole_file_write → whole_file_close
 */
#ifndef CPGW_CLI_WHOLE_FILE_H
#define CPGW_CLI_WHOLE_FILE_H

#include "core/buffer.h"
#include "core/error.h"

#include <stdbool.h>

struct whole_file {
	const char *path;     /* not owned; NULL: none is wanted */
	struct buffer beside; /* where it is written; empty once it has its name */
	int fd;
};

/* With a path of NULL there is nothing to do, here and later. */
bool whole_file_open(struct whole_file *file, const char *path, struct error *error);
/* Writes all of it, and gives it its name. */
bool whole_file_write(struct whole_file *file, const struct buffer *text, struct error *error);
/* Takes away what was not written to its end. */
void whole_file_close(struct whole_file *file);

#endif
