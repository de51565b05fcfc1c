/* Why: cJSON lets pass what a file that people write should not hold, and keeps no places; this reader promises both.
 * Each rule has a text that breaks it, and the place that must be named. */
#include "core/json.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

struct document {
	struct json_places places;
	struct problems problems;
	char *text;
	cJSON *tree;
};

/* Reads `length` bytes; in a text of its own size, zero-terminated as json_read() wants it. */
static struct document read_bytes(const char *bytes, size_t length)
{
	struct document document = { .text = malloc(length + 1) };

	memcpy(document.text, bytes, length);
	document.text[length] = '\0';
	document.tree = json_read(&document.places, "a.json", document.text, length, &document.problems);
	return document;
}

static void document_release(struct document *document)
{
	json_places_release(&document->places);
	problems_release(&document->problems);
	free(document->text);
}

/* The problem as "line:column message", or "" when there was none. */
static void describe(const struct document *document, struct buffer *out)
{
	for (size_t i = 0; i < document->problems.count; i++) {
		const struct problem *problem = &document->problems.items[i];

		buffer_add_format(out, "%s%d:%d %s", i ? "; " : "", problem->line, problem->column, problem->message);
	}
}

struct sample {
	const char *text;
	size_t length; /* 0: up to the zero byte */
	const char *problem;
};

static void expect_problems(const struct sample *samples, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const size_t length = samples[i].length ? samples[i].length : strlen(samples[i].text);
		struct document document = read_bytes(samples[i].text, length);
		struct buffer found = { 0 };

		buffer_add_text(&found, "");
		describe(&document, &found);
		cr_expect_str_eq(found.data, samples[i].problem, "%s\nwanted: %s\nfound:  %s", samples[i].text,
		                 samples[i].problem, found.data);
		cr_expect_eq(document.tree == NULL, samples[i].problem[0] != '\0', "%s", samples[i].text);
		buffer_release(&found);
		document_release(&document);
	}
}

#define EXPECT_PROBLEMS(samples) expect_problems(samples, sizeof(samples) / sizeof *(samples))

Test(json, reads_what_the_grammar_allows)
{
	static const struct sample samples[] = {
		{ "{}", 0, "" },
		{ "[]", 0, "" },
		{ "null", 0, "" },
		{ " \t\r\n[ true , false , null , \"\" , 0 ] \n", 0, "" },
		{ "-0", 0, "" },
		{ "-0.5", 0, "" },
		{ "0.001", 0, "" },
		{ "999999999999999", 0, "" },
		{ "123.456", 0, "" },
		{ "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\\uD83D\\uDE00\"", 0, "" },
		{ "\"caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80\"", 0, "" },
		{ "\"\xc2\x80 \xdf\xbf \xe0\xa0\x80 \xed\x9f\xbf \xee\x80\x80 \xf0\x90\x80\x80 \xf4\x8f\xbf\xbf\"", 0,
		  "" },
		{ "\"\x7f\"", 0, "" },
		{ "{\"a\":{\"a\":[{\"a\":1}]},\"A\":2}", 0, "" },
	};

	EXPECT_PROBLEMS(samples);
}

Test(json, allows_comments_to_the_end_of_a_line)
{
	static const struct sample samples[] = {
		{ "// first\n{ // \"x\": 1\n\"a\": 1 // , }\n}\n// last", 0, "" },
		{ "{}//", 0, "" },
		{ "{\"a\": \"// not one\"}", 0, "" },
		{ "{/* no */}", 0, "1:2 wanted a name in double quotes" },
		{ "[1 / 2]", 0, "1:4 wanted , or ]" },
		{ "{} /", 0, "1:4 wanted nothing more after the value" },
		{ "// only this", 0, "1:13 the file ends where a value was wanted" },
	};

	EXPECT_PROBLEMS(samples);
}

Test(json, blanks_comments_but_not_texts_that_look_like_them)
{
	static const char text[] = "{\"a\": \"http://x\" // \"b\": 1\n}";
	struct document document = read_bytes(text, sizeof text - 1);

	cr_assert_str_eq(json_member(document.tree, "a")->valuestring, "http://x");
	cr_assert_null(json_member(document.tree, "b"));
	document_release(&document);
}

