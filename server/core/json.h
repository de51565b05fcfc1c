/*
 * A strict JSON reader that keeps places. What it makes are cJSON's trees, for cJSON lets much pass that a file for people
 * should not have (duplicate keys, "01", raw control characters, bad UTF-8) and knows no comments. Each value's
 * `valueint`, which this project never reads as a number, holds its index in a table of places.
 */
#ifndef CPGW_CORE_JSON_H
#define CPGW_CORE_JSON_H

#include "core/arena.h"
#include "core/error.h"

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stddef.h>

/* A bit of cJSON's `type`, above those that cJSON uses: this value has taken the place of one that it extends. */
#define JSON_OVERRIDES (1 << 16)
/* Another: a text that stays one, even if it looks like a duration, because what it extends is one. */
#define JSON_PLAIN_TEXT (1 << 17)

struct json_document {
	const char *file;
	const char *source;
};

struct json_place {
	const struct json_document *document;
	int line; /* of the value */
	int column;
	int key_line; /* of the member's name; the value's own place outside objects */
	int key_column;
};

/* Documents that were read into it: trees and places, which go all at once. Texts and file names given to json_read()
 * must outlive it: reports show the lines that problems stand on. */
struct json_places {
	struct arena *arena;      /* owned: the trees */
	struct json_place *items; /* owned */
	size_t count;
	size_t capacity;
};

void json_places_release(struct json_places *places);

/* Reads one document: `length` bytes, with a zero after them. NULL when anything was wrong: the problem has been added.
 * The tree goes with `places`: no part of it may be deleted, or added to a tree that is. */
cJSON *json_read(struct json_places *places, const char *file, const char *text, size_t length,
                 struct problems *problems);

/* Where a value of such a tree, or the name of a member, stands. */
struct place json_place_of(const struct json_places *places, const cJSON *item);
struct place json_key_place_of(const struct json_places *places, const cJSON *item);

/* "an object", "a text", "a number" …: what was found, for error sentences. */
const char *json_kind(const cJSON *item);

/* Exact-case look-up; NULL when there is no such member. */
cJSON *json_member(const cJSON *object, const char *name);

#endif
