/*
 * One request to the control API and its answer, between the HTTP front (control.c) and the handlers (do_….c).
 *
 * A handler looks at what was asked, and either fills the answer or begins a wait (wait.h). It never blocks.
 */
#ifndef CPGW_CONTROL_CALL_H
#define CPGW_CONTROL_CALL_H

#include "control/control.h"
#include "core/buffer.h"
#include "core/json.h"
#include "core/message.h"
#include "core/names.h"

#include <microhttpd.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct control_route;
struct wait;

#define TYPE_JSON "application/json"
#define TYPE_PROBLEM "application/problem+json"
#define TYPE_TEXT "text/plain; charset=utf-8"
#define TYPE_HTML "text/html; charset=utf-8"
#define TYPE_METRICS "text/plain; version=0.0.4; charset=utf-8"
#define TYPE_PEM "application/x-pem-file"

struct call {
	struct control *control;
	const struct control_options *options;
	struct MHD_Connection *connection;
	const struct control_route *route;
	struct entry *entry; /* the gateway that is meant; may go while the call waits: wait.h */
	enum http_method method;
	struct span path;      /* raw, without the query */
	struct span query;     /* raw, without the "?" */
	struct span parameter; /* what stands for {…} in the route's path, raw */
	struct buffer body;    /* what came */
	bool body_too_large;
	bool ends_connection; /* with the answer: where the next call begins is not known */
	bool has_begun;

	struct wait *wait; /* while it waits */

	int status; /* of the answer; 0: there is none yet */
	const char *type;
	struct buffer answer;
	const char *allow;      /* value of an Allow header, or NULL */
	struct buffer location; /* value of a Location header, or empty */
	char target[];          /* as it came: path and query point into it */
};

/* ---- answers ---- */

/* The whole answer at once. */
void call_answer_text(struct call *call, int status, const char *type, const char *text);
/* Begins a JSON answer: the handler goes on to fill call->answer. */
struct buffer *call_answer_json(struct call *call, int status);
/* An application/problem+json answer: one sentence. */
void call_problem(struct call *call, int status, const char *format, ...) __attribute__((format(printf, 3, 4)));
/* The same about a name that nothing has: `what` such as "there is no state", the name, and the nearest if one is near. */
void call_unknown(struct call *call, int status, const char *what, const char *name, const struct nearest *nearest);
/* The same with a text of any length. */
void call_long_problem(struct call *call, int status, const char *detail);
/* The same with another member: what is in `json`. */
void call_problem_with(struct call *call, int status, const char *detail, const char *member,
                       const struct buffer *json);
/* The same with a list of problems that have places, in "errors". */
void call_problems(struct call *call, int status, const char *detail, const struct problems *problems);

/* ---- what was asked ---- */

/* A value of the query, percent-decoded into `value`, and when it is there several times all of them with commas between;
 * false when it is not there. */
bool call_argument(const struct call *call, const char *name, struct buffer *value);
/* A whole number or a duration of the query, or `otherwise` when it is not there. False, and the answer is a problem, when it
 * is no such thing or out of bounds. */
bool call_integer(struct call *call, const char *name, int64_t least, int64_t most, int64_t otherwise, int64_t *value);
bool call_duration(struct call *call, const char *name, int64_t most_ms, int64_t otherwise_ms, int64_t *value_ms);

/* True when the query has only what the route's table lists; else the answer is a problem. */
bool call_arguments_known(struct call *call);
/* Nothing, or an empty object, as some clients send when they have nothing to say. */
bool call_body_is_empty(const struct call *call);

/* The body as JSON. One of no bytes gives NULL and true where that is allowed; false, and the answer is a problem, when it
 * is no JSON. To be ended in any case. */
struct call_json {
	cJSON *tree;
	struct json_places places;
	struct problems problems; /* for a reader */
};
bool call_json_begin(struct call *call, bool may_be_empty, struct call_json *json);
/* True when there was no problem since; else they are the answer. */
bool call_json_passed(struct call *call, const struct call_json *json);
void call_json_end(struct call_json *json);

#endif