Test(json, wants_exactly_one_value)
{
	static const struct sample samples[] = {
		{ "", 0, "1:1 the file ends where a value was wanted" },
		{ " \n ", 0, "2:2 the file ends where a value was wanted" },
		{ "{} {}", 0, "1:4 wanted nothing more after the value" },
		{ "{}}", 0, "1:3 wanted nothing more after the value" },
		{ "1 2", 0, "1:3 wanted nothing more after the value" },
		{ "{}\0", 3, "1:3 wanted nothing more after the value" },
		{ "\0", 1, "1:1 wanted a value: { [ \" a number, true, false or null" },
		{ "\xef\xbb\xbf{}", 0, "1:1 a byte order mark stands before the value: save it as UTF-8 without one" },
		{ "\xff\xfe{\0}\0", 6, "1:1 this looks like UTF-16 or UTF-32: save it as UTF-8" },
		{ "\xfe\xff\0{\0}", 6, "1:1 this looks like UTF-16 or UTF-32: save it as UTF-8" },
		{ "\0{\0}", 4, "1:1 this looks like UTF-16 or UTF-32: save it as UTF-8" },
		{ "{\0}\0", 4, "1:1 this looks like UTF-16 or UTF-32: save it as UTF-8" },
		{ "\0\0", 2, "1:1 wanted a value: { [ \" a number, true, false or null" },
	};

	EXPECT_PROBLEMS(samples);
}

Test(json, wants_words_spelt_out)
{
	static const struct sample samples[] = {
		{ "tru", 0, "1:1 wanted a value: { [ \" a number, true, false or null" },
		{ "True", 0, "1:1 wanted a value: { [ \" a number, true, false or null" },
		{ "truely", 0, "1:5 wanted nothing more after the value" },
		{ "[nul]", 0, "1:2 wanted a value: { [ \" a number, true, false or null" },
		{ "NaN", 0, "1:1 wanted a value: { [ \" a number, true, false or null" },
		{ "Infinity", 0, "1:1 wanted a value: { [ \" a number, true, false or null" },
		{ "'a'", 0, "1:1 wanted a value: { [ \" a number, true, false or null" },
	};

	EXPECT_PROBLEMS(samples);
}

Test(json, wants_commas_between_and_none_after)
{
	static const struct sample samples[] = {
		{ "[1,]", 0, "1:4 a comma before ] is not allowed" },
		{ "[1, // more\n]", 0, "2:1 a comma before ] is not allowed" },
		{ "{\"a\":1,\n}", 0, "2:1 a comma before } is not allowed" },
		{ "[,1]", 0, "1:2 wanted a value: { [ \" a number, true, false or null" },
		{ "{,}", 0, "1:2 wanted a name in double quotes" },
		{ "[1 2]", 0, "1:4 wanted , or ]" },
		{ "{\"a\":1 \"b\":2}", 0, "1:8 wanted , or }" },
		{ "[1}", 0, "1:3 wanted , or ]" },
		{ "{\"a\":1]", 0, "1:7 wanted , or }" },
		{ "{\"a\" 1}", 0, "1:6 wanted : after the name" },
		{ "{\"a\"}", 0, "1:5 wanted : after the name" },
		{ "{\"a\":}", 0, "1:6 wanted a value: { [ \" a number, true, false or null" },
		{ "{a:1}", 0, "1:2 wanted a name in double quotes" },
		{ "{1:1}", 0, "1:2 wanted a name in double quotes" },
	};

	EXPECT_PROBLEMS(samples);
}

Test(json, says_where_a_file_that_was_cut_ends)
{
	static const struct sample samples[] = {
		{ "{", 0, "1:2 wanted a name in double quotes" },
		{ "[", 0, "1:2 the file ends where a value was wanted" },
		{ "[1", 0, "1:3 wanted , or ]" },
		{ "[1,\n", 0, "2:1 the file ends where a value was wanted" },
		{ "{\"a\"", 0, "1:5 wanted : after the name" },
		{ "{\"a\":", 0, "1:6 the file ends where a value was wanted" },
		{ "{\"a\":1", 0, "1:7 wanted , or }" },
		{ "{\"a\":\"x", 0, "1:6 this text has no closing quote" },
		{ "\"x\\", 0, "1:4 unknown escape; wanted one of \\\" \\\\ \\/ \\b \\f \\n \\r \\t \\uXXXX" },
		{ "-", 0, "1:2 wanted a digit" },
		{ "1.", 0, "1:3 wanted a digit after the point" },
	};

	EXPECT_PROBLEMS(samples);
}

