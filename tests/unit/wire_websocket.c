/* Why: RFC 6455 says for each mistake of a client what is to become of the connection. The 517 cases of the Autobahn test
 * suite stand here, against an echo; each is played whole, frame by frame and byte by byte, and must end the same way.
 * Which is where:
 *
 *   1.1.*, 1.2.*        framing; .8, which is .6 in chops of 997 bytes, is what each is played in pieces for
 *   2.1 to 2.10         pings; 2.6 and 2.11, the same byte by byte, likewise
 *   3.1 to 3.7          reserved_bits
 *   4.1.*, 4.2.*        opcodes
 *   5.1 to 5.19         fragments; 5.4, 5.5, 5.7, 5.8, 5.10, 5.11, 5.13, 5.14 and 5.20 are a row before them, in pieces;
 *                       5.16 and 5.17 are over at their first frame, as 5.12 and 5.9 are
 *   6.1.* to 6.4.*      texts; 6.2.4 is the row 6.2.3; 6.4.3 and 6.4.4, chops of one frame, are 6.3.1 byte by byte
 *   6.5.* to 6.23.*     utf8_sequences
 *   7.1.* to 7.5.*      closings; 7.1.6, a long message and a close right behind it: a_close_behind_the_longest_message
 *   7.7.*, 7.9.*, 7.13.* codes
 *   9.1.* to 9.4.*      sizes: theirs go to 16 MiB, and our limit is 64 KiB; fragments of each size: fragments_of_each_size
 *   9.5.*, 9.6.*        chops
 *   9.7.*, 9.8.*        round_trips; with TLS, and a client that waits for each: tests/wire/test_websocket_sizes.py
 *   10.1.1              sizes
 *   12.*, 13.*          cannot apply: no compression is ever agreed on. That each of their offers is refused:
 *                       tests/wire/test_websocket_sizes.py; that a compressed frame is a mistake then: compressed
 */
#include "core/limits.h"
#include "wire/websocket.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

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

static void add_frame(struct buffer *out, uint8_t head, const char *payload, size_t length)
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

static void add(struct buffer *out, const struct frame *frame)
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

static void describe_payload(struct buffer *said, const uint8_t *payload, size_t length, bool has_code)
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
static void describe(const struct buffer *out, struct buffer *said)
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

static void give(struct websocket_framer *websocket, const char *bytes, size_t length, struct buffer *out)
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

static void play(const struct frame *frames, size_t count, enum pieces pieces, struct buffer *said)
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

static void check(const char *name, const struct frame *frames, size_t count, const char *expected)
{
	for (enum pieces pieces = WHOLE; pieces < PIECES_COUNT; pieces++) {
		struct buffer said = { 0 };

		play(frames, count, pieces, &said);
		cr_assert_str_eq(said.data, expected, "%s, pieces %d:\n  %s\nand not\n  %s", name, (int)pieces,
		                 said.data, expected);
		buffer_release(&said);
	}
}

static void check_rows(const struct row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		size_t frames = 0;

		while (frames < ROW_FRAMES_MAX && (rows[i].frames[frames].head || rows[i].frames[frames].bytes))
			frames++;
		check(rows[i].name, rows[i].frames, frames, rows[i].said);
	}
}

#define CHECK(rows) check_rows(rows, sizeof(rows) / sizeof(rows)[0])

/* ---- 1: frames ---- */

