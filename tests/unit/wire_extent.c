/* Why: what is pipelined behind a request must not reach its parser, wherever the bytes were cut. */
#include "wire/extent.h"

#include "wire/exchange.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#define BEHIND "GET / HTTP/1.1\r\n"

struct sample {
	const char *what;
	const char *headers;
	const char *body; /* NULL: reaches to the end of all */
};

static const struct sample samples[] = {
	{ "nothing says that there is a body", "A: b\r\n", "" },
	{ "a length", "Content-Length: 3\r\n", "abc" },
	{ "a length in any case", "content-length:3\r\n", "abc" },
	{ "no length", "Content-Length: 0\r\n", "" },
	{ "a length that is none", "Content-Length: x\r\n", "" },
	{ "of two lengths the first", "Content-Length: 3\r\nContent-Length: 5\r\n", "abc" },
	{ "a body of line ends", "Content-Length: 4\r\n", "\r\n\r\n" },
	{ "no chunks", "Transfer-Encoding: chunked\r\n", "0\r\n\r\n" },
	{ "chunks", "Transfer-Encoding: Chunked\r\n", "3\r\nabc\r\n0A\r\n0123456789\r\n00\r\n\r\n" },
	{ "chunks win over a length", "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n", "1\r\na\r\n0\r\n\r\n" },
	{ "extensions", "Transfer-Encoding: chunked\r\n", "1;a=9\r\nx\r\n0;9\r\n\r\n" },
	{ "trailers", "Transfer-Encoding: chunked\r\n", "0\r\nA: b\r\n c\r\nD: e\r\n\r\n" },
	{ "line feeds", "Transfer-Encoding: chunked\r\n", "2\nab\n0\nA: b\n\n" },
	{ "a chunk of line ends", "Transfer-Encoding: chunked\r\n", "4\r\n\r\n\r\n\r\n0\r\n\r\n" },
	{ "an encoding that nobody knows", "Transfer-Encoding: gzip\r\n", NULL },
};

/* Gives it bytes in pieces of that size, until it takes no more. */
static size_t take_in_pieces(struct extent *extent, const char *bytes, size_t piece)
{
	const size_t length = strlen(bytes);
	size_t taken = 0;

	while (taken < length) {
		const size_t offered = piece < length - taken ? piece : length - taken;
		const size_t took = extent_take(extent, bytes + taken, offered);

		taken += took;
		if (took < offered)
			break;
	}
	return taken;
}

Test(wire_extent, ends_where_the_request_does_however_it_comes)
{
	for (size_t i = 0; i < sizeof samples / sizeof *samples; i++) {
		const struct sample *sample = &samples[i];
		char bytes[256];
		struct exchange exchange = { 0 };

		snprintf(bytes, sizeof bytes, "%s" BEHIND, sample->body ? sample->body : "");
		exchange_note_lines(&exchange, span_of(sample->headers));
		for (size_t piece = 1; piece <= strlen(bytes); piece++) {
			const size_t reaches = sample->body ? strlen(sample->body) : strlen(bytes);
			struct extent extent;

			extent_begin(&extent, &exchange);
			cr_expect_eq(take_in_pieces(&extent, bytes, piece), reaches, "%s, pieces of %zu", sample->what,
			             piece);
			cr_expect_eq(extent.part, sample->body ? EXTENT_ENDED : EXTENT_UNKNOWN, "%s", sample->what);
		}
	}
}

Test(wire_extent, a_number_beyond_all_numbers_reaches_far)
{
	struct exchange exchange = { 0 };
	struct extent extent;

	exchange_note_lines(&exchange, span_of("Transfer-Encoding: chunked\r\n"));
	extent_begin(&extent, &exchange);
	cr_expect_eq(extent_take(&extent, "ffffffffffffffffffff\r\nabc", 25), 25);
	cr_expect_eq(extent.part, EXTENT_CHUNK);

	exchange = (struct exchange){ 0 };
	exchange_note_lines(&exchange, span_of("Content-Length: 99999999999999999999999\r\n"));
	extent_begin(&extent, &exchange);
	cr_expect_eq(extent_take(&extent, "abc", 3), 3);
	cr_expect_eq(extent.part, EXTENT_BODY);
}
