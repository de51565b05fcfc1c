/* Why: a report is read by a person who has just made a mistake: it must point at the very place. */
#include "core/error.h"

#include <criterion/criterion.h>
#include <string.h>

static void expect_text(const struct problems *problems, const char *expected)
{
	struct buffer out = { 0 };

	problems_render_text(problems, &out);
	cr_expect_str_eq(out.data, expected, "wanted:\n%s\ngot:\n%s", expected, out.data);
	buffer_release(&out);
}

static void expect_json(const struct problems *problems, const char *expected)
{
	struct buffer out = { 0 };

	problems_render_json(problems, &out);
	cr_expect_str_eq(out.data, expected, "wanted:\n%s\ngot:\n%s", expected, out.data);
	buffer_release(&out);
}

Test(error, is_one_sentence_cut_where_it_is_too_long)
{
	struct error error = { 0 };
	char longest[600];

	error_set(&error, "port %d is taken", 5000);
	cr_assert_str_eq(error.text, "port 5000 is taken");
	memset(longest, 'x', sizeof longest);
	longest[sizeof longest - 1] = '\0';
	error_set(&error, "%s", longest);
	cr_assert_eq(strlen(error.text), sizeof error.text - 1);
}

Test(problems, are_nothing_at_all_when_there_are_none)
{
	const struct problems problems = { 0 };

	expect_json(&problems, "[]\n");
}

Test(problems, show_the_line_a_caret_and_the_nearest_name)
{
	struct problems problems = { 0 };
	const struct place place = { "story.json", "{\n\t\"sttes\": {}\r\n}\n", 2, 2 };

	problems_add(&problems, &place, "states", "a scenario has no \"%s\"", "sttes");
	expect_text(&problems, "story.json:2:2: error: a scenario has no \"sttes\"\n"
	                       "   \"sttes\": {}\n"
	                       "   ^\n"
	                       "  did you mean \"states\"?\n");
	expect_json(&problems, "[{\"line\":2,\"column\":2,\"file\":\"story.json\","
	                       "\"message\":\"a scenario has no \\\"sttes\\\"\",\"nearest\":\"states\"}]\n");
	problems_release(&problems);
}

Test(problems, need_no_place_in_the_file_and_not_even_a_file)
{
	struct problems problems = { 0 };
	const struct place file = { .file = "gone.json" };
	const struct place nothing = { 0 };

	problems_add(&problems, &file, NULL, "there is no such scenario");
	problems_add(&problems, &nothing, "", "out of memory");
	expect_text(&problems, "gone.json: error: there is no such scenario\n(unnamed): error: out of memory\n");
	expect_json(&problems,
	            "[{\"line\":0,\"column\":0,\"file\":\"gone.json\",\"message\":\"there is no such scenario\"},"
	            "{\"line\":0,\"column\":0,\"file\":\"(unnamed)\",\"message\":\"out of memory\"}]\n");
	problems_release(&problems);
}

Test(problems, show_the_place_where_a_file_just_ends)
{
	struct problems problems = { 0 };
	const struct place end_of_line = { "a.json", "{ \"a\": ", 1, 8 };
	const struct place after_all = { "a.json", "{\n", 2, 1 };

	problems_add(&problems, &end_of_line, NULL, "the file ends");
	problems_add(&problems, &after_all, NULL, "the file ends");
	expect_text(&problems, "a.json:1:8: error: the file ends\n"
	                       "  { \"a\": \n"
	                       "         ^\n"
	                       "a.json:2:1: error: the file ends\n");
	problems_release(&problems);
}

/* Renders a problem in column `column` of a line of 5,000 letters, and gives back the letter above the caret. */
static char letter_above_caret(const char *line, int column)
{
	struct problems problems = { 0 };
	const struct place place = { "long.json", line, 1, column };
	char letter;

	problems_add(&problems, &place, NULL, "here");
	cr_assert_lt(problems.items[0].caret, (int)strlen(problems.items[0].source_line));
	cr_assert_geq(problems.items[0].caret, 0);
	letter = problems.items[0].source_line[problems.items[0].caret];
	problems_release(&problems);
	return letter;
}

Test(problems, cut_a_long_line_so_that_its_place_stays_in_sight)
{
	static const int columns[] = { 1, 99, 100, 101, 102, 160, 161, 4999, 5000 };
	static char line[5001];

	for (size_t i = 0; i < sizeof line - 1; i++)
		line[i] = (char)('a' + i % 23);
	for (size_t i = 0; i < sizeof columns / sizeof *columns; i++)
		cr_expect_eq(letter_above_caret(line, columns[i]), line[columns[i] - 1], "column %d", columns[i]);
}