static const struct row framing[] = {
	{ "1.1.1 empty", { { FIN | TEXT, S(""), 0 } }, "text" },
	{ "1.1.2",
	  { { FIN | TEXT, S("*"), 125 } },
	  "text *****************************************************************************************************"
	  "************************" },
	{ "1.1.3", { { FIN | TEXT, S("*"), 126 } }, "text 126 bytes" },
	{ "1.1.4", { { FIN | TEXT, S("*"), 127 } }, "text 127 bytes" },
	{ "1.1.5", { { FIN | TEXT, S("*"), 128 } }, "text 128 bytes" },
	{ "1.1.6", { { FIN | TEXT, S("*"), 65535 } }, "text 65535 bytes" },
	{ "1.1.7", { { FIN | TEXT, S("*"), 65536 } }, "text 65536 bytes" },
	{ "1.2.1 empty", { { FIN | BINARY, S(""), 0 } }, "binary" },
	{ "1.2.3", { { FIN | BINARY, S("\xfe"), 126 } }, "binary 126 bytes" },
	{ "1.2.4", { { FIN | BINARY, S("\xfe"), 127 } }, "binary 127 bytes" },
	{ "1.2.5", { { FIN | BINARY, S("\xfe"), 128 } }, "binary 128 bytes" },
	{ "1.2.6", { { FIN | BINARY, S("\xfe"), 65535 } }, "binary 65535 bytes" },
	{ "1.2.7", { { FIN | BINARY, S("\xfe"), 65536 } }, "binary 65536 bytes" },
};

Test(wire_websocket, frames)
{
	CHECK(framing);
}

/* ---- 2: pings and pongs ---- */

static const struct row pings[] = {
	{ "2.1", { { FIN | PING, S(""), 0 } }, "pong" },
	{ "2.2", { { FIN | PING, S("Hello, world!"), 0 } }, "pong Hello, world!" },
	{ "2.3 not text",
	  { { FIN | PING, S("\x01\xff\xfe\xfd\xfc\xfb\xff"), 0 } },
	  "pong \x01\xff\xfe\xfd\xfc\xfb\xff" },
	{ "2.4",
	  { { FIN | PING, S("."), 125 } },
	  "pong "
	  "............................................................................................................"
	  "................." },
	{ "2.5 too long", { { FIN | PING, S("."), 126 }, { FIN | TEXT, S("behind"), 0 } }, "close 1002" },
	{ "2.7 unasked", { { FIN | PONG, S(""), 0 } }, "" },
	{ "2.8 unasked", { { FIN | PONG, S("unasked"), 0 } }, "" },
	{ "2.9", { { FIN | PONG, S("unasked"), 0 }, { FIN | PING, S("ping"), 0 } }, "pong ping" },
	{ "2.10",
	  { { FIN | PING, S("a"), 0 },
	    { FIN | PING, S("b"), 0 },
	    { FIN | PING, S("c"), 0 },
	    { FIN | PING, S("d"), 0 },
	    { FIN | PING, S("e"), 0 },
	    { FIN | PING, S("f"), 0 },
	    { FIN | PING, S("g"), 0 },
	    { FIN | PING, S("h"), 0 },
	    { FIN | PING, S("i"), 0 },
	    { FIN | PING, S("j"), 0 } },
	  "pong a; pong b; pong c; pong d; pong e; pong f; pong g; pong h; pong i; pong j" },
};

Test(wire_websocket, pings)
{
	CHECK(pings);
}

/* ---- 3: reserved bits ---- */

static const struct row reserved_bits[] = {
	{ "3.1", { { FIN | 0x40 | TEXT, S("*"), 0 } }, "close 1002" },
	{ "3.2",
	  { { FIN | TEXT, S("good"), 0 }, { FIN | 0x20 | TEXT, S("bad"), 0 }, { FIN | PING, S(""), 0 } },
	  "text good; close 1002" },
	{ "3.3", { { FIN | TEXT, S("good"), 0 }, { FIN | 0x30 | TEXT, S("bad"), 0 } }, "text good; close 1002" },
	{ "3.4", { { FIN | TEXT, S("good"), 0 }, { FIN | 0x40 | TEXT, S("bad"), 0 } }, "text good; close 1002" },
	{ "3.5", { { FIN | 0x50 | BINARY, S("\xff"), 8 } }, "close 1002" },
	{ "3.6", { { FIN | 0x60 | PING, S("bad"), 0 } }, "close 1002" },
	{ "3.7", { { FIN | 0x70 | CLOSE, S("\x03\xe8"), 0 } }, "close 1002" },
	{ "3, within a message", { { TEXT, S("a"), 0 }, { FIN | 0x40, S("b"), 0 } }, "close 1002" },
};

Test(wire_websocket, reserved_bits)
{
	CHECK(reserved_bits);
}

/* ---- 4: opcodes ---- */

