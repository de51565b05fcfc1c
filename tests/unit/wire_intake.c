/* Why: two things must be seen before libmicrohttpd sees them, in bytes that come in pieces of any size. */
#include "wire/intake.h"

#include "core/limits.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

/* What is left of a text after it was looked at in one piece. */
struct look {
	struct intake intake;
	char text[128];
	bool fine;
};

static struct look look_at(const char *text)
{
	struct look look = { 0 };

	cr_assert_lt(strlen(text), sizeof look.text);
	strcpy(look.text, text);
	intake_clear(&look.intake);
	look.fine = intake_look(&look.intake, look.text, strlen(text));
	return look;
}

Test(wire_intake, replaces_versions_that_nobody_knows)
{
	static const char *const versions[] = { "HTTP/9.9", "HTTP/2.0", "HTTP/0.9", "HTTP/1.2", "HTTP/0.0" };
	static const char *const ends[] = { "\r\n", "\n", "\r\nHost: x\r\n\r\n" };

	for (size_t i = 0; i < sizeof versions / sizeof *versions; i++) {
		for (size_t j = 0; j < sizeof ends / sizeof *ends; j++) {
			char said[64];
			char seen[64];
			struct look look;

			snprintf(said, sizeof said, "GET / %s%s", versions[i], ends[j]);
			snprintf(seen, sizeof seen, "GET / HTTP/1.1%s", ends[j]);
			look = look_at(said);
			cr_expect(look.fine);
			cr_expect_str_eq(look.text, seen);
			cr_expect_str_eq(look.intake.odd_version, versions[i]);
		}
	}
}

Test(wire_intake, leaves_all_else_as_it_is)
{
	static const char *const texts[] = {
		"GET / HTTP/1.1\r\n\r\n",
		"GET / HTTP/1.0\r\n\r\n",
		"GET / HTTP/10.1\r\n",
		"GET / HTTP/x.y\r\n",
		"GET / http/9.9\r\n",
		"GET /HTTP/9.9\r\n",
		"HTTP/9.9\r\n",
		"HTTP/9\r\n",
		"GET / HTTP/9.9 \r\n",
		"GET / HTTP/9.9", /* the line has not ended */
		"GET / HTTP/1.1\r\nX: HTTP/9.9\r\n",
		"\r\n",
		"\n",
		"",
	};

	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		const struct look look = look_at(texts[i]);

		cr_expect(look.fine);
		cr_expect_str_eq(look.text, texts[i]);
		cr_expect_str_empty(look.intake.odd_version, "%s", texts[i]);
	}
}

Test(wire_intake, looks_at_the_first_line_alone_until_it_is_cleared)
{
	struct look look = look_at("GET / HTTP/1.1\r\n");
	char header[] = "X: HTTP/9.9\r\n";
	char next[] = "GET / HTTP/9.9\r\n";

	cr_expect(look.intake.line_complete);
	cr_expect(intake_look(&look.intake, header, strlen(header)));
	cr_expect_str_eq(header, "X: HTTP/9.9\r\n");
	intake_clear(&look.intake);
	cr_expect(intake_look(&look.intake, next, strlen(next)));
	cr_expect_str_eq(next, "GET / HTTP/1.1\r\n");
	cr_expect_str_eq(look.intake.odd_version, "HTTP/9.9");
}

/* Looks at a line of that length and its end, in pieces of that size. */
static bool fits(size_t line_length, const char *end, size_t piece)
{
	char text[REQUEST_LINE_MAX + 16];
	const size_t length = line_length + strlen(end);
	struct intake intake;
	bool fine = true;

	memset(text, 'x', sizeof text);
	memcpy(text + line_length, end, strlen(end) + 1);
	intake_clear(&intake);
	for (size_t at = 0; at < length && fine; at += piece)
		fine = intake_look(&intake, text + at, at + piece < length ? piece : length - at);
	return fine;
}

Test(wire_intake, finds_a_line_too_long_however_it_comes)
{
	static const size_t pieces[] = { 1, 7, 1000, 4096, 100000 };
	static const char *const ends[] = { "", "\n", "\nand more" };

	for (size_t i = 0; i < sizeof pieces / sizeof *pieces; i++) {
		for (size_t j = 0; j < sizeof ends / sizeof *ends; j++) {
			cr_expect(fits(REQUEST_LINE_MAX, ends[j], pieces[i]), "pieces of %zu", pieces[i]);
			cr_expect_not(fits(REQUEST_LINE_MAX + 1, ends[j], pieces[i]), "pieces of %zu", pieces[i]);
		}
	}
	cr_expect(fits(REQUEST_LINE_MAX, "\r\n", 100000), "the line's end does not count");
	cr_expect_not(fits(REQUEST_LINE_MAX + 1, "\r\n", 100000));
}

Test(wire_intake, does_not_count_the_line_end_even_where_it_comes_in_pieces)
{
	cr_expect(fits(REQUEST_LINE_MAX, "\r\n", 1));
	cr_expect(fits(REQUEST_LINE_MAX, "\r\n", REQUEST_LINE_MAX + 1));
}
