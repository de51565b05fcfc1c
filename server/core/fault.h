/*
 * Faults: rules that say which calls something goes wrong with, and what. A rule comes from the scenario, or was added
 * while the gateway ran; fault_kinds.c has the table of what can go wrong.
 *
 * A rule looks at the calls of its endpoints, or at connections, or at handshakes, while it is in force: that is its kind's
 * moment. Each of them is one of its candidates; whether it acts on
 * one depends on how many candidates there were before, and on draw(seed, name of the rule, ordinal): on nothing else that
 * happens. All rules that act on a candidate do so, in the order of the table; of two that would change the same part of
 * it the one that was named first does. A rule about the port has no candidates: it acts for as long as it is in force.
 */
#ifndef CPGW_CORE_FAULT_H
#define CPGW_CORE_FAULT_H

#include "core/arena.h"
#include "core/connection_plan.h"
#include "core/error.h"
#include "core/machine.h"
#include "core/message.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct emulator;
struct render_context;

/* A draw is one of so many; a probability is a threshold among them. */
#define FAULT_DRAWS 1000000

/* ---- what can go wrong: the table ---- */

enum fault_layer {
	LAYER_UPSTREAM,   /* the brokerage fails: only where it is asked at all */
	LAYER_ANSWER,     /* the answer is not what it should be */
	LAYER_DELAY,      /* it comes late, or slowly */
	LAYER_CONNECTION, /* its connection breaks, or there is none */
	LAYER_TLS,        /* the handshake fails, or is not what it should be */
	LAYER_COUNT
};

/* What a rule looks at. */
enum fault_moment {
	MOMENT_CALL,
	MOMENT_PORT,      /* nothing: it is a state of the port while it is in force */
	MOMENT_ACCEPT,    /* each connection */
	MOMENT_HANDSHAKE, /* each ClientHello */
	MOMENT_COUNT
};

/* "call", "port", "accept", "handshake" */
extern const char *const fault_moment_names[MOMENT_COUNT];

/* "upstream" … */
extern const char *const fault_layer_names[LAYER_COUNT];

/* The part of an answer, or of what else it acts on, that a kind changes. */
enum fault_part {
	PART_REPLY = 1,
	PART_STATUS = 2,
	PART_HEADERS = 4,
	PART_TYPE = 8,
	PART_BODY = 16,
	PART_FRAMING = 32,
	PART_WAIT = 64,
	PART_PACE = 128,
	PART_END = 256,
	/* of a port, a connection, a handshake */
	PART_PORT = 512,
	PART_ACCEPT = 1024,
	PART_GREETING = 2048,
	PART_IDENTITY = 4096,
	PART_VERSION = 8192,
	PART_RECORD = 16384,
	PART_RESUMPTION = 32768,
	PART_FLIGHT = 65536,
};

/* What a rule says about its kind; which of these count is in the kind's row. */
struct fault_values {
	int64_t status;
	const char *reason;
	int64_t reply; /* index, or INDEX_NONE */
	struct span body;
	const char *content_type;
	int64_t seen; /* the upstream saw the call */
	int64_t after_ms;
	int64_t bytes;
	int64_t lower_ms;
	int64_t upper_ms;
	int64_t step_ms;
	int64_t sigma; /* thousandths */
	int64_t chunks;
	int64_t rate;
	int64_t with_head;
	int64_t at_body;
	int64_t close;
	int64_t at_end;
	int64_t reset;
	int64_t average_size;
	int64_t size_variation;
	int64_t alert;
	int64_t version_floor; /* 0x0301 …; 0: as usual */
	int64_t version_ceiling;
	int64_t record;
	const struct header_change *changes;
	int64_t change_count;
};

struct header_change {
	const char *name;
	const char *value; /* NULL: it is taken away */
};