static const struct row opcodes[] = {
	{ "4.1.1", { { FIN | 0x3, S(""), 0 } }, "close 1002" },
	{ "4.1.2", { { FIN | 0x4, S("reserved"), 0 } }, "close 1002" },
	{ "4.1.3",
	  { { FIN | TEXT, S("good"), 0 }, { FIN | 0x5, S(""), 0 }, { FIN | PING, S(""), 0 } },
	  "text good; close 1002" },
	{ "4.1.4", { { FIN | TEXT, S("good"), 0 }, { FIN | 0x6, S("reserved"), 0 } }, "text good; close 1002" },
	{ "4.1.5", { { FIN | TEXT, S("good"), 0 }, { FIN | 0x7, S("reserved"), 0 } }, "text good; close 1002" },
	{ "4.2.1", { { FIN | 0xb, S(""), 0 } }, "close 1002" },
	{ "4.2.2", { { FIN | 0xc, S("reserved"), 0 } }, "close 1002" },
	{ "4.2.3", { { FIN | TEXT, S("good"), 0 }, { FIN | 0xd, S(""), 0 } }, "text good; close 1002" },
	{ "4.2.4", { { FIN | TEXT, S("good"), 0 }, { FIN | 0xe, S("reserved"), 0 } }, "text good; close 1002" },
	{ "4.2.5", { { FIN | TEXT, S("good"), 0 }, { FIN | 0xf, S("reserved"), 0 } }, "text good; close 1002" },
};

Test(wire_websocket, opcodes)
{
	CHECK(opcodes);
}

/* ---- 5: fragments ---- */

static const struct row fragments[] = {
	{ "5.1", { { PING, S("one"), 0 }, { FIN, S("two"), 0 } }, "close 1002" },
	{ "5.2", { { PONG, S("one"), 0 }, { FIN, S("two"), 0 } }, "close 1002" },
	{ "5.3", { { TEXT, S("one"), 0 }, { FIN, S("two"), 0 } }, "text onetwo" },
	{ "5.6",
	  { { TEXT, S("one"), 0 }, { FIN | PING, S("ping"), 0 }, { FIN, S("two"), 0 } },
	  "pong ping; text onetwo" },
	{ "5.9 nothing to go on with", { { FIN, S("one"), 0 }, { FIN | TEXT, S("two"), 0 } }, "close 1002" },
	{ "5.12", { { CONTINUATION, S("one"), 0 }, { FIN | TEXT, S("two"), 0 } }, "close 1002" },
	{ "5.15",
	  { { TEXT, S("one"), 0 },
	    { FIN, S("two"), 0 },
	    { CONTINUATION, S("three"), 0 },
	    { FIN | TEXT, S("four"), 0 } },
	  "text onetwo; close 1002" },
	{ "5.18 two texts", { { TEXT, S("one"), 0 }, { FIN | TEXT, S("two"), 0 } }, "close 1002" },
	{ "5.18 text and binary", { { TEXT, S("one"), 0 }, { FIN | BINARY, S("two"), 0 } }, "close 1002" },
	{ "5.19",
	  { { TEXT, S("1"), 0 },
	    { CONTINUATION, S("2"), 0 },
	    { FIN | PING, S("p1"), 0 },
	    { CONTINUATION, S("3"), 0 },
	    { CONTINUATION, S("4"), 0 },
	    { FIN | PING, S("p2"), 0 },
	    { FIN, S("5"), 0 } },
	  "pong p1; pong p2; text 12345" },
	{ "5, closed within a message", { { TEXT, S("one"), 0 }, { FIN | CLOSE, S("\x03\xe8"), 0 } }, "close 1000" },
	{ "5, fragmented close", { { CLOSE, S("\x03\xe8"), 0 } }, "close 1002" },
};

Test(wire_websocket, fragments)
{
	CHECK(fragments);
}

/* ---- 6: text ---- */