Test(problems, show_no_line_when_the_place_lies_outside_the_text)
{
	struct problems problems = { 0 };
	const struct place far_right = { "a.json", "short\nlines\n", 1, 500 };
	const struct place far_below = { "a.json", "short\nlines\n", 9, 1 };

	problems_add(&problems, &far_right, NULL, "here");
	problems_add(&problems, &far_below, NULL, "here");
	expect_text(&problems, "a.json:1:500: error: here\na.json:9:1: error: here\n");
	problems_release(&problems);
}

Test(problems, cut_what_is_too_long_to_keep)
{
	struct problems problems = { 0 };
	char longest[1000];
	const struct place place = { .file = longest };

	memset(longest, 'x', sizeof longest);
	longest[sizeof longest - 1] = '\0';
	problems_add(&problems, &place, longest, "%s", longest);
	cr_expect_eq(strlen(problems.items[0].file), sizeof problems.items[0].file - 1);
	cr_expect_eq(strlen(problems.items[0].message), sizeof problems.items[0].message - 1);
	cr_expect_eq(strlen(problems.items[0].nearest), sizeof problems.items[0].nearest - 1);
	problems_release(&problems);
}

Test(problems, are_counted_beyond_those_that_are_kept)
{
	struct problems problems = { 0 };
	const struct place place = { .file = "a.json" };
	struct buffer out = { 0 };

	for (int i = 1; i <= PROBLEMS_MAX + 5; i++)
		problems_add(&problems, &place, NULL, "number %d", i);
	cr_assert_eq(problems.count, PROBLEMS_MAX);
	cr_assert_eq(problems.total, PROBLEMS_MAX + 5);
	problems_render_text(&problems, &out);
	cr_assert_not_null(strstr(out.data, "a.json: error: number 100\n… and 5 more\n"));
	cr_assert_null(strstr(out.data, "number 101"));
	buffer_release(&out);
	problems_release(&problems);
	cr_assert_eq(problems.total, 0);
}

Test(problems, escape_in_json_what_a_file_may_hold)
{
	struct problems problems = { 0 };
	const struct place place = { .file = "odd\"name\n.json" };

	problems_add(&problems, &place, "a\\b", "tab\t");
	expect_json(&problems, "[{\"line\":0,\"column\":0,\"file\":\"odd\\\"name\\n.json\",\"message\":\"tab\\t\","
	                       "\"nearest\":\"a\\\\b\"}]\n");
	problems_release(&problems);
}

Test(problems, show_control_characters_instead_of_sending_them_to_the_terminal)
{
	struct problems problems = { 0 };
	const struct place place = { "a\x1b.json", "\"\x1b[2J\x7f\xc2\x9b caf\xc3\xa9\": 1", 1, 1 };

	problems_add(&problems, &place, NULL, "no \"%s\"", "\x1b[2J\n\xc2\x9bx");
	expect_text(&problems, "a?.json:1:1: error: no \"?[2J???x\"\n"
	                       "  \"?[2J??? caf\xc3\xa9\": 1\n"
	                       "  ^\n");
	problems_release(&problems);
}

Test(error, is_one_line_whatever_stands_in_it)
{
	struct error error = { 0 };

	error_set(&error, "no state \"%s\"", "\x1b[2J\r\nx");
	cr_expect_str_eq(error.text, "no state \"?[2J??x\"");
}

/* A scenario's own words stand in messages; the report as JSON must stay JSON when they are cut. */
Test(problems, are_never_cut_in_the_middle_of_a_character)
{
	static const char *const characters[] = { "x", "\xc3\xa9", "\xe2\x82\xac", "\xf0\x9f\x98\x80" };

	for (size_t i = 0; i < sizeof characters / sizeof *characters; i++) {
		const size_t width = strlen(characters[i]);

		for (int shift = 0; shift < 4; shift++) {
			struct problems problems = { 0 };
			struct buffer text = { 0 };
			const char *message;

			buffer_add_format(&text, "%*s", shift, "");
			for (int j = 0; j < 400; j++)
				buffer_add_text(&text, characters[i]);
			problems_add(&problems, &(struct place){ .file = "a.json" }, NULL, "%s", text.data);
			message = problems.items[0].message;
			cr_expect_eq((strlen(message) - (size_t)shift) % width, 0);
			cr_expect_gt(strlen(message), sizeof problems.items[0].message - 5);
			buffer_release(&text);
			problems_release(&problems);
		}
	}
}
