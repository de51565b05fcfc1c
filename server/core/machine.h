/*
 * The session machine as it runs: what scenario files say, compiled into tables of indexes. Constant once loaded, and
 * shared by all gateways that run it. scenario.h makes it; emulator.h runs it.
 *
 * The shape. A machine has regions that are active side by side (the session, the upstream's health, the pacing
 * box …); each region is in exactly one of its states. The order of the regions is their precedence: the first region
 * whose active state has an answer for an endpoint gives it, else the endpoint's own reply stands. One look-up per
 * region, whatever the file's size.
 *
 * A set of states, wherever one is named ("while"), holds when every region that it mentions is in one of the states
 * mentioned: any of, within a region; all of, across regions. Compiled, it is the mask of states that break it.
 */
#ifndef CPGW_CORE_MACHINE_H
#define CPGW_CORE_MACHINE_H

#include "core/buffer.h"
#include "core/limits.h"
#include "core/message.h"
#include "core/names.h"
#include "core/value.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define INDEX_NONE (-1)

struct fault;
struct account;
struct websocket;

struct state_set {
	uint64_t breaks; /* states that must not be active; 0 holds always */
};

/* A span of time: given outright, or the present value of a setting. */
struct amount {
	int16_t setting; /* INDEX_NONE: `ms` counts */
	int64_t ms;
};

/* What may be set is setting.h's affair. */
struct setting {
	const char *name;
	struct value value;       /* what a gateway starts with; later ones are of its kind */
	const char *const *words; /* all that a text may be, a NULL after the last; NULL: any text */
	int64_t least_ms;         /* of a duration: what timers ask of it */
	bool needed;              /* the core itself reads it: it never becomes null */
};

/* ---- templates ---- */

enum variable_kind {
	VARIABLE_NAMED,        /* shown by an active state, else the setting of that name */
	VARIABLE_REMAINING_MS, /* of a timer: until it fires, 0 when it does not run */
	VARIABLE_DEADLINE_MS,  /* of a timer: when it fires, since 1970 */
	VARIABLE_STARTED_MS,   /* of a timer: when it was last started afresh, since 1970 */
	VARIABLE_NOW_MS,
	VARIABLE_NOW_S,
	VARIABLE_HTTP_DATE,   /* "Sat, 25 Apr 2026 12:32:57 GMT" */
	VARIABLE_SESSION_ID,  /* 32 lower-case hex digits, the same for one session */
	VARIABLE_BODY_LENGTH, /* headers only */
	VARIABLE_DELAY_MS,    /* how long this answer is held back */
	VARIABLE_PATH,        /* the request's path as sent, without its query */
	VARIABLE_ACCEPT,      /* what a websocket's upgrade is accepted with */
	VARIABLE_LOGIN_USER,  /* who is logging in, as far as known: login.h */
	VARIABLE_LOGIN_PAPER, /* "checked" when it was in paper mode, as an attribute of HTML; else nothing */
	VARIABLE_WALL_MS,     /* the machine's time, where the caller tells it, else the gateway's */

	/* Of frames alone: */
	VARIABLE_TOPIC,         /* what the client's message begins with */
	VARIABLE_ARGUMENT,      /* and what comes after the first "+" */
	VARIABLE_NUMBER,        /* the same, as a number where it is one: a contract's id */
	VARIABLE_CHANGED_NAME,  /* what a delta tells of */
	VARIABLE_CHANGED_VALUE, /* and what it is now */
	VARIABLE_NOTICE,        /* the text of a notice that an action sends */
	VARIABLE_FRAME_ORDINAL, /* counts the frames that any stream was sent, from 1 */
};

struct variable {
	enum variable_kind kind;
	int16_t shown;   /* VARIABLE_NAMED: index among the names that states show, or INDEX_NONE */
	int16_t setting; /* VARIABLE_NAMED: index of a setting, or INDEX_NONE */
	int16_t timer;   /* VARIABLE_…_MS of a timer */
};

enum piece_form {
	PIECE_LITERAL, /* these bytes */
	PIECE_TYPED,   /* the variable as a JSON value: true, 12, "text", null */
	PIECE_INSIDE,  /* the variable's text, escaped, inside a JSON string */
	PIECE_PLAIN,   /* the variable's text as it is: headers and plain bodies */
	PIECE_HTML,    /* the same inside an HTML page or an attribute's value */
};

struct piece {
	enum piece_form form;
	struct span literal;
	struct variable variable;
};