static const struct row texts[] = {
	{ "6.1.1", { { FIN | TEXT, S(""), 0 } }, "text" },
	{ "6.1.2", { { TEXT, S(""), 0 }, { CONTINUATION, S(""), 0 }, { FIN, S(""), 0 } }, "text" },
	{ "6.1.3", { { TEXT, S(""), 0 }, { CONTINUATION, S("middle"), 0 }, { FIN, S(""), 0 } }, "text middle" },
	{ "6.2.1",
	  { { FIN | TEXT, S("Hello-\xc2\xb5@\xc3\x9f\xc3\xb6\xc3\xa4\xc3\xbc\xc3\xa0\xc3\xa1-UTF-8!!"), 0 } },
	  "text Hello-\xc2\xb5@\xc3\x9f\xc3\xb6\xc3\xa4\xc3\xbc\xc3\xa0\xc3\xa1-UTF-8!!" },
	{ "6.2.2 between characters",
	  { { TEXT, S("\xce\xba"), 0 }, { FIN, S("\xe1\xbd\xb9"), 0 } },
	  "text \xce\xba\xe1\xbd\xb9" },
	{ "6.2.3 within characters",
	  { { TEXT, S("\xce"), 0 },
	    { CONTINUATION, S("\xba\xe1"), 0 },
	    { CONTINUATION, S("\xbd"), 0 },
	    { FIN, S("\xb9"), 0 } },
	  "text \xce\xba\xe1\xbd\xb9" },
	{ "6.3.1", { { FIN | TEXT, S("\xce\xba\xe1\xbd\xb9\xed\xa0\x80"), 0 } }, "close 1007" },
	{ "6.3.2 each byte a fragment",
	  { { TEXT, S("\xce"), 0 },
	    { CONTINUATION, S("\xba"), 0 },
	    { CONTINUATION, S("\xe1"), 0 },
	    { CONTINUATION, S("\xbd"), 0 },
	    { CONTINUATION, S("\xb9"), 0 },
	    { CONTINUATION, S("\xed"), 0 },
	    { CONTINUATION, S("\xa0"), 0 },
	    { FIN, S("\x80"), 0 } },
	  "close 1007" },
	{ "6.4.1 at once, in the fragment that tells",
	  { { TEXT, S("\xce\xba\xe1\xbd\xb9"), 0 }, { CONTINUATION, S("\xf4\x90\x80\x80"), 0 } },
	  "close 1007" },
	{ "6.4.2 at the first byte that tells",
	  { { TEXT, S("\xce\xba\xe1\xbd\xb9\xf4"), 0 }, { CONTINUATION, S("\x90"), 0 } },
	  "close 1007" },
	{ "6, binary is not looked at", { { FIN | BINARY, S("\xff\xfe"), 0 } }, "binary \xff\xfe" },
	{ "6, a text ends within a character", { { TEXT, S("\xe2\x82"), 0 }, { FIN, S(""), 0 } }, "close 1007" },
	{ "6, the next text begins anew",
	  { { FIN | BINARY, S("\xe2\x82"), 0 }, { FIN | TEXT, S("\xac"), 0 } },
	  "binary \xe2\x82; close 1007" },
};

Test(wire_websocket, texts)
{
	CHECK(texts);
}

struct sequence {
	bool is_text;
	const char *bytes;
	size_t length;
};