enum parameter_type {
	PARAMETER_INTEGER,
	PARAMETER_FRACTION, /* kept in thousandths */
	PARAMETER_DURATION,
	PARAMETER_TEXT, /* what a header line may have */
	PARAMETER_BODY, /* a text, or JSON */
	PARAMETER_FLAG,
	PARAMETER_REPLY,   /* the name of a fixture */
	PARAMETER_CHANGES, /* of headers: names and values, null for none */
	/* one of some names: fault_choices() */
	PARAMETER_PLACE,   /* "headers", "body": where a pause is */
	PARAMETER_SCOPE,   /* "answer", "body": of what bytes are counted */
	PARAMETER_ENDING,  /* "start", "end" of an answer */
	PARAMETER_VERSION, /* of TLS: "1.2" */
	PARAMETER_ALERT,   /* the name of an alert of TLS, or its number */
	PARAMETER_TYPE_COUNT
};

struct fault_choice {
	const char *name;
	int64_t value;
};

/* What a parameter of that type may be; ended by one without a name. NULL: it is no choice. */
const struct fault_choice *fault_choices(enum parameter_type type);

struct fault_parameter {
	const char *name;
	const char *alias; /* as WireMock or Toxiproxy write it; NULL */
	enum parameter_type type;
	bool required;
	size_t field; /* in struct fault_values */
	int64_t least;
	int64_t most;
	int64_t otherwise;
	const char *says;
};

#define FAULT_PARAMETERS_MAX 7 /* and one row for the end */

struct fault_act;

struct fault_kind {
	const char *name;
	const char *alias; /* as WireMock or Toxiproxy write it; NULL */
	enum fault_layer layer;
	unsigned parts; /* enum fault_part, or-ed */
	const char *says;
	/* The first is the one that may stand for all: "fixed": "2s". */
	struct fault_parameter parameters[FAULT_PARAMETERS_MAX]; /* ended by one without a name */
	void (*apply)(const struct fault_act *act);
	enum fault_moment moment;
};

/* Ended by a row without a name. Faults act in this order. */
extern const struct fault_kind fault_kinds[];

/* By its name or alias; NULL when there is none. */
const struct fault_kind *fault_kind_find(const char *name);

/* ---- rules ---- */

struct fault {
	const char *name;
	const struct fault_kind *kind;
	struct endpoint_set on;  /* MOMENT_CALL */
	const char *server_name; /* MOMENT_HANDSHAKE: what the client must ask for; NULL: anything */
	struct fault_values values;
	const char *text; /* as it was written: JSON */

	uint32_t calls_from; /* candidates, counted from 1; 0: all */
	uint32_t calls_to;   /* 0: no end */
	uint32_t every;      /* every k-th; 0: all */
	uint32_t threshold;  /* it acts when it draws less; FAULT_DRAWS: always, and nothing is drawn */
	bool once;
	int64_t from_ms; /* since the gateway started */
	int64_t to_ms;   /* 0: no end */
	int64_t for_ms;  /* since it came into force; 0: no end */
	struct state_set when;
	bool has_after;
	struct event_set after; /* each brings it into force, and has it count anew */
	struct event_set until;
	int64_t retry_ms; /* the same call so soon after is the same candidate; 0: each is its own */
};

/* ---- one candidate ---- */

struct fault_turn {
	bool acts;
	bool drew;
	uint32_t draw;
};

/* What a rule decides about its candidate number `ordinal`, the `count`-th since it came into force, when it has acted so
 * often before. */
struct fault_turn fault_turn(const struct fault *fault, uint64_t seed, uint32_t ordinal, uint32_t count,
                             uint32_t acted);

/* How long a rule whose kind is a wait has that candidate wait, as it acts for the `nth` time; -1 when its kind is none, or
 * the pause is not before the first byte. */
int64_t fault_wait_ms(const struct fault *fault, uint64_t seed, uint32_t ordinal, uint32_t nth);

/* One rule of one gateway. */
struct fault_state {
	struct fault fault;
	struct arena *arena; /* owned; NULL: the rule is the machine's */
	uint32_t serial;     /* no other rule of this gateway ever had it; from 1 */
	bool in_force;
	int64_t since_ms;
	uint32_t ordinal; /* candidates ever */
	uint32_t count;   /* since it came into force */
	uint32_t acted;

	/* the last candidate */
	uint64_t last_call;
	int64_t last_ms;
	struct fault_turn last;

