/*
 * A growing byte buffer with a ceiling. `data` is always terminated with a zero byte that `length` does not count.
 * When the ceiling or the machine's memory is reached the buffer keeps what it has and remembers: check
 * buffer_failed() once, at the end.
 */
#ifndef CPGW_CORE_BUFFER_H
#define CPGW_CORE_BUFFER_H

#include "core/limits.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <strings.h>

struct buffer {
	char *data; /* owned; NULL until something is added */
	size_t length;
	size_t capacity;
	size_t size_max; /* 0 means BUFFER_SIZE_MAX */
	bool failed;
};

/* A view of bytes that somebody else owns. */
struct span {
	const char *at;
	size_t length;
};

/* A span over a string literal or zero-terminated string. */
struct span span_of(const char *text);
bool span_equals(struct span span, const char *text);
bool span_starts_with(struct span span, const char *prefix);
/* Likewise, letters in any case: names of headers, of hosts. Inline, so that the length of a literal costs nothing. */
static inline bool span_equals_any_case(struct span span, const char *text)
{
	return span.length == strlen(text) && strncasecmp(span.at, text, span.length) == 0;
}

/* What a hex digit is worth; -1: it is none. */
int hex_value(char c);

void buffer_release(struct buffer *buffer); /* frees; the buffer may be used again */
void buffer_clear(struct buffer *buffer);   /* empties, keeps the memory */

void buffer_add(struct buffer *buffer, const void *bytes, size_t length);
void buffer_add_text(struct buffer *buffer, const char *text);
void buffer_add_int(struct buffer *buffer, int64_t value);
void buffer_add_format(struct buffer *buffer, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Adds `text` as the inside of a JSON string: escaped, without the quotes. */
void buffer_add_json_text(struct buffer *buffer, const char *text, size_t length);
/* The same with the quotes. */
void buffer_add_quoted(struct buffer *buffer, const char *text, size_t length);
/* Appends a member of an object, "name":"text"; NULL becomes null. */
void buffer_add_member(struct buffer *buffer, const char *name, const char *text);

bool buffer_failed(const struct buffer *buffer);

#endif
