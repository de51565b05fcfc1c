/*
 * Journal records in the answers of the control API.
 */
#ifndef CPGW_CONTROL_RECORDS_H
#define CPGW_CONTROL_RECORDS_H

#include "control/registry.h"
#include "core/buffer.h"

/* Appends "fired":[…],"fired_left_out":n: what has happened since the journal had `from` records, requests and clock moves left
 * out: when, what, from, to, why. */
void records_add_fired(const struct emulator *emulator, uint64_t from, struct buffer *out);

/* Which records an answer lists: those from number `since` on that `fits` likes, at most `limit`. */
struct record_listing {
	uint64_t since;
	size_t limit;
	bool requests_only; /* then timers that changed nothing are no loss */
	bool (*fits)(void *context, const struct emulator *emulator, uint64_t index, const struct record *record);
	void *context;
};

/* Appends "lost":n,"next":id,"left_out":n,NAME:[…]: how many records from `since` to `next` are no longer kept; from which id on to ask
 * next; how many that fit were beyond the limit. */
void records_add_list(const struct emulator *emulator, const struct record_listing *listing, const char *name,
                      struct buffer *out);

#endif
