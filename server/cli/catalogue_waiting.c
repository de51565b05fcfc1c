#include "cli/catalogue_waiting.h"

#include "core/catalogue.h"

const struct waiting catalogue_waiting[] = {
	{ "GW-012-second-host-unbound", "session", "one host is logged in, another at the same gateway is not",
	  "answers by the client's address" },
	{ 0 },
};

void catalogue_waits(const char *name, struct error *why)
{
	for (const struct waiting *row = catalogue_waiting; row->name; row++)
		if (catalogue_is_called(row->name, name))
			error_set(why, "%s is known, but cannot be played yet: it needs %s", row->name, row->waits_for);
}