struct text_template {
	const struct piece *pieces;
	size_t count;
	size_t size_most; /* no rendering has more bytes */
};

struct reply_template {
	const char *name;
	int status;
	const char *reason;
	enum framing framing;
	bool body_on_head;
	struct text_template headers; /* whole lines, CR LF included */
	struct text_template body;
};

/* ---- states ---- */

struct region {
	const char *name;
	uint8_t initial; /* index of a state */
	uint64_t states; /* one bit each */
};

struct state {
	const char *name;
	uint8_t region;
	bool quiet;                /* the log leaves it out: it is where a region beside the session usually is */
	const struct value *shows; /* one per shown name; VALUE_NONE where this state says nothing */
	int16_t stream_mode;       /* websocket.h; INDEX_NONE where this state says nothing */
};

/* Values that are shown while a setting, or what a state shows by its name, is a certain word. States come before them. */
struct variant {
	struct variable chooser;
	const char *const *words;    /* a NULL after the last */
	const struct value **values; /* by word, then by shown name */
};

struct transition {
	uint8_t to;
	struct state_set when;
};

struct transition_list {
	const struct transition *items;
	uint8_t count;
};

/* ---- endpoints ---- */

/* Requests that no path tells apart; an endpoint claims one with "match". The order is their precedence. */
enum special_match {
	MATCH_PATH,               /* the ordinary case */
	MATCH_WEBSOCKET,          /* an upgrade to a websocket, whatever its path */
	MATCH_WEBSOCKET_VERSION,  /* one of a version other than 13 */
	MATCH_PEER_FILTER_BROKEN, /* the address filter itself is invalid */
	MATCH_PEER_DENIED,        /* the address filter refuses the client */
	MATCH_PREFLIGHT,          /* CORS preflight */
	MATCH_MALFORMED_TARGET,   /* bad percent-escape, absolute form */
	MATCH_NO_USER_AGENT,      /* on a path that the upstream serves, under strict_http */
	MATCH_NO_CONTENT_LENGTH,  /* a POST or PUT, likewise */
	MATCH_WRONG_METHOD,       /* the path is known, the method is not */
	MATCH_UNKNOWN_PATH,       /* nothing else fits */
	MATCH_COUNT
};

struct endpoint {
	const char *name;
	const char *group; /* the leaf group it belongs to */
	enum special_match match;
	uint32_t methods;         /* one bit per enum http_method */
	bool proxied;             /* served by the upstream, not by the gateway itself */
	bool catch_all;           /* for what no other endpoint serves: nobody means it */
	uint64_t limits;          /* rate limits that its calls may fall under, one bit each */
	int16_t event;            /* raised by each call that the upstream sees: has the endpoint's name */
	const char *const *paths; /* as written: "/x", or "/x/ *" (without the blank) for all below it */
	size_t path_count;
};

/* Below `from` lie the same things as below `to`. */
struct alias {
	const char *from;
	const char *to;
};

struct route {
	struct span path;
	bool prefix; /* `path` ends with '/', all that begins with it matches */
	uint16_t endpoint;
};

/* ---- answers ---- */

enum tristate { TRISTATE_ANY, TRISTATE_FALSE, TRISTATE_TRUE };

struct guard {
	uint32_t calls_from; /* counted per endpoint from 1 */
	uint32_t calls_to;   /* 0: no end */
	uint32_t every;      /* every k-th call; 0: all */
	int64_t from_ms;     /* since the gateway started */
	int64_t to_ms;       /* 0: no end */
	uint32_t permille;   /* seeded probability in thousandths; 1000: always */
	uint32_t rule;       /* distinguishes the draws of two rules */
	enum tristate publish;
	enum tristate compete;
	uint32_t methods;  /* 0: all */
	const char *peers; /* addresses of clients: peers.h; NULL: all */
	uint32_t logins;   /* what a login may amount to, one bit each: login.h; 0: nobody looks */
	struct state_set when;
};

struct answer {
	struct guard guard;
	int16_t reply; /* INDEX_NONE: no answer, ever */
	bool seen;     /* the upstream sees the call: it counts as activity and raises events */
	int16_t event; /* raised besides the endpoint's own; INDEX_NONE */
	struct amount after;
};

struct answer_list {
	const struct answer *items;
	uint8_t count;
};

/* ---- time ---- */

enum timer_kind { TIMER_AFTER, TIMER_EVERY, TIMER_DAILY };

struct event_set {
	uint64_t bits[EVENTS_MAX / 64];
};

