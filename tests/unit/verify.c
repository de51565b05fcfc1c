/* Why: a verdict that is wrong, or that is right but says nothing, is what people dislike most about mock servers. Each
 * report here is what somebody reads who knows only their own client. */
#include "core/verify.h"

#include "support/base_gateway.h"

#include <criterion/criterion.h>
#include <string.h>

/* ---- running ---- */

/* The report; empty when it passed. Problems with the text itself come as they are. */
static void judge(const struct base_gateway *gateway, const char *text, bool is_sequence, struct buffer *out)
{
	struct quoted_json json = quoted_json_read(text);
	const struct reader reader = { .places = json.places, .problems = json.problems };
	struct verify_sequence *sequence = malloc(sizeof *sequence);
	struct verify verify;
	bool read;
	bool passed = false;

	buffer_clear(out);
	buffer_add_text(out, "");
	read = is_sequence ? verify_sequence_read(&reader, &gateway->machine, json.tree, sequence)
	                   : verify_read(&reader, &gateway->machine, json.tree, &verify);
	cr_assert_eq(read, json.problems->total == 0);
	if (!read) {
		problem_lines(json.problems, out);
	} else {
		passed = is_sequence ? verify_sequence_run(sequence, &gateway->emulator, out)
		                     : verify_run(&verify, &gateway->emulator, out);
		cr_assert_eq(passed, out->length == 0);
	}
	quoted_json_release(&json);
	free(sequence);
}

static void expect(const struct base_gateway *gateway, const char *text, bool is_sequence, const char *expected)
{
	struct buffer report = { 0 };

	judge(gateway, text, is_sequence, &report);
	cr_expect_str_eq(report.data, expected, "%s\n---- is\n%s---- wanted\n%s", text, report.data, expected);
	buffer_release(&report);
}

static void expect_one(const struct base_gateway *gateway, const char *text, const char *expected)
{
	expect(gateway, text, false, expected);
}

static void expect_sequence(const struct base_gateway *gateway, const char *text, const char *expected)
{
	expect(gateway, text, true, expected);
}

/* A client that looks, tickles twice and logs out. */
static void play(struct base_gateway *gateway)
{
	base_gateway_start(gateway, "gateway", 0);
	base_gateway_ask(gateway, "GET", "/v1/api/iserver/auth/status", NULL, NULL);
	base_gateway_ask(gateway, "POST", "/v1/api/tickle", NULL, NULL);
	emulator_advance(&gateway->emulator, gateway->emulator.now_ms + 60000);
	base_gateway_ask(gateway, "POST", "/v1/api/tickle", NULL, NULL);
	base_gateway_ask(gateway, "POST", "/v1/api/logout", NULL, NULL);
}

/* ---- how often ---- */

Test(verify, passes_what_is_so)
{
	static const char *const texts[] = {
		"{'request':{'endpoint':'tickle'}}",
		"{'request':{}}",
		"{'request':{'endpoint':'tickle'},'times':2}",
		"{'request':{'endpoint':'tickle'},'times':{'at_least':2}}",
		"{'request':{'endpoint':'tickle'},'times':{'at_least':0}}",
		"{'request':{'endpoint':'tickle'},'times':{'at_most':2}}",
		"{'request':{'endpoint':'tickle'},'times':{'at_least':1,'at_most':3}}",
		"{'httpRequest':{'endpoint':'tickle'},'times':{'atLeast':2,'atMost':2}}",
		"{'request':{'endpoint':'sso_ping'},'times':0}",
		"{'request':{'endpoint':'sso_ping'},'times':{'at_most':0}}",
		"{'request':{'endpoint':'tickle'},'times':1,'since':3}",
		"{'request':{'endpoint':'tickle','since':3},'times':1}",
		"{'request':{'endpoint':'tickle','since':3},'times':1,'since':1}",
		"{'request':{'endpoint':'tickle'},'times':0,'since':1000}",
	};
	struct base_gateway gateway;

	play(&gateway);
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		expect_one(&gateway, texts[i], "");
	base_gateway_stop(&gateway);
}

Test(verify, shows_the_nearest_of_what_did_not_come)
{
	struct base_gateway gateway;

	play(&gateway);
	expect_one(&gateway, "{'request':{'method':'GET','url_path':'/v1/api/tickle'}}",
	           "Wanted at least 1 time: {\"method\":\"GET\",\"url_path\":\"/v1/api/tickle\"}\n"
	           "Found 0.\n"
	           "The nearest that came:\n"
	           "  3  2026-03-02T14:31:00.000Z POST /v1/api/tickle fresh 401\n"
	           "     method: wanted GET, was POST\n"
	           "  2  2026-03-02T14:30:00.000Z POST /v1/api/tickle fresh 401\n"
	           "     method: wanted GET, was POST\n"
	           "  1  2026-03-02T14:30:00.000Z GET /v1/api/iserver/auth/status fresh 401\n"
	           "     url_path: wanted /v1/api/tickle, was /v1/api/iserver/auth/status\n"
	           "  4  2026-03-02T14:31:00.000Z POST /v1/api/logout fresh 401\n"
	           "     method: wanted GET, was POST; url_path: wanted /v1/api/tickle, was /v1/api/logout\n");
	base_gateway_stop(&gateway);
}

