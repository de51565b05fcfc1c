/*
 * The authorities that a client is to trust while it talks to us: those of the system, and ours. Most clients know one
 * file only; with ours alone in it they could not reach anything else any more.
 */
#ifndef CPGW_CLI_CA_BUNDLE_H
#define CPGW_CLI_CA_BUNDLE_H

#include "core/buffer.h"
#include "core/error.h"

#include <stdbool.h>

struct ca_bundle {
	struct buffer folder; /* temporary, 0700 */
	struct buffer file;
};

/* Writes the bundle. `authority_file` is ours, or NULL: there is none that we know. */
bool ca_bundle_make(struct ca_bundle *bundle, const char *authority_file, struct error *error);
/* Removes it. Works on a zeroed one. */
void ca_bundle_remove(struct ca_bundle *bundle);

#endif
