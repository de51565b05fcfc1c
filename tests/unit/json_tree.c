/* Why: the trees are made by a scanner of our own, and everybody reads them with cJSON. They must be the ones that cJSON
 * would have made, texts and numbers included, also when they are taken apart and put together. */
#include "core/json.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

static void expect_as_cjson(const char *text)
{
	struct json_places places = { 0 };
	struct problems problems = { 0 };
	cJSON *ours = json_read(&places, "a.json", text, strlen(text), &problems);
	cJSON *theirs = cJSON_Parse(text);
	char *printed = cJSON_PrintUnformatted(ours);
	char *wanted = cJSON_PrintUnformatted(theirs);

	cr_assert_not_null(ours, "%s", text);
	cr_assert_not_null(theirs, "%s", text);
	cr_expect(cJSON_Compare(ours, theirs, true), "%s", text);
	cr_expect_str_eq(printed, wanted);
	cJSON_free(printed);
	cJSON_free(wanted);
	cJSON_Delete(theirs);
	json_places_release(&places);
	problems_release(&problems);
}

Test(json_tree, is_what_cjson_makes_of_the_same_text)
{
	static const char *const texts[] = {
		"{}",
		"[]",
		"\"\"",
		"true",
		"[false,null,[[],{}],{\"a\":{\"b\":[1]}}]",
		"{\"\":0,\"a\":\"b\",\"A\":\"c\"}",
		"[0,-0,1,-1,15,999999999999999,-999999999999999]",
		"[0.5,-0.25,3.14159,0.1,123456789012345.5,0.000001,10.10]",
		"[\"plain\",\"\\\"\",\"\\\\\",\"\\/\",\"\\b\\f\\n\\r\\t\",\"a\\tb\",\"\\\\n\",\"end\\\\\"]",
		"[\"\\u0041\",\"\\u00e9\\u00E9\",\"\\u20ac!\",\"\\ud83d\\ude00\"]",
		"[\"\\u007f\\u0080\\u07ff\\u0800\\uffff\"]",
		"[\"caf\xc3\xa9\",\"\xe2\x82\xac\",\"\xf0\x9f\x98\x80 and \\u0041\xc3\xa9\\n\"]",
		"{\"\\u0061 name\\n\":\"x\",\"caf\xc3\xa9\":\"\\ud83d\\ude00\"}",
	};

	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		expect_as_cjson(texts[i]);
}

Test(json_tree, holds_each_character_that_an_escape_can_say)
{
	char text[32];

	for (unsigned code = 1; code < 0x10000; code++) {
		if (code >= 0xD800 && code <= 0xDFFF)
			continue;
		snprintf(text, sizeof text, "[\"a\\u%04Xb\"]", code);
		expect_as_cjson(text);
	}
}

/* What merging does. */
Test(json_tree, can_be_taken_apart_and_put_together)
{
	static const char text[] = "{\"a\":[1,2,3],\"b\":{\"c\":\"d\"},\"e\":[]}";
	struct json_places places = { 0 };
	struct problems problems = { 0 };
	cJSON *tree = json_read(&places, "a.json", text, sizeof text - 1, &problems);
	cJSON *list = json_member(tree, "a");
	char *printed;

	cJSON_AddItemToArray(list, cJSON_DetachItemViaPointer(list, list->child));
	cJSON_AddItemToArray(list, cJSON_DetachItemViaPointer(tree, json_member(tree, "e")));
	cJSON_DetachItemViaPointer(tree, json_member(tree, "b"));
	printed = cJSON_PrintUnformatted(tree);
	cr_expect_str_eq(printed, "{\"a\":[2,3,1,[]]}");
	cJSON_free(printed);
	json_places_release(&places);
	problems_release(&problems);
}

/* Twelve members are compared each with each, more are sorted: both find the same. */
Test(json_tree, finds_names_that_are_there_twice_whatever_their_number)
{
	for (size_t count = 2; count < 40; count++) {
		struct json_places places = { 0 };
		struct problems problems = { 0 };
		struct buffer text = { 0 };

		buffer_add_text(&text, "{\"twice\":0");
		for (size_t i = 2; i < count; i++)
			buffer_add_format(&text, ",\"twice%zu\":0", i);
		buffer_add_text(&text, "}");
		cr_expect_not_null(json_read(&places, "a.json", text.data, text.length, &problems));
		text.data[--text.length] = '\0';
		buffer_add_text(&text, ",\"twice\":0}");
		cr_expect_null(json_read(&places, "b.json", text.data, text.length, &problems));
		cr_expect_eq(problems.total, 1);
		json_places_release(&places);
		problems_release(&problems);
		buffer_release(&text);
	}
}