/* 6.5 to 6.23: Markus Kuhn's test, as far as one message can ask. */
static const struct sequence sequences[] = {
	{ true, S("hello\x24world") },
	{ true, S("hello\xc2\xa2world") },
	{ true, S("hello\xe2\x82\xacworld") },
	{ true, S("hello\xf0\xa4\xad\xa2world") },
	{ true, S("\xce\xba\xe1\xbd\xb9\xcf\x83\xce\xbc\xce\xb5") },
	{ false, S("\xce") },
	{ true, S("\xce\xba") },
	{ false, S("\xce\xba\xe1") },
	{ false, S("\xce\xba\xe1\xbd") },
	{ true, S("\xce\xba\xe1\xbd\xb9") },
	/* first and last of each length */
	{ true, S("\x01") },
	{ true, S("\xc2\x80") },
	{ true, S("\xe0\xa0\x80") },
	{ true, S("\xf0\x90\x80\x80") },
	{ false, S("\xf8\x88\x80\x80\x80") },
	{ false, S("\xfc\x84\x80\x80\x80\x80") },
	{ true, S("\x7f") },
	{ true, S("\xdf\xbf") },
	{ true, S("\xef\xbf\xbf") },
	{ true, S("\xf4\x8f\xbf\xbf") },
	{ false, S("\xf7\xbf\xbf\xbf") },
	{ false, S("\xfb\xbf\xbf\xbf\xbf") },
	{ false, S("\xfd\xbf\xbf\xbf\xbf\xbf") },
	{ true, S("\xed\x9f\xbf") },
	{ true, S("\xee\x80\x80") },
	{ true, S("\xef\xbf\xbd") },
	{ false, S("\xf4\x90\x80\x80") },
	/* lonely */
	{ false, S("\x80") },
	{ false, S("\xbf") },
	{ false, S("\x80\xbf\x80\xbf") },
	{ false, S("\xc0 \xc1 ") },
	{ false, S("\xc2 ") },
	{ false, S("\xe0 ") },
	{ false, S("\xf0 ") },
	{ false, S("\xf8 ") },
	{ false, S("\xfc ") },
	/* the last byte is missing */
	{ false, S("\xc0") },
	{ false, S("\xe0\x80") },
	{ false, S("\xf0\x80\x80") },
	{ false, S("\xdf") },
	{ false, S("\xef\xbf") },
	{ false, S("\xf7\xbf\xbf") },
	/* impossible */
	{ false, S("\xfe") },
	{ false, S("\xff") },
	{ false, S("\xfe\xfe\xff\xff") },
	/* longer than need be */
	{ false, S("\xc0\xaf") },
	{ false, S("\xe0\x80\xaf") },
	{ false, S("\xf0\x80\x80\xaf") },
	{ false, S("\xc1\xbf") },
	{ false, S("\xe0\x9f\xbf") },
	{ false, S("\xf0\x8f\xbf\xbf") },
	{ false, S("\xc0\x80") },
	{ false, S("\xe0\x80\x80") },
	{ false, S("\xf0\x80\x80\x80") },
	/* halves of surrogate pairs */
	{ false, S("\xed\xa0\x80") },
	{ false, S("\xed\xad\xbf") },
	{ false, S("\xed\xae\x80") },
	{ false, S("\xed\xaf\xbf") },
	{ false, S("\xed\xb0\x80") },
	{ false, S("\xed\xbf\xbf") },
	{ false, S("\xed\xa0\x80\xed\xb0\x80") },
	{ false, S("\xed\xaf\xbf\xed\xbf\xbf") },
	/* characters that are none, which is no matter of the encoding */
	{ true, S("\xef\xbf\xbe") },
	{ true, S("\xf0\x9f\xbf\xbe") },
	{ true, S("\xf4\x8f\xbf\xbe") },
};

Test(wire_websocket, utf8_sequences)
{
	for (size_t i = 0; i < sizeof sequences / sizeof sequences[0]; i++) {
		const struct sequence *sequence = &sequences[i];
		const struct frame frame = { FIN | TEXT, sequence->bytes, sequence->length, 0 };
		struct buffer expected = { 0 };
		char name[32];

		snprintf(name, sizeof name, "sequence %zu", i);
		buffer_add_text(&expected, sequence->is_text ? "text " : "close 1007");
		if (sequence->is_text)
			buffer_add(&expected, sequence->bytes, sequence->length);
		check(name, &frame, 1, expected.data);
		buffer_release(&expected);
	}
}

/* ---- 7: closing ---- */

