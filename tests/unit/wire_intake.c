/* Why: whatever a head looks like and in however many pieces it comes, its end, its limits and its plain form are the
 * same. */
#include "wire/intake.h"

#include "core/limits.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

/* A head that was looked at, and rewritten if it was whole. */
struct look {
	struct intake intake;
	enum intake_result result;
	char bytes[512];
};

static struct look look_at(const char *text, size_t piece)
{
	struct look look = { 0 };
	const size_t length = strlen(text);

	cr_assert_lt(length, sizeof look.bytes);
	strcpy(look.bytes, text);
	intake_clear(&look.intake);
	for (size_t here = 0; here < length && look.result == INTAKE_MORE;) {
		here = here + piece < length ? here + piece : length;
		look.result = intake_look(&look.intake, look.bytes, here);
	}
	return look;
}

struct sample {
	const char *said;
	const char *plain;
	const char *version;
};

static const struct sample samples[] = {
	{ "GET / HTTP/1.1\r\n\r\n", "GET / HTTP/1.1\r\n\r\n", "HTTP/1.1" },
	{ "GET / HTTP/1.0\r\nA: b\r\n\r\n", "GET / HTTP/1.1\r\nA: b\r\n\r\n", "HTTP/1.0" },
	{ "GET / HTTP/1.1\nA: b\n\n", "GET / HTTP/1.1\nA: b\n\n", "HTTP/1.1" },
	/* versions */
	{ "GET / HTTP/9.9\r\n\r\n", "GET / HTTP/1.1\r\n\r\n", "HTTP/9.9" },
	{ "GET / HTTP/1.2\n\n", "GET / HTTP/1.1\n\n", "HTTP/1.2" },
	{ "GET / HTTP/0.9\r\nX: HTTP/9.9\r\n\r\n", "GET / HTTP/1.1\r\nX: HTTP/9.9\r\n\r\n", "HTTP/0.9" },
	/* blanks */
	{ "GET   /a\t HTTP/1.1 \r\n\r\n", "GET /a HTTP/1.1\r\n\r\n", "HTTP/1.1" },
	{ "GET\t/a HTTP/1.1\r\n\r\n", "GET /a HTTP/1.1\r\n\r\n", "HTTP/1.1" },
	{ "GET /a\tHTTP/1.1\r\n\r\n", "GET /a HTTP/1.1\r\n\r\n", "HTTP/1.1" },
	{ "GET  /a HTTP/1.0\r\nA:  b \r\n\r\n", "GET /a HTTP/1.1\r\nA:  b \r\n\r\n", "HTTP/1.0" },
	/* folds */
	{ "G / HTTP/1.1\r\nA: b\r\n c\r\n\r\n", "G / HTTP/1.1\r\nA: b c\r\n\r\n", "HTTP/1.1" },
	{ "G / HTTP/1.1\r\nA: b \t\r\n \t c \r\nD: e\r\n\r\n", "G / HTTP/1.1\r\nA: b c\r\nD: e\r\n\r\n", "HTTP/1.1" },
	{ "G / HTTP/1.1\r\nA: b\r\n\tc\r\n d\r\n\r\n", "G / HTTP/1.1\r\nA: b c d\r\n\r\n", "HTTP/1.1" },
	{ "G / HTTP/1.1\r\nA:\r\n b\r\n\r\n", "G / HTTP/1.1\r\nA: b\r\n\r\n", "HTTP/1.1" },
	{ "G / HTTP/1.1\r\nA: b\r\n \r\n c\r\n\r\n", "G / HTTP/1.1\r\nA: b c\r\n\r\n", "HTTP/1.1" },
	{ "G / HTTP/1.1\nA: b\n c\n\n", "G / HTTP/1.1\nA: b c\n\n", "HTTP/1.1" },
	{ "G / HTTP/1.1\nA: b\r\n c\n\r\n", "G / HTTP/1.1\nA: b c\n\r\n", "HTTP/1.1" },
	{ "G / HTTP/1.1\r\n A: b\r\n c\r\n\r\n", "G / HTTP/1.1\r\nA: b c\r\n\r\n", "HTTP/1.1" },
	{ "G / HTTP/7.1\r\nA: b\r\n C: d\r\n\r\n", "G / HTTP/1.1\r\nA: b C: d\r\n\r\n", "HTTP/7.1" },
};

