/*
 * What a scenario says about its websockets, compiled: constant, like the machine that it belongs to. stream.h runs it.
 *
 * Each stream is in a mode: the one that the first region's active state names that names any. A mode says whether a new
 * stream gets through to the upstream at all, what it is told then, and what is told it again and again. Topics are
 * what the client's messages begin with.
 *
 * docs/gateway.md#websocket; scenarios/README.md#websocket.
 */
#ifndef CPGW_CORE_WEBSOCKET_H
#define CPGW_CORE_WEBSOCKET_H

#include "core/machine.h"

struct frame_template {
	const char *name;
	struct text_template body;
	bool raw; /* bytes as they are, not framed */
};

enum step_kind { STEP_FRAME, STEP_CLOSE, STEP_DROP, STEP_RESET };

struct stream_step {
	enum step_kind kind;
	int16_t frame;       /* index; STEP_FRAME */
	struct amount after; /* since the step before */
	int16_t times;       /* index of a setting, or INDEX_NONE: `count` counts */
	uint32_t count;      /* at one instant */
	int64_t cut;         /* so many bytes of the frame leave, and then nothing any more; -1: all of it */
	uint16_t close_code;
	const char *close_reason;
};

/* One step after the other. */
struct stream_script {
	const char *name; /* NULL where it has none */
	const struct stream_step *steps;
	size_t count;
};

/* Again and again while a mode lasts, first one period after it began. */
struct stream_repeat {
	const char *name;
	struct amount every;
	struct stream_script script;
	bool quiet;   /* the journal gives it up before anything else */
	bool at_once; /* also as the mode begins */
	bool off;     /* until a topic switches it on */
	uint8_t bit;  /* of its name, among those of all modes */
};

struct stream_mode {
	const char *name;
	bool refuses; /* a new stream never gets through: it is silent for as long as it lasts, whatever comes */
	bool silent;  /* nothing passes, either way */
	bool deltas;  /* what has changed is told */
	struct stream_script greet; /* to whom has not been greeted yet */
	struct stream_script enter; /* to the others, as they come into this mode */
	const struct stream_repeat *repeats;
	size_t repeat_count;
};

/* One way to answer a topic. */
struct topic_answer {
	struct state_set when;
	const char *argument; /* NULL: any */
	struct stream_script send;
	bool subscribes;
	struct amount every;  /* of a subscription: how often `send` is said again; 0: never */
	int16_t unsubscribes; /* the topic whose subscription with the same argument ends; INDEX_NONE */
	const char *switches; /* the mode's repetition of that name goes off or on, for this stream; NULL */
	int16_t event;        /* raised; INDEX_NONE */
};

/* The first answer that fits is given; a message that none fits is dropped. */
struct topic {
	const char *name;
	const struct topic_answer *answers;
	size_t answer_count;
	uint64_t expectations; /* that count its messages, one bit each */
};

struct told {
	const char *name;
	struct variable variable;
	bool along; /* told whenever one of the others has changed */
};

struct websocket {
	int16_t opened; /* events: the first stream has come, the last one has gone; INDEX_NONE */
	int16_t closed;
	struct frame_template *templates;
	size_t template_count;
	struct stream_mode *modes;
	size_t mode_count;
	struct topic *topics;
	size_t topic_count;
	struct stream_script *scripts; /* what actions send */
	size_t script_count;
	struct stream_script unknown; /* answers a message whose topic there is none of */
	struct stream_script object;  /* answers a message that is a JSON object: what some clients send first */
	bool has_object;
	int16_t delta; /* the frame that tells one change; INDEX_NONE */
	struct told *told;
	size_t told_count;
};

int websocket_find_script(const struct websocket *websocket, const char *name);
int websocket_find_topic(const struct websocket *websocket, struct span name);

#endif
