/*
 * A pattern that requests in the journal are held against: what tests ask for, count and wait for.
 *
 *   {"method": "POST", "endpoint": "tickle", "status": 200, "headers": {"User-Agent": {"contains": "ibind"}}}
 *
 * Every member must fit; one that is left out fits always.
 *
 *   method           a method, or a list: any of these; "ANY" is no condition
 *   url              the target as it was sent, its query included
 *   url_path         the target without its query
 *   url_path_prefix  what that begins with
 *   url_path_glob    that, where "*" stands for any number of characters
 *   endpoint         the machine's name for it, "@group" for all of a group, or a list: any of these
 *   state            a state that was active when it came, or a list: any of these
 *   status           the status that it was answered with, or "never"
 *   matched          false: none of the machine's own endpoints was meant
 *   headers          name, in any case: a text that a value equals, or {"equals": t}, {"contains": t}, {"absent": true}
 *   body             a text that it equals, or {"equals": t}, {"contains": t}, {"json": value}, {"absent": true}; JSON is
 *                    equal whatever the order of members
 *   from, to         instants of the gateway's clock: not before the one, and before the other
 *   since            the id of the first record that counts: query_first() says where to begin
 *
 * WireMock's and MockServer's words are understood too: urlPath, urlPathPrefix, equalTo, equalToJson (its text is parsed).
 * There are no regular expressions: some never end.
 *
 * The journal keeps requests without their secrets, and cut where they are long (journal.h): a pattern sees what the
 * journal keeps. What would need the rest does not fit, and query_explain() says so.
 */
#ifndef CPGW_CORE_QUERY_H
#define CPGW_CORE_QUERY_H

#include "core/emulator.h"
#include "core/reader.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum text_match { TEXT_ANY, TEXT_EQUALS, TEXT_CONTAINS, TEXT_ABSENT, TEXT_JSON };

struct text_pattern {
	enum text_match how;
	const char *text;  /* TEXT_EQUALS, TEXT_CONTAINS; TEXT_JSON when it was given as a text */
	const cJSON *json; /* TEXT_JSON otherwise */
};

struct header_pattern {
	const char *name;
	struct text_pattern value;
};

/* Points into the tree that it was read from. */
struct query {
	uint32_t methods; /* one bit each; 0: any */
	const char *url;  /* this and its kin: NULL fits */
	const char *url_path;
	const char *url_path_prefix;
	const char *url_path_glob;
	bool has_endpoints;
	struct endpoint_set endpoints;
	uint64_t states; /* one bit each; 0: any */
	bool has_status;
	int status; /* 0: never */
	enum tristate matched;
	struct header_pattern headers[QUERY_HEADERS_MAX];
	size_t header_count;
	struct text_pattern body;
	int64_t from_ms; /* 0: no bound */
	int64_t to_ms;   /* INT64_MAX: no bound */
	uint64_t since;  /* a record's number */
};

/* Reads a pattern from an object; NULL fits every request. False when something is wrong: the problems have been added. */
bool query_read(const struct reader *reader, const struct machine *machine, const cJSON *item, struct query *query);

/* The number of the first record that is still kept and may count. */
uint64_t query_first(const struct query *query, const struct journal *journal);

/* False for records that are no requests. Does not look at `since`. */
bool query_matches(const struct query *query, const struct emulator *emulator, const struct record *record);

/* How many members of the pattern do not fit a request, and, into `out` unless it is NULL, each of them in words: "method:
 * wanted GET, was POST; status: …". What came from clients is escaped and shortened there. */
size_t query_explain(const struct query *query, const struct emulator *emulator, const struct record *record,
                     struct buffer *out);

#endif
