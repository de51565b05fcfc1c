/*
 * JSON that clients send, and whether it says the same as some other.
 */
#ifndef CPGW_CORE_SAME_JSON_H
#define CPGW_CORE_SAME_JSON_H

#include "core/buffer.h"

#include <cjson/cJSON.h>
#include <stdbool.h>

/* NULL unless the whole of it is JSON. The caller deletes the tree. */
cJSON *parse_json(struct span text);

/* Equal values, whatever the order of members. In an object that has a name twice, each of these counts. The time it takes
 * grows with the size alone: cJSON_Compare() looks at each member twice, at theirs four times, and so on, and a deep body
 * would keep it busy for ever. */
bool is_same_json(const cJSON *a, const cJSON *b);

/* Whether `whole` has all of `part`: in objects there may be more members than in those of `part`, everything else is equal. */
bool has_same_json(const cJSON *whole, const cJSON *part);

#endif
