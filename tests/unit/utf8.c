/* Why: texts from anybody are quoted in answers that are JSON. One byte that is no UTF-8 makes the whole answer unreadable. */
#include "core/utf8.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

static size_t length_of(const char *text)
{
	return utf8_length(text, strlen(text));
}

static const char *mended(const char *text)
{
	static char copy[64];

	snprintf(copy, sizeof copy, "%s", text);
	utf8_mend(copy, strlen(copy));
	return copy;
}

Test(utf8, characters_of_each_length)
{
	cr_expect_eq(length_of("a"), 1);
	cr_expect_eq(length_of("\xC2\x80"), 2);
	cr_expect_eq(length_of("\xDF\xBF"), 2);
	cr_expect_eq(length_of("\xE0\xA0\x80"), 3);
	cr_expect_eq(length_of("\xED\x9F\xBF"), 3);
	cr_expect_eq(length_of("\xF0\x90\x80\x80"), 4);
	cr_expect_eq(length_of("\xF4\x8F\xBF\xBF"), 4);
	cr_expect_eq(utf8_length("", 1), 1, "a zero byte is a character");
}

Test(utf8, what_is_none)
{
	static const char *const none[] = {
		"\x80",
		"\xBF",
		"\xC0\x80",
		"\xC1\xBF",
		"\xC2",
		"\xC2 ",
		"\xE0\x9F\xBF",
		"\xE2\x82",
		"\xED\xA0\x80",
		"\xEF\xBF ",
		"\xF0\x8F\xBF\xBF",
		"\xF0\x9F\x98",
		"\xF4\x90\x80\x80",
		"\xF5\x80\x80\x80",
		"\xFF",
	};

	for (size_t i = 0; i < sizeof none / sizeof *none; i++)
		cr_expect_eq(length_of(none[i]), 0, "number %zu", i);
}

Test(utf8, mending_leaves_what_is_well)
{
	cr_expect_str_eq(mended(""), "");
	cr_expect_str_eq(mended("a \xE2\x82\xAC b"), "a \xE2\x82\xAC b");
	cr_expect_str_eq(mended("\xFF"
	                        "a\xE2\x82"),
	                 "?a??");
	cr_expect_str_eq(mended("\xED\xA0\x80\xC3\xA4"), "???\xC3\xA4");
}
