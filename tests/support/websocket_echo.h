/*
 * An echo on a websocket, without a network: what a client sends it, frame by frame, and what it says, in words. Included by
 * the tests of the framer; it is no part of the library that fuzz targets share, which knows neither wire/ nor Criterion.
 */
#ifndef CPGW_TESTS_WEBSOCKET_ECHO_H
#define CPGW_TESTS_WEBSOCKET_ECHO_H

#include "core/limits.h"
#include "wire/websocket.h"

#include <criterion/criterion.h>

#define FIN 0x80
#define CONTINUATION 0x0
#define TEXT 0x1
#define BINARY 0x2
#define CLOSE 0x8
#define PING 0x9
#define PONG 0xa

#define ROW_FRAMES_MAX 12

struct frame {
	uint8_t head; /* FIN, the reserved bits, opcode */
	const char *bytes;
	size_t length;
	size_t times; /* the bytes so often; 0 is once */
};

/* A string literal with all its zeros. */
#define S(text) text, sizeof(text) - 1

/* What the echo is to have said: "text hello; pong; close 1000 why". Long payloads are "65536 bytes". */
struct row {
	const char *name;
	struct frame frames[ROW_FRAMES_MAX];
	const char *said;
};

enum pieces { WHOLE, FRAME_BY_FRAME, BYTE_BY_BYTE, PIECES_COUNT };

/* ---- the client's side of frames ---- */

static inline void add_frame(struct buffer *out, uint8_t head, const char *payload, size_t length)
{
	static const uint8_t mask[4] = { 0x37, 0xfa, 0x21, 0x3d };
	uint8_t bytes[10] = { head };
	size_t size = 2;

	if (length < 126) {
		bytes[1] = (uint8_t)(0x80 | length);
	} else if (length < 65536) {
		bytes[1] = 0x80 | 126;
		bytes[2] = (uint8_t)(length >> 8);
		bytes[3] = (uint8_t)length;
		size = 4;
	} else {
		bytes[1] = 0x80 | 127;
		for (int i = 0; i < 8; i++)
			bytes[2 + i] = (uint8_t)((uint64_t)length >> (56 - 8 * i));
		size = 10;
	}
	buffer_add(out, bytes, size);
	buffer_add(out, mask, 4);
	for (size_t i = 0; i < length; i++) {
		const uint8_t c = (uint8_t)payload[i] ^ mask[i % 4];

		buffer_add(out, &c, 1);
	}
}

static inline void add(struct buffer *out, const struct frame *frame)
{
	struct buffer payload = { 0 };

	for (size_t i = 0; i < (frame->times ? frame->times : 1); i++)
		if (frame->length > 0)
			buffer_add(&payload, frame->bytes, frame->length);
	add_frame(out, frame->head, payload.data, payload.length);
	buffer_release(&payload);
}

/* ---- what was said ---- */

static const char *kind_of(uint8_t head)
{
	cr_assert_eq(head & 0xf0, FIN, "a frame of the server's begins with %02x", head);
	switch (head & 0x0f) {
	case TEXT:
		return "text";
	case BINARY:
		return "binary";
	case CLOSE:
		return "close";
	case PONG:
		return "pong";
	default:
		cr_assert_fail("an opcode that no server uses: %02x", head);
	}
	return NULL;
}

static inline void describe_payload(struct buffer *said, const uint8_t *payload, size_t length, bool has_code)
{
	if (has_code && length > 0) {
		cr_assert_geq(length, 2);
		buffer_add_format(said, " %d", payload[0] << 8 | payload[1]);
		payload += 2;
		length -= 2;
	}
	if (length > 125)
		buffer_add_format(said, " %zu bytes", length);
	else if (length > 0)
		buffer_add_format(said, " %.*s", (int)length, (const char *)payload);
}

/* "text hello; close 1000" */
static inline void describe(const struct buffer *out, struct buffer *said)
{
	const uint8_t *at = (const uint8_t *)out->data;
	const uint8_t *end = at + out->length;

	buffer_add_text(said, "");
	while (at < end) {
		const uint8_t head = at[0];
		size_t length = at[1];

		cr_assert_lt(at[1], 128, "a server does not mask");
		at += 2;
		if (length == 126) {
			length = (size_t)at[0] << 8 | at[1];
			at += 2;
		} else if (length == 127) {
			length = (size_t)at[5] << 16 | (size_t)at[6] << 8 | at[7];
			at += 8;
		}
		buffer_add_format(said, "%s%s", said->length > 0 ? "; " : "", kind_of(head));
		describe_payload(said, at, length, (head & 0x0f) == CLOSE);
		at += length;
	}
	cr_assert_eq(at, end);
}

/* ---- the echo ---- */

static inline void give(struct websocket_framer *websocket, const char *bytes, size_t length, struct buffer *out)
{
	size_t given = 0;

	while (given < length && !websocket->has_ended) {
		size_t taken;
		const enum websocket_event event =
		    websocket_take(websocket, bytes + given, length - given, &taken, out);

		given += taken;
		if (event == WEBSOCKET_MORE)
			cr_assert_eq(given, length);
		if (event == WEBSOCKET_ENDED)
			cr_assert(websocket->why && websocket->close_code);
		if (event == WEBSOCKET_MESSAGE)
			websocket_say(
			    websocket, websocket->is_text,
			    (struct span){ .at = websocket->message.data, .length = websocket->message.length }, out);
	}
}

static inline void play(const struct frame *frames, size_t count, enum pieces pieces, struct buffer *said)
{
	struct websocket_framer websocket;
	struct buffer bytes = { 0 };
	struct buffer out = { 0 };

	cr_assert(websocket_init(&websocket));
	for (size_t i = 0; i < count; i++) {
		if (pieces == FRAME_BY_FRAME)
			buffer_clear(&bytes);
		add(&bytes, &frames[i]);
		if (pieces == FRAME_BY_FRAME)
			give(&websocket, bytes.data, bytes.length, &out);
	}
	if (pieces == WHOLE)
		give(&websocket, bytes.data, bytes.length, &out);
	if (pieces == BYTE_BY_BYTE)
		for (size_t i = 0; i < bytes.length; i++)
			give(&websocket, bytes.data + i, 1, &out);
	describe(&out, said);
	websocket_release(&websocket);
	buffer_release(&bytes);
	buffer_release(&out);
}

static inline void check(const char *name, const struct frame *frames, size_t count, const char *expected)
{
	for (enum pieces pieces = WHOLE; pieces < PIECES_COUNT; pieces++) {
		struct buffer said = { 0 };

		play(frames, count, pieces, &said);
		cr_assert_str_eq(said.data, expected, "%s, pieces %d:\n  %s\nand not\n  %s", name, (int)pieces,
		                 said.data, expected);
		buffer_release(&said);
	}
}

static inline void check_rows(const struct row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		size_t frames = 0;

		while (frames < ROW_FRAMES_MAX && (rows[i].frames[frames].head || rows[i].frames[frames].bytes))
			frames++;
		check(rows[i].name, rows[i].frames, frames, rows[i].said);
	}
}

#define CHECK(rows) check_rows(rows, sizeof(rows) / sizeof(rows)[0])

#endif