static void expect_plain(const struct sample *sample, size_t piece)
{
	static const char behind[] = "A: b\r\n\r\nand more";
	struct look look;
	char text[256];
	char plain[256];
	size_t gap;

	snprintf(text, sizeof text, "%s%s", sample->said, behind);
	snprintf(plain, sizeof plain, "%s%s", sample->plain, behind);
	look = look_at(text, piece);
	cr_assert_eq(look.result, INTAKE_WHOLE, "%s", text);
	cr_expect_eq(look.intake.length, strlen(sample->said), "%s", text);
	gap = intake_rewrite(&look.intake, look.bytes);
	cr_expect_str_eq(look.bytes + gap, plain, "\"%s\" became \"%s\"", text, look.bytes + gap);
	cr_expect_eq(look.intake.length, strlen(sample->plain), "%s", text);
	cr_expect_str_eq(look.intake.version, sample->version);
	cr_expect_eq(intake_rewrite(&look.intake, look.bytes + gap), 0, "once is enough");
}

Test(wire_intake, gives_every_head_a_plain_form_however_it_comes)
{
	for (size_t i = 0; i < sizeof samples / sizeof *samples; i++)
		for (size_t piece = 1; piece < strlen(samples[i].said) + 20; piece++)
			expect_plain(&samples[i], piece);
}

Test(wire_intake, shows_the_header_lines)
{
	static const char *const heads[][2] = {
		{ "G / HTTP/1.1\r\n\r\n", "" },
		{ "G / HTTP/1.1\n\n", "" },
		{ "G / HTTP/1.1\n\r\n", "" },
		{ "G / HTTP/1.1\r\nA: b\r\nC: d\r\n\r\n", "A: b\r\nC: d\r\n" },
		{ "G / HTTP/1.1\r\nA: b\nC: d\n\n", "A: b\nC: d\n" },
		{ "G  / HTTP/2.1\r\nA: b\r\n c\r\n\r\n", "A: b c\r\n" },
	};

	for (size_t i = 0; i < sizeof heads / sizeof *heads; i++) {
		struct look look = look_at(heads[i][0], 1000);
		const size_t gap = intake_rewrite(&look.intake, look.bytes);
		const struct span lines = intake_headers(&look.intake, look.bytes + gap);

		cr_expect(span_equals(lines, heads[i][1]), "%.*s", (int)lines.length, lines.at);
	}
}

Test(wire_intake, waits_for_the_end)
{
	static const char *const texts[] = { "",
		                             "G",
		                             "GET / HTTP/9.9",
		                             "GET / HTTP/9.9\r",
		                             "GET / HTTP/1.1\r\n",
		                             "GET / HTTP/1.1\r\nA: b\r\n\r",
		                             "GET / HTTP/1.1\r\nA: b\r\n",
		                             "GET / HTTP/1.1\n " };

	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		for (size_t piece = 1; piece < 30; piece++)
			cr_expect_eq(look_at(texts[i], piece).result, INTAKE_MORE, "%s", texts[i]);
}

Test(wire_intake, knows_what_is_no_request)
{
	static const char *const texts[] = {
		"garbage\n",
		"GET /\r\n",
		"GET / HTTP/10.1\r\n",
		"GET / HTTP/x.y\r\n",
		"GET / http/9.9\r\n",
		"GET /HTTP/9.9\r\n",
		"HTTP/9.9\r\n",
		"GET / HTTP/1.1 more\r\n",
		"GET / there HTTP/1.1\r\n",
		"GET / HTTP/1.1\r\r\n",
		"GET /\r HTTP/1.1\r\n",
		"\r\n",
		"GET / HTTP/1.1\r\n \t\r\n",
		"GET / HTTP/1.1\r\n b\r\n",
		"GET / HTTP/1.1\r\nA: b\r\nc\r\n",
		"GET / HTTP/1.1\r\nA: b\rC: d\r\n",
		"GET / HTTP/1.1\r\n\r\r\n",
	};

	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		for (size_t piece = 1; piece < 30; piece++)
			cr_expect_eq(look_at(texts[i], piece).result, INTAKE_NO_REQUEST, "%s", texts[i]);
}

