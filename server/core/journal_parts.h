/*
 * What the parts of the journal say to each other: journal.c has the records and what gives way, journal_text.c what they
 * say. Nobody else includes this.
 */
#ifndef CPGW_CORE_JOURNAL_PARTS_H
#define CPGW_CORE_JOURNAL_PARTS_H

#include "core/journal.h"

#include <stddef.h>
#include <stdint.h>

/* Records of one segment. Few, so that little is taken for a journal of few, and little is given up at once. */
#define SEGMENT_RECORDS 64
/* What a segment's text takes at first; and at the most, so that 16 bits tell a place in it. */
#define TEXT_FIRST 256
#define TEXT_MOST 65536
/* The longest text of one record. */
#define RECORD_TEXT_MAX (JOURNAL_TARGET_MAX + JOURNAL_HEADERS_MAX + JOURNAL_BODY_MAX)

struct segment {
	struct segment *next, *previous;
	uint64_t first; /* number of its first record */
	char *text;     /* owned */
	uint32_t text_size;
	uint32_t text_used;
	uint8_t begin; /* place of the oldest that has not given way */
	uint8_t end;
	struct record records[SEGMENT_RECORDS];
};

_Static_assert(sizeof(struct record) <= 80, "a test's gateway keeps hundreds of them in 64 KiB");
_Static_assert(SEGMENT_RECORDS <= UINT8_MAX, "a place has 8 bits");

/* Makes room for so many bytes more, as far as there is any to be made: a segment that is being written does not give way. */
void journal_make_room(struct journal *journal, size_t bytes);

#endif
