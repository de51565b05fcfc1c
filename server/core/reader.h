/*
 * From a JSON tree to C, with every problem reported at its place. A table of fields says what an object may hold;
 * reader_object() checks it whole, and what it let pass can be taken without another look at types.
 */
#ifndef CPGW_CORE_READER_H
#define CPGW_CORE_READER_H

#include "core/arena.h"
#include "core/json.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum field_type {
	FIELD_TEXT = 1,
	FIELD_NUMBER = 2,
	FIELD_BOOL = 4,
	FIELD_OBJECT = 8,
	FIELD_LIST = 16,
	FIELD_NULL = 32,
	FIELD_ANY = 63,
};

struct field {
	const char *name;
	unsigned types; /* enum field_type, or-ed */
	bool required;
};

struct reader {
	const struct json_places *places;
	struct problems *problems;
	struct arena *arena;
};

/* Adds a problem at a value, or at a member's name. */
void reader_problem(const struct reader *reader, const cJSON *item, const char *nearest, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
void reader_key_problem(const struct reader *reader, const cJSON *item, const char *nearest, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* True when `item` is an object with all required members, each of a right type; unknown members are problems too. "evidence" and
 * "note", texts both, are welcome everywhere. `what` is "a state", "a timer" …; `fields` ends with a NULL name. */
bool reader_object(const struct reader *reader, const cJSON *item, const char *what, const struct field *fields);

/* True when `item` has one of the types; else a problem that says what was wanted. */
bool reader_type(const struct reader *reader, const cJSON *item, const char *what, unsigned types);

/* Members of a checked object. Texts belong to the tree; reader_copy() puts one into the arena. */
const char *reader_text(const cJSON *object, const char *name); /* NULL when it is not there */
bool reader_flag(const cJSON *object, const char *name, bool otherwise);
/* One that has two names, NULL when it is not there: both at once are a problem. */
const cJSON *reader_either(const struct reader *reader, const cJSON *object, const char *name, const char *other);
const char *reader_copy(const struct reader *reader, const char *text);

/* A whole number between two bounds; a problem and `false` otherwise. */
bool reader_integer(const struct reader *reader, const cJSON *item, const char *what, int64_t least, int64_t most,
                    int64_t *result);

/* A member's name: lower-case letters, digits, "_", "-" and ".", at most NAME_LENGTH_MAX; a problem at the key
 * otherwise. */
bool reader_name(const struct reader *reader, const cJSON *item, const char *what);

/* The same of a text that is a name: a problem at the text. */
bool reader_text_name(const struct reader *reader, const cJSON *text, const char *what);
bool reader_is_name(const char *text);

/* RFC 9110 section 5.6.2: what the name of a header is. */
bool reader_is_token(const char *text);

/* A duration of at least `least_ms`. */
bool reader_duration(const struct reader *reader, const cJSON *item, int64_t least_ms, int64_t *ms);

#endif
