/*
 * A file that tells others the port: the number and a newline. It appears by rename, so whoever finds it finds all of
 * it, and only after the port is listened on.
 *
 *   port_file_prepare → port_file_publish → port_file_remove
 *
 * Preparing writes beside the file, so that what would go wrong (no such folder, no right, a full disk) goes wrong
 * before anything listens. A file that is there already, such as one that a killed process has left, is replaced; what
 * is no file (a device, a folder) is not.
 */
#ifndef CPGW_CLI_PORT_FILE_H
#define CPGW_CLI_PORT_FILE_H

#include "core/error.h"

#include <stdbool.h>
#include <stdint.h>

struct port_file {
	const char *path; /* not owned; outlives it. NULL: there is none */
	char *beside;     /* owned: where it is written; NULL once it has its name */
	int fd;           /* kept, so that the file's identity is not given to another */
};

bool port_file_prepare(const char *path, struct port_file *file, struct error *error);
bool port_file_publish(struct port_file *file, uint16_t port, struct error *error);
/* Takes away what it has made, unless somebody has replaced it since. Works on a zeroed one. */
void port_file_remove(struct port_file *file);

enum port_file_result { PORT_FILE_FINE, PORT_FILE_ABSENT, PORT_FILE_BAD };

/* For who waits for one. PORT_FILE_BAD: it cannot be read, or is no port; the sentence says which. */
enum port_file_result port_file_read(const char *path, uint16_t *port, struct error *error);

#endif