Test(verify, shows_those_that_are_too_many)
{
	struct base_gateway gateway;

	play(&gateway);
	expect_one(&gateway, "{'request':{'endpoint':'tickle'},'times':{'at_most':1}}",
	           "Wanted at most 1 time: {\"endpoint\":\"tickle\"}\n"
	           "Found 2.\n"
	           "They are, the latest first:\n"
	           "  3  2026-03-02T14:31:00.000Z POST /v1/api/tickle fresh 401\n"
	           "  2  2026-03-02T14:30:00.000Z POST /v1/api/tickle fresh 401\n");
	base_gateway_stop(&gateway);
}

Test(verify, shows_what_came_and_what_is_near_when_there_are_too_few)
{
	struct base_gateway gateway;

	play(&gateway);
	expect_one(&gateway, "{'request':{'endpoint':'tickle'},'times':3,'since':3}",
	           "Wanted exactly 3 times: {\"endpoint\":\"tickle\"}\n"
	           "Found 1.\n"
	           "They are, the latest first:\n"
	           "  3  2026-03-02T14:31:00.000Z POST /v1/api/tickle fresh 401\n"
	           "The nearest that came:\n"
	           "  4  2026-03-02T14:31:00.000Z POST /v1/api/logout fresh 401\n"
	           "     endpoint: wanted tickle, was logout\n");
	expect_one(&gateway, "{'request':{'endpoint':'tickle'},'times':{'at_least':1,'at_most':2},'since':5}",
	           "Wanted 1 to 2 times: {\"endpoint\":\"tickle\"}\n"
	           "Found 0.\n"
	           "No other request came.\n");
	base_gateway_stop(&gateway);
}

/* ---- what the journal has lost ---- */

Test(verify, does_not_take_what_is_lost_for_what_never_was)
{
	struct base_gateway gateway;

	base_gateway_start(&gateway, "gateway", JOURNAL_RECORDS_MIN);
	for (int i = 0; i < 1204 + JOURNAL_RECORDS_MIN - 1; i++)
		base_gateway_ask(&gateway, "GET", "/demo", NULL, NULL);
	base_gateway_ask(&gateway, "GET", "/v1/api/tickle", NULL, NULL);
	cr_assert_eq(gateway.emulator.journal.oldest, 1204);
	expect_one(&gateway, "{'request':{'endpoint':'tickle'}}", "");
	expect_one(
	    &gateway, "{'request':{'endpoint':'tickle'},'times':{'at_most':1}}",
	    "Wanted at most 1 time: {\"endpoint\":\"tickle\"}\n"
	    "Found at least 1.\n"
	    "1,204 older records are no longer kept: so it is not proven that there were no more. Keep more with "
	    "--journal-size, or count from a later record with \"since\"\n"
	    "They are, the latest first:\n"
	    "  1460  2026-03-02T14:30:00.000Z GET /v1/api/tickle fresh 401\n");
	expect_one(&gateway, "{'request':{'endpoint':'logout'},'times':0,'since':1204}",
	           "Wanted exactly 0 times: {\"endpoint\":\"logout\"}\n"
	           "Found at least 0.\n"
	           "1 older record is no longer kept: so it is not proven that there were no more. Keep more with "
	           "--journal-size, or count from a later record with \"since\"\n");
	expect_one(&gateway, "{'request':{'endpoint':'tickle'},'times':1,'since':1205}", "");
	expect_one(&gateway, "{'request':{'endpoint':'tickle'},'times':2,'since':1460}",
	           "Wanted exactly 2 times: {\"endpoint\":\"tickle\"}\n"
	           "Found 1.\n"
	           "They are, the latest first:\n"
	           "  1460  2026-03-02T14:30:00.000Z GET /v1/api/tickle fresh 401\n"
	           "No other request came.\n");
	base_gateway_stop(&gateway);
}

