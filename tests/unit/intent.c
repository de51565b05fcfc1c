/* Why: clients ask ssodh/init for its session in four ways, and some of what arrives is garbage: none may confuse it. */
#include "core/intent.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

/* "p" and "c" for what is said, upper case for true; "" when nothing is. The body is handed over in a block of exactly
 * its size, so that the sanitizer sees a read past its end. */
static const char *intent_in(const char *target, bool is_form, const char *body, size_t length)
{
	static char said[3];
	char *exact = malloc(length ? length : 1);
	const struct request request = {
		.method = METHOD_POST, .target = span_of(target), .is_form = is_form, .body = { exact, length }
	};
	struct intent intent;
	size_t count = 0;

	memcpy(exact, body, length);
	intent = intent_of(&request);
	free(exact);
	if (intent.publish != TRISTATE_ANY)
		said[count++] = intent.publish == TRISTATE_TRUE ? 'P' : 'p';
	if (intent.compete != TRISTATE_ANY)
		said[count++] = intent.compete == TRISTATE_TRUE ? 'C' : 'c';
	said[count] = '\0';
	return said;
}

struct sample {
	const char *text;
	const char *said;
};

Test(intent, is_read_from_a_json_body)
{
	static const struct sample samples[] = {
		{ "{\"publish\":true,\"compete\":true}", "PC" },
		{ "{\"publish\":true,\"compete\":false}", "Pc" },
		{ " { \"compete\" : true } \r\n", "pC" },
		{ "{\"other\":1,\"publish\":false}", "pc" },
		{ "{\"publish\":\"true\",\"compete\":1}", "pc" }, /* only true and false will do */
		{ "{\"publish\":null}", "pc" },
		{ "{\"Publish\":true}", "pc" }, /* names are exact */
		{ "{}", "pc" },                 /* both are required: what is not said is as good as false */
	};

	for (size_t i = 0; i < sizeof samples / sizeof *samples; i++)
		cr_expect_str_eq(intent_in("/init", false, samples[i].text, strlen(samples[i].text)), samples[i].said,
		                 "%s", samples[i].text);
}

Test(intent, is_read_from_a_form)
{
	static const struct sample samples[] = {
		{ "publish=true&compete=true", "PC" },
		{ "compete=false&publish=true", "Pc" },
		{ "publish=true&publish=false", "p" },
		{ "&&publish=true&", "P" },
		{ "publish=TRUE", "" },
		{ "publish=true;compete=true", "" },
		{ "xpublish=true", "" },
		{ "publish", "" },
		{ "publish=", "" },
		{ "=true", "" },
		{ "{\"publish\":true}", "" },
	};

	for (size_t i = 0; i < sizeof samples / sizeof *samples; i++)
		cr_expect_str_eq(intent_in("/init", true, samples[i].text, strlen(samples[i].text)), samples[i].said,
		                 "%s", samples[i].text);
}

Test(intent, is_read_from_the_query)
{
	static const struct sample samples[] = {
		{ "/init?publish=true&compete=true", "PC" },
		{ "/init?x=1&compete=false", "c" },
		{ "/init?", "" },
		{ "/init", "" },
		{ "/init?a?publish=true", "" },
		{ "/init?publish=true?", "" },
		{ "", "" },
	};

	for (size_t i = 0; i < sizeof samples / sizeof *samples; i++)
		cr_expect_str_eq(intent_in(samples[i].text, false, "", 0), samples[i].said, "%s", samples[i].text);
}

Test(intent, of_the_body_wins_over_the_query)
{
	static const char json[] = "{\"compete\":false}";
	static const char form[] = "compete=false";

	cr_expect_str_eq(intent_in("/init?compete=true", false, json, sizeof json - 1), "pc");
	cr_expect_str_eq(intent_in("/init?publish=true&compete=true", true, form, sizeof form - 1), "Pc",
	                 "what the form does not say, the query still does");
}

Test(intent, is_nothing_in_a_body_that_makes_no_sense)
{
	static const struct {
		const char *body;
		size_t length;
	} bodies[] = {
		{ "\0", 1 },
		{ "{", 1 },
		{ "{\"publish\":", 11 },
		{ "{\"publish\":tru", 14 },
		{ "{\"publish\":true,", 16 },
		{ "{\"a\\", 4 },
		{ "{\"a\\u", 5 },
		{ "{\"a\\ud83d", 9 },
		{ "[true]", 6 },
		{ "\"publish\"", 9 },
		{ "true", 4 },
		{ "\xff\xfe{\0", 4 },
		{ "\xef\xbb\xbf", 3 },
		{ "publish=true", 12 },
	};

	for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++)
		cr_expect_str_eq(intent_in("/init", false, bodies[i].body, bodies[i].length), "", "body %zu", i);
}

Test(intent, survives_a_body_that_is_nothing_but_brackets)
{
	static char brackets[16384];

	memset(brackets, '[', sizeof brackets);
	cr_expect_str_eq(intent_in("/init", false, brackets, sizeof brackets), "");
}
