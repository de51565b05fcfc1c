/*
 * The catalogue's names: an id that is kept for ever, "GW-001", then a few words, "GW-001-tickle-no-session". The id
 * alone means the same.
 */
#ifndef CPGW_CORE_CATALOGUE_H
#define CPGW_CORE_CATALOGUE_H

#include <stdbool.h>
#include <stddef.h>

#define CATALOGUE_ID_MAX 12 /* bytes */

/* The length of the id that a name begins with; 0 when there is none. Two to eight capitals, "-", three digits. */
size_t catalogue_id_length(const char *name);

/* Whether `wanted` means the scenario of this name: it is the name, or the name's id. */
bool catalogue_is_called(const char *name, const char *wanted);

#endif