	bool holds_port; /* MOMENT_PORT: the port is as it says */
};

/* All of a gateway's. Names of rules that were added stay as long as the gateway: the journal has them. */
struct faults {
	struct fault_state *items; /* owned; FAULTS_MAX */
	size_t count;
	char **names; /* owned; FAULT_NAMES_MAX */
	size_t name_count;
	uint32_t serials;
	unsigned moments; /* of all items: one bit each */
	enum port_state port;
};

/* False when memory ran out. */
bool faults_init(struct emulator *emulator);
void faults_release(struct emulator *emulator);

/* Brings rules into force, or ends that. */
void faults_event(struct emulator *emulator, int event);

/* Adds a rule, or puts it in the place of the one of its name; it counts from nothing. The arena, which it lives in, is the
 * gateway's from then on, unless this fails: the arena is the caller's then, and nothing has changed. */
bool fault_add(struct emulator *emulator, const struct fault *fault, struct arena *arena, struct error *error);
/* The place of a rule, or NULL. */
struct fault_state *fault_find(const struct emulator *emulator, const char *name);
void fault_remove(struct emulator *emulator, struct fault_state *state);

/* ---- one call, connection or handshake ---- */

struct fault_decision {
	struct fault_state *rule;
	bool acts;
	bool again; /* a retry: the candidate before, once more */
	uint32_t draw;
	const char *hidden_by; /* the rule that changes the same part */
	bool is_idle;          /* there was no answer to act on */
};

enum fault_outcome {
	FAULT_PASSES, /* it drew, and does not act */
	FAULT_ACTS,
	FAULT_ACTS_AGAIN,
	FAULT_HIDDEN,
	FAULT_NO_ANSWER,
	FAULT_BEGINS, /* the port's */
	FAULT_ENDS,
	FAULT_OUTCOME_COUNT
};

/* "passes", "acts", "acts again" … */
extern const char *const fault_outcome_names[FAULT_OUTCOME_COUNT];

enum fault_outcome fault_outcome_of(const struct fault_decision *decision);

/* What rules of one moment may look at. */
struct fault_candidate {
	enum fault_moment moment;
	int endpoint; /* MOMENT_CALL; else INDEX_NONE */
	const struct request *request;
	struct span server_name; /* MOMENT_HANDSHAKE */
};

struct fault_decisions {
	struct fault_decision items[FAULTS_MAX]; /* of rules that act, or drew; in the order in which they act */
	size_t count;
	bool unseen; /* the upstream never sees the call */
};

/* Of decisions about one candidate, in the order in which their rules were named: which hides which. Those that act are
 * counted with their rules. */
void faults_hide(struct fault_decisions *decisions);

/* Counts the candidate with every rule that looks at it. */
void faults_decide(struct emulator *emulator, const struct fault_candidate *candidate,
                   struct fault_decisions *decisions);

/* One rule that acts. What it acts on is by its moment; the rest is NULL. */
struct fault_act {
	const struct emulator *emulator;
	const struct fault_values *values;
	uint64_t random;                /* for what the kind itself draws */
	uint32_t nth;                   /* how often the rule has acted, this time included */
	int64_t until_ms;               /* gateway time at which the rule's window ends; REPLY_NEVER */
	struct render_context *context; /* MOMENT_CALL */
	struct reply *reply;
	struct accept_plan *accept;
	struct tls_plan *tls;
	enum port_state *port;
};

/* Does to the reply what they say. */
void faults_apply(struct emulator *emulator, struct fault_decisions *decisions, struct render_context *context,
                  struct reply *reply);

/* Writes down what each of them has decided, and why. */
void faults_record(struct emulator *emulator, const struct fault_candidate *candidate,
                   const struct fault_decisions *decisions);

/* 12345 as "0.012345" */
void fault_add_chance(uint32_t chance, struct buffer *out);

/* ---- the port ---- */

/* Has the port be as the rules say now, and writes down what has begun or ended. */
void faults_settle_port(struct emulator *emulator);
/* When time alone would change it; EMULATOR_NEVER. */
int64_t faults_port_due_ms(const struct emulator *emulator);

#endif
