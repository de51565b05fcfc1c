/* Why: RFC 6455 says for each mistake of a client what is to become of the connection. The 517 cases of the Autobahn test
 * suite stand here, in wire_websocket_text.c and in wire_websocket_sizes.c, against an echo; each is played whole, frame by
 * frame and byte by byte, and must end the same way. Which is where:
 *
 *   1.1.*, 1.2.*        framing; .8, which is .6 in chops of 997 bytes, is what each is played in pieces for
 *   2.1 to 2.10         pings; 2.6 and 2.11, the same byte by byte, likewise
 *   3.1 to 3.7          reserved_bits
 *   4.1.*, 4.2.*        opcodes
 *   5.1 to 5.19         fragments; 5.4, 5.5, 5.7, 5.8, 5.10, 5.11, 5.13, 5.14 and 5.20 are a row before them, in pieces;
 *                       5.16 and 5.17 are over at their first frame, as 5.12 and 5.9 are
 *   6.1.* to 6.4.*      wire_websocket_text.c, texts; 6.2.4 is the row 6.2.3; 6.4.3 and 6.4.4, chops of one frame, are 6.3.1
 *                       byte by byte
 *   6.5.* to 6.23.*     wire_websocket_text.c, utf8_sequences
 *   7.1.* to 7.5.*      closings; 7.1.6, a long message and a close right behind it: wire_websocket_sizes.c,
 *                       a_close_behind_the_longest_message
 *   7.7.*, 7.9.*, 7.13.* codes
 *   9.1.* to 9.4.*      wire_websocket_sizes.c, sizes: theirs go to 16 MiB, and our limit is 64 KiB; fragments of each size:
 *                       fragments_of_each_size
 *   9.5.*, 9.6.*        wire_websocket_sizes.c, chops
 *   9.7.*, 9.8.*        wire_websocket_sizes.c, round_trips; with TLS, and a client that waits for each:
 *                       tests/wire/test_websocket_sizes.py
 *   10.1.1              wire_websocket_sizes.c, sizes
 *   12.*, 13.*          cannot apply: no compression is ever agreed on. That each of their offers is refused:
 *                       tests/wire/test_websocket_sizes.py; that a compressed frame is a mistake then: compressed
 */
#include "support/websocket_echo.h"

#include <criterion/criterion.h>
#include <stdio.h>

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