Test(verify, says_that_what_is_missing_may_be_among_the_lost)
{
	struct base_gateway gateway;
	struct buffer report = { 0 };

	base_gateway_start(&gateway, "gateway", JOURNAL_RECORDS_MIN);
	for (int i = 0; i < JOURNAL_RECORDS_MIN + 2; i++)
		base_gateway_ask(&gateway, "GET", "/demo", NULL, NULL);
	judge(&gateway, "{'request':{'endpoint':'tickle'}}", false, &report);
	cr_assert(strstr(report.data,
	                 "Found at least 0.\n2 older records are no longer kept: whether the rest was among "
	                 "them is not known\n"),
	          "%s", report.data);
	judge(&gateway, "{'requests':[{'endpoint':'tickle'}]}", true, &report);
	cr_assert(strstr(report.data,
	                 "2 older records are no longer kept: whether what is missing was among them is not known\n"),
	          "%s", report.data);
	buffer_release(&report);
	base_gateway_stop(&gateway);
}

/* ---- sequences ---- */

Test(verify_sequence, passes_with_others_between)
{
	static const char *const texts[] = {
		"{'requests':[{'endpoint':'auth_status'},{'endpoint':'logout'}]}",
		"{'requests':[{'endpoint':'tickle'},{'endpoint':'tickle'},{'endpoint':'logout'}]}",
		"{'httpRequests':[{'endpoint':'logout'}]}",
		"{'requests':[{},{},{},{}]}",
		"{'requests':[{'endpoint':'tickle'},{'endpoint':'logout'}],'since':3}",
	};
	struct base_gateway gateway;

	play(&gateway);
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		expect_sequence(&gateway, texts[i], "");
	base_gateway_stop(&gateway);
}

Test(verify_sequence, says_where_it_stopped_and_what_came_instead)
{
	struct base_gateway gateway;

	play(&gateway);
	expect_sequence(&gateway,
	                "{'requests':[{'endpoint':'tickle'},{'endpoint':'auth_status'},{'endpoint':'logout'}]}",
	                "Wanted 3 requests in this order, found the first 1:\n"
	                "+ 1. {\"endpoint\":\"tickle\"}\n"
	                "  2  2026-03-02T14:30:00.000Z POST /v1/api/tickle fresh 401\n"
	                "- 2. {\"endpoint\":\"auth_status\"}\n"
	                "- 3. {\"endpoint\":\"logout\"}\n"
	                "It stopped at request 2.\n"
	                "It came before that:\n"
	                "  1  2026-03-02T14:30:00.000Z GET /v1/api/iserver/auth/status fresh 401\n"
	                "What came instead:\n"
	                "  3  2026-03-02T14:31:00.000Z POST /v1/api/tickle fresh 401\n"
	                "  4  2026-03-02T14:31:00.000Z POST /v1/api/logout fresh 401\n"
	                "The nearest that came:\n"
	                "  4  2026-03-02T14:31:00.000Z POST /v1/api/logout fresh 401\n"
	                "     endpoint: wanted auth_status, was logout\n"
	                "  3  2026-03-02T14:31:00.000Z POST /v1/api/tickle fresh 401\n"
	                "     endpoint: wanted auth_status, was tickle\n");
	expect_sequence(&gateway, "{'requests':[{'endpoint':'auth_status'}],'since':4}",
	                "Wanted 1 request in this order, found the first 0:\n"
	                "- 1. {\"endpoint\":\"auth_status\"}\n"
	                "It stopped at request 1.\n"
	                "What came instead:\n"
	                "  4  2026-03-02T14:31:00.000Z POST /v1/api/logout fresh 401\n"
	                "The nearest that came:\n"
	                "  4  2026-03-02T14:31:00.000Z POST /v1/api/logout fresh 401\n"
	                "     endpoint: wanted auth_status, was logout\n");
	expect_sequence(&gateway, "{'requests':[{'endpoint':'logout'},{'endpoint':'logout'}]}",
	                "Wanted 2 requests in this order, found the first 1:\n"
	                "+ 1. {\"endpoint\":\"logout\"}\n"
	                "  4  2026-03-02T14:31:00.000Z POST /v1/api/logout fresh 401\n"
	                "- 2. {\"endpoint\":\"logout\"}\n"
	                "It stopped at request 2.\n"
	                "No other request came.\n");
	base_gateway_stop(&gateway);
}

/* ---- mistakes ---- */

