/*
 * What the parts of streams say to each other: stream.c has the streams and their backlog, stream_run.c what they say by
 * themselves, stream_message.c what clients say. Nobody but these and the emulator includes this.
 */
#ifndef CPGW_CORE_STREAM_PARTS_H
#define CPGW_CORE_STREAM_PARTS_H

#include "core/emulator.h"
#include "core/stream.h"
#include "core/websocket.h"

struct render_context;

struct queued_frame {
	struct queued_frame *next;
	enum stream_opcode opcode;
	uint16_t close_code;
	size_t length;
	char bytes[];
};

enum run_kind {
	RUN_ONCE,
	RUN_NOTICE,       /* the same; the text is a notice's */
	RUN_REPEAT,       /* ends with the mode, unless the next one repeats something of the same name */
	RUN_SUBSCRIPTION, /* stays until it is ended, whether it is ever said again or not */
};

/* A script that a stream goes through. */
struct run {
	struct run *next;
	enum run_kind kind;
	const struct stream_script *script;
	const struct stream_repeat *repeat;      /* RUN_REPEAT */
	const struct topic_answer *subscription; /* RUN_SUBSCRIPTION */
	int16_t topic;                           /* of the message that it answers, or INDEX_NONE */
	size_t step;                             /* the next one */
	int64_t due_ms;                          /* when; EMULATOR_NEVER */
	int64_t round_ms;                        /* when this round began */
	size_t text_length;
	char text[]; /* the argument of the message, or a notice */
};

struct stream {
	struct emulator *emulator;
	void *owner;
	uint32_t number; /* from 1, in the order in which they were opened */
	bool refused;    /* the upstream never took it */
	bool greeted;
	bool over;         /* what ends it has been queued, or half a frame: nothing follows */
	bool drops;        /* frames have been dropped since there was room */
	int16_t mode;      /* INDEX_NONE: silent */
	uint32_t switched; /* repetitions that the client has switched, one bit each */
	struct run *runs;  /* in the order in which they began */
	size_t run_count;
	size_t subscription_count;
	uint64_t told[STREAM_TOLD_MAX]; /* what the client knows, as a hash each */

	struct queued_frame *first, *last;
	struct queued_frame *taken; /* what stream_next() gave last */
	size_t queued;              /* frames */
	size_t queued_bytes;

	struct stream *next, *previous; /* of all */
	struct stream *next_ready;
	bool is_ready;
	int64_t due_ms; /* the earliest of its runs; EMULATOR_NEVER: it is not in the list of these */
	struct stream *next_due, *previous_due;
};

/* ---- stream.c ---- */

/* Puts a frame into the backlog and the journal, where a quiet one gives way before anything else. Where there is no room, or the stream is over, it is
 * dropped; what ends a stream always fits. */
void stream_queue(struct stream *stream, enum stream_opcode opcode, uint16_t close_code, struct span payload,
                  bool is_repeated, bool is_quiet);
/* No room for what is said again and again. */
bool stream_is_full(const struct stream *stream);
void stream_record_frame(struct stream *stream, const char *name, struct span text, bool is_quiet);
/* The runs have changed. */
void stream_set_due(struct stream *stream, int64_t due_ms);

/* ---- stream_run.c ---- */

void stream_begin(struct stream *stream);
void stream_run(struct stream *stream);
/* NULL when there is no room or no memory. */
struct run *stream_add_run(struct stream *stream, enum run_kind kind, const struct stream_script *script,
                           struct span text);
void stream_remove_run(struct stream *stream, struct run *run);
void stream_find_due(struct stream *stream);
/* The mode that the active states name, or NULL. */
const struct stream_mode *stream_mode_now(const struct emulator *emulator);
/* Whether it is said again now. */
bool stream_is_subscribed(const struct stream *stream, const struct run *run);

/* ---- for the emulator ---- */

/* Says what is due now. Until `to_ms` nothing is taken from a backlog that is full. */
void streams_due(struct emulator *emulator, int64_t to_ms);
/* States or settings are others. */
void streams_changed(struct emulator *emulator);
/* Has all streams go through a script; without one, `text` is a frame. */
void streams_send(struct emulator *emulator, const struct stream_script *script, struct span text);

static inline int64_t streams_due_ms(const struct emulator *emulator)
{
	return emulator->streams.due ? emulator->streams.due->due_ms : EMULATOR_NEVER;
}

#endif
