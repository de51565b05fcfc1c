/*
 * Keeps secrets out of the journal: cookies, authorizations, passwords, one-time codes and tokens become asterisks, in
 * place, before anything is kept. Names and everything else stay as the client sent them.
 */
#ifndef CPGW_CORE_REDACT_H
#define CPGW_CORE_REDACT_H

#include "core/buffer.h"

#include <stdbool.h>
#include <stddef.h>

/* Whole header lines, "Name: value\r\n" each. */
void redact_headers(char *lines, size_t length);
/* A request target: the pairs of its query. */
void redact_query(char *target, size_t length);
/* A body: a form's pairs, the members of JSON, or, of whatever else it looks like, all behind a secret name. */
void redact_body(char *body, size_t length);

/* A message of a websocket: the same, and whatever looks like a session id. */
void redact_frame(char *message, size_t length);

/* How many bytes of `lines` are whole lines and no more than `most`. */
size_t redact_whole_lines(struct span lines, size_t most);

/* The next of several lines, without its CR LF; false when there are no more. */
bool header_line_next(struct span *rest, struct span *line);
/* Whether a line is that header, its name in any case; `value` is trimmed then. */
bool header_line_is(struct span line, const char *name, struct span *value);

#endif
