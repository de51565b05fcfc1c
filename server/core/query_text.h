/*
 * A pattern as the query of a URL: "endpoint=tickle&method=POST&status=200&since=12". It becomes the JSON that means the
 * same, so that there is one reader for both, and one kind of message.
 *
 * It has the members of query.h but for headers; several values of method, endpoint and state are given one by one,
 * "state=fresh&state=sso_only", or with commas between them.
 */
#ifndef CPGW_CORE_QUERY_TEXT_H
#define CPGW_CORE_QUERY_TEXT_H

#include "core/buffer.h"
#include "core/error.h"

#include <stdbool.h>

/* Appends a name or value as it was meant: "%20" and "+" are blanks. False when there is an escape that is none, or one for a
 * zero byte; what has been appended so far is of no use then. */
bool query_text_decode(struct span text, struct buffer *out);

/* Appends the object. `others`, a NULL after the last, are names that mean something else to the caller: they are passed
 * over. False when a name is unknown or comes twice, or an escape is no escape: the problems have been added, and the
 * object is not to be used. */
bool query_text_to_json(struct span text, const char *const *others, struct buffer *json, struct problems *problems);

#endif