struct endpoint_set {
	uint64_t bits[ENDPOINTS_MAX / 64];
};

/* Endpoints under one name, "@iserver"; those of the groups in it are among them. */
struct group {
	const char *name;
	struct endpoint_set members;
};

/* What a timer raises: of several, the first whose states are active. */
struct timer_event {
	struct state_set when;
	int16_t event;
};

struct timer {
	const char *name;
	enum timer_kind kind;
	struct state_set when;
	struct amount amount;  /* TIMER_AFTER, TIMER_EVERY */
	int32_t minute_of_day; /* TIMER_DAILY */
	uint8_t zone;          /* TIMER_DAILY: calendar.h */
	bool at_once;          /* TIMER_EVERY: for the first time as it starts */
	uint16_t times;        /* TIMER_EVERY: so often from each start; 0: while its states are active */
	struct event_set restart;
	struct timer_event *events;
	uint8_t event_count;
	int16_t then; /* raised right after the last of those times, if it still runs; INDEX_NONE */
};

struct rate_limit {
	const char *path; /* as written, for messages */
	struct span match;
	bool prefix;
	bool all; /* every proxied request, whatever its path */
	uint32_t methods;
	uint16_t count;
	int64_t window_ms;
};

enum action_kind {
	ACTION_EVENT,
	ACTION_ENTER,
	ACTION_SET,
	ACTION_SEND, /* to all websockets: the script `name`, for which the value is the notice's text, or, without a name, the
	              * value as a frame */
};

/* Something that is done to a gateway from outside: by a cue of the scenario, later by a test. */
struct action {
	enum action_kind kind;
	const char *name;   /* event, state or setting */
	struct value value; /* ACTION_SET */
};

struct cue {
	int64_t at_ms; /* since the gateway started */
	struct action action;
};

/* ---- expectations about the client: expect.h judges them ---- */

enum expectation_kind {
	EXPECT_AT_LEAST,
	EXPECT_AT_MOST,
	EXPECT_EVERY,       /* calls no further apart than that */
	EXPECT_ORDER,       /* all of them, none before those that come before it: calls, events and messages */
	EXPECT_STATE,       /* to be in it within a time */
	EXPECT_FINAL_STATE, /* to be in it at the end */
};

enum expectation_subject { SUBJECT_CALLS, SUBJECT_EVENTS, SUBJECT_PACING, SUBJECT_FRAMES };

/* One of these is next. */
struct order_step {
	struct endpoint_set calls;
	struct event_set events;
	uint64_t frames;
	const char *text; /* in words */
};

/* It is judged in spans: from each of `after` (from the start, when there is none) until one of `until`, while `when`
 * holds. */
struct expectation {
	const char *name;
	enum expectation_kind kind;
	enum expectation_subject subject;
	bool is_warning;
	const char *wanted;  /* the whole of it, in words */
	const char *says;    /* what has happened when it is broken, in the scenario's words; NULL */
	const char *because; /* what the client's author should do; NULL */

	struct endpoint_set calls; /* of an order: those of all steps; likewise: */
	struct event_set events;
	uint64_t frames;          /* topics of the websocket's messages, one bit each */
	struct endpoint_set last; /* calls whose last one a report names */
	const char *subject_text; /* those in words: "tickle or @iserver" */
	const char *last_text;
	uint32_t count; /* EXPECT_AT_LEAST, EXPECT_AT_MOST */
	bool has_within;
	struct amount within; /* EXPECT_EVERY: the period */
	struct order_step *order;
	size_t order_count;
	bool order_is_of_calls; /* and of nothing else */
	struct state_set state;
	const char *state_text;

	bool has_after;
	struct event_set after;
	const char *after_text;
	struct event_set until;
	struct state_set when;
	const char *when_text; /* NULL: always */
};

/* ---- the whole ---- */

/* A call that was answered so, or a fault that acted: what a client has met. met.h judges it. */
struct met_step {
	struct endpoint_set on;
	struct state_set when; /* as the call came */
	uint64_t replies[REPLIES_MAX / 64];
	bool has_replies;  /* it was answered with one of these */
	int64_t held_ms;   /* after so long, or never */
	const char *fault; /* NULL: it is about calls, or about a frame */
	bool has_frame;    /* a websocket was sent it */
	int16_t frame;     /* index */
	const char *says;  /* in words */
};

