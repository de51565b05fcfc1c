/* Why: what a form says is typed by people and sent by whoever likes to: it is read as browsers mean it, and no further than
 * there is room. */
#include "core/form.h"

#include <criterion/criterion.h>
#include <string.h>

/* The pairs of a form as "name=value|…", cut ones with a "~". */
static const char *read(const char *bytes, size_t length)
{
	static char text[4096];
	struct form form = form_of((struct span){ bytes, length });
	struct form_pair pair;

	text[0] = '\0';
	while (form_next(&form, &pair)) {
		if (text[0])
			strcat(text, "|");
		strcat(text, pair.name);
		strcat(text, "=");
		strcat(text, pair.value);
		if (pair.cut)
			strcat(text, "~");
	}
	return text;
}

static const char *read_text(const char *text)
{
	return read(text, strlen(text));
}

Test(form, is_read_as_browsers_mean_it)
{
	cr_expect_str_eq(read_text(""), "");
	cr_expect_str_eq(read_text("username=a+b%20c&password=%2B%26%3D"), "username=a b c|password=+&=");
	cr_expect_str_eq(read_text("na%6de=x&%41=%c3%a9"), "name=x|A=\xc3\xa9");
	cr_expect_str_eq(read_text("a=b=c&=d&e&f="), "a=b=c|=d|e=|f=");
	cr_expect_str_eq(read_text("&&a=1&&"), "a=1");
}

Test(form, keeps_what_is_no_escape)
{
	cr_expect_str_eq(read_text("a=%&b=%4&c=%zz&d=%%41"), "a=%|b=%4|c=%zz|d=%A");
}

Test(form, tells_a_zero_from_an_end)
{
	struct form form = form_of(span_of("user=ab%00cd"));
	struct form_pair pair;

	cr_assert(form_next(&form, &pair));
	cr_expect_eq(pair.value_length, 5U);
	cr_expect_eq(memcmp(pair.value, "ab\0cd", 6), 0);
	form = form_of(span_of("user%00=x"));
	cr_assert(form_next(&form, &pair));
	cr_expect_not(form_pair_is(&pair, "user"));
}

Test(form, ends_where_its_bytes_do)
{
	cr_expect_str_eq(read("a=%41xyz", 5), "a=A");
	cr_expect_str_eq(read("a=%41xyz", 4), "a=%4");
	cr_expect_str_eq(read("a=%41xyz", 3), "a=%");
}

Test(form, has_room_for_so_much)
{
	char text[8 * FORM_PAIRS_MAX + 2 * FORM_VALUE_MAX + NAME_LENGTH_MAX];
	struct form form;
	struct form_pair pair;
	size_t count = 0;

	text[0] = '\0';
	for (size_t i = 0; i < FORM_PAIRS_MAX + 4; i++)
		strcat(text, "a=b&");
	for (form = form_of(span_of(text)); form_next(&form, &pair);)
		count++;
	cr_expect_eq(count, (size_t)FORM_PAIRS_MAX);

	memset(text, 'v', sizeof text);
	memcpy(text, "n=", 2);
	form = form_of((struct span){ text, FORM_VALUE_MAX + 2 });
	cr_assert(form_next(&form, &pair));
	cr_expect(pair.value_length == FORM_VALUE_MAX && !pair.cut);
	form = form_of((struct span){ text, FORM_VALUE_MAX + 3 });
	cr_assert(form_next(&form, &pair));
	cr_expect(pair.value_length == FORM_VALUE_MAX && pair.cut);

	memset(text, 'n', sizeof text);
	form = form_of((struct span){ text, NAME_LENGTH_MAX + 1 });
	cr_assert(form_next(&form, &pair));
	cr_expect(pair.name_length == NAME_LENGTH_MAX && pair.cut);
}
