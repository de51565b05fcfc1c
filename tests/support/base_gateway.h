/*
 * A gateway that runs one of the repository's own scenarios in virtual time, and clients' calls to it in one line each.
 */
#ifndef CPGW_TESTS_BASE_GATEWAY_H
#define CPGW_TESTS_BASE_GATEWAY_H

#include "core/emulator.h"
#include "core/json.h"

#include <cjson/cJSON.h>

struct base_gateway {
	struct machine machine;
	struct emulator emulator;
	struct reply reply;
};

/* Must succeed: else the program ends, and says why. `journal_size` 0: as many records as usual. */
void base_gateway_start(struct base_gateway *gateway, const char *scenario, uint32_t journal_size);
void base_gateway_stop(struct base_gateway *gateway);

/* One call from 127.0.0.1. `headers` are whole lines; NULL: an ordinary client's. What they say of a User-Agent and of lengths
 * counts. Returns its record. */
const struct record *base_gateway_ask(struct base_gateway *gateway, const char *method, const char *target,
                                      const char *headers, const char *body);
/* Lets an event happen. */
void base_gateway_raise(struct base_gateway *gateway, const char *event);

/* JSON with ' for ", and what a reader needs for it. */
struct quoted_json {
	char *text;
	struct json_places *places;
	struct problems *problems;
	cJSON *tree;
};

struct quoted_json quoted_json_read(const char *text);
void quoted_json_release(struct quoted_json *json);

/* Each problem as a line "line:column: message (nearest)". */
void problem_lines(const struct problems *problems, struct buffer *out);

#endif