Test(wire_intake, skips_what_may_stand_before_a_request)
{
	cr_expect_eq(intake_skip("", 0), 0);
	cr_expect_eq(intake_skip("\r\n\r\n G", 6), 5);
	cr_expect_eq(intake_skip("\r\n", 2), 2);
	cr_expect_eq(intake_skip("GET", 3), 0);
	cr_expect_eq(intake_skip("\x16\x03", 2), 0);
}

/* ---- limits ---- */

/* What becomes of a text, in pieces of that size. */
static enum intake_result result_of(const char *text, size_t length, size_t piece)
{
	struct intake intake;
	enum intake_result result = INTAKE_MORE;

	intake_clear(&intake);
	for (size_t here = 0; here < length && result == INTAKE_MORE;) {
		here = here + piece < length ? here + piece : length;
		result = intake_look(&intake, text, here);
	}
	return result;
}

static const size_t pieces[] = { 1, 7, 1000, 4095, 4096, 4097, 100000 };
static const char *const line_ends[] = { "", "\r", "\n", "\r\n" };

/* "GET /xxx HTTP/1.1" of that length and that end. */
static enum intake_result look_at_line(size_t length, const char *end, size_t piece)
{
	static const char start[] = "GET /";
	static const char version[] = " HTTP/1.1";
	char text[REQUEST_LINE_MAX + 16];

	memset(text, 'x', sizeof text);
	memcpy(text, start, strlen(start));
	memcpy(text + length - strlen(version), version, strlen(version));
	memcpy(text + length, end, strlen(end));
	return result_of(text, length + strlen(end), piece);
}

Test(wire_intake, finds_a_line_too_long_however_it_comes)
{
	for (size_t i = 0; i < sizeof pieces / sizeof *pieces; i++) {
		for (size_t j = 0; j < sizeof line_ends / sizeof *line_ends; j++) {
			cr_expect_eq(look_at_line(REQUEST_LINE_MAX, line_ends[j], pieces[i]), INTAKE_MORE);
			cr_expect_eq(look_at_line(REQUEST_LINE_MAX + 1, line_ends[j], pieces[i]), INTAKE_LINE_TOO_LONG);
		}
	}
}

/* Lines "a:\n" up to that sum of bytes, the last of which has not ended but by `end`. */
static enum intake_result look_at_headers(size_t sum, const char *line, const char *end, size_t piece)
{
	const size_t counted = strcspn(line, "\r\n");
	struct buffer text = { 0 };
	enum intake_result result;

	buffer_add_text(&text, "GET / HTTP/1.1\r\n");
	for (; sum > 2 * counted; sum -= counted)
		buffer_add_text(&text, line);
	for (; sum > 0; sum--)
		buffer_add(&text, ":", 1);
	buffer_add_text(&text, end);
	result = result_of(text.data, text.length, piece);
	buffer_release(&text);
	return result;
}

Test(wire_intake, finds_headers_too_large_however_they_come)
{
	static const char *const lines[] = { "a:\n", "a:\r\n", ":\r\n", "name: value\r\n" };

	for (size_t i = 0; i < sizeof pieces / sizeof *pieces; i++) {
		for (size_t j = 0; j < sizeof line_ends / sizeof *line_ends; j++) {
			for (size_t k = 0; k < sizeof lines / sizeof *lines; k++) {
				cr_expect_eq(look_at_headers(REQUEST_HEADERS_MAX, lines[k], line_ends[j], pieces[i]),
				             INTAKE_MORE);
				cr_expect_eq(
				    look_at_headers(REQUEST_HEADERS_MAX + 1, lines[k], line_ends[j], pieces[i]),
				    INTAKE_HEADERS_TOO_LARGE);
			}
		}
	}
}