static const struct row closings[] = {
	{ "7.1.1", { { FIN | TEXT, S("Hello"), 0 }, { FIN | CLOSE, S("\x03\xe8"), 0 } }, "text Hello; close 1000" },
	{ "7.1.2 twice", { { FIN | CLOSE, S("\x03\xe8"), 0 }, { FIN | CLOSE, S("\x03\xe8"), 0 } }, "close 1000" },
	{ "7.1.3 a ping behind it", { { FIN | CLOSE, S("\x03\xe8"), 0 }, { FIN | PING, S(""), 0 } }, "close 1000" },
	{ "7.1.4 a text behind it", { { FIN | CLOSE, S("\x03\xe8"), 0 }, { FIN | TEXT, S("x"), 0 } }, "close 1000" },
	{ "7.1.5", { { TEXT, S("one"), 0 }, { FIN | CLOSE, S("\x03\xe8"), 0 }, { FIN, S("two"), 0 } }, "close 1000" },
	{ "7.3.1 empty", { { FIN | CLOSE, S(""), 0 } }, "close" },
	{ "7.3.2 half a code", { { FIN | CLOSE, S("a"), 0 } }, "close 1002" },
	{ "7.3.3", { { FIN | CLOSE, S("\x03\xe8"), 0 } }, "close 1000" },
	{ "7.3.4", { { FIN | CLOSE, S("\x03\xe8Hello World!"), 0 } }, "close 1000 Hello World!" },
	{ "7.3.5 as long as may be",
	  { { FIN | CLOSE,
	      S("\x03\xe8**********************************************************************************************"
	        "*****"
	        "************************"),
	      0 } },
	  "close 1000 *************************************************************************************************"
	  "**************************" },
	{ "7.3.6 too long", { { FIN | CLOSE, S("\x03\xe8"), 63 } }, "close 1002" },
	{ "7.5.1", { { FIN | CLOSE, S("\x03\xe8\xce\xba\xe1\xbd\xb9\xed\xa0\x80"), 0 } }, "close 1007" },
};

Test(wire_websocket, closing)
{
	CHECK(closings);
}

static void check_code(int code, const char *expected)
{
	const char payload[2] = { (char)(code >> 8), (char)(code & 0xff) };
	const struct frame frame = { FIN | CLOSE, payload, 2, 0 };
	char name[32];

	snprintf(name, sizeof name, "code %d", code);
	check(name, &frame, 1, expected);
}

/* 7.7, 7.9 and 7.13. */
Test(wire_websocket, codes)
{
	static const int good[] = { 1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 3000, 3999, 4000, 4999 };
	static const int bad[] = { 0, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65535 };
	char expected[32];

	for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
		snprintf(expected, sizeof expected, "close %d", good[i]);
		check_code(good[i], expected);
	}
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		check_code(bad[i], "close 1002");
}

/* ---- 9 and 10: sizes, scaled to our limit ---- */

static const struct row sizes[] = {
	{ "9.1 the longest text", { { FIN | TEXT, S("*"), WEBSOCKET_MESSAGE_MAX } }, "text 65536 bytes" },
	{ "9.2 the longest binary", { { FIN | BINARY, S("\xfe"), WEBSOCKET_MESSAGE_MAX } }, "binary 65536 bytes" },
	{ "9.3 in fragments",
	  { { TEXT, S("*"), 16384 },
	    { CONTINUATION, S("*"), 16384 },
	    { CONTINUATION, S("*"), 16384 },
	    { FIN, S("*"), 16384 } },
	  "text 65536 bytes" },
	{ "9.4 in fragments, pings between",
	  { { BINARY, S("*"), 32768 }, { FIN | PING, S("p"), 0 }, { FIN, S("*"), 32768 } },
	  "pong p; binary 65536 bytes" },
	{ "10.1.1 fragments that end nowhere in particular",
	  { { TEXT, S("*"), 1300 }, { CONTINUATION, S("*"), 1300 }, { FIN, S("*"), 1300 } },
	  "text 3900 bytes" },
	{ "one too many", { { FIN | TEXT, S("*"), WEBSOCKET_MESSAGE_MAX + 1 } }, "close 1009" },
	{ "one too many, in fragments",
	  { { BINARY, S("*"), WEBSOCKET_MESSAGE_MAX }, { CONTINUATION, S(""), 0 }, { FIN, S("*"), 0 } },
	  "close 1009" },
	{ "the next message has all the room again",
	  { { FIN | BINARY, S("*"), WEBSOCKET_MESSAGE_MAX }, { FIN | BINARY, S("*"), WEBSOCKET_MESSAGE_MAX } },
	  "binary 65536 bytes; binary 65536 bytes" },
};