/* What the catalogue of known failures says about a scenario that is one. */
struct catalogue_entry {
	const char *id;             /* "GW-001"; NULL: it is none, and neither are the others */
	const char *layer;          /* where it is made: "session", "gateway" … */
	const char *symptom;        /* what the client meets */
	const char *remedy;         /* what the client should do */
	const char *evidence;       /* a mark, a section of docs/gateway.md, public links */
	const char *clock;          /* how fast it is played where nobody says, "scaled:60"; NULL: as any other */
	const struct met_step *met; /* what a client has met, one after the other, that has met the failure */
	size_t met_count;           /* 0: the scenario does not say */
};

struct machine {
	const char *name;
	const char *title;
	struct catalogue_entry catalogue;
	const char *pack; /* fixture pack */

	struct setting *settings;
	size_t setting_count;
	struct region *regions;
	size_t region_count;
	size_t session_region; /* the one named "session", else the first */
	struct state *states;
	size_t state_count;
	const char **shown; /* names that states show */
	size_t shown_count;
	struct variant *variants;
	size_t variant_count;
	const char **events;
	size_t event_count;
	struct event_set new_session; /* events that begin a session: a new session id */
	struct endpoint *endpoints;
	size_t endpoint_count;
	struct group *groups;
	size_t group_count;
	struct websocket *websocket;  /* NULL: streams are silent */
	int16_t special[MATCH_COUNT]; /* the endpoint that claims each special match */
	struct alias *aliases;
	size_t alias_count;
	struct route *routes; /* exact ones sorted by path, then prefixes, longest first */
	size_t exact_count;
	size_t route_count;
	struct answer_list
	    *answers; /* [state * endpoint_count + endpoint]; a last row for what endpoints themselves say */
	struct transition_list *transitions; /* [state * event_count + event] */
	struct timer *timers;
	size_t timer_count;
	struct rate_limit *rate_limits;
	size_t rate_limit_count;
	int16_t rate_exceeded_event;
	struct cue *cues; /* by time */
	size_t cue_count;
	struct expectation *expectations;
	size_t expectation_count;
	uint64_t *expects_call;  /* by endpoint: the expectations that look at its calls, one bit each */
	uint64_t *expects_event; /* by event, likewise */
	uint64_t expects_states;
	uint64_t expects_pacing;
	struct account *accounts; /* login.h; none: anybody may log in */
	size_t account_count;
	struct fault *faults; /* fault.h */
	size_t fault_count;
	struct reply_template *replies;
	size_t reply_count;

	bool has_start; /* the scenario names the instant at which its clock starts */
	int64_t start_ms;
	const char *clock_text; /* "manual" …, NULL when the scenario does not say */
	bool has_seed;
	uint64_t seed;

	/* Settings that the core itself reads; INDEX_NONE when the machine has none. */
	int16_t strict_http;
	int16_t ips_allow;
	int16_t ips_deny;
	int16_t websocket_frames; /* "text", or "binary" */
	int16_t pacing;           /* "documented": rate limits are enforced; "observed": they are not */
	int16_t login_mode;       /* what a login without an account needs: login.h */
	int16_t second_factor;    /* likewise */

	struct arena *arena; /* owns all of the above */
};

void machine_release(struct machine *machine);

/* Whether it is one of those that the timer may raise. */
bool timer_raises(const struct timer *timer, int event);

/* Looks names up; INDEX_NONE when there is none. */
int machine_find_event(const struct machine *machine, const char *name);
int machine_find_state(const struct machine *machine, const char *name);
int machine_find_setting(const struct machine *machine, const char *name);

/* The one that may have been meant by a name that there is not. */
void machine_nearest_event(const struct machine *machine, const char *name, struct nearest *nearest);
void machine_nearest_state(const struct machine *machine, const char *name, struct nearest *nearest);
void machine_nearest_setting(const struct machine *machine, const char *name, struct nearest *nearest);

/* The endpoint that serves a path, or the one for a wrong method or an unknown path; INDEX_NONE when the machine has none
 * of these. `path` has no query. */
int machine_route(const struct machine *machine, struct span path, enum http_method method);

static inline bool state_set_holds(struct state_set set, uint64_t active)
{
	return (set.breaks & active) == 0;
}

static inline bool endpoint_set_has(const struct endpoint_set *set, size_t endpoint)
{
	return (set->bits[endpoint / 64] >> (endpoint % 64)) & 1U;
}

static inline bool event_set_has(const struct event_set *set, int event)
{
	return (set->bits[event / 64] >> (event % 64)) & 1U;
}

#endif
