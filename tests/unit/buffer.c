/* Why: all text that leaves the core grows in a buffer; it must stop at its ceiling, and stay terminated all the while. */
#include "core/buffer.h"

#include <criterion/criterion.h>
#include <stdint.h>
#include <string.h>

Test(buffer, starts_empty_and_terminates_what_is_added)
{
	struct buffer buffer = { 0 };

	buffer_add(&buffer, "", 0);
	cr_assert_str_eq(buffer.data, "");
	buffer_add_text(&buffer, "one");
	buffer_add(&buffer, " two, three", 4);
	cr_assert_str_eq(buffer.data, "one two");
	cr_assert_eq(buffer.length, 7);
	cr_assert_not(buffer_failed(&buffer));
	buffer_release(&buffer);
	cr_assert_null(buffer.data);
}

Test(buffer, keeps_zero_bytes)
{
	struct buffer buffer = { 0 };

	buffer_add(&buffer, "a\0b", 3);
	cr_assert_eq(buffer.length, 3);
	cr_assert_arr_eq(buffer.data, "a\0b", 4);
	buffer_release(&buffer);
}

Test(buffer, grows_past_its_first_memory_byte_by_byte)
{
	struct buffer buffer = { 0 };

	for (int i = 0; i < 5000; i++) {
		buffer_add(&buffer, "x", 1);
		cr_assert_eq(strlen(buffer.data), (size_t)i + 1);
	}
	buffer_release(&buffer);
}

Test(buffer, fills_to_its_ceiling_and_not_one_byte_further)
{
	struct buffer buffer = { .size_max = 10 };

	buffer_add_text(&buffer, "0123456789");
	cr_assert_not(buffer_failed(&buffer), "exactly full is not too full");
	buffer_add_text(&buffer, "x");
	cr_assert(buffer_failed(&buffer));
	cr_assert_str_eq(buffer.data, "0123456789");
	buffer_release(&buffer);
}

Test(buffer, adds_nothing_more_once_something_was_too_much)
{
	struct buffer buffer = { .size_max = 10 };

	buffer_add_text(&buffer, "01234567");
	buffer_add_text(&buffer, "89x");
	buffer_add_text(&buffer, "8");
	cr_assert(buffer_failed(&buffer));
	cr_assert_str_eq(buffer.data, "01234567", "half a text would look like a whole one");
	buffer_release(&buffer);
}

Test(buffer, has_a_ceiling_even_when_none_is_named)
{
	struct buffer buffer = { 0 };
	static char block[1024 * 1024];

	memset(block, 'x', sizeof block);
	for (int i = 0; i < 16; i++)
		buffer_add(&buffer, block, sizeof block);
	cr_assert_eq(buffer.length, BUFFER_SIZE_MAX);
	cr_assert_not(buffer_failed(&buffer));
	buffer_add(&buffer, "x", 1);
	cr_assert(buffer_failed(&buffer));
	buffer_release(&buffer);
}

Test(buffer, can_be_used_again_after_clear_and_after_release)
{
	struct buffer buffer = { .size_max = 4 };

	buffer_clear(&buffer);
	buffer_add_text(&buffer, "12345");
	cr_assert(buffer_failed(&buffer));
	buffer_clear(&buffer);
	cr_assert_not(buffer_failed(&buffer));
	buffer_add_text(&buffer, "1234");
	cr_assert_str_eq(buffer.data, "1234");
	buffer_release(&buffer);
	cr_assert_eq(buffer.size_max, 4, "the ceiling stays");
	buffer_add_text(&buffer, "5678");
	cr_assert_str_eq(buffer.data, "5678");
	buffer_release(&buffer);
}

Test(buffer, writes_every_integer_to_the_last_digit)
{
	static const struct {
		int64_t value;
		const char *text;
	} cases[] = { { 0, "0" },
		      { 7, "7" },
		      { -7, "-7" },
		      { 1772461800000, "1772461800000" },
		      { INT64_MAX, "9223372036854775807" },
		      { INT64_MIN, "-9223372036854775808" } };

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct buffer buffer = { 0 };

		buffer_add_int(&buffer, cases[i].value);
		cr_expect_str_eq(buffer.data, cases[i].text);
		buffer_release(&buffer);
	}
}

Test(buffer, formats_texts_shorter_and_longer_than_its_scratch_space)
{
	static const int widths[] = { 1, 510, 511, 512, 513, 3000 };

	for (size_t i = 0; i < sizeof widths / sizeof *widths; i++) {
		struct buffer buffer = { 0 };

		buffer_add_format(&buffer, "<%*s>", widths[i] - 2 < 0 ? 0 : widths[i] - 2, "");
		buffer_add_format(&buffer, "%s", "!");
		cr_expect_eq(strlen(buffer.data), buffer.length);
		cr_expect_eq(buffer.data[buffer.length - 2], '>');
		cr_expect_eq(buffer.data[buffer.length - 1], '!');
		buffer_release(&buffer);
	}
}

Test(buffer, refuses_a_formatted_text_beyond_its_ceiling_whole)
{
	struct buffer buffer = { .size_max = 600 };

	buffer_add_format(&buffer, "%*s", 599, "");
	buffer_add_format(&buffer, "%s", "ab");
	cr_assert(buffer_failed(&buffer));
	cr_assert_eq(buffer.length, 599);
	buffer_clear(&buffer);
	buffer_add_format(&buffer, "%*s", 601, "");
	cr_assert(buffer_failed(&buffer));
	cr_assert_eq(buffer.length, 0);
	buffer_release(&buffer);
}

Test(buffer, escapes_what_json_cannot_hold_and_nothing_else)
{
	static const char text[] = "a\"b\\c\n\r\t\b\x01\x1f/\x7f\xc3\xa9\0z";
	struct buffer buffer = { 0 };

	buffer_add_json_text(&buffer, text, sizeof text - 1);
	cr_assert_str_eq(buffer.data, "a\\\"b\\\\c\\n\\r\\t\\u0008\\u0001\\u001f/\x7f\xc3\xa9\\u0000z");
	buffer_release(&buffer);
}

Test(span, compares_with_texts_by_length_and_bytes)
{
	const struct span span = { "tickle?x", 6 };

	cr_assert(span_equals(span, "tickle"));
	cr_assert_not(span_equals(span, "tickl"));
	cr_assert_not(span_equals(span, "tickle?"));
	cr_assert(span_starts_with(span, "tick"));
	cr_assert(span_starts_with(span, ""));
	cr_assert_not(span_starts_with(span, "tickle?"), "what follows the span is not part of it");
	cr_assert(span_equals(span_of("tickle"), "tickle"));
}
