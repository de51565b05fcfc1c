#include "core/catalogue.h"

#include <string.h>

#define CAPITALS_MIN 2
#define CAPITALS_MAX 8
#define DIGITS 3

size_t catalogue_id_length(const char *name)
{
	const size_t capitals = strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZ");

	if (capitals < CAPITALS_MIN || capitals > CAPITALS_MAX || name[capitals] != '-' ||
	    strspn(name + capitals + 1, "0123456789") != DIGITS)
		return 0;
	name += capitals + 1 + DIGITS;
	return *name == '\0' || *name == '-' ? capitals + 1 + DIGITS : 0;
}

bool catalogue_is_called(const char *name, const char *wanted)
{
	const size_t length = catalogue_id_length(name);

	return strcmp(name, wanted) == 0 ||
	       (length > 0 && strlen(wanted) == length && strncmp(name, wanted, length) == 0);
}
