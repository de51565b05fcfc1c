/*
 * Errors: one sentence for a failure at run time, or a list of problems with their places for a file that was
 * read. A function fills one of them or succeeds; it never prints.
 */
#ifndef CPGW_CORE_ERROR_H
#define CPGW_CORE_ERROR_H

#include "core/buffer.h"
#include "core/limits.h"

#include <stdbool.h>
#include <stddef.h>

struct error {
	char text[512]; /* one sentence, no control characters; empty while all is well */
};

void error_set(struct error *error, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Where a value stands in a file. Lines and columns count from 1; columns count bytes. */
struct place {
	const char *file;   /* not owned: lives as long as the document set */
	const char *source; /* start of the file's text, for the caret line; may be NULL */
	int line;
	int column;
};

struct problem {
	char file[160];
	int line; /* 0: the problem has no place, only a file */
	int column;
	char message[320];                 /* what is wrong, what was wanted, what was found */
	char nearest[NAME_LENGTH_MAX + 1]; /* the nearest known name, or empty */
	char source_line[160];
	int caret; /* offset of the column within source_line, which may start later than the file's line */
};

struct problems {
	struct problem *items; /* owned */
	size_t count;          /* kept, at most PROBLEMS_MAX */
	size_t total;          /* found */
};

void problems_release(struct problems *problems);

/* Adds one problem; `nearest` may be NULL. */
void problems_add(struct problems *problems, const struct place *place, const char *nearest, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* Appends the report a person reads: file:line:column, the source line, a caret, the nearest name. */
void problems_render_text(const struct problems *problems, struct buffer *out);

/* Appends one JSON array of {"file","line","column","message","nearest"}. */
void problems_render_json(const struct problems *problems, struct buffer *out);

#endif