Test(json, wants_plain_numbers)
{
	static const struct sample samples[] = {
		{ "01", 0, "1:1 a number does not start with 0" },
		{ "-01", 0, "1:1 a number does not start with 0" },
		{ "00", 0, "1:1 a number does not start with 0" },
		{ "[1.]", 0, "1:4 wanted a digit after the point" },
		{ ".5", 0, "1:1 wanted a value: { [ \" a number, true, false or null" },
		{ "+5", 0, "1:1 wanted a value: { [ \" a number, true, false or null" },
		{ "-a", 0, "1:2 wanted a digit" },
		{ "1e9", 0, "1:2 a number has no exponent here; write it out" },
		{ "1.5E3", 0, "1:4 a number has no exponent here; write it out" },
		{ "1e999", 0, "1:2 a number has no exponent here; write it out" },
		{ "0x10", 0, "1:2 wanted nothing more after the value" },
		{ "1000000000000000", 0, "1:1 a number has at most 15 digits; write a longer one as a text" },
		{ "0.12345678901234567890123", 0, "1:1 this number is too long" },
		{ "-0.1234567890123456789012", 0, "1:1 this number is too long" },
	};

	EXPECT_PROBLEMS(samples);
}

Test(json, wants_texts_on_one_line_with_known_escapes)
{
	static const char unknown[] = "1:3 unknown escape; wanted one of \\\" \\\\ \\/ \\b \\f \\n \\r \\t \\uXXXX";
	static const struct sample samples[] = {
		{ "\"a\nb\"", 0, "1:1 this text has no closing quote" },
		{ "[\"a, 1]", 0, "1:2 this text has no closing quote" },
		{ "\"a\tb\"", 0, "1:3 control character in a text; write it as an escape" },
		{ "\"a\x01\"", 0, "1:3 control character in a text; write it as an escape" },
		{ "\"a\0b\"", 5, "1:3 control character in a text; write it as an escape" },
		{ "\"a\r\n\"", 0, "1:3 control character in a text; write it as an escape" },
		{ "\"\\x41\"", 0, unknown },
		{ "\"\\'\"", 0, unknown },
		{ "\"\\U0041\"", 0, unknown },
		{ "\"\\\n\"", 0, unknown },
		{ "\"\\\0\"", 4, unknown },
	};

	EXPECT_PROBLEMS(samples);
}

Test(json, wants_whole_characters_in_unicode_escapes)
{
	static const struct sample samples[] = {
		{ "\"\\u12\"", 0, "1:6 wanted four hexadecimal digits after \\u" },
		{ "\"\\u12G4\"", 0, "1:6 wanted four hexadecimal digits after \\u" },
		{ "\"\\u0000\"", 0, "1:8 \\u0000 is not allowed in a text" },
		{ "\"\\ud83d\"", 0, "1:8 half of a surrogate pair" },
		{ "\"\\ude00\"", 0, "1:8 half of a surrogate pair" },
		{ "\"\\ud83dx\"", 0, "1:8 half of a surrogate pair" },
		{ "\"\\ud83d\\n\"", 0, "1:9 half of a surrogate pair" },
		{ "\"\\ud83d\\u0041\"", 0, "1:14 half of a surrogate pair" },
		{ "\"\\ud83d\\ud83d\"", 0, "1:14 half of a surrogate pair" },
		{ "\"\\ud83d\\u\"", 0, "1:10 half of a surrogate pair" },
	};

	EXPECT_PROBLEMS(samples);
}

Test(json, wants_well_formed_utf8)
{
	static const struct sample samples[] = {
		{ "\"a\xff\"", 0, "1:3 not valid UTF-8" },
		{ "\"a\xfe\"", 0, "1:3 not valid UTF-8" },
		{ "\"a\x80\"", 0, "1:3 not valid UTF-8" },     /* begins in the middle */
		{ "\"a\xc3\"", 0, "1:3 not valid UTF-8" },     /* ends in the middle */
		{ "\"a\xc3\x28\"", 0, "1:3 not valid UTF-8" }, /* goes on wrongly */
		{ "\"a\xe2\x82\"", 0, "1:3 not valid UTF-8" },
		{ "\"a\xe2\x82", 0, "1:3 not valid UTF-8" }, /* cut by the end of the file */
		{ "\"a\xf0\x9f\x98", 0, "1:3 not valid UTF-8" },
		{ "\"a\xc0\x80\"", 0, "1:3 not valid UTF-8" }, /* overlong forms */
		{ "\"a\xc1\xbf\"", 0, "1:3 not valid UTF-8" },
		{ "\"a\xe0\x9f\xbf\"", 0, "1:3 not valid UTF-8" },
		{ "\"a\xf0\x8f\xbf\xbf\"", 0, "1:3 not valid UTF-8" },
		{ "\"a\xed\xa0\x80\"", 0, "1:3 not valid UTF-8" }, /* surrogates */
		{ "\"a\xed\xbf\xbf\"", 0, "1:3 not valid UTF-8" },
		{ "\"a\xf4\x90\x80\x80\"", 0, "1:3 not valid UTF-8" }, /* past the last character */
		{ "\"a\xf5\x80\x80\x80\"", 0, "1:3 not valid UTF-8" },
		{ "{\"\xff\":1}", 0, "1:3 not valid UTF-8" },
	};

	EXPECT_PROBLEMS(samples);
}

