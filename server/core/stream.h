/*
 * Websockets: streams of frames between one client and the machine. What a stream says and when is the scenario's affair
 * ("websocket" in its file, websocket.h compiled); this runs it, on the gateway's clock. Framing, masking, pings and the
 * closing handshake are the wire's.
 *
 *   stream_open → { stream_message | what happens to the emulator | stream_next }* → stream_closed
 *
 * Frames gather in the stream until stream_next() takes them. After anything that may have let something happen
 * (emulator_advance(), _handle(), _apply(), and the functions here) the wire takes every stream from streams_ready(), and
 * what it has to send from stream_next(). Who stops before that said false, because a client does not read, goes on when it
 * does; a stream that has more in the meantime is handed out again.
 *
 * Protocol: docs/gateway.md#websocket.
 */
#ifndef CPGW_CORE_STREAM_H
#define CPGW_CORE_STREAM_H

#include "core/buffer.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct emulator;
struct request;
struct stream;

enum stream_opcode {
	STREAM_TEXT = 1,
	STREAM_BINARY = 2,
	STREAM_CLOSE = 8, /* `close_code`; the payload is the reason. Nothing follows */
	STREAM_RAW,       /* bytes as they are, not framed */
	STREAM_DROP,      /* the connection ends, in good order, without a close frame. Nothing follows */
	STREAM_RESET,     /* the connection is reset. Nothing follows */
};

struct stream_frame {
	enum stream_opcode opcode;
	struct span payload; /* belongs to the stream, until the next call with it */
	uint16_t close_code;
};

/* All streams of one gateway. */
struct streams {
	struct stream *all, *last;         /* in the order in which they were opened */
	struct stream *ready, *last_ready; /* have frames that the wire has not been told of */
	struct stream *due, *last_due; /* by the time at which they say something, those of one time in their order */
	uint32_t count;
	uint32_t opened;  /* ever: a stream's number */
	uint64_t frames;  /* that any was sent, ever */
	int64_t until_ms; /* how far the emulator goes on in one go */
};

/* The request was answered with 101, and the answer has been handed over. NULL: there are too many, or memory ran out; the
 * connection is to be closed. `owner` is the caller's own. */
struct stream *stream_open(struct emulator *emulator, const struct request *request, void *owner);

/* One whole message has come. */
void stream_message(struct emulator *emulator, struct stream *stream, bool is_text, struct span message);

/* The stream has ended, whoever ended it, and is freed. `code` is what the client's close frame said, 0 when there was none;
 * `why` is a few words for the journal. */
void stream_closed(struct emulator *emulator, struct stream *stream, int code, const char *why);

/* The next stream that has something to send and that was not handed out since; NULL. */
struct stream *streams_ready(struct emulator *emulator);

/* Its next frame; false when there is none. Room in its backlog may let it go on: the emulator's deadline may be another. */
bool stream_next(struct stream *stream, struct stream_frame *frame);

void *stream_owner(const struct stream *stream);

/* With the emulator. Streams that the wire still has are gone then: it closes them before. */
void streams_release(struct emulator *emulator);

#endif