Test(wire_websocket, sizes)
{
	CHECK(sizes);
}

/* Their sizes of fragments, as far as our limit has room for several. */
Test(wire_websocket, fragments_of_each_size)
{
	for (size_t size = 64; size <= WEBSOCKET_MESSAGE_MAX / 4; size *= 4)
		for (uint8_t kind = TEXT; kind <= BINARY; kind++) {
			struct websocket_framer websocket;
			struct buffer bytes = { 0 };
			struct buffer out = { 0 };
			struct buffer said = { 0 };

			cr_assert(websocket_init(&websocket));
			for (size_t at = 0; at < WEBSOCKET_MESSAGE_MAX; at += size) {
				const bool is_last = at + size == WEBSOCKET_MESSAGE_MAX;
				const uint8_t opcode = at == 0 ? kind : CONTINUATION;

				add(&bytes, &(struct frame){ (uint8_t)((is_last ? FIN : 0) | opcode), S("*"), size });
			}
			give(&websocket, bytes.data, bytes.length, &out);
			describe(&out, &said);
			cr_assert_str_eq(said.data, kind == TEXT ? "text 65536 bytes" : "binary 65536 bytes");
			websocket_release(&websocket);
			buffer_release(&bytes);
			buffer_release(&out);
			buffer_release(&said);
		}
}

/* A message as it comes from a slow network. */
Test(wire_websocket, chops)
{
	for (size_t chop = 64; chop <= 2048; chop *= 2)
		for (uint8_t kind = TEXT; kind <= BINARY; kind++) {
			struct websocket_framer websocket;
			struct buffer bytes = { 0 };
			struct buffer out = { 0 };
			struct buffer said = { 0 };

			cr_assert(websocket_init(&websocket));
			add(&bytes, &(struct frame){ FIN | kind, S("*"), WEBSOCKET_MESSAGE_MAX });
			for (size_t at = 0; at < bytes.length; at += chop)
				give(&websocket, bytes.data + at, chop < bytes.length - at ? chop : bytes.length - at,
				     &out);
			describe(&out, &said);
			cr_assert_str_eq(said.data, kind == TEXT ? "text 65536 bytes" : "binary 65536 bytes");
			websocket_release(&websocket);
			buffer_release(&bytes);
			buffer_release(&out);
			buffer_release(&said);
		}
}

/* A thousand messages of each size on one websocket; what is kept for one is not kept for the next. */
Test(wire_websocket, round_trips)
{
	static const size_t lengths[] = { 0, 16, 64, 256, 1024, 4096 };

	for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++)
		for (uint8_t kind = TEXT; kind <= BINARY; kind++) {
			struct websocket_framer websocket;
			struct buffer bytes = { 0 };
			struct buffer first = { 0 };
			struct buffer out = { 0 };

			cr_assert(websocket_init(&websocket));
			add(&bytes,
			    &(struct frame){ FIN | kind, lengths[i] > 0 ? "*" : "", lengths[i] > 0, lengths[i] });
			give(&websocket, bytes.data, bytes.length, &first);
			cr_assert_gt(first.length, lengths[i]);
			for (int trip = 1; trip < 1000; trip++) {
				buffer_clear(&out);
				give(&websocket, bytes.data, bytes.length, &out);
				cr_assert_eq(out.length, first.length);
				cr_assert_arr_eq(out.data, first.data, out.length);
			}
			websocket_release(&websocket);
			buffer_release(&bytes);
			buffer_release(&first);
			buffer_release(&out);
		}
}

/* ---- 12 and 13: compression, which is never agreed on ---- */

/* "Hello", as RFC 7692, 7.2.3 compresses it. */
#define DEFLATED S("\xf2\x48\xcd\xc9\xc9\x07\x00")

