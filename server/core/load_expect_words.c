/*
 * An expectation as a sentence, as reports have it: "at least 2 calls of tickle within 5m after login".
 */
#include "core/load_expect.h"

#include "core/calendar.h"

static void add_amount(const struct loading *loading, const struct amount *amount, struct buffer *out)
{
	if (amount->setting == INDEX_NONE)
		duration_add(out, amount->ms);
	else
		buffer_add_text(out, loading->machine->settings[amount->setting].name);
}

static void add_counted(const struct expectation *expectation, struct buffer *out)
{
	const char *of = expectation->subject == SUBJECT_EVENTS   ? "event"
	                 : expectation->subject == SUBJECT_FRAMES ? "message"
	                                                          : "call";

	if (expectation->count == 0)
		buffer_add_text(out, "no");
	else
		buffer_add_format(out, "%s %u", expectation->kind == EXPECT_AT_LEAST ? "at least" : "at most",
		                  expectation->count);
	buffer_add_format(out, " %s%s", of, expectation->count > 1 ? "s" : "");
	if (expectation->subject == SUBJECT_PACING)
		buffer_add_text(out, " beyond the documented rate limits");
	else
		buffer_add_format(out, " %s%s", expectation->subject == SUBJECT_CALLS ? "of " : "",
		                  expectation->subject_text);
}

static void add_subject(const struct loading *loading, const struct expectation *expectation, struct buffer *out)
{
	switch (expectation->kind) {
	case EXPECT_AT_LEAST:
	case EXPECT_AT_MOST:
		add_counted(expectation, out);
		break;
	case EXPECT_EVERY:
		buffer_add_format(out, "a %s %s every ", expectation->subject == SUBJECT_FRAMES ? "message" : "call of",
		                  expectation->subject_text);
		add_amount(loading, &expectation->within, out);
		return;
	case EXPECT_ORDER:
		buffer_add_text(out, expectation->order_is_of_calls ? "calls in this order: " : "in this order: ");
		for (size_t i = 0; i < expectation->order_count; i++)
			buffer_add_format(out, "%s%s", i ? ", " : "", expectation->order[i].text);
		break;
	case EXPECT_STATE:
		buffer_add_format(out, "state %s", expectation->state_text);
		break;
	case EXPECT_FINAL_STATE:
		buffer_add_format(out, "state %s at the end", expectation->state_text);
		break;
	}
	if (expectation->has_within) {
		buffer_add_text(out, expectation->kind == EXPECT_AT_MOST ? " within any " : " within ");
		add_amount(loading, &expectation->within, out);
	}
}

const char *expectation_in_words(struct loading *loading, const cJSON *item, const struct expectation *expectation)
{
	struct buffer text = { 0 };

	add_subject(loading, expectation, &text);
	if (expectation->has_after)
		buffer_add_format(&text, " after %s", expectation->after_text);
	if (json_member(item, "until"))
		buffer_add_format(&text, " until %s", names_in_words(loading, json_member(item, "until")));
	if (expectation->when_text)
		buffer_add_format(&text, " while %s", expectation->when_text);
	return expect_text(loading, &text);
}
