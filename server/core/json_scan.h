/*
 * The scanner of json.c: RFC 8259, plus "//" comments, and nothing that it does not say. One pass checks the grammar,
 * notes the place of each value, and makes cJSON's tree of them.
 */
#ifndef CPGW_CORE_JSON_SCAN_H
#define CPGW_CORE_JSON_SCAN_H

#include "core/json.h"

/* `text` is the arena's, with a zero behind its `length` bytes; it is used up: the tree's texts are in it. NULL when
 * anything was wrong: the problem has been added. */
cJSON *json_scan(struct json_places *places, const struct json_document *document, char *text, size_t length,
                 struct problems *problems);

#endif
