/* Why: every file goes through this reader, and a wrong member must be named with what was wanted and what was found. */
#include "core/reader.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

/* One document, with ' for ", and a reader on it. */
struct document {
	struct json_places places;
	struct problems problems;
	struct arena *arena;
	char *text;
	cJSON *tree;
	struct reader reader;
};

static void document_read(struct document *document, const char *text)
{
	*document = (struct document){ .arena = arena_new(), .text = strdup(text) };
	for (char *at = document->text; *at; at++)
		if (*at == '\'')
			*at = '"';
	document->tree =
	    json_read(&document->places, "a.json", document->text, strlen(document->text), &document->problems);
	cr_assert_not_null(document->tree, "%s", text);
	document->reader =
	    (struct reader){ .places = &document->places, .problems = &document->problems, .arena = document->arena };
}

/* Ends the document, whose problems must be these: "column message (nearest)", one a line. */
static void document_end(struct document *document, const char *expected)
{
	struct buffer found = { 0 };

	buffer_add_text(&found, "");
	for (size_t i = 0; i < document->problems.count; i++) {
		const struct problem *problem = &document->problems.items[i];

		buffer_add_format(&found, "%d %s", problem->column, problem->message);
		if (problem->nearest[0])
			buffer_add_format(&found, " (%s)", problem->nearest);
		buffer_add_text(&found, "\n");
	}
	cr_expect_str_eq(found.data, expected, "in %s\nwanted:\n%s\nfound:\n%s", document->text, expected, found.data);
	buffer_release(&found);
	json_places_release(&document->places);
	problems_release(&document->problems);
	arena_free(document->arena);
	free(document->text);
}

static const struct field dog_fields[] = {
	{ "name", FIELD_TEXT, true },
	{ "legs", FIELD_NUMBER, false },
	{ "friends", FIELD_LIST | FIELD_OBJECT | FIELD_NULL, false },
	{ 0 },
};

static void expect_dog(const char *text, bool usable, const char *expected)
{
	struct document document;

	document_read(&document, text);
	cr_expect_eq(reader_object(&document.reader, document.tree, "a dog", dog_fields), usable, "%s", text);
	document_end(&document, expected);
}

Test(reader, accepts_an_object_with_known_members_of_the_right_kinds)
{
	expect_dog("{'name':'Rex'}", true, "");
	expect_dog("{'name':'Rex','legs':4,'friends':[]}", true, "");
	expect_dog("{'name':'Rex','friends':null}", true, "");
	expect_dog("{'name':'Rex','evidence':'observed','note':'a good one'}", true, "");
}

/* An object with a member too many can still be read: what else is wrong in it should be said too. */
Test(reader, names_every_member_that_is_wrong)
{
	expect_dog("[]", false, "1 a dog must be an object, found a list\n");
	expect_dog("{}", false, "1 a dog must have \"name\"\n");
	expect_dog("{'name':7}", false, "9 \"name\" must be a text, found a number\n");
	expect_dog("{'name':'Rex','lgs':4}", true, "15 a dog has no \"lgs\" (legs)\n");
	expect_dog("{'name':'Rex','wings':2}", true, "15 a dog has no \"wings\"\n");
	expect_dog("{'name':'Rex','friends':true}", false,
	           "25 \"friends\" must be an object or a list or null, found true\n");
	expect_dog("{'name':'Rex','note':1}", false, "22 \"note\" must be a text, found a number\n");
	expect_dog("{'Name':'Rex','legs':'4','tail':1}", false,
	           "2 a dog has no \"Name\" (name)\n"
	           "22 \"legs\" must be a number, found a text\n"
	           "26 a dog has no \"tail\"\n"
	           "1 a dog must have \"name\"\n");
}

Test(reader, says_which_kinds_it_wanted)
{
	struct document document;

	document_read(&document, "[null,'x']");
	cr_expect_not(reader_type(&document.reader, document.tree->child, "it", FIELD_ANY & ~(unsigned)FIELD_NULL));
	cr_expect(reader_type(&document.reader, document.tree->child, "it", FIELD_ANY));
	cr_expect_not(reader_type(&document.reader, document.tree->child->next, "it", FIELD_BOOL));
	document_end(&document, "2 it must be a text or a number or true or false or an object or a list, found null\n"
	                        "7 it must be true or false, found a text\n");
}