Test(json, wants_each_name_once_and_reports_all_that_are_not)
{
	static const struct sample samples[] = {
		{ "{\"a\":1,\n \"a\":2}", 0, "2:2 \"a\" is here twice; the first is on line 1" },
		{ "{\"a\":1,\"\\u0061\":2}", 0, "1:8 \"a\" is here twice; the first is on line 1" },
		{ "[{\"b\":{\"a\":1,\"a\":2}},{\"c\":1,\"c\":1}]", 0,
		  "1:14 \"a\" is here twice; the first is on line 1; 1:29 \"c\" is here twice; the first is on line "
		  "1" },
		{ "{\"a\":1,\"a\":2,\"a\":3}", 0,
		  "1:8 \"a\" is here twice; the first is on line 1; 1:14 \"a\" is here twice; the first is on line 1" },
		{ "{\"\":1,\"\":2}", 0, "1:7 \"\" is here twice; the first is on line 1" },
		{ "{\"a\":1,\"A\":2}", 0, "" },
	};

	EXPECT_PROBLEMS(samples);
}

/* ---- limits ---- */

static void expect_last(const char *text, size_t length, const char *problem)
{
	struct document document = read_bytes(text, length);
	struct buffer found = { 0 };

	buffer_add_text(&found, "");
	describe(&document, &found);
	cr_expect_str_eq(found.data, problem, "wanted: %s\nfound:  %s", problem, found.data);
	cr_expect_eq(document.tree == NULL, problem[0] != '\0');
	buffer_release(&found);
	document_release(&document);
}

/* `depth` lists, each in the one before. */
static void expect_depth(int depth, const char *problem)
{
	struct buffer text = { 0 };

	for (int i = 0; i < depth; i++)
		buffer_add_text(&text, "[");
	for (int i = 0; i < depth; i++)
		buffer_add_text(&text, "]");
	expect_last(text.data, text.length, problem);
	buffer_release(&text);
}

Test(json, is_nested_only_so_deep)
{
	expect_depth(DOCUMENT_DEPTH_MAX, "");
	expect_depth(DOCUMENT_DEPTH_MAX + 1, "1:33 nested too deep");
	expect_depth(100000, "1:33 nested too deep");
}

Test(json, does_not_take_many_neighbours_for_depth)
{
	struct buffer text = { 0 };

	buffer_add_text(&text, "[[]");
	for (int i = 0; i < 100; i++)
		buffer_add_text(&text, ",{\"a\":[]}");
	buffer_add_text(&text, "]");
	expect_last(text.data, text.length, "");
	buffer_release(&text);
}

static void expect_values(int count, const char *problem)
{
	struct buffer text = { 0 };

	buffer_add_text(&text, "[0");
	for (int i = 2; i < count; i++)
		buffer_add_text(&text, ",0");
	buffer_add_text(&text, "]");
	expect_last(text.data, text.length, problem);
	buffer_release(&text);
}

Test(json, holds_only_so_many_values)
{
	expect_values(DOCUMENT_VALUES_MAX, "");
	expect_values(DOCUMENT_VALUES_MAX + 1, "1:40000 the file has too many values");
}

static void expect_size(size_t size, const char *problem)
{
	char *text = malloc(size);

	memset(text, ' ', size);
	text[0] = '1';
	expect_last(text, size, problem);
	free(text);
}

Test(json, finds_a_name_that_is_there_twice_among_thousands)
{
	struct buffer text = { 0 };

	buffer_add_text(&text, "{\"n3\":0");
	for (int i = 0; i < DOCUMENT_VALUES_MAX - 4; i++)
		buffer_add_format(&text, ",\n\"n%d\":0", i);
	buffer_add_text(&text, ",\"n2\":0}");
	expect_last(
	    text.data, text.length,
	    "5:1 \"n3\" is here twice; the first is on line 1; 19997:12 \"n2\" is here twice; the first is on line 4");
	buffer_release(&text);
}

