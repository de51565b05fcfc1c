/*
 * What commands that call the control API have in common: one call after the other, and what is wrong with them.
 */
#ifndef CPGW_CLI_ASKING_H
#define CPGW_CLI_ASKING_H

#include "cli/admin_client.h"
#include "cli/exit_code.h"
#include "cli/options.h"

#include <cjson/cJSON.h>
#include <stdint.h>

/* How long an answer may take that waits for nothing. */
#define ASKING_PATIENCE_MS 10000

struct asking {
	struct admin admin;
	struct admin_reply reply;
	cJSON *tree; /* of the answer */
};

/* Finds the control API, or says why it cannot. To be released in any case. */
enum exit_code asking_begin(struct asking *asking, const struct options *options, const char *command);
void asking_release(struct asking *asking);

/* Makes one call. When all went well the answer is there; else it has been said why not. */
enum exit_code asking_call(struct asking *asking, const char *method, const char *path, const char *body,
                           int64_t patience_ms);

/* Says what the control API said is wrong. */
enum exit_code asking_refused(const struct admin_reply *reply);

/* Members of an answer's object: "" or 0 when it has none. */
const char *asking_text(const cJSON *object, const char *name);
double asking_number(const cJSON *object, const char *name);

/* Prints and releases a result. */
enum exit_code asking_print(struct buffer *text);

#endif