Test(reader, takes_texts_and_flags_from_a_checked_object)
{
	struct document document;
	const char *copy;

	document_read(&document, "{'text':'x','flag':true,'off':false,'number':1}");
	cr_expect_str_eq(reader_text(document.tree, "text"), "x");
	cr_expect_null(reader_text(document.tree, "number"));
	cr_expect_null(reader_text(document.tree, "none"));
	cr_expect(reader_flag(document.tree, "flag", false));
	cr_expect_not(reader_flag(document.tree, "off", true));
	cr_expect(reader_flag(document.tree, "none", true));
	copy = reader_copy(&document.reader, reader_text(document.tree, "text"));
	cr_expect_str_eq(copy, "x");
	cr_expect_neq(copy, reader_text(document.tree, "text"), "a copy lives in the arena");
	cr_expect_null(reader_copy(&document.reader, NULL));
	document_end(&document, "");
}

static void expect_integer(const char *text, int64_t expected, const char *problem)
{
	struct document document;
	int64_t result = -77;

	document_read(&document, text);
	cr_expect_eq(reader_integer(&document.reader, document.tree, "\"n\"", -5, 999999999999999, &result),
	             problem[0] == '\0');
	cr_expect_eq(result, problem[0] ? -77 : expected);
	document_end(&document, problem);
}

Test(reader, takes_whole_numbers_between_bounds)
{
	static const char problem[] = "1 \"n\" must be a whole number from -5 to 999999999999999\n";

	expect_integer("0", 0, "");
	expect_integer("-5", -5, "");
	expect_integer("999999999999999", 999999999999999, "");
	expect_integer("12.0", 12, "");
	expect_integer("-6", 0, problem);
	expect_integer("0.5", 0, problem);
	expect_integer("999999999999999.5", 0, problem);
	expect_integer("'1'", 0, problem);
	expect_integer("true", 0, problem);
}

Test(reader, wants_names_that_can_be_typed_anywhere)
{
	static const char problem[] =
	    "2 the name of a state has 1 to 64 lower-case letters, digits, \"_\", \"-\" or \".\"\n";
	static const struct {
		const char *text;
		bool fine;
	} cases[] = {
		{ "{'sso_only':1}", true },
		{ "{'a-b.c9':1}", true },
		{ "{'0':1}", true },
		{ "{'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa':1}", true },
		{ "{'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa':1}", false },
		{ "{'':1}", false },
		{ "{'Fresh':1}", false },
		{ "{'sso only':1}", false },
		{ "{'@api':1}", false },
		{ "{'caf\xc3\xa9':1}", false },
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct document document;

		document_read(&document, cases[i].text);
		cr_expect_eq(reader_name(&document.reader, document.tree->child, "a state"), cases[i].fine);
		document_end(&document, cases[i].fine ? "" : problem);
	}
}

static void expect_duration(const char *text, int64_t expected, const char *problem)
{
	struct document document;
	int64_t ms = -77;

	document_read(&document, text);
	cr_expect_eq(reader_duration(&document.reader, document.tree, 100, &ms), problem[0] == '\0');
	cr_expect_eq(ms, problem[0] ? -77 : expected);
	document_end(&document, problem);
}

Test(reader, takes_durations_from_a_least_one_on)
{
	expect_duration("'5m30s'", 330000, "");
	expect_duration("'100ms'", 100, "");
	expect_duration("'99ms'", 0, "1 this duration must be at least 100 ms\n");
	expect_duration("'soon'", 0, "1 wanted a duration such as \"90s\", \"5m30s\" or \"24h\", found \"soon\"\n");
	expect_duration("90", 0, "1 wanted a duration such as \"90s\", \"5m30s\" or \"24h\", found a number\n");
	expect_duration("null", 0, "1 wanted a duration such as \"90s\", \"5m30s\" or \"24h\", found null\n");
}

Test(reader, cuts_a_problem_that_would_be_too_long)
{
	struct document document;
	char longest[600];

	memset(longest, 'x', sizeof longest);
	longest[sizeof longest - 1] = '\0';
	document_read(&document, "{}");
	reader_problem(&document.reader, document.tree, NULL, "%s", longest);
	longest[319] = '\n';
	longest[320] = '\0';
	memmove(longest + 2, longest, 319);
	memcpy(longest, "1 ", 2);
	longest[321] = '\n';
	longest[322] = '\0';
	document_end(&document, longest);
}
