/* Why: faults change single headers; the others must leave as they are, in their order. */
#include "core/header_lines.h"

#include <criterion/criterion.h>
#include <string.h>

#define LINES "Vary: A\r\nContent-Type: text/plain\r\nVary-By: x\r\nvary: B\r\n"

static struct buffer lines_of(const char *text)
{
	struct buffer lines = { 0 };

	buffer_add_text(&lines, text);
	return lines;
}

static void expect_set(const char *text, const char *name, const char *value, const char *wanted)
{
	struct buffer lines = lines_of(text);

	header_lines_set(&lines, name, value);
	cr_expect_str_eq(lines.data, wanted);
	cr_expect_eq(lines.length, strlen(wanted));
	buffer_release(&lines);
}

static void expect_removed(const char *text, const char *name, const char *wanted)
{
	struct buffer lines = lines_of(text);

	header_lines_remove(&lines, name);
	cr_expect_str_eq(lines.data, wanted);
	cr_expect_eq(lines.length, strlen(wanted));
	buffer_release(&lines);
}

Test(header_lines, a_value_takes_the_place_of_all_of_its_name)
{
	expect_set(LINES, "Content-Type", "a/b", "Vary: A\r\nContent-Type: a/b\r\nVary-By: x\r\nvary: B\r\n");
	expect_set(LINES, "VARY", "C", "VARY: C\r\nContent-Type: text/plain\r\nVary-By: x\r\n");
	expect_set(LINES, "Vary-By", "", "Vary: A\r\nContent-Type: text/plain\r\nVary-By: \r\nvary: B\r\n");
}

Test(header_lines, a_new_one_comes_last)
{
	expect_set(LINES, "X", "1", LINES "X: 1\r\n");
	expect_set("", "X", "1", "X: 1\r\n");
}

Test(header_lines, one_is_taken_away)
{
	expect_removed(LINES, "vary", "Content-Type: text/plain\r\nVary-By: x\r\n");
	expect_removed(LINES, "Var", LINES);
	expect_removed(LINES, "Vary-By", "Vary: A\r\nContent-Type: text/plain\r\nvary: B\r\n");
}

Test(header_lines, nothing_is_taken_from_nothing)
{
	struct buffer lines = { 0 };

	header_lines_remove(&lines, "Vary");
	cr_expect(!header_lines_have(&lines, "Vary"));
	header_lines_set(&lines, "Vary", "A");
	cr_expect(header_lines_have(&lines, "VARY"));
	cr_expect_str_eq(lines.data, "Vary: A\r\n");
	buffer_release(&lines);
}
