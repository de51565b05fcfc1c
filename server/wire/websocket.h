/*
 * One websocket's bytes (RFC 6455): what the client sends becomes messages, what is to be said to it becomes frames.
 * No socket: bytes in, bytes out. wslay takes frames apart and puts them together; what frames may follow each other,
 * and what may be in them, is decided here, because a client is to hear of its mistakes with the code that the RFC has
 * for them, at the first byte that tells.
 *
 *   websocket_init → { websocket_take | websocket_say | websocket_close }* → websocket_release
 *
 * No extension is ever agreed on, so that permessage-deflate is refused by silence, and reserved bits are mistakes. Pings
 * are answered here (docs/gateway.md#websocket); pongs are read and forgotten.
 */
#ifndef CPGW_WIRE_WEBSOCKET_H
#define CPGW_WIRE_WEBSOCKET_H

#include "core/buffer.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define WEBSOCKET_CONTROL_MAX 125

/* Codes of close frames that are used here; the two that no frame carries stand for how else a client can go. */
enum websocket_code {
	WEBSOCKET_NORMAL = 1000,
	WEBSOCKET_WRONG = 1002,
	WEBSOCKET_NO_CODE = 1005,
	WEBSOCKET_GONE = 1006,
	WEBSOCKET_NOT_UTF8 = 1007,
	WEBSOCKET_TOO_BIG = 1009,
};

enum websocket_event {
	WEBSOCKET_MORE,    /* all bytes are taken; nothing to tell */
	WEBSOCKET_MESSAGE, /* a whole message is here; there may be bytes left */
	WEBSOCKET_ENDED,   /* a close frame has been put out: nothing will be read any more, nothing may be said */
};

/* Text as it comes, in pieces. */
struct websocket_utf8 {
	uint8_t missing;   /* bytes of the character that has begun */
	uint8_t low, high; /* what the next of them may be */
};

struct wslay_frame_context;

struct websocket_framer {
	struct wslay_frame_context *frames; /* owned */
	struct span input;                  /* during a call: bytes that are not taken */
	struct buffer *out;                 /* likewise */
	uint64_t frame_left;                /* bytes that its frame still lacks; 0: between frames, or in a header */

	bool is_gathering;     /* a message has begun and not ended */
	bool is_text;          /* that message, or the one that was told last */
	bool is_told;          /* the message was told: the next call forgets it */
	struct buffer message; /* its payload */
	struct websocket_utf8 utf8;
	char control[WEBSOCKET_CONTROL_MAX]; /* payload of the control frame that is being read */
	size_t control_length;

	bool has_ended;
	bool by_client;  /* then: its close frame ended it */
	int close_code;  /* likewise: an enum websocket_code, or what the client said */
	const char *why; /* likewise, for people; static */
};

/* Where Sec-WebSocket-Accept begins its text. */
#define WEBSOCKET_ACCEPT_SIZE 29

/* What answers a client's Sec-WebSocket-Key. */
void websocket_accept(struct span key, char accept[WEBSOCKET_ACCEPT_SIZE]);

/* False when memory ran out. */
bool websocket_init(struct websocket_framer *websocket);
void websocket_release(struct websocket_framer *websocket);

/* Reads until there is something to tell; `taken` bytes are done with then. What has to be answered at once (pings,
 * a close, mistakes) is added to `out`. */
enum websocket_event websocket_take(struct websocket_framer *websocket, const char *bytes, size_t length, size_t *taken,
                                    struct buffer *out);

/* Adds a message in one frame. Nothing once it has ended. */
void websocket_say(struct websocket_framer *websocket, bool is_text, struct span message, struct buffer *out);

/* Adds a close frame, which ends it. Code 0: an empty one. A reason that is too long is cut. */
void websocket_close(struct websocket_framer *websocket, int code, struct span reason, struct buffer *out);

#endif