static const struct row compressed_rows[] = {
	{ "text", { { FIN | 0x40 | TEXT, DEFLATED, 0 } }, "close 1002" },
	{ "binary", { { FIN | 0x40 | BINARY, DEFLATED, 0 } }, "close 1002" },
	{ "empty", { { FIN | 0x40 | TEXT, S(""), 0 } }, "close 1002" },
	{ "in fragments", { { 0x40 | TEXT, S("\xf2\x48\xcd"), 0 }, { FIN, S("\xc9\xc9\x07\x00"), 0 } }, "close 1002" },
	{ "behind one that is not",
	  { { FIN | TEXT, S("good"), 0 }, { FIN | 0x40 | TEXT, DEFLATED, 0 }, { FIN | PING, S(""), 0 } },
	  "text good; close 1002" },
	{ "a thousand", { { FIN | 0x40 | BINARY, DEFLATED, 1000 } }, "close 1002" },
};

Test(wire_websocket, compressed)
{
	CHECK(compressed_rows);
}

/* 7.1.6. */
Test(wire_websocket, a_close_behind_the_longest_message)
{
	static const struct row rows[] = {
		{ "7.1.6",
		  { { FIN | TEXT, S("*"), WEBSOCKET_MESSAGE_MAX },
		    { FIN | TEXT, S("Hello"), 0 },
		    { FIN | CLOSE, S("\x03\xe8"), 0 },
		    { FIN | PING, S(""), 0 } },
		  "text 65536 bytes; text Hello; close 1000" },
	};

	CHECK(rows);
}

/* ---- what no frame of a client's may look like ---- */

struct raw_row {
	const char *name;
	const char *bytes;
	size_t length;
	const char *said;
};

static const struct raw_row raw[] = {
	{ "not masked", S("\x81\x05Hello"), "close 1002" },
	{ "not masked, empty", S("\x89\x00"), "close 1002" },
	{ "a short length in two bytes", S("\x82\xfe\x00\x7d"), "close 1002" },
	{ "a short length in eight bytes", S("\x82\xff\x00\x00\x00\x00\x00\x00\xff\xff"), "close 1002" },
	{ "a length with its highest bit", S("\x82\xff\x80\x00\x00\x00\x00\x01\x00\x00"), "close 1002" },
	{ "an endless length, at its first byte", S("\x82\xff\x7f\xff\xff\xff\xff\xff\xff\xff\x01\x02\x03\x04*"),
	  "close 1009" },
	{ "a request", S("GET / HTTP/1.1\r\n"), "close 1002" },
};

Test(wire_websocket, heads)
{
	for (size_t i = 0; i < sizeof raw / sizeof raw[0]; i++)
		for (int each = 0; each < 2; each++) {
			struct websocket_framer websocket;
			struct buffer out = { 0 };
			struct buffer said = { 0 };

			cr_assert(websocket_init(&websocket));
			for (size_t at = 0; at < raw[i].length; at += each ? 1 : raw[i].length)
				give(&websocket, raw[i].bytes + at, each ? 1 : raw[i].length, &out);
			describe(&out, &said);
			cr_assert_str_eq(said.data, raw[i].said, "%s: %s", raw[i].name, said.data);
			websocket_release(&websocket);
			buffer_release(&out);
			buffer_release(&said);
		}
}

/* ---- the server's own ---- */

Test(wire_websocket, says_nothing_behind_a_close)
{
	struct websocket_framer websocket;
	struct buffer out = { 0 };
	struct buffer said = { 0 };
	size_t taken;

	cr_assert(websocket_init(&websocket));
	websocket_say(&websocket, false, span_of("{}"), &out);
	websocket_close(&websocket, 1000, (struct span){ 0 }, &out);
	websocket_say(&websocket, false, span_of("more"), &out);
	websocket_close(&websocket, 1001, (struct span){ 0 }, &out);
	cr_assert_eq(websocket_take(&websocket, "\x81", 1, &taken, &out), WEBSOCKET_ENDED);
	describe(&out, &said);
	cr_assert_str_eq(said.data, "binary {}; close 1000");
	websocket_release(&websocket);
	buffer_release(&out);
	buffer_release(&said);
}

/* RFC 6455, 1.3. */
Test(wire_websocket, accept)
{
	char accept[WEBSOCKET_ACCEPT_SIZE];

	websocket_accept(span_of("dGhlIHNhbXBsZSBub25jZQ=="), accept);
	cr_assert_str_eq(accept, "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
}
