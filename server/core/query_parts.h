/*
 * What the parts of a pattern say to each other: query.c holds requests against it, query_said.c frames, websockets and logins.
 * Nobody but these includes this.
 */
#ifndef CPGW_CORE_QUERY_PARTS_H
#define CPGW_CORE_QUERY_PARTS_H

#include "core/query.h"

/* What does not fit, and in words. */
struct explaining {
	struct buffer *out; /* NULL: nobody reads it */
	size_t count;
};

/* "name: wanted …", for the caller to go on with if somebody reads it. */
void query_begin_misfit(struct explaining *explaining, const char *what);
/* "what: wanted …, was …" */
void query_misfit(struct explaining *explaining, const char *what, const char *wanted, struct span found);

/* "this or that or 3 more" */
struct alternatives {
	struct buffer *out;
	size_t count;
};
void query_add_alternative(struct alternatives *alternatives, const char *name);
void query_end_alternatives(const struct alternatives *alternatives);

/* `text.at` is NULL when there is none. */
bool query_fits_text(const struct text_pattern *pattern, struct span text, bool is_cut);
void query_explain_text(struct explaining *explaining, const char *what, const struct text_pattern *pattern,
                        struct span text, bool is_cut);

/* Of frames, websockets and logins: what it is called and which way it went; what it says. */
void query_explain_name(struct explaining *explaining, const struct query *query, const struct emulator *emulator,
                        const struct record *record);
void query_explain_said(struct explaining *explaining, const struct query *query, const struct emulator *emulator,
                        const struct record *record);

#endif
