/* Why: a text that is not UTF-8 must end the connection, and one that is must come back byte for byte, wherever the network
 * has cut it. The numbers are the Autobahn test suite's; wire_websocket.c has the map. */
#include "support/websocket_echo.h"

#include <criterion/criterion.h>
#include <stdio.h>

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

Test(wire_websocket_text, texts)
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

Test(wire_websocket_text, utf8_sequences)
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
