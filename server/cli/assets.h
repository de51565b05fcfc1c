/*
 * The files that travel inside the binary: all scenarios and fixtures, byte for byte. The build makes the table
 * (assets.cmake), sorted by name as strcmp() has it.
 */
#ifndef CPGW_CLI_ASSETS_H
#define CPGW_CLI_ASSETS_H

#include <stddef.h>

struct asset {
	const char *name; /* path in the repository: "scenarios/gateway.json" */
	const char *data; /* zero-terminated */
	size_t size;      /* without that zero */
};

extern const struct asset assets[];
extern const size_t asset_count;

#endif
