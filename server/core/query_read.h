/*
 * What the parts that read patterns say to each other: query_read.c reads what is about requests and about all, query_read_said.c what
 * is about frames, websockets and logins, query_secret.c finds what the journal never has. Nobody but these includes this.
 */
#ifndef CPGW_CORE_QUERY_READ_H
#define CPGW_CORE_QUERY_READ_H

#include "core/query.h"

struct reading {
	const struct reader *reader;
	const struct machine *machine;
	struct query *query;
};

/* A text, or a list of some. */
void query_read_texts(const struct reading *reading, const cJSON *item, const char *what,
                      void (*read)(const struct reading *reading, const cJSON *item));
/* A text, or what else can be said of one; the journal keeps `most` bytes of it. */
void query_read_text(const struct reader *reader, const cJSON *item, const char *what, size_t most,
                     struct text_pattern *pattern);

/* What no record can have, since there are asterisks for it, is a mistake. */
void query_refuse_secrets(const struct reader *reader, const cJSON *pattern);

/* What a pattern is about, and its members that requests do not have. */
void query_read_said(const struct reading *reading, const cJSON *item);

#endif
