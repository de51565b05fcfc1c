/*
 * Calls to the control API of a cpgw-mock that runs: one connection each, over plain HTTP/1.1.
 */
#ifndef CPGW_CLI_ADMIN_CLIENT_H
#define CPGW_CLI_ADMIN_CLIENT_H

#include "cli/options.h"
#include "core/buffer.h"
#include "core/error.h"

#include <stdbool.h>
#include <stdint.h>

/* Whom to call. */
struct admin {
	char host[64]; /* a name or a numeric address */
	char port[8];
	struct buffer prefix; /* "/__admin", or that of a gateway that was named */
	const char *token;    /* or NULL */
};

/*
 * Finds it: --admin-url; else the file beside --port-file; else the port that serve takes by itself. False with a
 * sentence when what was given is no good.
 */
bool admin_find(const struct options *options, struct admin *admin, struct error *error);
void admin_release(struct admin *admin);

struct admin_reply {
	int status;
	struct buffer body;
};

/* One call; `path` comes behind the prefix, `body` is JSON or NULL, `accept` a media type or NULL. Waits for the answer for
 * `patience_ms` between two bytes. False with a sentence when there was no whole answer. */
bool admin_call(const struct admin *admin, const char *method, const char *path, const char *body, const char *accept,
                int64_t patience_ms, struct admin_reply *reply, struct error *error);
void admin_reply_release(struct admin_reply *reply);

/* Appends text as part of a URL: what is not a letter, digit or one of "-._~" is escaped. */
void admin_add_escaped(struct buffer *out, const char *text);

#endif