Test(verify, reports_mistakes)
{
	static const struct {
		const char *text;
		bool is_sequence;
		const char *report;
	} items[] = {
		{ "{}", false,
		  "1:1: a verification must have \"request\": what the client is to have asked, or \"record\": what "
		  "else is to have happened\n" },
		{ "{'reqest':{}}", false,
		  "1:2: a verification has no \"reqest\" (request)\n"
		  "1:1: a verification must have \"request\": what the client is to have asked, or \"record\": what "
		  "else is to have happened\n" },
		{ "{'request':{'endpoint':'tikle'}}", false, "1:24: there is no endpoint \"tikle\" (tickle)\n" },
		{ "{'request':{},'httpRequest':{}}", false,
		  "1:15: \"httpRequest\" is \"request\" in other words: wanted one of them\n" },
		{ "{'request':{},'times':-1}", false, "1:23: \"times\" must be a whole number from 0 to 1000000000\n" },
		{ "{'request':{},'times':1.5}", false,
		  "1:23: \"times\" must be a whole number from 0 to 1000000000\n" },
		{ "{'request':{},'times':'once'}", false,
		  "1:23: \"times\" must be a number or an object, found a text\n" },
		{ "{'request':{},'times':{}}", false, "1:23: wanted \"at_least\", \"at_most\" or both\n" },
		{ "{'request':{},'times':{'at_lest':1}}", false,
		  "1:24: \"times\" has no \"at_lest\" (at_least)\n1:23: wanted \"at_least\", \"at_most\" or both\n" },
		{ "{'request':{},'times':{'at_least':2,'atMost':1}}", false,
		  "1:46: \"at_most\" is less than \"at_least\": nothing could ever be so\n" },
		{ "{'request':{},'since':-1}", false,
		  "1:23: an id must be a whole number from 0 to 999999999999999\n" },
		{ "[]", true, "1:1: a verification must be an object, found a list\n" },
		{ "{}", true,
		  "1:1: a verification must have \"requests\": what the client is to have asked, in order, or "
		  "\"records\": what else is to have happened among it\n" },
		{ "{'requests':[]}", true,
		  "1:13: a verification must have \"requests\": what the client is to have asked, in order, or "
		  "\"records\": what else is to have happened among it\n" },
		{ "{'requests':[{},5]}", true, "1:17: a pattern must be an object, found a number\n" },
		{ "{'requests':[{'state':'feesh'}]}", true, "1:23: there is no state \"feesh\" (fresh)\n" },
	};
	struct base_gateway gateway;

	play(&gateway);
	for (size_t i = 0; i < sizeof items / sizeof *items; i++)
		expect(&gateway, items[i].text, items[i].is_sequence, items[i].report);
	base_gateway_stop(&gateway);
}

Test(verify_sequence, has_no_more_requests_than_it_may)
{
	struct base_gateway gateway;
	struct buffer text = { 0 };
	struct buffer report = { 0 };

	play(&gateway);
	for (int count = VERIFY_SEQUENCE_MAX; count <= VERIFY_SEQUENCE_MAX + 1; count++) {
		buffer_clear(&text);
		buffer_add_text(&text, "{'requests':[{}");
		for (int i = 1; i < count; i++)
			buffer_add_text(&text, ",{}");
		buffer_add_text(&text, "]}");
		judge(&gateway, text.data, true, &report);
		cr_assert_eq(strstr(report.data, "at most 64 are allowed") != NULL, count > VERIFY_SEQUENCE_MAX, "%s",
		             report.data);
	}
	buffer_release(&text);
	buffer_release(&report);
	base_gateway_stop(&gateway);
}

/* The largest pattern, and the longest requests that miss it. */
Test(verify, reports_no_more_than_can_be_read)
{
	struct base_gateway gateway;
	struct buffer text = { 0 };
	struct buffer report = { 0 };
	char body[JOURNAL_BODY_MAX + 1];
	char target[JOURNAL_TARGET_MAX];

	base_gateway_start(&gateway, "gateway", 0);
	memset(body, '\x01', sizeof body - 1);
	body[sizeof body - 1] = '\0';
	memset(target, '\xff', sizeof target - 1);
	target[0] = '/';
	target[sizeof target - 1] = '\0';
	for (int i = 0; i < 50; i++)
		base_gateway_ask(&gateway, "POST", target, NULL, body);
	buffer_add_text(&text, "{'requests':[");
	for (int i = 0; i < VERIFY_SEQUENCE_MAX; i++) {
		buffer_add_text(&text, i > 0 ? ",{'body':'" : "{'body':'");
		for (int j = 0; j < JOURNAL_BODY_MAX / 2; j++)
			buffer_add_text(&text, "\xc3\xa9");
		buffer_add_text(&text, "'}");
	}
	buffer_add_text(&text, "]}");
	judge(&gateway, text.data, true, &report);
	cr_assert_gt(report.length, 10000);
	cr_assert_leq(report.length, VERIFY_REPORT_MAX + 100);
	cr_assert(strstr(report.data, "\xc3\xa9…\n"), "cut between characters");
	for (size_t i = 0; i < report.length; i++)
		cr_assert(report.data[i] == '\n' || (unsigned char)report.data[i] >= ' ');
	buffer_release(&text);
	buffer_release(&report);
	base_gateway_stop(&gateway);
}
