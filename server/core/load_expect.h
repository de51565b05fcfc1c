/*
 * One expectation while it is being loaded: shared by the load_expect….c files and by nothing else.
 */
#ifndef CPGW_CORE_LOAD_EXPECT_H
#define CPGW_CORE_LOAD_EXPECT_H

#include "core/loading.h"

/* load_expect_members.c */
/* The row of the one subject that an expectation has; -1, and a problem. */
int find_expect_subject(struct loading *loading, const cJSON *item);
/* Whether its members go together; each that does not is a problem. */
bool expect_members_fit(struct loading *loading, const cJSON *item, int subject);

/* load_expect_names.c */
/* Endpoints and "@groups", one or a list. */
bool load_expect_calls(struct loading *loading, const cJSON *names, struct endpoint_set *set);
bool load_expect_events(struct loading *loading, const cJSON *names, struct event_set *set);
/* Topics of the websocket's messages, one or a list: one bit each. */
uint64_t load_expect_topics(struct loading *loading, const cJSON *names);
/* "a", "a or b", "a, b or c" */
const char *names_in_words(struct loading *loading, const cJSON *names);
/* The same of states: "a or b" of one region, "and" between regions. */
const char *states_in_words(struct loading *loading, const cJSON *names);
/* The text, for as long as the machine is there; the buffer is released. */
const char *expect_text(struct loading *loading, struct buffer *text);

/* load_expect_subject.c */
void load_expect_subject(struct loading *loading, const cJSON *item, struct expectation *expectation);

/* load_expect_words.c: once all the rest is loaded */
const char *expectation_in_words(struct loading *loading, const cJSON *item, const struct expectation *expectation);

#endif