Test(json, takes_a_number_that_is_just_short_enough)
{
	static const char text[] = "0.1234567890123456789012";

	_Static_assert(sizeof text - 1 == NUMBER_LENGTH_MAX, "the number below is not of that length");
	expect_last(text, NUMBER_LENGTH_MAX, "");
}

Test(json, is_only_so_large)
{
	expect_size(DOCUMENT_SIZE_MAX, "");
	expect_size(DOCUMENT_SIZE_MAX + 1, "0:0 the file has more than 1048576 bytes: no more are read");
}

/* ---- places ---- */

static void expect_place(struct place place, int line, int column)
{
	cr_expect_eq(place.line, line);
	cr_expect_eq(place.column, column, "wanted column %d of line %d, found %d", column, line, place.column);
	cr_expect_str_eq(place.file, "a.json");
}

Test(json, knows_where_each_value_and_each_name_stands)
{
	static const char text[] = "// a comment\n"
				   "{\n"
				   "\t\"one\": 1, \"two\": [ true,\n"
				   "\t\tnull,{\"deep\" : \"caf\xc3\xa9\", \"after\": 2 } ],\r\n"
				   "  \"last\"\n"
				   "  :\n"
				   "  {} }";
	struct document document = read_bytes(text, sizeof text - 1);
	const struct json_places *places = &document.places;
	const cJSON *two = json_member(document.tree, "two");
	const cJSON *deep = json_member(cJSON_GetArrayItem(two, 2), "deep");
	const cJSON *after = json_member(cJSON_GetArrayItem(two, 2), "after");
	const cJSON *last = json_member(document.tree, "last");

	expect_place(json_place_of(places, document.tree), 2, 1);
	expect_place(json_key_place_of(places, document.tree), 2, 1);
	expect_place(json_key_place_of(places, json_member(document.tree, "one")), 3, 2);
	expect_place(json_place_of(places, json_member(document.tree, "one")), 3, 9);
	expect_place(json_key_place_of(places, two), 3, 12);
	expect_place(json_place_of(places, two), 3, 19);
	expect_place(json_place_of(places, cJSON_GetArrayItem(two, 0)), 3, 21);
	expect_place(json_place_of(places, cJSON_GetArrayItem(two, 1)), 4, 3);
	expect_place(json_key_place_of(places, cJSON_GetArrayItem(two, 1)), 4, 3);
	expect_place(json_place_of(places, cJSON_GetArrayItem(two, 2)), 4, 8);
	expect_place(json_key_place_of(places, deep), 4, 9);
	expect_place(json_place_of(places, deep), 4, 18);
	expect_place(json_key_place_of(places, after), 4, 27); /* columns count bytes */
	expect_place(json_key_place_of(places, last), 5, 3);
	expect_place(json_place_of(places, last), 7, 3);
	document_release(&document);
}

Test(json, keeps_places_of_several_documents_apart)
{
	struct json_places places = { 0 };
	struct problems problems = { 0 };
	cJSON *first = json_read(&places, "a.json", "[1,2]", 5, &problems);
	cJSON *broken = json_read(&places, "b.json", "[1,2,", 5, &problems);
	cJSON *second = json_read(&places, "c.json", "\n [3]", 5, &problems);

	cr_assert_null(broken);
	cr_assert_str_eq(json_place_of(&places, cJSON_GetArrayItem(first, 1)).file, "a.json");
	cr_assert_eq(json_place_of(&places, cJSON_GetArrayItem(first, 1)).column, 4);
	cr_assert_str_eq(json_place_of(&places, second->child).file, "c.json");
	cr_assert_eq(json_place_of(&places, second->child).line, 2);
	cr_assert_eq(json_place_of(&places, second->child).column, 3);
	json_places_release(&places);
	problems_release(&problems);
}

Test(json, names_kinds_as_people_do)
{
	static const char text[] = "[{}, [], \"\", 0, true, false, null]";
	static const char *const kinds[] = { "an object", "a list", "a text", "a number", "true", "false", "null" };
	struct document document = read_bytes(text, sizeof text - 1);

	for (int i = 0; i < 7; i++)
		cr_expect_str_eq(json_kind(cJSON_GetArrayItem(document.tree, i)), kinds[i]);
	document_release(&document);
}

Test(json, looks_members_up_by_exact_case)
{
	struct document document = read_bytes("{\"a\":1}", 7);

	cr_expect_not_null(json_member(document.tree, "a"));
	cr_expect_null(json_member(document.tree, "A"));
	cr_expect_null(json_member(NULL, "a"));
	cr_expect_null(json_member(json_member(document.tree, "a"), "a"));
	document_release(&document);
}
