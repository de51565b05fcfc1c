/*
 * A pattern that records of the journal are held against: what tests ask for, count and wait for. It is about requests,
 *
 *   {"method": "POST", "endpoint": "tickle", "status": 200, "headers": {"User-Agent": {"contains": "ibind"}}}
 *
 * unless it names frames, websockets or logins:
 *
 *   {"frame": "tic"}    {"stream": "closed", "text": {"contains": "code 1000"}}    {"login": "login_refused"}
 *
 * Every member must fit; one that is left out fits always. Of requests:
 *
 *   method           a method, or a list: any of these; "ANY" is no condition
 *   url              the target as it was sent, its query included
 *   url_path         the target without its query
 *   url_path_prefix  what that begins with
 *   url_path_glob    that, where "*" stands for any number of characters
 *   endpoint         the machine's name for it, "@group" for all of a group, or a list: any of these
 *   status           the status that it was answered with, or "never"
 *   matched          false: none of the machine's own endpoints was meant
 *   headers          name, in any case: a text that a value equals, or {"equals": t}, {"contains": t}, {"absent": true}
 *   body             a text that it equals, or {"equals": t}, {"contains": t}, {"json": value}, {"has": value}, {"absent":
 *                    true}; JSON is equal whatever the order of members, and has a value when the objects of that are
 *                    there, whatever else they hold
 *
 * Of the others:
 *
 *   frame            messages of websockets by their topic, a list: any of these, "*": of any or none. As in expectations they
 *                    are the client's; what is known is websocket.h's affair
 *   direction        "in": the client's, "out": the gateway's, or both as a list
 *   stream           what became of a websocket: "opened", "closed", "dropped" (it did not read), a list, or "*"
 *   login            what somebody who tried to log in came to: an event, a list, or "*"
 *   text             as `body`: what the frame says; the target that was opened, why it was closed; who tried
 *   number           the stream's, counted from 1, of frames and streams
 *
 * And of all:
 *
 *   state            a state that was active when it came, or a list: any of these
 *   from, to         instants of the gateway's clock: not before the one, and before the other
 *   since            the id of the first record that counts: query_first() says where to begin
 *
 * WireMock's and MockServer's words are understood too: urlPath, urlPathPrefix, equalTo, equalToJson (its text is parsed).
 * There are no regular expressions: some never end.
 *
 * The journal keeps all of that without its secrets, and cut where they are long (journal.h): a pattern sees what the
 * journal keeps. What would need the rest does not fit, and query_explain() says so.
 */
#ifndef CPGW_CORE_QUERY_H
#define CPGW_CORE_QUERY_H

#include "core/emulator.h"
#include "core/reader.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum text_match { TEXT_ANY, TEXT_EQUALS, TEXT_CONTAINS, TEXT_ABSENT, TEXT_JSON, TEXT_HAS };

struct text_pattern {
	enum text_match how;
	const char *text;  /* TEXT_EQUALS, TEXT_CONTAINS; TEXT_JSON when it was given as a text */
	const cJSON *json; /* TEXT_JSON otherwise, TEXT_HAS */
};

struct header_pattern {
	const char *name;
	struct text_pattern value;
};

/* Points into the tree that it was read from. */
struct query {
	enum record_kind about; /* RECORD_REQUEST, RECORD_FRAME, RECORD_STREAM or RECORD_LOGIN */
	const cJSON *names;     /* topics, or names of records: one or a list; NULL: any */
	bool out;               /* RECORD_FRAME: the gateway's count */
	bool in;                /* and the client's */
	uint32_t number;        /* the stream's; 0: any */
	uint32_t methods;       /* one bit each; 0: any */
	const char *url;        /* this and its kin: NULL fits */
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
	struct text_pattern body; /* or `text` */
	int64_t from_ms;          /* 0: no bound */
	int64_t to_ms;            /* INT64_MAX: no bound */
	uint64_t since;           /* a record's number */
};

/* "request", "frame" …: what it is about. */
const char *query_noun(const struct query *query);

/* Reads a pattern from an object; NULL fits every request. False when something is wrong: the problems have been added. */
bool query_read(const struct reader *reader, const struct machine *machine, const cJSON *item, struct query *query);

/* The number of the first record that is still kept and may count. */
uint64_t query_first(const struct query *query, const struct journal *journal);

/* How many records from `since` on the journal has no more, of those that it could have been about. */
uint64_t query_lost(const struct query *query, const struct journal *journal);

/* Whether a record is of the kind that the pattern is about, frames in its direction: only such a one can come near it. */
bool query_is_about(const struct query *query, const struct record *record);

/* False for records of another kind. Does not look at `since`. */
bool query_matches(const struct query *query, const struct emulator *emulator, const struct record *record);

/* How many members of the pattern do not fit a record (another kind is one), and, into `out` unless it is NULL, each of them in words: "method:
 * wanted GET, was POST; status: …". What came from clients is escaped and shortened there. */
size_t query_explain(const struct query *query, const struct emulator *emulator, const struct record *record,
                     struct buffer *out);

#endif
