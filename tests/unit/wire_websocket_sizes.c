/* Why: messages up to the limit must pass however they are cut, and one byte more must not; what was kept for one message
 * must be there for the next. The numbers are the Autobahn test suite's; wire_websocket.c has the map. */
#include "support/websocket_echo.h"

#include <criterion/criterion.h>

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

Test(wire_websocket_sizes, sizes)
{
	CHECK(sizes);
}

/* Gives the bytes to a websocket, so many at a time: they are one message of the greatest length. */
static void expect_longest(const struct buffer *bytes, size_t chop, uint8_t kind)
{
	struct websocket_framer websocket;
	struct buffer out = { 0 };
	struct buffer said = { 0 };

	cr_assert(websocket_init(&websocket));
	for (size_t at = 0; at < bytes->length; at += chop)
		give(&websocket, bytes->data + at, chop < bytes->length - at ? chop : bytes->length - at, &out);
	describe(&out, &said);
	cr_assert_str_eq(said.data, kind == TEXT ? "text 65536 bytes" : "binary 65536 bytes");
	websocket_release(&websocket);
	buffer_release(&out);
	buffer_release(&said);
}

/* Their sizes of fragments, as far as our limit has room for several. */
Test(wire_websocket_sizes, fragments_of_each_size)
{
	for (size_t size = 64; size <= WEBSOCKET_MESSAGE_MAX / 4; size *= 4)
		for (uint8_t kind = TEXT; kind <= BINARY; kind++) {
			struct buffer bytes = { 0 };

			for (size_t at = 0; at < WEBSOCKET_MESSAGE_MAX; at += size) {
				const bool is_last = at + size == WEBSOCKET_MESSAGE_MAX;
				const uint8_t opcode = at == 0 ? kind : CONTINUATION;

				add(&bytes, &(struct frame){ (uint8_t)((is_last ? FIN : 0) | opcode), S("*"), size });
			}
			expect_longest(&bytes, bytes.length, kind);
			buffer_release(&bytes);
		}
}

/* A message as it comes from a slow network. */
Test(wire_websocket_sizes, chops)
{
	for (size_t chop = 64; chop <= 2048; chop *= 2)
		for (uint8_t kind = TEXT; kind <= BINARY; kind++) {
			struct buffer bytes = { 0 };

			add(&bytes, &(struct frame){ FIN | kind, S("*"), WEBSOCKET_MESSAGE_MAX });
			expect_longest(&bytes, chop, kind);
			buffer_release(&bytes);
		}
}

/* A thousand messages of each size on one websocket; what is kept for one is not kept for the next. */
Test(wire_websocket_sizes, round_trips)
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

/* 7.1.6. */
Test(wire_websocket_sizes, a_close_behind_the_longest_message)
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
